"""The difference between graphs; loading by statements and bulk loading give the same graph."""

from __future__ import annotations

import kglite
import pytest

from kg.cypher import catalogue
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.graph.diff import Change, difference
from kg.graph.rows import GraphData
from kg.query.graph import Graph
from kg.store.loading import load_statements
from tests.cypher.test_catalogue import ARGUMENTS

OLD = GraphData(
    {"Study": [{"id": "a", "title": "A"}, {"id": "b"}], "Factor": [{"id": "f"}]},
    {("REPORTS", "Study", "Finding"): [{"from": "a", "to": "x"}, {"from": "b", "to": "y"}]},
)


def test_a_graph_does_not_differ_from_itself() -> None:
    assert len(difference(OLD, OLD)) == 0


def test_added_changed_and_removed_rows() -> None:
    new = GraphData(
        {"Study": [{"id": "a"}, {"id": "c"}], "Factor": [{"id": "f"}]},
        {("REPORTS", "Study", "Finding"): [{"from": "a", "to": "x", "row": 2}, {"from": "c", "to": "y"}]},
    )
    assert difference(OLD, new) == Change(
        {"Study": [{"id": "a"}, {"id": "c"}]},
        {("REPORTS", "Study", "Finding"): [{"from": "a", "to": "x", "row": 2}, {"from": "c", "to": "y"}]},
        {"Study": [{"id": "b"}]},
        {("REPORTS", "Study", "Finding"): [{"from": "b", "to": "y"}]},
    )


def load(engine: kglite.KnowledgeGraph, review: str, *changes: Change) -> None:
    for change in changes:
        for statement in load_statements(change):
            engine.cypher(statement.text, params={"review": review, "rows": statement.rows})


@pytest.mark.filterwarnings("ignore")
def answers_alike(engine: kglite.KnowledgeGraph, graph: Graph) -> None:
    """Hold an engine to every canned answer of a graph that was loaded in bulk."""
    for name in catalogue.names():
        query = catalogue.canned(name)
        bound = {"review": graph.review, **query.bind(ARGUMENTS.get(name, {}))}
        rows = [tuple(row.values()) for row in engine.freeze().cypher(query.text, params=bound).to_dicts()]
        assert rows == graph.table(name, **ARGUMENTS.get(name, {})).rows, name


def test_loading_by_statements_gives_the_graph_of_bulk_loading(example: Review, graph: Graph) -> None:
    engine = kglite.KnowledgeGraph()
    load(engine, graph.review, difference(GraphData(), assemble(example.load().evidence)))
    answers_alike(engine, graph)


def test_a_change_by_statements_gives_the_graph_of_the_changed_folder(own_example: Review) -> None:
    """Rows edited, added and removed: the old graph plus the change answers as the new folder's graph does."""
    old = assemble(own_example.load().evidence)
    sheet = own_example.root / "sheets" / "findings.csv"
    lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
    sheet.write_text("".join([*lines[:20], *lines[25:]]).replace("barrier", "mixed", 9), encoding="utf-8")
    change = difference(old, assemble(own_example.load().evidence))
    assert change.gone_nodes["Finding"] and change.nodes["Finding"] and change.gone_edges and change.edges
    engine = kglite.KnowledgeGraph()
    with own_example.graph() as graph:
        load(engine, graph.review, difference(GraphData(), old), change)
        answers_alike(engine, graph)


def test_every_constraint_is_on_review_and_id() -> None:
    found = catalogue.statements("schema/constraints")
    assert found and all(statement.endswith("REQUIRE (n.review, n.id) IS UNIQUE") for statement in found)
