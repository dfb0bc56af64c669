"""Every graph store gives the same answers: equal columns, rows, order and types, whatever is in the folder.

``ENGINES`` (``tests/stores.py``) names the stores; each is built through ``Review.build`` and asked through ``Graph``, and held to three
things: the answers of an embedded graph that was built from nothing, the rows that ``assemble`` made, and what the
files say, counted without a graph (``tests/answers.py``). Folders come from ``tests/generated.py``; ``KG_EXAMPLES=500`` tries
more of them than CI does, other ones each time, and ``KG_SHRINK=1`` makes one that fails small, which takes minutes.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import kglite
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kg.errors import QueryError, ReadOnlyViolation
from kg.folder.review import Review
from kg.graph.build import assemble, study_labels, study_orders
from kg.graph.diff import Change
from kg.graph.facets import NUMERIC, value_id
from kg.model.fields import CODING_STATUSES
from kg.model.records import Evidence, Facet, Finding, Study
from kg.model.vocabulary import LABELS
from kg.query.graph import Graph, open_graph
from kg.store.loading import Statement, load_statements
from kg.table import Table
from tests.answers import Ask, answers, assembled_rows, check_against_files, check_answers, graph_rows, questions
from tests.conftest import MakeReview
from tests.generated import FREE_FACETS, MARKS, Folder, folders, histories, marks
from tests.stores import ENGINES, AskedOnce, Engine

# --- the tests -------------------------------------------------------------------------------------------------------

#: How many folders are tried; the same ones each time, unless more are asked for.
EXAMPLES = int(os.environ.get("KG_EXAMPLES", "0"))


def examples(few: int) -> settings:
    """Return the settings of a test that tries ``few`` folders, or KG_EXAMPLES of them."""
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if os.environ.get("KG_SHRINK") else [])],
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,  # a store is emptied by each example itself
            HealthCheck.too_slow,  # on a machine that is busy, drawing a folder takes longer than hypothesis likes
        ],
    )


#: What the ids of reviews end with: they are part of every look-up, and of URLs.
IDS = ("r", "R", "it's", "", "a b/c?d#e%20", '"\\', "😀\uff5e", "$review")


@contextmanager
def _room(engine: Engine) -> Iterator[Path]:
    """A folder for one example; what was built in the meantime goes."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield Path(folder)
        finally:
            engine.clear()


class Expected(NamedTuple):
    """Questions to ask of a folder's graph, and what an embedded graph answers that was built from nothing."""

    asks: dict[str, Ask]
    answers: dict[str, Any]
    digest: str


#: Content of a folder -> what is expected of its graph: each store is asked about the same folders.
_EXPECTED: dict[Hashable, Expected] = {}


def expected(review: Review, most: int) -> Expected:
    """Return what is expected of the graph of a folder, with up to ``most`` values of each kind in the questions."""
    files = (path for path in review.root.rglob("*") if path.is_file() and ".kg" not in path.parts)
    key = (most, *sorted((str(path.relative_to(review.root)), path.read_bytes()) for path in files))
    if key not in _EXPECTED:
        review.build(force=True)
        with review.graph() as graph:
            graph.store = AskedOnce(graph.store)
            asks = {**questions(graph, most=most), **questions_of_facets(graph)}
            _EXPECTED[key] = Expected(asks, answers(graph, asks), graph.digest)
    return _EXPECTED[key]


def comply(review: Review, url: str, *, most: int = 3) -> None:
    """Compare the graph in a store with the review folder: answers, rows, and tables computed from the files."""
    evidence, maps = review.load().evidence, review.config.maps
    asks, wanted, digest = expected(review, most)
    with open_graph(url, evidence.review.id, maps=maps) as graph:
        graph.store = AskedOnce(graph.store)
        check_answers(wanted, graph, asks)
        assert graph_rows(graph) == assembled_rows(assemble(evidence))
        check_against_files(graph, evidence)
        check_facets_against_files(graph, evidence)
        assert (graph.review, graph.digest, graph.left_out) == (evidence.review.id, digest, 0)


def questions_of_facets(graph: Graph) -> dict[str, Ask]:
    """Return questions about the free facets of a generated folder and its declared maps."""
    facets = [name for name in graph.table("facets").column("facet") if name in FREE_FACETS]
    asks: dict[str, Ask] = {}
    for name, other in zip(facets, [*facets[1:], "factor"], strict=False):
        asks[f"codes of {name}"] = lambda g, n=name: g.table("codes", facet=n)  # type: ignore[misc]
        asks[f"counts of {name}"] = lambda g, n=name: g.counts(n, "report")  # type: ignore[misc]
        asks[f"crosstab of {name} and {other}"] = lambda g, p=(name, other): g.crosstab(p, "report")  # type: ignore[misc]
    for spec in graph.maps:
        for ask in (Graph.gap_map, Graph.matrix, Graph.gaps):
            asks[f"{ask.__name__} {spec.name}"] = lambda g, a=ask, m=spec.name: a(g, map=m)  # type: ignore[misc]
    for condition in ("region=not coded", "score>=3", "blinded=yes,not reported", "strength<3", "instrument!=NA"):
        asks[f"studies where {condition}"] = lambda g, c=condition: _part(g, c)  # type: ignore[misc]
    return asks


def _part(graph: Graph, condition: str) -> Table:
    with graph.where([condition]) as part:
        return part.table("characteristics")


#: What a study or finding says of a facet: the id of a value, or a coding status.
Said = tuple[str | None, str | None]


def said_of(unit: Study | Finding, facet: Facet) -> list[Said]:
    """Return what a study or finding says of a facet; nothing where the cell is blank."""
    coded: list[Said] = [(value_id(facet.id, value), None) for value in unit.facets.get(facet.id, ())]
    return coded + [(None, status) for status in [unit.not_coded.get(facet.id)] if status]


def check_facets_against_files(graph: Graph, evidence: Evidence) -> None:
    """Compare facets, their values and codes, reports, counts and crosstabs with the records, without a graph."""
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    listed = [(f.id, f.label, f.of, f.kind, len(f.values)) for f in evidence.facets]
    assert graph.table("facets").only("facet", "label", "of", "kind", "values").rows == listed
    units = sorted((orders[s.id], s.id, labels[s.id]) for s in evidence.studies)
    assert graph.table("units").rows == units
    reports = sorted((orders[s.id], report) for s in evidence.studies for report in {*s.reports})
    assert sorted(graph.table("reports").rows) == reports
    for facet in evidence.facets:
        named = [(value_id(facet.id, v.id), v.label, v.residual, v.colour) for v in facet.values]
        assert graph.table("facet-values", facet=facet.id).only("id", "label", "residual", "colour").rows == named
        check_codes(graph, evidence, facet, orders)
    counted = [f for f in evidence.facets if f.of == "study" and f.kind != "text"]
    called = {id_: label for _, id_, label in units}
    for facet in counted:
        wanted = [(name, [called[id_] for id_ in ids]) for name, ids in studies_by_code(evidence, facet, called)]
        rows = [(row[-5], row[-1]) for row in graph.counts(facet.id).rows[:-1] if row[-1]]
        assert sorted(rows, key=repr) == sorted(wanted, key=repr), facet.id
    coded = {
        f.id: [row for row in studies_by_code(evidence, f, called) if row[0] not in CODING_STATUSES] for f in counted
    }
    for one, other in pairwise(f.id for f in counted if f.id in FREE_FACETS):
        cells = {row[:2]: row[2] for row in graph.crosstab([one, other], long=True).rows}
        for (a, first), (b, second) in product(coded[one], coded[other]):
            assert cells.get((a, b), 0) == len({*first} & {*second}), (one, other, a, b)
    scored = {s.id for s in evidence.studies if any(float(v) >= 3 for v in s.facets.get("score", ()))}
    if scored:
        with graph.where(["score>=3"]) as part:
            assert {id_ for _, id_, _ in part.table("units").rows} == scored


def studies_by_code(evidence: Evidence, facet: Facet, order: Iterable[str]) -> Iterator[tuple[Any, list[str]]]:
    """Yield what tables call each value and coding status of a facet that a study has, with these studies in order."""
    labels = {value_id(facet.id, v.id): _shown(v.label) if facet.kind in NUMERIC else v.label for v in facet.values}
    said = {study.id: said_of(study, facet) or [(None, "not extracted")] for study in evidence.studies}
    for value, status in dict.fromkeys(code for codes in said.values() for code in codes):
        yield labels.get(value or "", status), [id_ for id_ in order if (value, status) in said[id_]]


def _shown(number: str) -> float:
    return float(number) if "." in number else int(number)


def check_codes(graph: Graph, evidence: Evidence, facet: Facet, orders: Mapping[str, int]) -> None:
    """Compare which studies and findings have each value or coding status of a facet with the records."""
    studies: dict[Said, list[int]] = {}
    for study in evidence.studies:
        for said in said_of(study, facet):
            studies.setdefault(said, []).append(orders[study.id])
    findings: dict[Said, list[tuple[int, str]]] = {}
    for finding in evidence.findings:
        for said in said_of(finding, facet):
            findings.setdefault(said, []).append((orders[finding.study], finding.id))
    rows: list[Any] = [("study", *said, sorted(places), []) for said, places in studies.items()]
    rows += [("finding", *said, *map(list, zip(*sorted(found), strict=True))) for said, found in findings.items()]
    found = graph.table("codes", facet=facet.id).only("of", "value", "status", "studies", "findings").rows
    assert sorted(found, key=repr) == sorted(rows, key=repr), facet.id


def test_the_example(engine: Engine, own_example: Review) -> None:
    config = own_example.root / "review.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace('id = "', f'id = "{engine.prefix}', 1), encoding="utf-8"
    )
    url = engine.url("example")
    assert own_example.build(url).changed
    comply(own_example, url)


@given(folder=folders(), ending=st.sampled_from(IDS))
@examples(4)
def test_a_first_build(engine: Engine, folder: Folder, ending: str) -> None:
    with _room(engine) as room:
        review = folder.called(engine.prefix + ending).write(room)
        built = review.build(engine.url("first"))
        assert built.changed and built.counts["Review"] == 1
        comply(review, engine.url("first"))


@given(history=histories(), ending=st.sampled_from(IDS))
@examples(8)
def test_a_changed_folder(engine: Engine, history: tuple[Folder, Folder], ending: str) -> None:
    """What left the folder has left the graph, however much of it changed; a build of the same folder does nothing."""
    before, after = (folder.called(engine.prefix + ending) for folder in history)
    with _room(engine) as room:
        url = engine.url("changed")
        assert before.write(room).build(url).changed
        review = after.write(room)
        built = review.build(url)
        assert built.changed == (before.files() != after.files())
        comply(review, url)
        again, forced = review.build(url), review.build(url, force=True)
        assert (again.changed, forced.changed) == (False, True)
        assert built.counts == again.counts == forced.counts
        with open_graph(url, review.config.review.id) as graph:
            assert graph_rows(graph) == assembled_rows(assemble(review.load().evidence))


@given(history=histories(), endings=st.permutations(IDS))
@examples(3)
def test_two_reviews(engine: Engine, history: tuple[Folder, Folder], endings: list[str]) -> None:
    """Two reviews with the same studies and terms, built in turn, answer as if alone; what is not of kg stays as it is."""
    before, after = history
    with _room(engine) as room, ExitStack() as stack:
        one, other = engine.url("one"), engine.url("other")
        before.called(engine.prefix + endings[0]).write(room / "one").build(one)
        stack.enter_context(engine.foreign_data(room / "strangers", after))
        second = after.called(engine.prefix + endings[1]).write(room / "other")
        second.build(other)
        first = after.called(engine.prefix + endings[0]).write(room / "one")
        first.build(one)
        comply(second, other, most=1)
        second = before.called(engine.prefix + endings[1]).write(room / "other")
        second.build(other)
        comply(first, one, most=1)
        comply(second, other, most=1)


def test_what_is_said_twice_is_there_once(engine: Engine, make_review: MakeReview) -> None:
    """A study that named a design twice used to be tied to it twice, in one engine and not in the other."""
    studies = "key,design,setting,population,outcomes\na,survey; Survey,ward; ward,nurses | NURSES,Morale; morale; Retention\n"
    findings = "study,factor,direction,outcomes\na,Pay,barrier,Retention; Retention\n"
    files = {"sheets/studies.csv": studies, "sheets/findings.csv": findings}
    review = make_review({"review.toml": f'id = "{engine.prefix}"\ntitle = "R"\n', **files})
    review.build(engine.url("twice"))
    comply(review, engine.url("twice"))
    with open_graph(engine.url("twice"), engine.prefix) as graph:
        told = graph.table("characteristics").only("design", "setting", "population", "outcomes").rows
        assert told == [("survey", "ward", "nurses", ["Morale", "Retention"])]
        assert graph.query("MATCH (:Study {review: $review})-[r:CODED_AS|EXAMINES]->() RETURN count(r) AS n").rows == [
            (5,)
        ]


def test_overlays(engine: Engine, make_review: MakeReview) -> None:
    """Mappings many to many are the same in every store, and a change of one is written as a change."""
    mappings = (
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\tcomment\n"
        'x:one\tOne\tskos:exactMatch\tfactor:pay\tm:a\t\U0001f600 "q" \\ $review\n'
        "x:two\tTwo\tskos:narrowMatch\tfactor:pay\tm:a\t\n"
        "x:two\tTwo\tskos:relatedMatch\tfactor:hours\tm:a\t\n"
    )
    config = f'id = "{engine.prefix}"\ntitle = "R"\n[[overlay]]\nname = "fit"\nfile = "vocabulary/fit.sssom.tsv"\n'
    files = {
        "review.toml": config + '[[map]]\nname = "m"\nrows = "fit"\ncolumns = "outcome"\n',
        "sheets/studies.csv": "key,title\na,A\nb,B\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Joy\nb,Hours,barrier,Joy\n",
        "vocabulary/fit.sssom.tsv": mappings,
    }
    review = make_review(files)
    url = engine.url("overlays")
    for text in (mappings, mappings.replace("relatedMatch", "closeMatch").replace("m:a", "m:b")):
        (review.root / "vocabulary" / "fit.sssom.tsv").write_text(text, encoding="utf-8")
        assert review.build(url).changed
        comply(review, url)
        with open_graph(url, engine.prefix) as graph, review.graph() as reference:
            assert graph.table("mappings").rows == reference.table("mappings").rows
            assert graph.table("mappings").column("justification") == [text.split("\t")[9]] * 3
            assert graph.counts("fit").rows == reference.counts("fit").rows
            assert graph.counts("fit").title == reference.counts("fit").title


def test_rows_that_were_left_out(engine: Engine, make_review: MakeReview) -> None:
    sheet = "study,factor,direction,outcomes\na,Pay,barrier,Retention\na,Pay,sideways,\nnobody,Pay,barrier,\n"
    files = {"sheets/studies.csv": "key,title\na,Alpha\n", "sheets/findings.csv": sheet}
    review = make_review({"review.toml": f'id = "{engine.prefix}"\ntitle = "R"\n', **files})
    url = engine.url("partial")
    built = review.build(url, partial=True)
    assert (built.changed, built.left_out, [p.row for p in built.rejected]) == (True, 2, [3, 4])
    assert (review.build(url, partial=True).changed, review.build(url, partial=True).left_out) == (False, 2)
    with open_graph(url, engine.prefix) as graph:
        assert graph.left_out == 2
        assert graph.table("gap-map").rows == [(None, "Pay", "Retention", "barrier", "presence", 1, 1, 0, 0, ["a"])]
    (review.root / "sheets" / "findings.csv").write_text(sheet.partition("a,Pay,sideways")[0], encoding="utf-8")
    assert review.build(url).left_out == 0
    with open_graph(url, engine.prefix) as graph:
        assert graph.left_out == 0


# --- reading only ----------------------------------------------------------------------------------------------------

#: What would change the graph, or read something else than the graph.
WRITES = (
    "CREATE (:Intruder)",
    "  create (x:Intruder) RETURN x.id AS id",
    "MERGE (:Intruder {id: 1})",
    "MATCH (s:Study {review: $review}) MATCH (f:Factor {review: $review}) MERGE (s)-[:REPORTS]->(f)",
    "MATCH (s:Study {review: $review}) SET s.year = 1",
    "MATCH (s:Study {review: $review}) SET s:Intruder",
    "MATCH (s:Study {review: $review}) SET s += {year: 1}",
    "MATCH (s:Study {review: $review}) REMOVE s.title",
    "MATCH (s:Study {review: $review}) WHERE false DELETE s",
    "MATCH (s:Study {review: $review}) DETACH DELETE s",
    "MATCH (s:Study {review: $review})-[r]->() DELETE r",
    "MATCH (s:Study {review: $review}) WITH s LIMIT 0 CREATE (:Intruder)",
    "MATCH (s:Study {review: $review}) FOREACH (n IN [1] | CREATE (:Intruder))",
    "MATCH (s:Study {review: $review}) // RETURN s.id AS id\nDETACH DELETE s",
    "MATCH (s:Study {review: $review}) RETURN s.id AS id UNION CREATE (x:Intruder) RETURN x.id AS id",
    "PROFILE CREATE (:Intruder)",
    "CREATE INDEX kg_intruder FOR (n:Study) ON (n.title)",
    "CREATE CONSTRAINT kg_intruder FOR (n:Study) REQUIRE n.title IS UNIQUE",
    "DROP CONSTRAINT kg_study_id",
    "DROP INDEX kg_intruder IF EXISTS",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    "LOAD CSV FROM 'file:///etc/hostname' AS row RETURN row",
    "LOAD /* */ CSV\n WITH HEADERS FROM 'http://127.0.0.1/' AS row RETURN row.a AS a",
)
#: Writing in words that not every engine knows: such an engine may say that it does not understand.
WRITES_IN_OTHER_WORDS = (
    "MATCH (s:Study {review: $review}) CALL (s) { SET s.year = 1 } RETURN s.id AS id",
    "CALL { CREATE (x:Intruder) RETURN x } RETURN x.id AS id",
    "UNWIND [1] AS n CALL (n) { CREATE (:Intruder) } IN TRANSACTIONS",
    "MATCH (s:Study {review: $review}) CALL (s) { DETACH DELETE s } IN TRANSACTIONS OF 1 ROWS",
    "/* RETURN 1 AS one */ CREATE (:Intruder)",
    "RETURN 1 AS one; CREATE (:Intruder)",
    "CALL db.createLabel('Intruder')",
    "CREATE USER intruder SET PASSWORD 'as long as it must be'",
    "CREATE DATABASE intruder",
)
NOT_CYPHER = (
    "",
    "// nothing",
    "FOO",
    "RETURN",
    "MATCH (s:Study {review: $review} RETURN s",
    "MATCH (s:Study {review: $review}) RETURN s.id AS id ORDER BY",
    "MATCH (s:Study {review: $review}) RETURN missing AS x",
    "MATCH (s:Study {review: $review}) RETURN s.id AS a, s.key AS a",
    "RETURN 'a' + ",
    "RETURN 'open AS x",
    "RETURN [1, 2 AS x",
    "RETURN 1 AS a ORDER BY b",
    "RETURN 1 / 0 AS x",
    "RETURN $nobody AS x",
    "RETURN nosuch(1) AS x",
    "CALL nosuch.procedure()",
)


@pytest.fixture
def small(engine: Engine, make_review: MakeReview) -> Iterator[Graph]:
    """A graph of two studies in a store."""
    findings = "study,factor,direction,outcomes\na,Pay,barrier,Retention\nb,Pay,facilitator,Retention; Morale\n"
    files = {"sheets/studies.csv": "key,title\na,Alpha\nb,Beta\n", "sheets/findings.csv": findings}
    make_review({"review.toml": f'id = "{engine.prefix}"\ntitle = "R"\n', **files}).build(engine.url("small"))
    with open_graph(engine.url("small"), engine.prefix) as graph:
        yield graph


def test_nothing_can_be_written(engine: Engine, small: Graph) -> None:
    before = graph_rows(small)
    for cypher in WRITES:
        with pytest.raises(ReadOnlyViolation):
            pytest.fail(f"{cypher}: {small.query(cypher)}")
    for cypher in WRITES_IN_OTHER_WORDS:
        with pytest.raises(QueryError):
            pytest.fail(f"{cypher}: {small.query(cypher)}")
    with open_graph(engine.url("small"), engine.prefix) as graph:
        assert graph_rows(graph) == graph_rows(small) == before
        everything = "MATCH (n) WHERE n.review = $review OR n:Intruder RETURN count(n) AS n"
        kept = sum(len(rows) for key, rows in before.items() if key in LABELS)
        assert graph.query(everything).rows == [(kept + engine.own_nodes,)]


@pytest.mark.parametrize("cypher", NOT_CYPHER)
def test_a_query_that_makes_no_sense(small: Graph, cypher: str) -> None:
    with pytest.raises(QueryError) as error:
        pytest.fail(f"{cypher}: {small.query(cypher)}")
    assert not isinstance(error.value, ReadOnlyViolation)


# --- the suite itself ------------------------------------------------------------------------------------------------


class Wrong(Graph):
    """A graph that gives one table as it is not."""

    def __init__(self, graph: Graph, name: str, spoil: Callable[[Table], Table]) -> None:
        super().__init__(graph.store)
        self._name, self._spoil = name, spoil

    def table(self, name: str, **parameters: Any) -> Table:
        found = super().table(name, **parameters)
        return self._spoil(found) if name == self._name else found


def _cell(column: str, change: Callable[[Any], Any]) -> Callable[[Table], Table]:
    """Change one cell, the one in the last row."""

    def spoil(table: Table) -> Table:
        place = table.columns.index(column)
        row = list(table.rows[-1])
        row[place] = change(row[place])
        return replace(table, rows=[*table.rows[:-1], tuple(row)])

    return spoil


SPOILT: dict[str, tuple[str, Callable[[Table], Table]]] = {
    "a row less": ("outcomes", lambda t: replace(t, rows=t.rows[:-1])),
    "a row twice": ("outcomes", lambda t: replace(t, rows=[*t.rows, t.rows[-1]])),
    "two rows the other way round": ("outcomes", lambda t: replace(t, rows=[*t.rows[:-2], t.rows[-1], t.rows[-2]])),
    "a list in another order": ("gap-map", _cell("study_labels", lambda labels: labels[::-1])),
    "a tuple for a list": ("outcomes", _cell("study_labels", tuple)),
    "a fraction for a whole number": ("outcomes", _cell("studies", float)),
    "text for a number": ("outcomes", _cell("studies", str)),
    "a number for a boolean": ("findings", _cell("tabulated", int)),
    "text for nothing": ("characteristics", _cell("sample_size", lambda size: size or "")),
    "a number in a list as text": ("outcomes", _cell("study_labels", lambda labels: [str(n) for n in labels])),
    "another name of a column": ("review", lambda t: replace(t, columns=("ID", *t.columns[1:]))),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_differs_is_noticed(graph: Graph, spoil: tuple[str, Callable[[Table], Table]]) -> None:
    asks = {name: ask for name, ask in questions(graph).items() if name.startswith(spoil[0])}
    expected = answers(graph, asks)
    check_answers(expected, graph, asks)
    with pytest.raises(AssertionError, match=f"^{spoil[0]} .*: expected .*, found "):
        check_answers(expected, Wrong(graph, *spoil), asks)


@pytest.mark.parametrize("name", ["remove-edges", "remove-nodes", "write-edges", "write-nodes"])
def test_a_statement_that_is_not_run_is_noticed(
    name: str,
    request: pytest.FixtureRequest,
    own_example: Review,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    review_prefix: str,
) -> None:
    """A store that forgets a part of a change does not pass for one that holds the changed folder."""
    with ENGINES["statements"](request, tmp_path, review_prefix) as engine:
        engine.clear()
        own_example.build(engine.url("lossy"))
        comply(own_example, engine.url("lossy"))
        sheet = own_example.root / "sheets" / "findings.csv"
        lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
        sheet.write_text("".join([*lines[:20], *lines[25:]]).replace("barrier", "mixed", 9), encoding="utf-8")

        whole = load_statements

        def some(change: Change) -> Iterator[Statement]:
            return (statement for statement in whole(change) if statement.name != name)

        monkeypatch.setattr("tests.stores.load_statements", some)
        with pytest.raises((AssertionError, kglite.KgError)):  # the engine itself may refuse what is left
            own_example.build(engine.url("lossy"))
            comply(own_example, engine.url("lossy"))
        engine.clear()


def test_the_folders_are_worth_trying() -> None:
    """The difficult features occur: a strategy that generated empty folders only would pass every test."""
    seen: Counter[str] = Counter()

    @given(history=histories())
    @examples(120)
    def look(history: tuple[Folder, Folder]) -> None:
        if all(seen[mark] > 1 for mark in MARKS):
            return
        with tempfile.TemporaryDirectory() as folder:
            for each in history:
                evidence = each.write(Path(folder)).load().evidence
                seen.update(marks(each, evidence))

    look()
    assert {mark: times for mark in MARKS if (times := seen[mark]) < 2} == {}
