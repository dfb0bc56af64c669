"""A build that reads only what changed gives what a whole build gives, and is a whole build wherever in doubt."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import catalogue
from kg.errors import BadInput, StaleGraph
from kg.ledger import Ledger
from kg.loaders.sheets import read_findings
from kg.loaders.tables import read_tables
from kg.review import Built, Graph, Review, open_graph
from kg.store import Manifest, open_store, piled
from kg.store.embedded import EmbeddedStore
from kg.vocab import DIRECTIONS
from tests.conftest import MakeReview, Run
from tests.spreadsheets import write_xlsx

FACTORS = "id,label,broader\nwork,Work,\npay,Pay,work\nteam,Team,work\nhours,Hours,work\n"
OUTCOMES = "id,label\nstay,Retention\nmood,Morale\nskill,Skill\nnever,Never coded\n"
#: Retention is coded as discussed; the other outcomes are discussed by the studies that are tied to them.
STUDIES = (
    "key,doi,title,year,outcomes\na,10.1000/a,Alpha,2001,Retention\nb,,,2002,\nC,,Gamma,,Retention; Retention\n"
    "d,,Delta,2003,\ne e,,Epsilon,2004,\n"
)
HEADER = "study,factor,direction,outcomes,locator,note,tabulated,associated\n"
FINDINGS = HEADER + "a,Pay,barrier,Retention,1,,,\nb,Pay,facilitator,Retention; Morale,2,,,\nC,Team,mixed,Skill,3,,,\n"
MORE = HEADER + "d,Hours,no effect,Morale,4,,,\ne e,Hours,barrier,,5,,,\n"
BASE = {
    "vocabulary/factors.csv": FACTORS,
    "vocabulary/outcomes.csv": OUTCOMES,
    "sheets/studies.csv": STUDIES,
    "sheets/findings.csv": FINDINGS,
    "sheets/more.csv": MORE,
}


@pytest.fixture
def small(make_review: MakeReview) -> Review:
    review = make_review(BASE)
    assert review.build().whole
    return review


def write(review: Review, name: str, text: str) -> None:
    (review.root / name).write_text(text, encoding="utf-8")


def builds(review: Review) -> list[str]:
    return sorted(path.name for path in (review.root / ".kg" / "graph").glob("build-*"))


def everything(graph: Graph) -> list[list[tuple[Any, ...]]]:
    """All nodes with their labels and properties, and all relationships, in an order of their own."""
    nodes = graph.query("MATCH (n) RETURN labels(n) AS l, properties(n) AS p").rows
    edges = graph.query("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS t, properties(r) AS p, b.id AS b").rows
    summary = graph.store.read("MATCH (n) RETURN labels(n) AS l, properties(n) AS p", summary=True).values
    joined = graph.store.read(
        "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS t, properties(r) AS p, b.id AS b", summary=True
    ).values
    return [sorted(((*map(_plain, row),) for row in rows), key=repr) for rows in (nodes, edges, summary, joined)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _plain(v)) for name, v in value.items() if v is not None)
    return sorted(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def same_as_a_whole_build(review: Review, store_url: str | None = None) -> None:
    """Hold a graph to one that is built from nothing: every node and edge, every canned answer, the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"embedded:{folder}/graph"
        whole = review.build(url, force=True)
        with open_graph(url) as new, open_graph(store_url or review.store_url) as graph:
            for part, other_part in zip(everything(graph), everything(new), strict=True):
                assert [row for row in part if row not in other_part] == [row for row in other_part if row not in part]
                assert part == other_part
            for name in catalogue.names():
                for arguments in WHY if name == "why" else ({},):
                    assert graph.table(name, **arguments).rows == new.table(name, **arguments).rows, name
            held, other = graph.store.manifest(), new.store.manifest()
            assert held is not None and other is not None
            assert (held.counts, held.review, held.model, held.rejected) == (whole.counts, "r", other.model, 0)
            assert {n: s[2] for n, s in held.files.items()} == {n: s[2] for n, s in other.files.items()}
            assert graph.digest == new.digest


WHY: list[dict[str, Any]] = [{"factor": "pay", "outcome": "stay"}, {"factor": "hours"}, {"factor": "team"}]


# --- the same graph --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A row of findings; ``locator`` is what tells it from all others."""

    locator: int
    study: str = "a"
    factor: str = "Pay"
    direction: str = "barrier"
    outcomes: tuple[str, ...] = ()
    counted: str = ","
    note: str = ""

    def line(self) -> str:
        outcomes = "; ".join(self.outcomes)
        return f"{self.study},{self.factor},{self.direction},{outcomes},{self.locator},{self.note},{self.counted}\n"


@dataclass
class Folder:
    """The findings sheets of a folder: their rows by name."""

    sheets: dict[str, list[Row]] = field(default_factory=dict)
    made: int = 0

    def write(self, review: Review) -> None:
        for path in (review.root / "sheets").glob("f*.csv"):
            if path.name not in self.sheets:
                path.unlink()
        for name, rows in self.sheets.items():
            write(review, f"sheets/{name}", HEADER + "".join(row.line() for row in rows))


STUDY = st.sampled_from(("a", "10.1000/A", "b", "C", "c", "d", "E E", "b; d"))
#: tabulated and associated: yes and no, no and yes, no and no.
COUNTED = st.sampled_from((",", "no,yes", "no,no"))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "study": STUDY,
    "factor": st.sampled_from(("Pay", "Team", "Hours", "pay", "Work", "Pay; Team")),
    "direction": st.sampled_from(DIRECTIONS),
    "outcomes": st.lists(st.sampled_from(("Retention", "Morale", "Skill")), max_size=3, unique=True).map(tuple),
    "counted": COUNTED,
    "note": st.sampled_from(("", "a note", "another")),
}
ROWS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(FIELDS)
EDITS = ("edit", "edit", "edit", "add", "insert", "delete", "move", "turn", "new sheet", "no sheet", "rename", "empty")


def edit(folder: Folder, data: st.DataObject) -> None:
    """Do what people do to sheets: one thing to one row or sheet."""
    kind = data.draw(st.sampled_from(EDITS))
    names = sorted(folder.sheets)
    name = data.draw(st.sampled_from(names)) if names else ""
    rows = folder.sheets.get(name, [])
    at = data.draw(st.integers(0, len(rows) - 1)) if rows else None
    if kind == "new sheet" or not names:
        folder.made += 1
        name, rows, at, kind = f"f{folder.made}.csv", [], None, "add"
        folder.sheets[name] = rows
    if kind in ("add", "insert") or at is None:
        folder.made += 1
        row = Row(folder.made, **data.draw(ROWS))
        rows.insert(0 if kind == "insert" else len(rows), row)
    elif kind == "edit":
        changed = data.draw(st.sampled_from(sorted(FIELDS)))
        rows[at] = replace(rows[at], **{changed: data.draw(FIELDS[changed])})
    elif kind == "delete":
        del rows[at]
    elif kind == "move":
        folder.sheets[data.draw(st.sampled_from(names))].append(rows.pop(at))
    elif kind == "turn":
        rows.reverse()
    elif kind == "no sheet":
        del folder.sheets[name]
    elif kind == "rename":
        folder.made += 1
        folder.sheets[f"f{folder.made}.csv"] = folder.sheets.pop(name)
    elif kind == "empty":
        rows.clear()


@settings(max_examples=int(os.environ.get("KG_EXAMPLES", "12")), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_edits_give_the_graph_of_a_whole_build(data: st.DataObject) -> None:
    """Rows edited, added, inserted, deleted, moved, turned round, whole sheets made and removed: changes pile up."""
    with tempfile.TemporaryDirectory() as root:
        review = Review(Path(root))
        for part in ("vocabulary", "sheets"):
            (review.root / part).mkdir()
        write(review, "review.toml", 'id = "r"\ntitle = "R"\n')
        for name in ("vocabulary/factors.csv", "vocabulary/outcomes.csv", "sheets/studies.csv"):
            write(review, name, BASE[name])
        folder = Folder()
        for _ in range(data.draw(st.integers(0, 6))):
            edit(folder, data)
        folder.write(review)
        review.build()
        for _ in range(data.draw(st.integers(1, 4))):
            for _ in range(data.draw(st.integers(1, 4))):
                edit(folder, data)
            folder.write(review)
            built = review.build()
            assert not (built.changed and built.whole)
            same_as_a_whole_build(review)


CHANGES: dict[str, tuple[dict[str, str | None], dict[str, int]]] = {
    "a cell turns": ({"findings": FINDINGS.replace("a,Pay,barrier", "a,Pay,facilitator")}, {}),
    "a cell is contested": ({"findings": FINDINGS + "d,Pay,facilitator,Retention,9,,,\n"}, {"Finding": 6}),
    "a note is reworded": ({"findings": FINDINGS.replace("1,,", "1,A note,")}, {}),
    "a row goes": ({"findings": FINDINGS.replace("b,Pay,facilitator,Retention; Morale,2,,,\n", "")}, {"Finding": 4}),
    "a factor goes": (
        {"findings": FINDINGS.replace("C,Team,mixed,Skill,3,,,\n", "")},
        {"Finding": 4, "Tally": 16},
    ),
    "a factor comes": ({"more": MORE + "b,Work,mixed,Skill,9,,,\n"}, {"Finding": 6, "Tally": 33}),
    "a factor is only in the prose": ({"more": MORE + "b,Work,mixed,Skill,9,,no,\n"}, {"Finding": 6, "Tally": 29}),
    "the table names what it does not count": ({"more": MORE + "b,Hours,mixed,Skill,9,,no,yes\n"}, {"Finding": 6}),
    "it is counted now": ({"more": MORE.replace("e e,Hours,barrier,,5,,,", "e e,Hours,barrier,,5,,no,")}, {}),
    "a sheet is added": ({"new": HEADER + "b,Work,mixed,,9,,,\n"}, {"Finding": 6, "Source": 6, "Tally": 33}),
    "a sheet is removed": ({"more": None}, {"Finding": 3, "Source": 4}),
    "all sheets are removed": ({"more": None, "findings": None}, {"Source": 3}),
    "a sheet is renamed": ({"more": None, "new": MORE}, {}),
    "a row moves to another sheet": (
        {
            "findings": FINDINGS.replace("C,Team,mixed,Skill,3,,,\n", ""),
            "more": MORE + "C,Team,mixed,Skill,3,,,\n",
        },
        {},
    ),
    "rows are shifted": ({"findings": FINDINGS.replace(HEADER, HEADER + "\n\nb,Work,mixed,,9,,,\n")}, {"Finding": 6}),
    "columns are turned round": (
        {"more": "direction,factor,study,locator,outcomes\nno effect,Hours,d,4,Morale\nbarrier,Hours,e e,5,\n"},
        {},
    ),
    "a study is called otherwise": ({"findings": FINDINGS.replace("a,Pay", "https://doi.org/10.1000/A,Pay")}, {}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_what_is_written(name: str, small: Review) -> None:
    sheets, counts = CHANGES[name]
    before = small.build()
    folders = builds(small)
    for sheet, text in sheets.items():
        path = small.root / "sheets" / f"{sheet}.csv"
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    built = small.build()
    assert (built.changed, built.whole, builds(small)) == (True, False, folders)
    for label, count in counts.items():
        assert built.counts[label] == count, label
    assert set(built.counts) <= set(before.counts)
    assert not small.build().changed
    same_as_a_whole_build(small)


def test_the_first_findings(small: Review) -> None:
    """The engine makes up a title for the first nodes of a label that it did not have."""
    for name in ("findings", "more"):
        (small.root / "sheets" / f"{name}.csv").unlink()
    assert small.build(force=True).counts["Source"] == 3
    write(small, "sheets/findings.csv", FINDINGS)
    assert not small.build().whole
    same_as_a_whole_build(small)


def test_there_and_back_again(small: Review) -> None:
    """Ten changes pile up and come back to where they began."""
    with small.graph() as graph:
        first = everything(graph)
    for _ in range(5):
        for text in (FINDINGS.replace("barrier", "mixed").replace("Skill", "Morale"), FINDINGS):
            write(small, "sheets/findings.csv", text)
            assert not small.build().whole
    with small.graph() as graph:
        nodes, edges, *summary = everything(graph)
    assert [nodes, edges, *summary] == first
    same_as_a_whole_build(small)


def test_exports_are_the_same_bytes(own_example: Review, tmp_path: Path, run: Run) -> None:
    own_example.build()
    sheet = own_example.root / "sheets" / "findings.csv"
    lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
    sheet.write_text("".join([*lines[:20], *lines[25:]]).replace("barrier", "mixed", 9), encoding="utf-8")
    assert not own_example.build().whole
    made = {}
    for name in ("part", "whole"):
        out = tmp_path / name
        out.mkdir()
        assert run("export", "html", "-o", out / "map.html", "-C", own_example.root).code == 0
        assert run("export", "rdf", "-o", out / "graph.ttl", "-C", own_example.root).code == 0
        assert run("export", "csv", "-o", out / "csv", "-C", own_example.root).code == 0
        made[name] = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        own_example.build(force=True)
    assert made["part"] == made["whole"]
    assert len(made["part"]) > 10


# --- only what changed -----------------------------------------------------------------------------------------------


def test_only_the_changed_file_is_read(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def spy(path: Path, name: str, **more: Any) -> Any:
        opened.append(name)
        return read_tables(path, name, **more)

    monkeypatch.setattr("kg.loaders.folder.read_tables", spy)
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert not small.build().whole
    assert opened == ["sheets/more.csv"] * 2, "as it was and as it is"


def test_only_the_changed_rows_are_looked_at(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []

    def spy(table: Any, *more: Any) -> Any:
        rows.append(table.rows)
        return read_findings(table, *more)

    monkeypatch.setattr("kg.update.read_findings", spy)
    write(small, "sheets/findings.csv", FINDINGS.replace("b,Pay,facilitator", "b,Pay,mixed"))
    assert not small.build().whole
    assert [[(number, cells[:3]) for number, cells in found] for found in rows] == [
        [(3, ["b", "Pay", "facilitator"])],
        [(3, ["b", "Pay", "mixed"])],
    ]


def test_only_what_changed_is_written(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[Any] = []
    monkeypatch.setattr(EmbeddedStore, "change", lambda self, change, *_: changes.append(change))
    write(small, "sheets/findings.csv", FINDINGS.replace("1,,", "1,A note,"))
    small.build()
    (change,) = changes
    assert {label: [row["id"] for row in rows] for label, rows in change.nodes.items()} == {
        "Finding": [change.nodes["Finding"][0]["id"]],
        "Source": ["sheets/findings.csv"],
    }
    assert change.nodes["Finding"][0]["note"] == "A note"
    assert not (change.edges or change.gone_nodes or change.gone_edges)


def test_nothing_heavy_is_loaded(small: Review) -> None:
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    code = (
        "import sys, kg\nbuilt = kg.open_review(sys.argv[1]).build()\n"
        "print(built.whole, sorted({'pandas', 'numpy', 'kglite', 'rdflib', 'openpyxl'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(small.root)], capture_output=True, text=True, check=True)
    assert ran.stdout == "False []\n"


# --- a whole build wherever in doubt ---------------------------------------------------------------------------------

STUDIES_TOO = 'id = "r"\ntitle = "R"\n\n[[sheet]]\nfile = "sheets/more.csv"\nkind = "findings"\n'
DOUBTS: dict[str, dict[str, str | None]] = {
    "review.toml": {"review.toml": 'id = "r"\ntitle = "Other"\n'},
    "a vocabulary": {"vocabulary/factors.csv": FACTORS + "new,New,\n"},
    "studies": {"sheets/studies.csv": STUDIES + "f,,Zeta,2005,\n"},
    "studies and findings": {
        "sheets/studies.csv": STUDIES + "f,,Zeta,2005,\n",
        "sheets/more.csv": MORE + "f,Pay,mixed,,9,,,\n",
    },
    "searches": {"records/searches.csv": "source,date\nPubMed,2020\n"},
    "stated gaps": {"published/gaps.csv": "statement,factors\nMore is needed,Pay\n"},
    "a new sheet of studies": {"sheets/others.csv": "key,title\nf,Zeta\n"},
    "a sheet that changes its kind": {"sheets/more.csv": "key,title\nf,Zeta\n"},
}


@pytest.mark.parametrize("name", DOUBTS)
def test_other_files_are_read_with_everything(name: str, small: Review) -> None:
    folders = builds(small)
    for file, text in DOUBTS[name].items():
        path = small.root / file
        path.parent.mkdir(exist_ok=True)
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    built = small.build()
    assert (built.changed, built.whole) == (True, True)
    assert builds(small) != folders
    same_as_a_whole_build(small)
    write(small, "sheets/findings.csv", FINDINGS.replace("barrier", "mixed"))
    assert not small.build().whole, "the next one is for what changed alone"
    same_as_a_whole_build(small)


REJECTED: dict[str, tuple[dict[str, str | None], str]] = {
    "an unknown study": ({"more": MORE + "zz,Pay,mixed,,9,,,\n"}, "sheets/more.csv, row 4, column 'study': 'zz': no sheet"),
    "an unknown term": ({"more": MORE + "a,Payment,mixed,,9,,,\n"}, "row 4, column 'factor': 'Payment': no factor"),
    "an unknown direction": ({"more": MORE + "a,Pay,sideways,,9,,,\n"}, "row 4, column 'direction': 'sideways': is not a direction"),
    "twice in a sheet": ({"more": MORE + "d,Hours,no effect,Morale,4,,,\n"}, "no_effect': the finding stands twice (also in sheets/more.csv, row 2)"),
    "twice, and both are new": ({"more": MORE + "a,Pay,mixed,,9,,,\n" * 2}, "stands twice (also in sheets/more.csv"),
    "twice in two sheets": (
        {"more": MORE + "a,Pay,barrier,Retention,1,,,\n"},
        "row 4: 'doi:10.1000/a, pay, barrier': the finding stands twice (also in sheets/findings.csv, row 2)",
    ),
    "a cell too many": ({"more": MORE + "a,Pay,mixed,,9,,,,x\n"}, "the row has more cells than the header"),
    "a column that is missing": ({"more": "study,factor\na,Pay\n"}, "the column is missing"),
    "a column that is nearly one": (
        {"more": MORE.replace("locator", "locatr")},
        "the column would not be read",
    ),
    "an empty file": ({"more": ""}, "the file is empty"),
    "a file of another type": ({"more": None, "more.xls": "x"}, "files of type '.xls' are not read"),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_problems_are_those_of_a_whole_build(name: str, small: Review) -> None:
    """What cannot be accepted is told as ever, the graph stays as it was, and so does the way back."""
    sheets, told = REJECTED[name]
    folders = builds(small)
    with small.graph() as graph:
        before = everything(graph)
    for sheet, text in sheets.items():
        path = small.root / "sheets" / (sheet if "." in sheet else f"{sheet}.csv")
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        small.build()
    assert told in "\n".join(map(str, caught.value.problems))
    assert builds(small) == folders
    with open_graph(small.store_url) as graph:
        assert everything(graph) == before
    (small.root / "sheets" / "more.xls").unlink(missing_ok=True)
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert not small.build().whole
    same_as_a_whole_build(small)


def test_a_row_that_is_left_out_is_read_again_each_time(small: Review) -> None:
    write(small, "sheets/more.csv", MORE + "zz,Pay,mixed,,9,,,\n")
    built = small.build(partial=True)
    assert (built.whole, built.left_out) == (True, 1)
    write(small, "sheets/findings.csv", FINDINGS.replace("barrier", "mixed"))
    built = small.build(partial=True)
    assert (built.whole, built.left_out) == (True, 1)
    assert not list((small.root / ".kg").glob("ledger*"))


@pytest.mark.parametrize("name", ["vocabulary/factors.csv", "vocabulary/outcomes.csv"])
def test_without_a_vocabulary_everything_is_read(name: str, make_review: MakeReview) -> None:
    """The terms of a sheet are then the vocabulary, in the order of all sheets."""
    review = make_review({file: text for file, text in BASE.items() if file != name})
    review.build()
    write(review, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert review.build().whole
    assert not list((review.root / ".kg").glob("ledger*"))


def test_a_file_that_review_toml_declares_and_that_goes(make_review: MakeReview) -> None:
    review = make_review({**BASE, "review.toml": STUDIES_TOO})
    review.build()
    (review.root / "sheets" / "more.csv").unlink()
    with pytest.raises(BadInput, match=r"1 problem in review\.toml"):
        review.build()


def test_force_reads_everything(small: Review) -> None:
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert small.build(force=True).whole


def test_another_model_reads_everything(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    monkeypatch.setattr("kg.review.model", lambda: "0.0.9/00000000")
    assert small.build().whole
    same_as_a_whole_build(small)


def test_workbooks(make_review: MakeReview) -> None:
    """A workbook that holds findings alone is read by itself, one that holds studies too is not."""
    review = make_review({name: text for name, text in BASE.items() if name != "sheets/more.csv"})
    book = review.root / "sheets" / "book.xlsx"
    head: list[str | None] = ["study", "factor", "direction", "outcomes"]
    sheets: dict[str, list[list[str | None]]] = {
        "One": [head, ["a", "Pay", "mixed", "Skill"]],
        "Two": [head, ["b", "Team", "barrier", None]],
    }
    write_xlsx(book, sheets)
    review.build()
    sheets["Two"].append(["d", "Team", "barrier", "Morale"])
    write_xlsx(book, sheets)
    assert not review.build().whole
    same_as_a_whole_build(review)
    sheets["Three"] = [["key", "title", "year"], ["f", "Zeta", "2005"]]
    write_xlsx(book, sheets)
    assert review.build().whole
    sheets["Two"].pop()
    write_xlsx(book, sheets)
    assert review.build().whole
    same_as_a_whole_build(review)


def test_what_has_piled_up_is_built_anew(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piled, "MOST_ROWS", 60)
    whole = []
    for number in range(9):
        write(small, "sheets/findings.csv", FINDINGS.replace("1,,", f"1,Note {number},"))
        whole.append(small.build().whole)
        same_as_a_whole_build(small)
    assert whole == [False] * 9, "two rows each"
    for number in range(4):
        write(small, "sheets/findings.csv", FINDINGS.replace("Pay", ("Team", "Pay")[number % 2]))
        whole.append(small.build().whole)
        same_as_a_whole_build(small)
    assert True in whole[9:] and False in whole[9:]
    assert len(builds(small)) == 1


def test_the_bound_grows_with_the_findings() -> None:
    assert [piled.most_rows(findings) for findings in (0, 100_000, 1_000_000)] == [2_000, 2_000, 5_000]


# --- whatever happens in between -------------------------------------------------------------------------------------


def test_a_file_that_is_saved_while_a_build_runs(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not what was hashed: neither the ledger nor the next build may take the one for the other."""
    import kg.files

    hashed: list[list[Path]] = []

    def saved(paths: list[Path]) -> list[str]:
        found = kg.files.digests(paths)
        hashed.append(paths)
        if len(hashed) == 1:
            write(small, "sheets/more.csv", MORE.replace("barrier", "unclear"))
        return found

    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    with monkeypatch.context() as patched:
        patched.setattr("kg.review.digests", saved)
        assert small.build().whole
    assert [[path.name for path in paths] for paths in hashed[1:]] == [["more.csv"], []], "hashed and read again"
    assert not small.build().changed
    same_as_a_whole_build(small)
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert not small.build().whole, "the ledger is that of what was read last"
    same_as_a_whole_build(small)


class Killed(BaseException):
    """Stands for the end of a process: nothing catches it."""


STEPS: dict[str, tuple[type, str, bool]] = {
    "before the change": (EmbeddedStore, "change", False),
    "before the ledger": (Ledger, "commit", False),
    "after the ledger": (Ledger, "commit", True),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_build_that_is_killed_costs_no_more_than_a_whole_one(
    step: str, small: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, done = STEPS[step]
    original: Callable[..., None] = getattr(owner, name)

    def killed(self: Any, *given: Any) -> None:
        if done:
            original(self, *given)
        raise Killed

    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, killed)
        with pytest.raises(Killed):
            small.build()
    with open_graph(small.store_url) as graph:
        rows = graph.query("MATCH (x:Finding {direction: 'mixed'}) RETURN count(x) AS n").rows
        assert rows == [(1 if step == "before the change" else 2,)], "the old graph or the new one"
    small.build()
    same_as_a_whole_build(small)
    write(small, "sheets/findings.csv", FINDINGS.replace("barrier", "unclear"))
    assert small.build().whole is (step == "before the ledger")
    same_as_a_whole_build(small)


def test_a_change_that_is_killed_while_it_is_written(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is there and belongs to no manifest: nobody sees it, and the next build is a whole one."""
    (build,) = builds(small)
    half = small.root / ".kg" / "graph" / build / "changes-0001.jsonl"
    half.write_text('[{"Finding":[{"id":"x"', encoding="utf-8")
    with open_graph(small.store_url) as graph:
        assert graph.query("MATCH (x:Finding) RETURN count(x) AS n").rows == [(5,)]
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert small.build().whole
    same_as_a_whole_build(small)


def test_a_change_that_cannot_be_written_leaves_nothing(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    with monkeypatch.context() as patched:
        patched.setattr("kg.store.embedded._write_manifest", full)
        assert "No space left on device" in _error(small)
    (build,) = builds(small)
    assert not list((small.root / ".kg" / "graph" / build).glob("changes*"))
    assert not small.build().whole
    same_as_a_whole_build(small)


def _error(review: Review) -> str:
    from kg.errors import StoreError

    with pytest.raises(StoreError) as caught:
        review.build()
    return str(caught.value)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"not a database" * 1000),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "overwritten": lambda path: path.write_bytes(path.read_bytes()[:8192] + b"\xff" * (path.stat().st_size - 8192)),
    "another database": lambda path: _database(path, "ALTER TABLE part RENAME TO other"),
    "a part is missing": lambda path: _database(path, "DELETE FROM part WHERE name LIKE 'names%'"),
    "ids are missing": lambda path: _database(path, "DELETE FROM part WHERE name LIKE 'ids%'"),
    "a part is changed": lambda path: _database(path, "UPDATE part SET data = x'00000000' WHERE name LIKE 'count%'"),
    "a sheet is changed": lambda path: _database(path, "UPDATE part SET data = x'41' WHERE name LIKE 'sheet%'"),
    "counts are missing": lambda path: _database(path, "DELETE FROM part WHERE name LIKE 'count%'"),
    "of another content": lambda path: _database(path, "UPDATE part SET data = x'41' WHERE name = 'stamp'"),
    "a number that is only read is changed": lambda path: _database(
        path,
        "UPDATE part SET data = x'0100000005000000' "
        """WHERE name = 'count ["reported", "yes", "pay", "barrier"]'""",
    ),
    "locked": lambda path: None,
}


def _database(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_ledger_that_is_not_right_is_as_good_as_none(damage: str, small: Review) -> None:
    (ledger,) = (small.root / ".kg").glob("ledger*")
    DAMAGE[damage](ledger)
    write(small, "sheets/findings.csv", FINDINGS.replace("b,Pay", "b,Team"))
    other = sqlite3.connect(ledger)
    if damage == "locked":
        other.execute("BEGIN IMMEDIATE")
    assert small.build().whole
    other.close()
    same_as_a_whole_build(small)
    write(small, "sheets/findings.csv", FINDINGS)
    assert not small.build().whole
    same_as_a_whole_build(small)


def test_a_folder_that_cannot_hold_a_ledger_is_built_all_the_same(small: Review, tmp_path: Path) -> None:
    url = f"embedded:{tmp_path}/elsewhere"
    ledgers = small.root / ".kg"
    for path in sorted(ledgers.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    ledgers.rmdir()
    ledgers.write_text("in the way", encoding="utf-8")
    assert small.build(url).whole
    write(small, "sheets/findings.csv", FINDINGS.replace("barrier", "mixed"))
    assert small.build(url).whole


def test_each_store_has_its_own_ledger(small: Review, tmp_path: Path) -> None:
    url = f"embedded:{tmp_path}/secret-place"
    assert small.build(url).whole
    names = sorted(path.name for path in (small.root / ".kg").glob("ledger*"))
    assert len(names) == 2 and names[1] == "ledger.sqlite" and "secret" not in names[0]
    for path in (small.root / ".kg").glob("ledger*"):
        assert b"secret-place" not in path.read_bytes()
    write(small, "sheets/findings.csv", FINDINGS.replace("barrier", "mixed"))
    assert not small.build(url).whole
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert (small.build(url).whole, small.build().whole) == (False, False)
    same_as_a_whole_build(small)
    same_as_a_whole_build(small, url)


# --- readers and other builders --------------------------------------------------------------------------------------


def count(graph: Graph, *, summary: bool = False) -> list[tuple[Any, ...]]:
    query = "MATCH (:Factor)-[r:MIXED_FOR]->(:Outcome) RETURN count(r) AS n"
    return graph.store.read(query, summary=summary).values


def test_a_reader_keeps_the_graph_it_opened(small: Review) -> None:
    """Also where it has not read anything yet, and where changes have piled up before and after."""
    write(small, "sheets/findings.csv", FINDINGS + "d,Pay,mixed,Skill,8,,,\n")
    assert not small.build().whole
    with open_graph(small.store_url) as before:
        write(small, "sheets/findings.csv", FINDINGS + "d,Pay,mixed,Skill; Morale; Retention,8,,,\n")
        assert not small.build().whole
        with open_graph(small.store_url) as after:
            assert (count(before), count(before, summary=True)) == ([(2,)], [(2,)])
            assert (count(after), count(after, summary=True)) == ([(4,)], [(4,)])
        held = before.store.manifest()
        assert held is not None and held.files["sheets/findings.csv"][0] == len(FINDINGS) + 23


def test_new_file_times_keep_the_changes(small: Review) -> None:
    write(small, "sheets/findings.csv", FINDINGS + "d,Pay,mixed,Skill,8,,,\n")
    small.build()
    os.utime(small.root / "sheets" / "findings.csv", (1, 1))
    assert not small.build().changed
    same_as_a_whole_build(small)
    write(small, "sheets/findings.csv", FINDINGS)
    assert not small.build().whole
    same_as_a_whole_build(small)


def _built(review: Review) -> tuple[EmbeddedStore, Manifest]:
    store = open_store(review.store_url)
    assert isinstance(store, EmbeddedStore)
    held = store.manifest()
    assert held is not None
    return store, held


def test_a_change_is_for_the_graph_that_it_was_made_for(small: Review) -> None:
    from kg.change import Change

    store, held = _built(small)
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert not small.build().whole
    with pytest.raises(StaleGraph, match="has been built anew in between"):
        store.change(Change(), held, held)
    small.build(force=True)
    with pytest.raises(StaleGraph, match="has been built anew in between"):
        store.change(Change(), held, held)
    store.close()
    same_as_a_whole_build(small)


def test_two_builds_of_one_change(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second finds another graph than it began with, and builds as a whole."""
    original = EmbeddedStore.change
    inner: list[Built] = []

    def second(self: EmbeddedStore, *given: Any) -> None:
        if not inner:
            inner.append(Built("", False, {}, []))
            inner.append(Review(small.root).build())
        original(self, *given)

    monkeypatch.setattr(EmbeddedStore, "change", second)
    write(small, "sheets/more.csv", MORE.replace("barrier", "mixed"))
    assert small.build().whole
    assert inner[1].whole, "the ledger is in use"
    same_as_a_whole_build(small)


def test_builders_and_readers_at_the_same_time(small: Review, tmp_path: Path) -> None:
    """Whoever builds, every reader sees a whole graph: as many findings as the review says it has."""
    script = tmp_path / "work.py"
    script.write_text(
        "import sys, kg\nfrom pathlib import Path\n"
        "review = kg.open_review(sys.argv[1])\n"
        "sheet = Path(sys.argv[1], 'sheets', 'findings.csv')\n"
        "rows = sheet.read_text(encoding='utf-8')\n"
        "for n in range(12):\n"
        "    if sys.argv[2] == 'edit':\n"
        "        part = sheet.with_name('.part')\n"
        "        part.write_text(rows + 'd,Pay,mixed,Skill,8,,,\\n' * (n % 2), encoding='utf-8')\n"
        "        part.replace(sheet)\n"
        "    if sys.argv[2] != 'read':\n"
        "        review.build()\n"
        "    with kg.open_graph(review.store_url) as graph:\n"
        "        ((said, seen),) = graph.query(\n"
        "            'MATCH (r:Review) OPTIONAL MATCH (x:Finding) RETURN r.findings AS said, count(x) AS seen').rows\n"
        "        assert said == seen, (said, seen)\n",
        encoding="utf-8",
    )
    work = [
        subprocess.Popen([sys.executable, str(script), str(small.root), kind], stderr=subprocess.PIPE)
        for kind in ("edit", "build", "read", "build")
    ]
    assert [process.communicate()[1].decode() for process in work] == [""] * 4
    small.build()
    same_as_a_whole_build(small)


def test_a_study_without_a_title_is_changed(small: Review) -> None:
    """A store takes any change, and the engine would answer the id for a title that is absent."""
    from kg.change import Change

    store, held = _built(small)
    rows: Iterable[dict[str, Any]] = (
        {"id": "key:b", "key": "b", "order": 2},
        {"id": "key:new", "key": "n", "order": 9},
    )
    store.change(Change(nodes={"Study": list(rows)}), held, replace(held, rejected=1))
    with open_graph(small.store_url) as graph:
        found = graph.query("MATCH (s:Study) WHERE s.order IN [2, 9] RETURN s.key AS k, s.title AS t ORDER BY s.order")
        assert found.rows == [("b", None), ("n", None)]
