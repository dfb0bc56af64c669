"""The difference between two states of a review. Pure: it reads snapshots and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from kg.errors import counted
from kg.folder.same import Row, content, renamed_studies
from kg.release.cells import cell_changes, cell_name, label, pair
from kg.release.changes import PARTS, Change, Difference
from kg.release.snapshot import CellKey, GapKey, Snapshot, studies_in
from kg.release.translate import translated

K = TypeVar("K")

#: What ``review.toml`` says of the methods, and how a change of it is called.
CRITERIA = {
    "question": "question",
    "inclusion_criteria": "inclusion criterion",
    "exclusion_criteria": "exclusion criterion",
    "protocol": "protocol",
    "registration": "registration",
    "search_date": "date of the search",
}


def diff(before: Snapshot, after: Snapshot) -> Difference:
    """Return what changed from one state to another.

    A study is the same if its id is. If no id says so, it is the same if its DOI is, or its key: then it is renamed.
    Both states are compared in the terms that the vocabularies have after all changes that either of them knows.
    """
    renamed = renamed_studies(before.studies, after.studies)
    same_ids = before.with_ids(renamed)
    earlier, later = translated(same_ids, after), translated(after, same_ids)
    old, new = earlier.state, later.state
    gaps, by_vocabulary = _gaps(old, new, earlier.touched | later.touched)
    found = [
        *_studies(old, new, {now: id_ for id_, now in renamed.items()}),
        *_findings(old, new),
        *_standings(old, new),
        *cell_changes(old, new),
        *gaps,
        *_numbers(old, new, same_ids),
        *earlier.changes,
        *map(_turned, later.changes),
        *_terms(old, new),
        *_criteria(old.review, new.review),
        *_eligibility(old, new),
        *_searches(old, new),
        *_flow(old, new),
    ]
    order = {(part, kind): place for place, (part, kind) in enumerate((p, k) for p in PARTS for k in PARTS[p])}
    found.sort(key=lambda c: (order[c.part, c.change], c.what.casefold(), c.before, c.after))
    return Difference(same_ids, after, tuple(found), by_vocabulary)


def _turned(change: Change) -> Change:
    """Return a change of a vocabulary that only the state before has."""
    return replace(change, before=change.after, after=change.before, why=f"only before: {change.why}")


def _studies(before: Snapshot, after: Snapshot, renamed: Mapping[str, str]) -> Iterator[Change]:
    for id_, row in after.studies.items():
        if id_ not in before.studies:
            yield Change(
                "study", "in", _named(row), after=id_, why=_why_in(id_, before, after), studies=(row["study"],)
            )
            continue
        old = before.studies[id_]
        if id_ in renamed:
            same = next(name for name in ("doi", "key") if old[name] and old[name] == row[name])
            why = f"the same study by its {'DOI' if same == 'doi' else same} {row[same]}"
            yield Change("study", "renamed", _named(row), renamed[id_], id_, why, (row["study"],))
        values = {f"its {name}": (old[name], row[name]) for name in ("label", "title", "doi", "year")}
        if before.reviews and after.reviews:
            listed = ["; ".join(state.reviews.get(id_, ())) for state in (before, after)]
            values["the reviews that include it"] = listed[0], listed[1]
        for why, (was, now) in values.items():
            if was != now:
                yield Change("study", "changed", _named(row), was, now, why, (row["study"],))
    for id_, row in before.studies.items():
        if id_ not in after.studies:
            yield Change(
                "study", "out", _named(row), before=id_, why=_why_out(id_, before, after), studies=(row["study"],)
            )


def _named(row: Row) -> str:
    return f"{row['study']} ({row['key']})"


def _why_in(id_: str, before: Snapshot, after: Snapshot) -> str:
    if id_ in before.left_out:
        return f"its class of evidence was {before.left_out[id_]}, which is not counted"
    return "; ".join(filter(None, (after.studies[id_]["came"], _in_sheets(id_, after))))


def _in_sheets(id_: str, after: Snapshot) -> str:
    files = sorted({row["file"] for row in after.findings.values() if row["study"] == id_ and row["file"]})
    number = sum(row["study"] == id_ for row in after.findings.values())
    return f"{counted(number, 'finding')} in {', '.join(files)}" if files else "in the sheets, without a finding"


def _why_out(id_: str, before: Snapshot, after: Snapshot) -> str:
    if id_ in after.left_out:
        return f"its class of evidence is now {after.left_out[id_]}, which is not counted"
    standing = before.studies[id_]["standing"]
    was = f"it was {standing}; " if standing == "retracted" else ""
    return f"{was}it is no longer in the sheets"


def _findings(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield the findings in and out of studies that are in both states."""
    old, new = ({content(row): row for row in state.findings.values()} for state in (before, after))
    both = set(before.studies) & set(after.studies)
    for change, found, other, state in (("in", new, old, after), ("out", old, new, before)):
        for key, row in found.items():
            if key not in other and row["study"] in both:
                study = state.studies[row["study"]]["study"]
                value = f"{row['pole'] + ' ' if row['pole'] == 'absence' else ''}{row['direction']}"
                ends = (value, "") if change == "out" else ("", value)
                outcomes = [label(state, "outcome", id_) for id_ in row["outcomes"].split("; ") if id_]
                what = pair(label(state, "factor", row["factor"]), ", ".join(outcomes))
                yield Change("finding", change, what, *ends, row["locator"] or row["file"], (study,))


def _standings(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield changed standings, and for every retracted study what rests on it. A study that still stands is no news."""
    for id_, row in after.studies.items():
        old = before.studies[id_]["standing"] if id_ in before.studies else ""
        values = old or "not checked", row["standing"] or "not checked"
        if row["standing"] == "retracted":
            why = "; ".join(filter(None, (row["notice"], _resting(id_, after))))
            yield Change("standing", "retracted", _named(row), *values, why, (row["study"],))
        elif old != row["standing"] and not {old, row["standing"]} <= {"", "current"}:
            yield Change("standing", "changed", _named(row), *values, row["notice"], (row["study"],))


def _resting(id_: str, state: Snapshot) -> str:
    """Return what rests on a study, as a part of a sentence."""
    with_it = [key for key, cell in state.cells.items() if id_ in studies_in(cell)]
    alone = [key for key in with_it if studies_in(state.cells[key]) == {id_}]
    names = ", ".join(sorted(cell_name(key, state) for key in alone))
    says = f"it is in {counted(len(with_it), 'cell')}, {len(alone)} of which {'rests' if len(alone) == 1 else 'rest'}"
    return f"{says} on it alone" + (f": {names}" if names else "")


def _gaps(before: Snapshot, after: Snapshot, touched: frozenset[str]) -> tuple[list[Change], int]:
    """Return the gaps that are new and closed, and the number of others that follow from merged and split terms.

    These are the gaps of such a term in whose cells nothing changed.
    """
    moved = {key for key in {*before.cells, *after.cells} if before.cells.get(key, {}) != after.cells.get(key, {})}
    found, by_vocabulary = [], 0
    for change, gone, state in (
        ("new", after.gaps - before.gaps, after),
        ("closed", before.gaps - after.gaps, before),
    ):
        for gap in gone:
            map_, kind, row, column = gap
            if touched & {kind, row, column} and not any(_is_of(gap, key) for key in moved):
                by_vocabulary += 1
                continue
            values = (kind, "") if change == "closed" else ("", kind)
            what = row if kind == "stated" else cell_name((map_, row, column), state)
            found.append(Change("gap", change, what, *values))
    return found, by_vocabulary


def _is_of(gap: GapKey, key: CellKey) -> bool:
    """Return whether a gap is of a cell, or of its row or column."""
    map_, _, row, column = gap
    return map_ == key[0] and row in ("", key[1]) and column in ("", key[2])


def _numbers(before: Snapshot, after: Snapshot, named: Snapshot) -> Iterator[Change]:
    """Yield the changed numbers; ``named`` has the terms that are gone."""
    for key in dict.fromkeys((*before.numbers, *after.numbers)):
        a, b = before.numbers.get(key), after.numbers.get(key)
        if (a or 0) != (b or 0):
            table, row, column = key
            state = after if key in after.numbers else named
            vocabulary = "outcome" if table == "outcomes" else "factor"
            what = " / ".join(filter(None, (label(state, vocabulary, row), column)))
            change = "new" if a is None else "gone" if b is None else "changed"
            yield Change("number", change, what, _text(a), _text(b), table)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _terms(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    def says(row: Row) -> str:
        broader = f" < {row['broader']}" if row["broader"] else ""
        return f"{row['label']}{broader}" + (f": {row['definition']}" if row["definition"] else "")

    def what(key: tuple[str, str]) -> str:
        return f"{key[0]} {key[1]}"

    yield from _compared("term", before.terms, after.terms, says, what)


def _searches(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    def says(row: Row) -> str:
        parts = (row["date"], row["source"], row["platform"], row["query"], row["hits"] and f"{row['hits']} hits")
        return "; ".join(filter(None, parts))

    yield from _compared("search", before.searches, after.searches, says, str)


def _flow(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    def says(row: Row) -> str:
        return row["counted"] or f"{row['printed']} (as printed)"

    yield from _compared("flow", before.flow, after.flow, says, str)


def _compared(
    part: str, before: Mapping[K, Row], after: Mapping[K, Row], says: Callable[[Row], str], what: Callable[[K], str]
) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        a, b = (says(state[key]) if key in state else None for state in (before, after))
        if a != b:
            change = "new" if a is None else "gone" if b is None else "changed"
            yield Change(part, change, what(key), a or "", b or "")


def _criteria(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for key, name in CRITERIA.items():
        a, b = before.get(key), after.get(key)
        if isinstance(a or b, list):
            old, new = ([str(x) for x in v] if isinstance(v, list) else [] for v in (a, b))
            yield from (Change("criterion", "new", name, "", text) for text in new if text not in old)
            yield from (Change("criterion", "gone", name, text) for text in old if text not in new)
        elif a != b:
            change = "new" if a is None else "gone" if b is None else "changed"
            yield Change("criterion", change, name, str(a or ""), str(b or ""))


def _eligibility(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield the criteria of ``screening/eligibility.csv`` that changed; none where a state does not have them."""
    if before.criteria is None or after.criteria is None:
        return

    def says(row: Row) -> str:
        return row["criterion"] + (f" ({row['field']}: {row['accepted']})" if row["field"] else "")

    def what(key: tuple[str, str]) -> str:
        return f"{key[0]} criterion".strip()

    yield from _compared("criterion", before.criteria, after.criteria, says, what)
