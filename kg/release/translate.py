"""An earlier state in the terms of a later one: what the changes of the vocabularies in between make of it. Pure.

Terms that were merged are one, a renamed term has its new label, and a finding on a term that was split is on the term
that the later state has for it. What still differs after that has other causes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.errors import counted
from kg.folder.same import Row, content
from kg.model.migrations import CHANGES, Migration, merged, splits
from kg.query.maps import DEFAULT
from kg.release.cells import cell_name, label, says
from kg.release.changes import Change
from kg.release.snapshot import Cell, CellKey, Snapshot, is_contested, studies_in

_OWN = ("factor", "outcome")
#: Why a cell is contested that was several cells, none of them contested.
CONTESTED_BY_MERGE = "contested by the merge"


@dataclass(frozen=True)
class Translated:
    """A state in later terms, and the changes of the vocabularies.

    ``touched`` are the ids of terms, as cells have them, that terms were merged into or that were split or made by it,
    and the kinds of gaps that count the values of a facet in which terms were merged.
    """

    state: Snapshot
    changes: tuple[Change, ...] = ()
    touched: frozenset[str] = frozenset()


def translated(before: Snapshot, after: Snapshot) -> Translated:
    """Return a state in the terms of another one, by the changes of the vocabularies that only the other one has."""
    later = [m for m in after.migrations if m not in before.migrations]
    if not later:
        return Translated(before)
    whole = {cell_id(m, old): cell_id(m, new) for m in later for old, new in merged(later, m.vocabulary).items()}
    joined = _joined(before, whole)
    state, moved = _recoded(joined, after, later)
    numbers = list(_joined_numbers(before, after, whole))
    told = {key: after.numbers.get(key, 0) for key, _ in numbers}
    state = replace(state, terms=_terms(before, after, later), numbers={**state.numbers, **told})
    found = [
        *(_change(m, before) for m in later),
        *_joined_cells(before, after, whole),
        *(change for _, change in numbers),
        *_divided_cells(joined, after, moved),
    ]
    touched = {*whole.values(), *moved.terms, *(cell_id(m, t) for m in later if m.change == "split" for t in m.to)}
    touched |= {f"one-{m.vocabulary}" for m in later if m.change == "merge"}
    return Translated(state, tuple(found), frozenset(touched))


def cell_id(migration: Migration, id_: str) -> str:
    """Return the id of a term as cells have it: of a facet, the value begins with the facet."""
    return id_ if migration.vocabulary in _OWN else f"{migration.vocabulary}:{id_}"


def _joined(state: Snapshot, whole: Mapping[str, str]) -> Snapshot:
    """Return a state in which merged terms are one."""

    def now(id_: str) -> str:
        return whole.get(id_, id_)

    cells: dict[CellKey, dict[str, frozenset[str]]] = {}
    for (map_, row, column), cell in state.cells.items():
        own = cells.setdefault((map_, now(row), now(column)), {})
        for segment, studies in cell.items():
            own[now(segment)] = own.get(now(segment), frozenset()) | studies
    numbers: dict[tuple[str, str, str], int] = {}
    for (table, row, column), number in state.numbers.items():
        key = table, now(row), column
        numbers[key] = numbers.get(key, 0) + number
    return replace(
        state,
        cells=cells,
        numbers=numbers,
        findings={id_: _finding(row, whole) for id_, row in state.findings.items()},
        gaps=frozenset((map_, kind, now(row), now(column)) for map_, kind, row, column in state.gaps),
    )


def _finding(row: Row, whole: Mapping[str, str]) -> Row:
    outcomes = {whole.get(id_, id_) for id_ in _listed(row["outcomes"])}
    return {**row, "factor": whole.get(row["factor"], row["factor"]), "outcomes": "; ".join(sorted(outcomes))}


def _listed(outcomes: str) -> list[str]:
    return [id_ for id_ in outcomes.split("; ") if id_]


@dataclass
class _Moved:
    """Which findings on split terms are on which new ones: pair of the map -> the pairs that it became."""

    terms: frozenset[str]
    #: Split term, study -> the terms that its findings are on now.
    of: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def _recoded(state: Snapshot, after: Snapshot, later: Sequence[Migration]) -> tuple[Snapshot, _Moved]:
    """Return a state in which a finding on a split term is on the terms that the later state has for it."""
    split = {kind: set(splits(later, kind)) for kind in _OWN}
    moved = _Moved(frozenset(split["factor"] | split["outcome"]))
    if not moved.terms:
        return state, moved
    there = {content(row) for row in after.findings.values()}
    had = {content(row) for row in state.findings.values()}
    by_place: dict[tuple[str, ...], list[Row]] = {}
    for row in after.findings.values():
        if content(row) not in had:
            by_place.setdefault(_place(row), []).append(row)
    findings: dict[str, Row] = {}
    for id_, row in state.findings.items():
        on = split["factor"] & {row["factor"]} | split["outcome"] & set(_listed(row["outcomes"]))
        new = [other for other in by_place.get(_place(row), ()) if _may_be(row, other, split)] if on else []
        if not on or content(row) in there or not new:
            findings[id_] = row
            continue
        for other in new:
            same = {name: other[name] for name in ("factor", "outcomes")}
            findings[f"{id_} {other['id']}"] = {**row, **same}
            old, now = (set(_listed(each["outcomes"])) for each in (row, other))
            for term in on:
                to = {other["factor"]} if term == row["factor"] else (now - old or now)
                moved.of.setdefault((term, row["study"]), set()).update(to)
    return replace(state, findings=findings, cells=_moved_cells(state, after, moved)), moved


def _place(row: Row) -> tuple[str, ...]:
    return row["study"], row["direction"], row["locator"]


def _may_be(row: Row, other: Row, split: Mapping[str, set[str]]) -> bool:
    """Return whether a finding may be another one on split terms, after it was recoded."""
    old, new = set(_listed(row["outcomes"])), set(_listed(other["outcomes"]))
    same_factor = row["factor"] == other["factor"] or row["factor"] in split["factor"]
    return same_factor and (old == new or (bool(old & split["outcome"]) and old - split["outcome"] <= new))


def _moved_cells(state: Snapshot, after: Snapshot, moved: _Moved) -> Mapping[CellKey, Cell]:
    """Return the cells with each study of a split term in the cells of the new terms that have it now."""
    cells: dict[CellKey, dict[str, frozenset[str]]] = {}
    for key, cell in state.cells.items():
        for segment, studies in cell.items():
            for study in studies:
                for place in _places(key, segment, study, after, moved):
                    own = cells.setdefault(place, {})
                    own[segment] = own.get(segment, frozenset()) | {study}
    return cells


def _places(key: CellKey, segment: str, study: str, after: Snapshot, moved: _Moved) -> Iterable[CellKey]:
    map_, row, column = key
    rows, columns = ((at, *sorted(moved.of.get((at, study), ()))) for at in (row, column))
    if len(rows) == len(columns) == 1:
        return (key,)
    new = [(map_, r, c) for r in rows for c in columns]
    return [place for place in new if study in after.cells.get(place, {}).get(segment, ())] or (key,)


def _terms(before: Snapshot, after: Snapshot, later: Sequence[Migration]) -> dict[tuple[str, str], Row]:
    """Return the terms of a state as the changes leave them."""
    terms = dict(before.terms)
    for m in later:
        key = m.vocabulary, cell_id(m, m.term)
        if m.change == "merge":
            terms.pop(key, None)
            terms = {
                k: {**row, "broader": cell_id(m, m.to[0])} if k[0] == m.vocabulary and row["broader"] == key[1] else row
                for k, row in terms.items()
            }
        elif m.change == "split":
            for to in m.to:
                new = m.vocabulary, cell_id(m, to)
                if new in after.terms:
                    terms.setdefault(new, after.terms[new])
            if key not in after.terms:
                terms.pop(key, None)
        elif key in terms and m.change == "rename":
            terms[key] = {**terms[key], "label": "".join(m.to_labels)}
        elif key in terms:
            terms[key] = {**terms[key], "broader": "".join(cell_id(m, to) for to in m.to)}
    return terms


def _change(m: Migration, before: Snapshot) -> Change:
    """Return a change of a vocabulary, with what rests on the term in the earlier state."""
    id_ = cell_id(m, m.term)
    findings = [r for r in before.findings.values() if r["factor"] == id_ or id_ in _listed(r["outcomes"])]
    studies = {row["study"] for row in findings}
    after_text = " + ".join(m.to_labels) or "no broader term"
    row = before.terms.get((m.vocabulary, id_))
    old = label(before, m.vocabulary, row["broader"]) if row and row["broader"] else "no broader term"
    before_text = old if m.change == "move" else m.label
    numbers = f"{counted(len(findings), 'finding')} of {counted(len(studies), 'study', 'studies')}"
    why = "; ".join(filter(None, (f"number {m.number}, {m.date}", m.reason, numbers if m.vocabulary in _OWN else "")))
    names = tuple(sorted(before.studies[s]["study"] for s in studies if s in before.studies))
    return Change("vocabulary", CHANGES[m.change], f"{m.vocabulary} {m.label}", before_text, after_text, why, names)


def _joined_cells(before: Snapshot, after: Snapshot, whole: Mapping[str, str]) -> Iterator[Change]:
    """Yield the cells of which several had studies and that are one since a merge."""
    parts: dict[CellKey, list[CellKey]] = {}
    for key in before.cells:
        map_, row, column = key
        parts.setdefault((map_, whole.get(row, row), whole.get(column, column)), []).append(key)
    one = _joined(before, whole).cells
    for key, keys in parts.items():
        if len(keys) > 1:
            listed = sorted(f"{cell_name(k, before)}: {says(before.cells[k], before)}" for k in keys)
            newly = is_contested(one[key]) and not any(is_contested(before.cells[k]) for k in keys)
            why = CONTESTED_BY_MERGE if newly else "by the merge"
            names = tuple(sorted(before.studies[s]["study"] for s in studies_in(one[key])))
            yield Change(
                "vocabulary", "joined", cell_name(key, after), "; ".join(listed), says(one[key], after), why, names
            )


def _joined_numbers(
    before: Snapshot, after: Snapshot, whole: Mapping[str, str]
) -> Iterator[tuple[tuple[str, str, str], Change]]:
    """Yield the numbers of studies of terms that were merged, by their keys: a study of two of them counts once."""
    parts: dict[tuple[str, str, str], list[int]] = {}
    for (table, row, column), number in before.numbers.items():
        if number:
            parts.setdefault((table, whole.get(row, row), column), []).append(number)
    for key, listed in parts.items():
        table, row, column = key
        if len(listed) > 1:
            vocabulary = "outcome" if table == "outcomes" else "factor"
            what = " / ".join(filter(None, (label(after, vocabulary, row), column)))
            new = str(after.numbers.get(key, 0))
            yield key, Change("number", "changed", what, " + ".join(map(str, listed)), new, table)


def _divided_cells(before: Snapshot, after: Snapshot, moved: _Moved) -> Iterator[Change]:
    """Yield the cells of split terms, and the cells that came of each."""
    for key, cell in before.cells.items():
        map_, row, column = key
        if not moved.terms & {row, column} or map_ != DEFAULT.name:
            continue
        came: dict[CellKey, dict[str, frozenset[str]]] = {}
        for segment, studies in cell.items():
            for study in studies:
                for place in _places(key, segment, study, after, moved):
                    own = came.setdefault(place, {})
                    own[segment] = own.get(segment, frozenset()) | {study}
        listed = [
            f"{'undecided' if place == key else cell_name(place, after)}: {says(part, after)}"
            for place, part in sorted(came.items())
        ]
        names = tuple(sorted(before.studies[s]["study"] for s in studies_in(cell)))
        yield Change("vocabulary", "divided", cell_name(key, before), says(cell, before), "; ".join(listed), "", names)
