"""``kg table sources`` adds up: each record of a file represents a work, is merged into one, or reports no study."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.folder.library import Library
from kg.folder.review import Review
from tests.conftest import MakeReview, Run

#: Two works that differ in title and first author, so that a key of both is contradicted, a spelling of the first that
#: agrees with it in all fields, a notice, and a record that says hardly anything.
TEXTS = (
    ("Patterns of glucose-lowering medication use in patients with heart failure", "Arnold, S."),
    ("Linagliptin prevents heart failure with preserved ejection fraction in mice", "Heymans, T."),
    ("Patterns of Glucose Lowering Medication Use in Patients With Heart Failure.", "Arnold, Suzanne"),
    ("Erratum to: Patterns of glucose-lowering medication use", "Arnold, S."),
    ("Editorial", ""),
)
DOIS = ("10.1000/a", "10.1000/b", "")
STUDIES = "key,doi,title\nArnold 2017,10.1000/a,Patterns of glucose-lowering medication use\nHeymans 2017,10.1000/b,\n"
FINDINGS = "study,factor,direction,outcomes\nArnold 2017,Cost,barrier,Use\n"

Entry = tuple[int, int, int, int]  # text, DOI, PMID, year
ENTRIES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2), st.integers(2016, 2017)), min_size=1, max_size=6
)
#: The names of files with the entries of each; one file of every format may be there.
FILES = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("records/a.jsonl", "records/b.jsonl", "references/c.ris", "references/d.csv"), ENTRIES)
)  # fmt: skip
NAMES = ("doi:10.1000/b", "pmid:1", "pmid:2", "Arnold 2017", "openalex:W1", "openalex:W12")
DECISIONS = st.dictionaries(
    st.sampled_from(list(combinations(NAMES, 2))), st.sampled_from(["same", "different"]), max_size=3
).map(lambda said: [(*pair, decision) for pair, decision in said.items()])
BOUNDS = st.sampled_from([0, 0.0002, 0.001])


def work(entry: Entry) -> str:
    """An entry as a work of OpenAlex; works with the same text and year have the same id, so some come twice."""
    text, doi, pmid, year = entry
    title, author = TEXTS[text]
    return json.dumps({
        "id": f"https://openalex.org/W{text * 10 + year - 2015}", "title": title, "publication_year": year,
        "doi": f"https://doi.org/{DOIS[doi]}" if DOIS[doi] else None, "is_retracted": False, "updated_date": f"2026-0{pmid + 1}",
        "ids": {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}"} if pmid else {},
        "authorships": [{"author": {"display_name": author}}] if author else [],
        "primary_location": {"source": {"display_name": "Diabetes Care"}},
        "biblio": {"volume": "40", "issue": "1", "first_page": "1"},
    })  # fmt: skip


def ris(entry: Entry) -> str:
    text, doi, pmid, year = entry
    title, author = TEXTS[text]
    lines = ["TY  - JOUR", f"TI  - {title}", f"PY  - {year}", "JO  - Diabetes Care", "VL  - 40", "IS  - 1", "SP  - 1"]
    lines += [f"AU  - {author}"] * bool(author) + [f"DO  - {DOIS[doi]}"] * bool(DOIS[doi])
    lines += [f"PM  - {pmid}"] * bool(pmid) + ["DB  - Embase", "ER  - "]
    return "\n".join(lines) + "\n"


def row(entry: Entry) -> str:
    text, doi, pmid, year = entry
    line = io.StringIO()
    csv.writer(line).writerow([*TEXTS[text], year, "Diabetes Care", DOIS[doi], pmid or ""])
    return line.getvalue()


HEADER = "title,authors,year,journal,doi,pmid\n"
DECLARED = '[[references]]\nfile = "references/d.csv"\ndatabase = "Rayyan"\n'


def folder(root: Path, files: dict[str, list[Entry]], decisions: list[tuple[str, str, str]], bound: float) -> Review:
    """Write a review folder with these files."""
    for name in ("records", "references", "sheets"):
        (root / name).mkdir()
    (root / "sheets" / "studies.csv").write_text(STUDIES, encoding="utf-8")
    (root / "sheets" / "findings.csv").write_text(FINDINGS, encoding="utf-8")
    lines = "".join(f"{','.join(decision)}\n" for decision in decisions)
    (root / "records" / "duplicates.csv").write_text(f"a,b,decision\n{lines}", encoding="utf-8")
    declared = DECLARED if "references/d.csv" in files else ""
    toml = f'id = "r"\ntitle = "R"\nfalse_merges = {bound}\n{declared}'
    (root / "review.toml").write_text(toml, encoding="utf-8")
    for name, entries in files.items():
        if name.endswith(".jsonl"):
            text = "".join(f"{work(entry)}\n" for entry in entries)
        else:
            text = "".join(map(ris, entries)) if name.endswith(".ris") else HEADER + "".join(map(row, entries))
        (root / name).write_text(text, encoding="utf-8")
    return Review(root)


def counted_again(library: Library) -> dict[str, tuple[int, int, int]]:
    """Count the records of each file by what the log of merges, the reports and the notices left say."""
    found = library.resolution
    source = {record.id: record.source for record in found.records}
    older = {(record.id, f"{record.source}, row {record.row}") for record in found.older}
    merged = Counter(source[merge.record] for merge in found.merges if not merge.reason.startswith("same id, older: "))
    merged.update(record.source for record in found.older)
    assert older == {
        (merge.record, merge.reason.removeprefix("same id, older: "))
        for merge in found.merges
        if merge.reason.startswith("same id, older: ")
    }
    shown = {report.work: report.record for report in reversed(found.reports)}
    first = Counter(source[record] for record in shown.values())
    left = Counter(source[record] for record, _ in found.left)
    return {name: (first[name], merged[name], left[name]) for name in {*first, *merged, *left}}


@settings(max_examples=int(os.environ.get("KG_EXAMPLES", "20")))
@given(FILES, DECISIONS, BOUNDS)
def test_records_are_studies_and_merged_and_left(
    files: dict[str, list[Entry]], decisions: list[tuple[str, str, str]], bound: float
) -> None:
    with tempfile.TemporaryDirectory() as name:
        loaded = folder(Path(name), files, decisions, bound).load()
    library = loaded.library
    sources = {source.path: source for source in library.sources}
    assert {name: source.rows for name, source in sources.items()} == {n: len(entries) for n, entries in files.items()}
    again = counted_again(library)
    for name, entries in files.items():
        source = sources[name]
        assert (source.studies, source.merged, source.left) == again[name]
        assert source.records == sum(again[name]) == len(entries)
    reported = {report.work for report in library.resolution.reports}
    assert sum(source.studies or 0 for source in sources.values()) == len(reported)
    ids = {study.id for study in loaded.evidence.studies}
    assert len(library.resolution.works) == len(reported - ids)


def test_the_table_of_sources(make_review: MakeReview, run: Run) -> None:
    """Three spellings of one work, one of another that has the DOI of the first, a notice, and a decision."""
    root = make_review({}).root
    files = {
        "records/a.jsonl": [(0, 0, 0, 2017), (0, 0, 1, 2017), (3, 2, 0, 2017), (4, 2, 0, 2016)],
        "references/c.ris": [(2, 2, 0, 2017), (1, 0, 0, 2017), (0, 0, 0, 2017)],
        "references/d.csv": [(1, 2, 0, 2017), (2, 2, 0, 2017)],
    }

    def counts() -> dict[str, tuple[str, ...]]:
        ran = run("table", "sources", "--format", "csv", "-C", root)
        assert ran.code == 0
        rows = list(csv.DictReader(io.StringIO(ran.out)))
        return {r["file"]: tuple(r[n] for n in ("rows", "records", "studies", "merged", "left")) for r in rows}

    folder(root, files, [], 0.001)
    assert {name: numbers for name, numbers in counts().items() if name in files} == {
        "records/a.jsonl": ("4", "4", "2", "1", "1"),
        "references/c.ris": ("3", "3", "1", "2", "0"),
        "references/d.csv": ("2", "2", "0", "2", "0"),
    }
