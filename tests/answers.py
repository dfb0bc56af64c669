"""Questions to ask of a graph, comparison of answers, and expected answers computed without a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from kg.cypher import catalogue
from kg.errors import UnknownName
from kg.graph.build import study_labels, study_orders
from kg.graph.rows import GraphData
from kg.model.records import Evidence
from kg.model.vocabulary import DERIVED, DIRECTIONS, LABELS, POLES, PROPERTIES
from kg.query.gaps import GAP_KINDS
from kg.query.graph import Graph
from kg.table import Table

Ask = Callable[[Graph], Table]


def exact(value: Any) -> Any:
    """Return a value with its types: 1, 1.0, True and "1" differ, and a list differs from a tuple."""
    if isinstance(value, list | tuple):
        return (type(value).__name__, [exact(item) for item in value])
    return (type(value).__name__, value)


def answer(graph: Graph, ask: Ask) -> Any:
    """Return the parts of an answer that must be equal on every store; an error counts as an answer."""
    try:
        table = ask(graph)
    except UnknownName as error:
        return (type(error).__name__, str(error))
    return (table.name, table.columns, table.title, [exact(row) for row in table.rows])


def check_answers(expected: Mapping[str, Any], graph: Graph, asks: Mapping[str, Ask]) -> None:
    """Compare a graph with the answers of another one. Raises AssertionError with the first row that differs."""
    for name, ask in asks.items():
        found = answer(graph, ask)
        if found != expected[name]:
            pairs = zip(_parts(expected[name]), _parts(found), strict=False)
            wrong = next(((a, b) for a, b in pairs if a != b), ("the number of rows", (expected[name], found)))
            raise AssertionError(f"{name}: expected {wrong[0]!r}, found {wrong[1]!r}")


def _parts(whole: Any) -> list[Any]:
    return [*whole[:-1], *whole[-1]] if isinstance(whole[-1], list) else [*whole]


def answers(graph: Graph, asks: Mapping[str, Ask]) -> dict[str, Any]:
    return {name: answer(graph, ask) for name, ask in asks.items()}


#: Values that no folder has, or that are hard to escape.
ODD = ("no such", "", 'it\'s "x" \\ `y` $review {z} // 😀', "İ")


def questions(graph: Graph, *, most: int = 3) -> dict[str, Ask]:
    """Return questions to ask of a graph: every query, with existing values and with values that do not exist.

    Up to ``most`` values of each kind are used.
    """
    terms = list(graph.table("vocabulary").dicts())
    studies = list(graph.table("characteristics").dicts())
    cells = [(row["factor"], row["outcome"]) for row in graph.table("gap-map").dicts()]
    factors, outcomes = ([t for t in terms if t["kind"] == kind] for kind in ("factor", "outcome"))
    facets = {
        name: _spread((v for s in studies for v in (s[name] or "").split("; ") if v), most)
        for name in ("design", "setting", "population")
    }
    years = sorted({s["year"] for s in studies if s["year"] is not None})
    values: dict[str, list[Any]] = {
        "level": [None, *_cases(_spread((t["group"] for t in factors if t["group"]), most)), *ODD[:1]],
        "all": [False, True],
        "kind": [None, *GAP_KINDS, *ODD[:1]],
        "least": [1, 2],
        "methods": [None, "quantitative", "Mixed Methods", *ODD[:1]],
        "from_year": [None, *_spread(years, 2), 2100, "2000"],
        "to_year": [None, *_spread(years, 2), 1000],
        **{name: [None, *_cases(found), *ODD] for name, found in facets.items()},
    }
    asks: dict[str, Ask] = {}
    for name in catalogue.names():
        taken = [p.name for p in catalogue.canned(name).params]
        if name != "why":
            for call in _calls(taken, values):
                asks[f"{name} {call}"] = lambda g, n=name, c=call: g.table(n, **c)  # type: ignore[misc]
    ids = {t["label"]: t["id"] for t in factors}, {t["label"]: t["id"] for t in outcomes}
    pairs: list[dict[str, Any]] = [{"factor": t["id"]} for t in factors]
    pairs += [{"factor": ids[0][f], "outcome": ids[1][o]} for f, o in _spread(cells, 2 * most)]
    pairs += [{"factor": f["id"], "outcome": o["id"]} for f, o in zip(factors, reversed(outcomes), strict=False)]
    pairs += [{"factor": ODD[0]}, {"factor": ODD[2]}, *({"factor": f["id"], "outcome": ODD[2]} for f in factors[:1])]
    for call in pairs:
        asks[f"why {call}"] = lambda g, c=call: g.table("why", **c)  # type: ignore[misc]
    for kind in (None, *GAP_KINDS, "no such"):
        asks[f"gaps of kind {kind}"] = lambda g, k=kind: g.gaps(k)  # type: ignore[misc]
    for level, everything in product(values["level"][:3], (False, True)):
        asks[f"matrix {level!r} {everything}"] = lambda g, v=level, e=everything: g.matrix(v, everything=e)  # type: ignore[misc]
    for factor, outcome in [*_spread(cells, most), (ODD[0], None), (ODD[2], ODD[2]), ("a", "a")]:
        asks[f"why of {factor!r} {outcome!r}"] = lambda g, f=factor, o=outcome: g.why(f, o)  # type: ignore[misc]
    return asks


def _calls(taken: list[str], values: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Return sets of parameters: all combinations of up to two, else one at a time and some together."""
    if len(taken) <= 2:
        return [dict(zip(taken, chosen, strict=True)) for chosen in product(*(values[name] for name in taken))]
    calls: list[dict[str, Any]] = [{name: value} for name in taken for value in values[name][1:]]
    calls += [{"all": True, name: values[name][1]} for name in taken if name != "all" and len(values[name]) > 1]
    together = {name: values[name][1] for name in taken if name != "from_year" and len(values[name]) > 1}
    return [{}, *calls, together, {"from_year": 1999, "to_year": 2020, "all": True}]


def _spread(found: Iterable[Any], most: int) -> list[Any]:
    """Return up to ``most`` distinct values, spread from the first to the last."""
    distinct = list(dict.fromkeys(found))
    step = max(1, -(-len(distinct) // most))
    return distinct[::step]


def _cases(found: list[str]) -> list[str]:
    """Return the values, and the first one in upper, lower and swapped case."""
    return list(dict.fromkeys((*found, *(v for f in found[:1] for v in (f.upper(), f.lower(), f.swapcase())))))


#: Every node of a review, and every relationship that starts at one: two queries, since a server makes a plan for each.
NODES = "MATCH (n) WHERE n.review = $review RETURN labels(n) AS labels, properties(n) AS properties"
EDGES = """
    MATCH (a)-[r]->(b) WHERE a.review = $review
    RETURN labels(a) AS start, type(r) AS kind, labels(b) AS end, a.id AS one, b.id AS other, properties(r) AS properties
"""


def graph_rows(graph: Graph) -> dict[str, list[Any]]:
    """Return every node and relationship of a graph with all properties, as sorted rows."""
    found: dict[str, list[Any]] = {}
    nodes, edges = (graph.store.read(text, {"review": graph.review}).values for text in (NODES, EDGES))
    for labels, properties in nodes:
        if "KgManifest" not in labels:
            label = _label(labels)
            found.setdefault(label, []).append(tuple(map(properties.get, PROPERTIES[label])))
    for start, kind, end, one, other, properties in edges:
        row = (one, other, *map(properties.get, PROPERTIES.get(kind, ())))
        found.setdefault(f"{_label(start)} {kind} {_label(end)}", []).append(row)
    return {key: sorted(map(exact, rows), key=repr) for key, rows in found.items()}


def _label(labels: list[str]) -> str:
    """Return the label of a node that has no others than those that go with it."""
    (label,) = (label for label in labels if label in LABELS)
    assert set(labels) == {label, *LABELS[label]}
    return label


def assembled_rows(data: GraphData) -> dict[str, list[Any]]:
    """Return the same for the result of ``assemble``; a repeated relationship counts once."""
    found: dict[str, list[Any]] = {}
    for label, rows in data.nodes.items():
        found[label] = [tuple(row.get(name) for name in PROPERTIES[label]) for row in rows]
    for (kind, start, end), rows in data.edges.items():
        names = ("from", "to", *PROPERTIES.get(kind, ()))
        found[f"{start} {kind} {end}"] = [tuple(row.get(name) for name in names) for row in rows]
    return {key: sorted(map(exact, rows), key=repr) for key, rows in found.items() if rows}


def expected_tables(evidence: Evidence) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of some tables, computed from the findings without a graph."""
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    factors, outcomes = ({c.id: (n, c) for n, c in enumerate(cs)} for cs in (evidence.factors, evidence.outcomes))
    cells: dict[tuple[int, int, str], list[str]] = {}
    rows: dict[tuple[bool, int, str], set[str]] = {}
    for finding in evidence.findings:
        factor = factors[finding.factor][0]
        for scope in (True, False) if finding.tabulated else (True,):
            for direction in (finding.direction, *POLES):
                rows.setdefault((scope, factor, direction), set())
            rows[scope, factor, finding.direction].add(finding.study)
        for outcome in finding.outcomes:
            cells.setdefault((factor, outcomes[outcome][0], finding.direction), []).append(finding.study)

    def called(studies: Iterable[str]) -> list[int | str]:
        return [labels[s] for s in sorted(set(studies), key=orders.__getitem__)]

    def named(factor: int, outcome: int) -> tuple[str, str]:
        return evidence.factors[factor].label, evidence.outcomes[outcome].label

    good, bad = ({k[:2]: called(v) for k, v in cells.items() if k[2] == pole} for pole in POLES)
    contested = sorted(good.keys() & bad.keys(), key=lambda k: (-len(good[k]) - len(bad[k]), k))
    single = [
        k for k in sorted({k[:2] for k in cells}) if len({s for d in DIRECTIONS for s in cells.get((*k, d), ())}) == 1
    ]
    return {
        "gap-map": [
            (*named(*k[:2]), k[2], len(set(cells[k])), len(cells[k]), called(cells[k]))
            for k in sorted(cells, key=lambda k: (k[0], k[1], DERIVED[k[2]]))
        ],
        "contested": [(*named(*k), len(good[k]), len(bad[k]), good[k], bad[k]) for k in contested],
        "single-study": [named(*k) for k in single],
        "gaps, contested": sorted((*named(*k), [*good[k], *(n for n in bad[k] if n not in good[k])]) for k in contested),
        "gaps, one study": sorted(named(*k) for k in single),
        **{
            name: [
                (evidence.factors[k[1]].label, k[2], len(rows[k]), called(rows[k]))
                for k in sorted(rows, key=lambda k: (k[1], DIRECTIONS.index(k[2])))
                if k[0] == scope
            ]
            for name, scope in (("evidence-counts", False), ("evidence-counts, all", True))
        },
        "findings": sorted((f.id, [evidence.outcomes[n].label for n in sorted(outcomes[o][0] for o in f.outcomes)]) for f in evidence.findings),
        "review": [(len(evidence.studies), len(evidence.findings))],
    }  # fmt: skip


def check_against_files(graph: Graph, evidence: Evidence) -> None:
    """Compare the tables of a graph with those computed without one."""
    wanted = expected_tables(evidence)
    counts = ("factor", "direction", "studies", "study_labels")
    found = {
        "gap-map": graph.table("gap-map").only("factor", "outcome", "direction", "studies", "findings", "study_labels").rows,
        "contested": graph.table("contested").rows,
        "single-study": graph.table("single-study").only("factor", "outcome").rows,
        "gaps, contested": sorted(graph.gaps("contested").only("factor", "outcome", "study_labels").rows),
        "gaps, one study": sorted(graph.gaps("one-study").only("factor", "outcome").rows),
        "evidence-counts": graph.table("evidence-counts").only(*counts).rows,
        "evidence-counts, all": graph.table("evidence-counts", all=True).only(*counts).rows,
        "findings": sorted(graph.table("findings").only("id", "outcomes").rows),
        "review": graph.table("review").only("studies", "findings").rows,
    }  # fmt: skip
    for name, rows in wanted.items():
        assert found[name] == rows, name
