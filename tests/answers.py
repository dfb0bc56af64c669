"""Questions to ask of a graph, comparison of answers, and expected answers computed without a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from kg.cypher import catalogue
from kg.errors import UnknownName, UsageProblem
from kg.graph.build import study_labels, study_orders
from kg.graph.rows import GraphData
from kg.model.records import Evidence
from kg.model.vocabulary import DIRECTIONS, LABELS, OPPOSITES, POLES, PROPERTIES
from kg.query.gaps import ASKED_KINDS, GAP_KINDS, map_gaps
from kg.query.graph import Graph
from kg.query.maps import Map, MapSpec, map_table
from kg.table import Table

Ask = Callable[[Graph], Table]


def answer(graph: Graph, ask: Ask) -> Any:
    """Return the parts of an answer that must be equal on every store; an error counts as an answer."""
    try:
        table = ask(graph)
    except (UnknownName, UsageProblem) as error:
        return (type(error).__name__, str(error))
    # In the form of repr, 1, 1.0, True and "1" differ, and so do a list and a tuple.
    return (table.name, table.columns, table.title, [repr(row) for row in table.rows])


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
    cells = [(row["factor"], row["outcome"]) for row in graph.table("gap-map").dicts()]
    factors, outcomes = ([t for t in terms if t["kind"] == kind] for kind in ("factor", "outcome"))
    values: dict[str, list[Any]] = {
        "level": [None, *_cases(_spread((t["group"] for t in factors if t["group"]), most)), *ODD[:1]],
        "all": [False, True],
        "kind": [None, *GAP_KINDS, *ODD[:1]],
        "least": [1, 2],
        "first": [1, 2],
        "last": [None, 2],
        "facet": [*_facets(graph, most), "factor", "outcome", "direction", "pole", "certainty", "implied", *ODD[:1]],
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
    for kind in (None, *GAP_KINDS, *ASKED_KINDS, "no such"):
        asks[f"gaps of kind {kind}"] = lambda g, k=kind: g.gaps(k)  # type: ignore[misc]
    for level, everything in product(values["level"][:3], (False, True)):
        asks[f"matrix {level!r} {everything}"] = lambda g, v=level, e=everything: g.matrix(v, everything=e)  # type: ignore[misc]
    for factor, outcome in [*_spread(cells, most), (ODD[0], None), (ODD[2], ODD[2]), ("a", "a")]:
        asks[f"why of {factor!r} {outcome!r}"] = lambda g, f=factor, o=outcome: g.why(f, o)  # type: ignore[misc]
    return asks | counting(graph, most)


def _calls(taken: list[str], values: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Return all combinations of parameters."""
    return [dict(zip(taken, chosen, strict=True)) for chosen in product(*(values[name] for name in taken))]


#: Maps of what every review has.
MAPS = (MapSpec("designs", "design", "outcome"), MapSpec("years", "year", "factor", "direction", "A map"))


def counting(graph: Graph, most: int) -> dict[str, Ask]:
    """Return questions about counts, crosstabs, maps and parts of a graph."""
    facets = _facets(graph, most)
    names = [*facets, "factor", "outcome", "direction", *ODD[:1]]
    asks: dict[str, Ask] = {"coverage": lambda g: g.coverage(), "pairing": lambda g: g.pairing()}
    for name, by in product(names, ("study", "report", "finding", "sample", "review", "team")):
        asks[f"counts {name!r} by {by}"] = lambda g, n=name, b=by: g.counts(n, b)  # type: ignore[misc]
    for pair in [("factor", "outcome"), ("outcome", "outcome"), *((name, "direction") for name in facets)]:
        for long in (False, True):
            asks[f"crosstab {pair} {long}"] = lambda g, p=pair, n=long: g.crosstab(p, long=n)  # type: ignore[misc]
    if {"design", "year"} <= {row["facet"] for row in graph.table("facets").dicts()}:
        for spec in MAPS:
            asks[f"map {spec.name}"] = lambda g, m=spec: map_table(g, m)  # type: ignore[misc]
            asks[f"matrix of {spec.name}"] = lambda g, m=spec: Map(g, m).grid()  # type: ignore[misc]
            asks[f"gaps of {spec.name}"] = lambda g, m=spec: map_gaps(g, m)  # type: ignore[misc]
    labels = [row["label"] for row in graph.table("facet-values", facet=facets[0]).dicts()] if facets else []
    conditions = [f'{facets[0]}="{label.replace(chr(34), chr(34) * 2)}"' for label in _spread(labels, 1)]
    for condition in (*conditions, "direction=barrier", f"factor={ODD[0]}"):
        asks[f"findings where {condition}"] = lambda g, c=condition: _part(g, c)  # type: ignore[misc]
    return asks


def _part(graph: Graph, condition: str) -> Table:
    with graph.where([condition]) as part:
        return part.table("findings")


def _facets(graph: Graph, most: int) -> list[str]:
    """Return the ids of some facets that are counted, the design first."""
    found = [row["facet"] for row in graph.table("facets").dicts() if row["kind"] != "text"]
    return _spread(sorted(found, key=lambda name: name != "design"), most)


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
    return {key: sorted(map(repr, rows)) for key, rows in found.items()}


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
    return {key: sorted(map(repr, rows)) for key, rows in found.items() if rows}


def expected_tables(evidence: Evidence) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of some tables, computed from the findings without a graph."""
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    factors, outcomes = ({c.id: (n, c) for n, c in enumerate(cs)} for cs in (evidence.factors, evidence.outcomes))
    cells: dict[tuple[int, int, str, str], list[tuple[str, bool]]] = {}
    rows: dict[tuple[bool, int, str], set[str]] = {}
    directed = any(finding.direction != "unspecified" for finding in evidence.findings)
    for finding in evidence.findings:
        factor = factors[finding.factor][0]
        for scope in (True, False) if finding.tabulated else (True,):
            for direction in (
                finding.direction,
                *(() if factors[finding.factor][1].nominal or not directed else OPPOSITES),
            ):
                rows.setdefault((scope, factor, direction), set())
            rows[scope, factor, finding.direction].add(finding.study)
        for outcome in finding.outcomes:
            pole = (finding.pole or POLES[0]) if finding.direction in OPPOSITES else ""
            cell = factor, outcomes[outcome][0], finding.direction, pole
            cells.setdefault(cell, []).append((finding.study, finding.certainty is not None))

    def called(studies: Iterable[str]) -> list[int | str]:
        return [labels[s] for s in sorted(set(studies), key=orders.__getitem__)]

    def named(factor: int, outcome: int) -> tuple[str, str]:
        return evidence.factors[factor].label, evidence.outcomes[outcome].label

    def those_of(*key: Any) -> list[str]:
        return [study for study, _ in cells.get(key, ())]

    def unlike(one: list[Any], other: list[Any]) -> list[Any]:
        return [*one, *(label for label in other if label not in one)]

    def place(key: tuple[int, int, str, str]) -> tuple[Any, ...]:
        return key[0], key[1], DIRECTIONS.index(key[2]), key[3] == "absence"

    pairs = sorted({k[:2] for k in cells})
    good, bad = ({(*k[:2], k[3]): called(those_of(*k)) for k in cells if k[2] == d} for d in OPPOSITES)
    contested = sorted(good.keys() & bad.keys(), key=lambda k: (-len(good[k]) - len(bad[k]), k[:2], k[2] == "absence"))
    two_sided = []
    for pair in pairs:
        poles = [k[2:] for k in sorted(cells, key=place) if k[:2] == pair and k[3]]
        if len(poles) == 2 and poles[0][0] != poles[1][0] and poles[0][1] != poles[1][1]:
            first, second = sorted(poles, key=lambda part: part[1] == "absence")
            two_sided.append((*named(*pair), unlike(called(those_of(*pair, *first)), called(those_of(*pair, *second)))))
    behind = {pair: [code for k in sorted(cells, key=place) if k[:2] == pair for code in cells[k]] for pair in pairs}
    single = [pair for pair in pairs if len({study for study, _ in behind[pair]}) == 1]
    return {
        "gap-map": [
            (*named(*k[:2]), k[2], k[3] or None, len(set(those_of(*k))), len(cells[k]), 0,
             len(set(those_of(*k)) - {s for s, indirect in cells[k] if not indirect}), called(those_of(*k)))
            for k in sorted(cells, key=place)
        ],
        "contested": [(*named(*k[:2]), k[2], len(good[k]), len(bad[k]), good[k], bad[k]) for k in contested],
        "single-study": [named(*k) for k in single],
        "gaps, contested": sorted((*named(*k[:2]), unlike(good[k], bad[k])) for k in contested),
        "gaps, two-sided": sorted(two_sided),
        "gaps, indirect": sorted(named(*pair) for pair in pairs if all(indirect for _, indirect in behind[pair])),
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
        "gap-map": graph.table("gap-map").only("factor", "outcome", "direction", "pole", "studies", "findings", "implied", "indirect", "study_labels").rows,
        "contested": graph.table("contested").rows,
        "single-study": graph.table("single-study").only("factor", "outcome").rows,
        "gaps, contested": sorted(graph.gaps("contested").only("factor", "outcome", "study_labels").rows),
        "gaps, two-sided": sorted(graph.gaps("two-sided").only("factor", "outcome", "study_labels").rows),
        "gaps, indirect": sorted(graph.gaps("indirect").only("factor", "outcome").rows),
        "gaps, one study": sorted(graph.gaps("one-study").only("factor", "outcome").rows),
        "evidence-counts": graph.table("evidence-counts").only(*counts).rows,
        "evidence-counts, all": graph.table("evidence-counts", all=True).only(*counts).rows,
        "findings": sorted(graph.table("findings").only("id", "outcomes").rows),
        "review": graph.table("review").only("studies", "findings").rows,
    }  # fmt: skip
    for name, rows in wanted.items():
        assert found[name] == rows, name
