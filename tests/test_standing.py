"""Whether studies still stand: from records, Retraction Watch and Crossref, to every table and the map."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kg.export.data import map_data
from kg.export.html import gap_map_page
from kg.loaders.notices import read_notices
from kg.model import Record, Standing, Study
from kg.problems import Problem
from kg.review import Review
from kg.standing import Notice, NoticeFile, standings
from kg.table import Table
from tests.conftest import MakeReview, Run

HEAD = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,RetractionDOI,"
    "RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes\n"
)


def watch(*rows: tuple[str, str, str, str, str]) -> str:
    """Rows of Retraction Watch's table: day, DOI of the article, its PMID, nature, reason; all of it made up."""
    out = io.StringIO()
    for number, (day, doi, pmid, nature, reason) in enumerate(rows, start=1):
        cells = [number, "Made up", "", "", "", "", "", "", "", "", day, f"10.5555/notice{number}", 0, "", doi, pmid, nature,
                 reason, "No", "two\nlines"]  # fmt: skip
        csv.writer(out, lineterminator="\n").writerow(cells)
    return HEAD + out.getvalue()


def study(name: str = "a", **more: object) -> Study:
    return Study(f"doi:10.5555/{name}", name, doi=f"10.5555/{name}", **more)  # type: ignore[arg-type]


def record(**more: object) -> Record:
    return Record("openalex:W1", "OpenAlex", "W1", **more)  # type: ignore[arg-type]


def said(*records: Record, files: tuple[NoticeFile, ...] = (), of: Study | None = None) -> list[tuple[str, str]]:
    one = of or study()
    return [(s.source, s.status) for s in standings([one], {one.id: records} if records else {}, files)]


# --- what sources say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record(is_retracted=True)], "retracted"),
        ([record(is_retracted=False)], "current"),
        ([record(is_retracted=None)], "not checked"),
        ([record(is_retracted=False, title="RETRACTED: A study of peers")], "retracted"),
        ([record(is_retracted=False, title="[Retracted] A study of peers")], "retracted"),
        ([record(is_retracted=False, title="WITHDRAWN: A study of peers")], "retracted"),
        ([record(is_retracted=False, title="Expression of Concern: A study of peers")], "concern"),
        ([record(is_retracted=False, title="Retracted and reinstated: what authors remember")], "current"),
        ([record(is_retracted=False), record(is_retracted=True)], "retracted"),
    ],
)
def test_what_openalex_says(records: list[Record], expected: str) -> None:
    assert said(*records) == [("OpenAlex", expected)]


def test_a_study_without_a_record_is_not_checked_where_others_have_one() -> None:
    found = standings([study("a"), study("b")], {"doi:10.5555/a": [record(is_retracted=False)]}, [])
    assert [(s.study, s.status) for s in found] == [("doi:10.5555/a", "current"), ("doi:10.5555/b", "not checked")]
    assert standings([study("a")], {}, []) == ()


def test_a_preprint_that_was_extracted_is_superseded_by_its_article() -> None:
    preprint = record(doi="10.5555/a", type="preprint", is_retracted=False)
    article = Record(
        "openalex:W2", "OpenAlex", "W2", "10.5555/art", type="article", is_retracted=False, date="2024-05-06"
    )
    assert said(preprint, article) == [("OpenAlex", "superseded")]
    (standing,) = standings([study()], {study().id: [preprint, article]}, [])
    assert (standing.date, standing.notice) == ("2024-05-06", "10.5555/art")
    extracted = study("art")
    assert said(preprint, article, of=extracted) == [("OpenAlex", "current")], "the article was extracted"
    assert said(preprint) == [("OpenAlex", "current")]


WATCH = NoticeFile("Retraction Watch", (), "2026-11-01")


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ((), "current"),
        ((Notice("retraction", "10.5555/a"),), "retracted"),
        ((Notice("retraction", None, "77"),), "retracted"),
        ((Notice("correction", "10.5555/a", date="2023-01-01"), Notice("retraction", "10.5555/a", date="2022-01-01")), "retracted"),
        ((Notice("expression of concern", "10.5555/a"), Notice("erratum", "10.5555/a")), "concern"),
        ((Notice("retraction", "10.5555/a", date="2022-01-01"), Notice("reinstatement", "10.5555/a", date="2023-01-01")), "current"),
        ((Notice("retraction", "10.5555/a", date="2024-01-01"), Notice("reinstatement", "10.5555/a", date="2023-01-01")), "retracted"),
        ((Notice("retraction", "10.5555/b"),), "current"),
    ],
)  # fmt: skip
def test_what_a_file_of_notices_says(notices: tuple[Notice, ...], expected: str) -> None:
    file = NoticeFile("Retraction Watch", notices, "2026-11-01")
    found = said(record(pmid="77", is_retracted=False), files=(file,))
    assert found == [("OpenAlex", "current"), ("Retraction Watch", expected)], "sources stand side by side"


def test_a_study_without_identifiers_is_not_checked() -> None:
    assert said(files=(WATCH,), of=Study("key:a", "a")) == [("Retraction Watch", "not checked")]


def test_an_answer_of_crossref_speaks_of_its_works_alone() -> None:
    file = NoticeFile("Crossref", (), "2026-11-01", complete=False, listed=frozenset({"10.5555/a"}))
    found = standings([study("a"), study("b")], {}, [file])
    assert [(s.status, s.seen) for s in found] == [("current", "2026-11-01"), ("not checked", None)]


def test_of_two_files_of_one_source_the_gravest_counts() -> None:
    old = NoticeFile("Retraction Watch", (Notice("retraction", "10.5555/a"),), "2025-01-01")
    assert said(files=(old, WATCH)) == [("Retraction Watch", "retracted")]


# --- files --------------------------------------------------------------------------------------------------------


def read(tmp_path: Path, text: str | bytes, name: str = "retraction_watch.csv") -> tuple[NoticeFile, list[Problem]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_notices(path, f"standing/{name}")


def test_retraction_watch(tmp_path: Path) -> None:
    rows = (
        ("1/31/2024 0:00", "10.5555/A", "0", "Retraction", "+Error in Data;+Author Unresponsive;"),
        ("12/1/2023 0:00", "unavailable", "123", "Expression of concern", ""),
        ("2/29/2020 0:00", "Unavailable", "0", "Correction", "nothing to be known by"),
    )
    file, problems = read(tmp_path, watch(*rows))
    assert problems == []
    assert file == NoticeFile(
        "Retraction Watch",
        (
            Notice(
                "retraction", "10.5555/a", None, "2024-01-31", "Error in Data; Author Unresponsive", "10.5555/notice1"
            ),
            Notice("expression of concern", None, "123", "2023-12-01", None, "10.5555/notice2"),
        ),
        "2024-01-31",
    )
    assert read(tmp_path, watch(*rows), "rw-2026-11-01.csv")[0].as_of == "2026-11-01"
    assert read(tmp_path, watch(*rows).replace("Author", "Müller").encode("cp1252"))[1] == []


def test_what_retraction_watch_cannot_have_said(tmp_path: Path) -> None:
    _, problems = read(tmp_path, watch(("31.1.2024", "10.5555/a", "0", "Vanished", "")))
    assert [str(p)[:95] for p in problems] == [
        "standing/retraction_watch.csv, row 2, column 'RetractionNature': 'Vanished': is not understood;",
        "standing/retraction_watch.csv, row 2, column 'RetractionDate': '31.1.2024': is not understood; ",
    ]
    _, problems = read(tmp_path, "a,b\n1,2\n")
    assert str(problems[0]).startswith(
        "standing/retraction_watch.csv, row 1: 'a, b': columns of Retraction Watch's table are missing: RetractionNature, "
    )


def test_crossref(tmp_path: Path) -> None:
    day = {"date-parts": [[2024, 3, 5]]}
    notice = {
        "DOI": "10.5555/n",
        "update-to": [{"DOI": "10.5555/A", "type": "retraction", "updated": day, "label": "Retraction"}],
    }
    article = {"DOI": "10.5555/b", "indexed": {"date-time": "2026-11-02T03:04:05Z"},
               "updated-by": [{"DOI": "10.5555/m", "type": "expression_of_concern", "updated": day}]}  # fmt: skip
    plain = {"DOI": "10.5555/c"}
    wanted = NoticeFile(
        "Crossref",
        (
            Notice("retraction", "10.5555/a", None, "2024-03-05", "Retraction", "10.5555/n"),
            Notice("expression of concern", "10.5555/b", None, "2024-03-05", None, "10.5555/m"),
        ),
        "2026-11-02",
        False,
        frozenset({"10.5555/n", "10.5555/b", "10.5555/c"}),
    )
    works = [notice, article, plain]
    answer = {"status": "ok", "message": {"items": works}}
    assert read(tmp_path, json.dumps(answer), "crossref.json") == (wanted, [])
    assert read(tmp_path, json.dumps(works), "crossref.json") == (wanted, [])
    assert read(tmp_path, "\n".join(map(json.dumps, works)), "crossref.jsonl") == (wanted, [])
    single, _ = read(tmp_path, json.dumps({"message": notice}), "one.json")
    assert single.notices == wanted.notices[:1]
    _, problems = read(
        tmp_path,
        json.dumps([{"DOI": "10.5555/a", "update-to": [{"DOI": "10.5555/b", "type": "vanished"}]}, {}]),
        "x.json",
    )
    assert [str(p).partition("; accepted")[0] for p in problems] == [
        "standing/x.json, row 1, column 'type': 'vanished': is not understood",
        "standing/x.json, row 2, column 'DOI': is no work of Crossref",
    ]
    assert "is not valid JSON" in str(read(tmp_path, "{", "x.json")[1][0])


# --- tables and the map -------------------------------------------------------------------------------------------

STUDIES = "key,label,doi,year,title\na,1,10.5555/a,2020,A\nb,2,10.5555/b,2021,B\nc,3,10.5555/c,2022,C\nd,4,,2022,D\n"
FINDINGS = (
    "study,factor,direction,outcomes\n1,Support,facilitator,Stay\n2,Support,facilitator,Stay\n2,Support,barrier,Stay\n"
    "3,Pay,facilitator,Stay\n4,Pay,facilitator,\n"
)
NOTICES = watch(
    ("1/31/2024 0:00", "10.5555/b", "0", "Retraction", "+Made up;"),
    ("2/1/2024 0:00", "10.5555/c", "0", "Correction", ""),
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
            "standing/retraction_watch_2026-11-01.csv": NOTICES,
        }
    )


@pytest.fixture
def clean(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}, "clean")


def test_the_graph_says_it_of_each_study_and_source(review: Review) -> None:
    with review.graph() as graph:
        rows = [tuple(r.values()) for r in graph.table("standing").dicts()]
        assert graph.flags == {2: "retracted", 3: "corrected"}
    assert rows == [
        ("A 2020", 1, "current", "Retraction Watch", None, "2026-11-01", None, None),
        ("B 2021", 2, "retracted", "Retraction Watch", "2024-01-31", "2026-11-01", "Made up", "10.5555/notice1"),
        ("C 2022", 3, "corrected", "Retraction Watch", "2024-02-01", "2026-11-01", None, "10.5555/notice2"),
        ("D 2022", 4, "not checked", "Retraction Watch", None, None, None, None),
    ]


#: Tables that name studies; every one has to say which of them do not stand.
NAMING = ("evidence-counts", "gap-map", "outcomes", "characteristics", "findings", "contested", "single-study")


@pytest.mark.parametrize("name", NAMING)
def test_every_table_that_names_studies_marks_them(review: Review, run: Run, name: str) -> None:
    shown = run("table", name, "-C", review.root).out
    assert shown.endswith("† retracted: study 2\n§ corrected: study 3\n")
    mark = "3§" if name == "single-study" else "2†"
    assert mark in shown and "1†" not in shown
    markdown = run("table", name, "--format", "md", "-C", review.root).out
    assert mark in markdown and markdown.endswith("\n\n† retracted: study 2\n\n§ corrected: study 3\n")
    assert mark in run("table", name, "--format", "latex", "-C", review.root).out
    rows = json.loads(run("table", name, "--format", "json", "-C", review.root).out)
    assert any(str(row["standing"]).strip("['") for row in rows if row["standing"])
    assert not any("†" in str(row) for row in rows), "programs get the labels as they are"


def test_other_tables_say_it_beneath(review: Review, run: Run) -> None:
    assert run("table", "designs", "-C", review.root).out.endswith("† retracted: study 2\n§ corrected: study 3\n")
    assert "2+† 1−†" in run("table", "matrix", "-C", review.root).out
    assert run("gaps", "-C", review.root).out.endswith("§ corrected: study 3\n")
    assert "2†" in run("why", "Support", "Stay", "-C", review.root).out


def test_where_all_stand_tables_are_as_ever(clean: Review, run: Run) -> None:
    ran = run("table", "evidence-counts", "--format", "csv", "-C", clean.root)
    assert ran.out.splitlines()[0] == "level,factor,direction,studies,study_labels,outcomes"
    assert "†" not in run("table", "evidence-counts", "-C", clean.root).out


def test_counts_without_the_retracted(review: Review, run: Run) -> None:
    ran = run("table", "evidence-counts", "--without-retracted", "--format", "csv", "-C", review.root)
    assert ran.out == (
        "level,factor,direction,studies,study_labels,all_studies,left_out,standing\n"
        ",Support,facilitator,1,1,2,2,\n"
        ",Support,barrier,0,,1,2,\n"
        ',Pay,facilitator,2,"3, 4",2,,3 corrected\n'
        ",Pay,barrier,0,,0,,\n"
    )
    assert ran.err == "without 1 retracted study, 2 rows are other than with\n"
    refused = run("table", "outcomes", "--without-retracted", "-C", review.root)
    assert refused.code == 2 and "--without-retracted belongs to evidence-counts, without --where" in refused.err


def test_check_names_every_source(review: Review, run: Run) -> None:
    found = json.loads(run("check", "--kind", "study-not-standing", "--format", "json", "-C", review.root).out)
    assert [(f["message"], f["places"][0]["says"]) for f in found] == [
        ("study 2 is retracted", "retracted, on 2024-01-31, Made up"),
        ("study 3 is corrected", "corrected, on 2024-02-01"),
    ]


def test_the_map_marks_cells(review: Review, clean: Review) -> None:
    with review.graph() as graph:
        page = gap_map_page(map_data(graph))
    assert 'aria-label="Support, Stay: 2 studies facilitator, 1 study barrier; 1 retracted"' in page
    assert "rests on a study that is retracted or corrected" in page and 'id="standing"' in page
    assert "<td>Retraction Watch: retracted 2024-01-31</td>" in page
    with clean.graph() as graph:
        other = gap_map_page(map_data(graph))
    assert 'id="standing"' not in other and 'class="caution"' not in other


def test_a_finding_that_changes_leaves_cautions_alone(review: Review) -> None:
    review.build()
    sheet = review.root / "sheets" / "findings.csv"
    sheet.write_text(FINDINGS.replace("1,Support,facilitator", "1,Support,mixed"), encoding="utf-8")
    built = review.build()
    assert built.changed
    with review.graph() as graph:
        assert graph.flags == {2: "retracted", 3: "corrected"}


def test_a_table_keeps_its_flags_through_its_methods() -> None:
    table = Table(
        "evidence-counts", ("factor", "study_labels"), [("F", ["a", "b"]), ("G", ["c"])], flags={"b": "retracted"}
    )
    assert table.marked().rows == [("F", "a; b†"), ("G", ["c"])]
    assert table.only("study_labels").with_standing().rows == [(["a", "b"], ["b retracted"]), (["c"], [])]
    assert table.head(1).notes() == ["† retracted: study b"]


def test_standing_is_of_a_study_and_a_source() -> None:
    found = standings([study()], {study().id: [record(is_retracted=True, seen="2026-11-25")]}, [WATCH])
    assert found == (
        Standing(study().id, "OpenAlex", "retracted", None, "2026-11-25", "the record says so"),
        Standing(study().id, "Retraction Watch", "current", None, "2026-11-01"),
    )
