"""``kg add``: files of every kind are checked as a whole, copied to their folder and listed in the search log."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import tracemalloc
from pathlib import Path
from struct import pack

import pytest

from kg.errors import BadInput, KgError, UsageProblem
from kg.folder.add import add_files
from kg.folder.review import Review
from kg.folder.searchlog import logged_as
from kg.loaders.tables.compound import write_stream
from tests import exports as an
from tests.binaries import Record, label, wide, write_xlsb, xls_stream
from tests.conftest import MakeReview, Run
from tests.exports import DOI
from tests.replay import WORKS, real_works

NOTICES = """Record ID,Title,RetractionDOI,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason
1,A title,10.1000/n,1/31/2024 0:00,10.1000/a,0,Retraction,+Error in Data;
"""


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": f"key,doi,year\nbrady,{DOI},2022\n"})


def log(review: Review) -> list[dict[str, str]]:
    with (review.root / "records" / "searches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_binary_workbooks_are_read_as_sheets(review: Review, run: Run, tmp_path: Path) -> None:
    """Their extensions used to be refused."""
    rows = [("study", "factor", "direction"), ("brady", "Pay", "helps")]
    cells = [label(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    (tmp_path / "old.xls").write_bytes(write_stream("Workbook", xls_stream({"Coding": cells})))
    records: list[Record] = []
    for r, row in enumerate([rows[0], ("brady", "Rest", "hinders")]):
        records.append((0x00, pack("<I", r)))
        records += [(0x06, pack("<II", c, 0) + wide(text)) for c, text in enumerate(row)]
    write_xlsb(tmp_path / "new.xlsb", {"Coding": records})
    assert run("add", tmp_path / "old.xls", tmp_path / "new.xlsb", "-C", review.root).code == 0
    found = [(f.factor, f.direction, f.source, f.row) for f in review.load().evidence.findings]
    assert sorted(found) == [
        ("pay", "facilitator", "sheets/old.xls", 2),
        ("rest", "barrier", "sheets/new.xlsb", 2),
    ]


def test_exports_are_copied_to_references(review: Review, run: Run, tmp_path: Path) -> None:
    given = {"scopus.ris": an.SCOPUS_RIS, "pubmed.nbib": an.NBIB, "zotero.csv": an.ZOTERO, "endnote.xml": an.ENDNOTE}
    for name, text in given.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = ("--date", "2026-11-01", "--query", "peer AND burnout", "--platform", "Elsevier")
    assert run("add", tmp_path / "scopus.ris", *said, "-C", review.root).err == (
        f"added {review.root / 'references' / 'scopus.ris'}: 1 record; next: kg build\n"
    )
    ran = run("add", *(tmp_path / name for name in list(given)[1:]), "-C", review.root)
    assert ran.code == 0 and len(ran.err.splitlines()) == 3
    assert (review.root / "references" / "zotero.csv").read_text(encoding="utf-8") == an.ZOTERO, "as it is"
    rows = [(r["id"], r["source"], r["date"], r["query"], r["fetched"], r["file"]) for r in log(review)]
    assert rows == [
        ("search-01", "Scopus", "2026-11-01", "peer AND burnout", "1", "references/scopus.ris"),
        ("search-02", "PubMed", "", "", "1", "references/pubmed.nbib"),
        ("search-03", "Zotero", "", "", "1", "references/zotero.csv"),
        ("search-04", "EndNote", "", "", "1", "references/endnote.xml"),
    ]
    assert {row["platform"] for row in log(review)} == {"Elsevier", ""} and {row["hits"] for row in log(review)} == {""}
    with review.graph() as graph:
        records = list(graph.table("records").dicts())
        counts = {
            r["file"]: (r["records"], r["studies"], r["merged"], r["left"])
            for r in graph.table("sources").dicts()
            if r["records"]
        }
    assert {(r["study_label"], r["reason"]) for r in records} == {("brady", f"same DOI {DOI}")} and len(records) == 4
    assert sorted(counts.values()) == [(1, 0, 1, 0), (1, 0, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0)]
    assert [r["seen"] for r in records if r["database"] == "Scopus"] == ["2026-11-01"]


def test_works_are_added_unchanged(review: Review, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "updated_date=2026-11-01"
    folder.mkdir()
    (folder / "part_0000.gz").write_bytes(WORKS.read_bytes())
    ran = run("add", folder / "part_0000.gz", "-C", review.root)
    added = review.root / "records" / "updated_date=2026-11-01-part_0000.jsonl.gz"
    assert ran.err == f"added {added}: 45 records; next: kg build\n"
    assert added.read_bytes() == WORKS.read_bytes() and len(real_works()) == 45
    assert [(row["source"], row["fetched"]) for row in log(review)] == [("OpenAlex", "45")]


def test_plain_lines_are_compressed_unchanged(review: Review, run: Run, tmp_path: Path) -> None:
    """Also blank lines and spaces, so that the number of a line in a problem is that of the file that was given."""
    lines = b'\xef\xbb\xbf{"id": "W1",  "title": "A"}\r\n\n' + gzip.decompress(WORKS.read_bytes()).rstrip()
    (tmp_path / "plain.jsonl").write_bytes(lines)
    ran = run("add", tmp_path / "plain.jsonl", "-C", review.root)
    added = review.root / "records" / "plain.jsonl.gz"
    assert ran.err == f"added {added}: 46 records; next: kg build\n"
    assert gzip.decompress(added.read_bytes()) == lines


@pytest.mark.parametrize("before", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_compressed_document_is_stored_as_lines_too(review: Review, run: Run, tmp_path: Path, before: bytes) -> None:
    works = real_works()[:3]
    (tmp_path / "answer.json.gz").write_bytes(gzip.compress(before + json.dumps(works).encode()))
    assert run("add", tmp_path / "answer.json.gz", "-C", review.root).code == 0
    added = review.root / "records" / "answer.jsonl.gz"
    assert [json.loads(line) for line in gzip.decompress(added.read_bytes()).splitlines()] == works


def test_a_damaged_compressed_file_is_not_added(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl.gz").write_bytes(WORKS.read_bytes()[:-2000])
    (tmp_path / "no.jsonl.gz").write_bytes(gzip.compress(b'{"id": "W1"}\n{"id": "A1"}\n'))
    for name, said in (("cut.jsonl.gz", "cut off or damaged"), ("no.jsonl.gz", "row 2, column 'id': 'A1': is no work")):
        ran = run("add", tmp_path / name, "-C", review.root)
        assert ran.code == 1 and said in ran.err
    assert not list(review.root.glob("records/*.gz"))


def test_an_api_response_is_stored_as_one_work_per_line(review: Review, run: Run, tmp_path: Path) -> None:
    works = real_works()[:3]
    (tmp_path / "answer.json").write_text(json.dumps({"meta": {"count": 3}, "results": works}), encoding="utf-8")
    ran = run("add", tmp_path / "answer.json", "-C", review.root)
    added = review.root / "records" / "answer.jsonl.gz"
    assert ran.err == f"added {added}: 3 records; next: kg build\n"
    assert [json.loads(line) for line in gzip.decompress(added.read_bytes()).splitlines()] == works


def test_memory_does_not_grow_with_the_number_of_works(review: Review, tmp_path: Path) -> None:
    line = b'{"id": "https://openalex.org/W%d", "title": "' + b"A made-up title. " * 500 + b'"}\n'
    peaks = []
    for number in (100, 2000):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(b"".join(line % place for place in range(1, number + 1)))
        tracemalloc.start()
        list(add_files(review, [path]))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2_000_000, f"16 MB of works, and {peaks}"


def test_an_existing_file_is_replaced_only_with_the_option(review: Review, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(an.RIS, encoding="utf-8")
    assert run("add", path, "--date", "2026-11", "-C", review.root).code == 0
    before = files(review.root)
    path.write_text(an.RIS + an.SCOPUS_RIS.lstrip("\ufeff"), encoding="utf-8")
    target = review.root / "references" / "a.ris"
    ran = run("add", path, "-C", review.root)
    assert (ran.code, ran.err) == (2, f"Error: {target} is already there; use --replace to overwrite it\n")
    assert files(review.root) == before
    ran = run("add", path, "--replace", "--date", "2026-12-01", "-C", review.root)
    assert (ran.code, ran.err) == (
        0,
        f"added {target}: 2 records; next: kg build\n"
        "the search log has the file as search-01, and that row stays as it is\n",
    )
    after = files(review.root)
    assert {name for name in after if after[name] != before.get(name)} == {"references/a.ris"}
    assert logged_as(review.root, "references/a.ris") == "search-01"
    assert logged_as(review.root, "references/b.ris") is None


def test_a_file_of_the_folder_itself_can_be_added(review: Review, tmp_path: Path) -> None:
    (review.root / "records").mkdir()
    path = review.root / "records" / "mine.jsonl.gz"
    shutil.copyfile(WORKS, path)
    (added,) = add_files(review, [path], replace=True)
    assert (added.path, added.number, added.kept) == (path, 45, None)
    assert [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()] == real_works()


def test_rows_of_notices_that_are_wrong_are_noted(review: Review, run: Run, tmp_path: Path) -> None:
    rows = "2,A title,10.1000/m,1/31/2024 0:00,,0,Retraction,\n3,B,,13/13/2024 0:00,10.1000/b,0,Retraction,\n"
    (tmp_path / "retraction_watch.csv").write_text(NOTICES + rows, encoding="utf-8")
    ran = run("add", tmp_path / "retraction_watch.csv", "-C", review.root)
    assert (ran.code, ran.err) == (
        0,
        f"added {review.root / 'standing' / 'retraction_watch.csv'}: 2 notices; next: kg build\n"
        "note: retraction_watch.csv, row 4, column 'RetractionDate': '13/13/2024 0:00': is not understood; "
        "accepted: 1/31/2020 0:00\n"
        "note: retraction_watch.csv: 1 of 3 rows name no work, because they have neither a DOI nor a PMID of one\n",
    )
    assert review.load().library.problems == []


def test_notices_are_copied_to_standing_and_not_logged(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "retraction_watch.csv").write_text(NOTICES, encoding="utf-8")
    ran = run("add", tmp_path / "retraction_watch.csv", "-C", review.root)
    target = review.root / "standing" / "retraction_watch.csv"
    assert ran.err == f"added {target}: 1 notice; next: kg build\n"
    assert not (review.root / "records").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ris", an.RIS + "TY  - JOUR\nER  - \n",
         "a.ris, row 12: 'TY - JOUR': the entry has no title, DOI or PMID to be known by; "
         "accepted: an entry with a title\nError: 1 problem in a.ris; it was not added\n"),
        ("a.ris", "TY  - JOUR\n", None),
        ("a.jsonl", '{"id": "https://openalex.org/W1"}\n{"id": 3}\n', None),
        ("a.jsonl", "\n", "a.jsonl: holds no work; accepted: works of OpenAlex, one JSON object a line\n"
         "Error: 1 problem in a.jsonl; it was not added\n"),
        ("pubmed.csv", an.PUBMED.split("\n")[0] + "\n",
         "pubmed.csv: holds no record; accepted: an export with at least one\n"
         "Error: 1 problem in pubmed.csv; it was not added\n"),
        ("n.json", '{"DOI": "10.1000/n", "update-to": [{"DOI": "10.1000/a", "type": "vanished"}]}', None),
        ("a.jsonl", '{"work": {"id": "https://openalex.org/W1"}}\n' * 3,
         "a.jsonl, row 1: the works are inside of other objects, under 'work'; accepted: works of OpenAlex, one JSON "
         'object a line, each with an "id" such as https://openalex.org/W2741809807\n'
         "Error: 1 problem in a.jsonl; it was not added\n"),
        ("a.json", '{"data": {"results": [{"id": "https://openalex.org/W1"}, {"id": "https://openalex.org/W2"}]}}',
         "a.json, row 1: the works are inside of other objects, under 'data.results'; accepted: works of OpenAlex, one "
         'JSON object a line, each with an "id" such as https://openalex.org/W2741809807\n'
         "Error: 1 problem in a.json; it was not added\n"),
    ],
)  # fmt: skip
def test_a_file_with_a_problem_is_not_added(
    review: Review, run: Run, tmp_path: Path, name: str, content: str, message: str | None
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    before = files(review.root)
    ran = run("add", tmp_path / name, "-C", review.root)
    assert ran.code == 1 and ran.err.endswith(f"Error: 1 problem in {name}; it was not added\n")
    assert message in (None, ran.err)
    assert files(review.root) == before


def test_every_problem_of_a_file_of_works_is_counted(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "https://openalex.org/W1"}\n' + '{"id": 3}\n' * 725, encoding="utf-8")
    before = files(review.root)
    ran = run("add", tmp_path / "a.jsonl", "-C", review.root)
    line, total = ran.err.splitlines()
    assert line.startswith("a.jsonl, rows 2-726, column 'id': '3': is no work of OpenAlex; accepted: ")
    assert total == "Error: 725 problems in a.jsonl; it was not added"
    assert (ran.code, files(review.root)) == (1, before)


def test_a_file_of_works_is_read_up_to_the_limit_of_problems(
    review: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_MAX_PROBLEMS", "200")
    (tmp_path / "a.jsonl").write_text('{"id": 3}\n' * 725, encoding="utf-8")
    ran = run("add", tmp_path / "a.jsonl", "-C", review.root)
    assert ran.err.splitlines()[-1] == (
        "Error: reading stopped at row 201 of a.jsonl, with more than 200 problems; it was not added"
    )


def test_with_a_bad_file_no_file_is_added(review: Review, run: Run, tmp_path: Path) -> None:
    for name, text in {"good.ris": an.RIS, "bad.bib": "% nothing\n", "late.ris": an.RIS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = run("add", *(tmp_path / name for name in ("good.ris", "bad.bib", "late.ris")), "-C", review.root)
    assert ran.code == 1 and ran.err == (
        "bad.bib: no entry begins in this file; accepted: BibTeX entries, such as @article{key, title = {…}}\n"
        "Error: 1 problem in bad.bib; it was not added\n"
    )
    assert list((review.root / "references").iterdir()) == []


def test_an_invalid_request_fails_before_anything_is_written(review: Review, tmp_path: Path) -> None:
    def refused(*names: str, **options: object) -> str:
        before = files(review.root)
        with pytest.raises(UsageProblem) as error:
            list(add_files(review, [tmp_path / name for name in names], **options))  # type: ignore[arg-type]
        assert files(review.root) == before
        return str(error.value).replace(f"{tmp_path}/", "")

    (tmp_path / "b").mkdir()
    for name in ("a.ris", "b/a.ris", "more.csv", "a.docx", "a.ttl"):
        (tmp_path / name).write_text(an.RIS if name.endswith("ris") else "key,title\nx,X\n", encoding="utf-8")
    there = str(review.root).replace(f"{tmp_path}/", "")
    assert refused("a.ris", "b/a.ris") == (
        f"2 of the files would be {there}/references/a.ris, and only one could stay: rename one"
    )
    only = "only records and references come from a search: leave out what describes one"
    assert refused("more.csv", search={"date": "2026-11-01"}) == only
    assert refused("a.ris", "none.ris") == "none.ris is not a file"
    assert refused("a.ris", "a.docx").startswith("a.docx: files of type '.docx' are not read; accepted: .csv, .tsv, ")
    assert refused("a.ttl", kind="references") == (
        "a.ttl: references of type '.ttl' are not read; accepted: .ris, .bib, .nbib, .ciw, .xml, .csv, .tsv, .txt"
    )
    for day in ("yesterday", "2026-13", "2026-02-30", "1.11.2026"):
        assert refused("a.ris", search={"date": day}) == (
            f"--date {day!r} is no date; accepted: a day such as 2026-11-01, a month (2026-11) or a year"
        )
    for day in ("2026", "2026-11", "2026-02-28"):
        (added,) = add_files(review, [tmp_path / "a.ris"], search={"date": day}, replace=True)
        assert added.number == 1


def test_an_unreadable_log_is_an_error_before_anything_is_written(review: Review, run: Run, tmp_path: Path) -> None:
    (review.root / "records").mkdir()
    (review.root / "records" / "searches.csv").write_bytes(b"id,source\n1,\xff\n")
    (tmp_path / "a.ris").write_text(an.RIS, encoding="utf-8")
    before = files(review.root)
    ran = run("add", tmp_path / "a.ris", "-C", review.root)
    log = review.root / "records" / "searches.csv"
    assert (ran.code, ran.err) == (1, f"Error: cannot add a search to {log}: it is not UTF-8 text\n")
    assert files(review.root) == before


def test_the_log_keeps_its_rows_and_gets_missing_columns(review: Review, tmp_path: Path) -> None:
    (review.root / "records").mkdir()
    log = review.root / "records" / "searches.csv"
    before = 'source;date;hits\r\n"APA; PsycInfo";2020-01-01;12\r\n'
    log.write_bytes(before.encode())
    (tmp_path / "a.ris").write_text(an.SCOPUS_RIS, encoding="utf-8")
    list(add_files(review, [tmp_path / "a.ris"], search={"date": "2026-11-01", "source": "Scopus, by Elsevier"}))
    assert log.read_bytes().decode() == (
        "source;date;hits;id;fetched;file\r\n"
        '"APA; PsycInfo";2020-01-01;12;;;\r\n'
        "Scopus, by Elsevier;2026-11-01;;search-02;1;references/a.ris\r\n"
    )


def test_a_write_that_fails_leaves_nothing(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.ris").write_text(an.RIS, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = files(review.root)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(KgError, match=r"cannot write .*a\.ris: No space left on device"):
        list(add_files(review, [tmp_path / "a.ris"]))
    assert files(review.root) == before


def test_sheets_and_exports_in_one_command(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("key,title\nx,X\n", encoding="utf-8")
    (tmp_path / "a.bib").write_text(an.BIB, encoding="utf-8")
    ran = run("add", tmp_path / "a.bib", tmp_path / "more.csv", "--date", "2026", "-C", review.root)
    assert ran.err == (
        "effect on the map: 1 study in; no cell opens, closes or turns\n"
        "sheets/more.csv: 1 row read as studies\n"
        "  a study is identified by 'key'\n"
        "  columns of the study: 'key', 'title'\n"
        f"added {review.root / 'sheets' / 'more.csv'}: 1 row; next: kg build\n"
        f"added {review.root / 'references' / 'a.bib'}: 1 record; next: kg build\n"
    )


def test_the_kind_of_a_file_can_be_given(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "works.txt").write_text(an.RIS, encoding="utf-8")
    assert run("add", tmp_path / "works.txt", "--as", "references", "-C", review.root).code == 0
    (tmp_path / "a.csv").write_text("key,heading\nx,X\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        list(add_files(review, [tmp_path / "a.csv"], kind="references"))
    assert error.value.problems[0].reason == "no column of a title, DOI or PMID is in the header"
