"""The rows of records: made when they are read, and authors only of included studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from kg.graph.build import assemble
from kg.graph.rows import ColumnRows, Links, MadeRows
from kg.model.literature import Author, Funder, Record, Report, Work
from kg.model.records import Evidence, ReviewInfo, Study
from kg.store import Manifest, bulk
from kg.store.embedded import EmbeddedStore

STUDY = Study("openalex:W9", "nine")
RECORDS = (
    Record("openalex:W1", "OpenAlex", openalex="W1", authors=(Author("A. One", "A1"),), references=("W9", "W2", "W7")),
    Record("openalex:W2", "OpenAlex", openalex="W2", authors=(Author("B. Two"),), references=("W1", "W3")),
    Record("openalex:W9", "OpenAlex", openalex="W9", authors=(Author("C. Nine", "A9"),), references=("W2", "W8", "W9")),
    Record("ref:x", "Scopus", openalex="W3", funders=(Funder("A fund", None, ("1", "2")), Funder("B fund"))),
)
EVIDENCE = Evidence(
    ReviewInfo("r", "R"),
    (STUDY,),
    records=RECORDS,
    works=(Work("openalex:W1", ("openalex:W1",)), Work("openalex:W2", ("openalex:W2",)), Work("ref:x", ("ref:x",))),
    reports=tuple(
        Report(record.id, "openalex:W9" if record.openalex == "W9" else record.id, "why")
        for record in (RECORDS[2], RECORDS[0], RECORDS[1], RECORDS[3])
    ),
)


def test_only_authors_of_included_studies_are_nodes() -> None:
    graph = assemble(EVIDENCE)
    assert graph.nodes["Author"] == [{"id": "A9", "name": "C. Nine", "review": "r"}]
    assert graph.edges["AUTHORED_BY", "Record", "Author"] == [{"from": "openalex:W9", "to": "A9", "position": 1}]
    assert [row.get("authors") for row in graph.nodes["Record"]] == ["A. One", "B. Two", "C. Nine", None]


def test_works_cite_works_of_the_folder_and_studies_all_that_they_cite() -> None:
    graph = assemble(EVIDENCE)
    pairs = {key: [(row["from"], row["to"]) for row in rows] for key, rows in graph.edges.items() if key[0] == "CITES"}
    assert pairs == {
        ("CITES", "Study", "Candidate"): [("openalex:W9", "openalex:W2"), ("openalex:W9", "openalex:W8")],
        ("CITES", "Candidate", "Study"): [("openalex:W1", "openalex:W9")],
        ("CITES", "Candidate", "Candidate"): [
            ("openalex:W1", "openalex:W2"),
            ("openalex:W2", "openalex:W1"),
            ("openalex:W2", "ref:x"),
        ],
    }
    stub = {"id": "openalex:W8", "records": 0, "review": "r"}
    assert graph.nodes["Candidate"][3:] == [stub] and len(graph.nodes["Candidate"]) == 4


def test_two_records_of_one_work_cite_once() -> None:
    second = structs.replace(RECORDS[0], id="ref:y", openalex=None, references=("W2", "W9"))
    works = (Work("openalex:W1", ("openalex:W1", "ref:y")), *EVIDENCE.works[1:])
    reports = (*EVIDENCE.reports[:2], Report("ref:y", "openalex:W1", "same DOI"), *EVIDENCE.reports[2:])
    graph = assemble(replace(EVIDENCE, records=(*RECORDS, second), works=works, reports=reports))
    assert graph.edges["CITES", "Candidate", "Candidate"] == assemble(EVIDENCE).edges["CITES", "Candidate", "Candidate"]


def test_a_property_without_a_value_is_absent() -> None:
    links = Links("awards")
    links.add(1, 0, "1; 2")
    links.add(0, 1, None)
    rows = links.rows(["a", "b"], ["x", "y"])
    assert rows == [{"from": "b", "to": "x", "awards": "1; 2"}, {"from": "a", "to": "y"}]
    assert rows[-1:] == [{"from": "a", "to": "y"}] and rows != [{}] and rows != 1
    assert assemble(EVIDENCE).edges["FUNDED_BY", "Record", "Funder"] == [
        {"from": "ref:x", "to": "a-fund", "awards": "1; 2"},
        {"from": "ref:x", "to": "b-fund"},
    ]


def test_made_rows_are_made_anew() -> None:
    rows = MadeRows(2, lambda number: {"id": number})
    rows[0]["id"] = "changed"
    assert list(rows) == [{"id": 0}, {"id": 1}] == [*rows] and len(rows) == 2


def test_rows_of_columns_have_no_missing_values() -> None:
    rows = ColumnRows({"id": ["a", "b", "c"], "year": [2019, None, 0], "note": [None, "", "n"]})
    assert rows == [{"id": "a", "year": 2019}, {"id": "b", "note": ""}, {"id": "c", "year": 0, "note": "n"}]
    assert rows[1:] == [*rows][1:] and len(rows[3:]) == 0 and rows[-1]["id"] == "c"
    assert ColumnRows.of([("a", 1), ("b", 2)], "id", "n") == [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
    assert len(ColumnRows.of([], "id", "n")) == 0


def test_rows_reach_the_engine_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part may lack a column that another part has."""
    monkeypatch.setattr(bulk, "_ROWS_AT_ONCE", 1)
    dated = structs.replace(RECORDS[1], year=2020, cited_by=3, is_retracted=True)
    store = EmbeddedStore(f"embedded:{tmp_path / 'graph'}")
    store.write(assemble(replace(EVIDENCE, records=(RECORDS[0], dated, *RECORDS[2:]))), Manifest("r", "test"))
    asked = (
        "MATCH (r:Record) RETURN r.id AS id, r.year AS year, r.cited_by AS cited, r.retracted AS retracted ORDER BY id"
    )
    assert store.read(asked).values == [
        ("openalex:W1", None, None, None), ("openalex:W2", 2020, 3, True), ("openalex:W9", None, None, None),
        ("ref:x", None, None, None),
    ]  # fmt: skip
    assert store.read("MATCH ()-[c:CITES]->() RETURN count(c) AS n").values == [(6,)]
    store.close()
