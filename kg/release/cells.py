"""What changed in the cells of the maps. Pure.

A cell is opened where it had no study, closed where it has none left, strengthened with more studies and weakened with
fewer. It is contested, or settled, where ``is_contested`` begins or ceases to hold. It is flipped where most studies
reported a facilitator and most now report a barrier of the same pole of the factor, or the other way round. A cell
with other studies or directions, of which none of this is true, is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.query.maps import DEFAULT
from kg.release.changes import Change
from kg.release.snapshot import Cell, CellKey, Snapshot, is_contested, poles, studies_in


def cell_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield the changes of every cell of every map that both states have, or that one of them has."""
    for key in dict.fromkeys((*before.cells, *after.cells)):
        old, new = before.cells.get(key, {}), after.cells.get(key, {})
        if old == new:
            continue
        state = after if key in after.cells else before
        came, went = studies_in(new) - studies_in(old), studies_in(old) - studies_in(new)
        for kind in kinds_of(old, new):
            yield Change(
                "cell",
                kind,
                cell_name(key, state),
                says(old, before),
                says(new, after),
                _why(came, went, before, after),
                tuple(_names(came, after) + _names(went, before)),
                key,
            )


def kinds_of(old: Cell, new: Cell) -> list[str]:
    """Return the changes of a cell from ``old`` to ``new``, of which one has studies."""
    if not old or not new:
        first = "closed" if old else "opened"
        return [first, *(["contested"] if is_contested(new) else [])]
    more = len(studies_in(new)) - len(studies_in(old))
    found = ["strengthened" if more > 0 else "weakened"] if more else []
    if _is_flipped(old, new):
        found.append("flipped")
    if is_contested(old) != is_contested(new):
        found.append("settled" if is_contested(old) else "contested")
    return found or ["changed"]


def _is_flipped(old: Cell, new: Cell) -> bool:
    before, after = _leads(old), _leads(new)
    return any(before[pole] == -after[pole] for pole in before if pole in after)


def _leads(cell: Cell) -> dict[str, int]:
    """Return pole -> 1 where more studies report a facilitator, -1 where more report a barrier."""
    return {pole: 1 if a > b else -1 for pole, (a, b) in poles(cell).items() if a != b}


def label(state: Snapshot, vocabulary: str, id_: str) -> str:
    """Return the label of a term, or its id, without that of its facet, where the state has no such term."""
    row = state.terms.get((vocabulary, id_))
    return row["label"] if row else id_.partition(":")[2] or id_


def pair(row: str, column: str) -> str:
    """Return the name of a pair of labels, of which one may be blank."""
    return " → ".join(filter(None, (row, column)))


def cell_name(key: CellKey, state: Snapshot) -> str:
    """Return the name of a cell by the labels of its row and column, after the name of a map that the review declares.

    The id of the value of a facet begins with that of the facet.
    """
    map_, row, column = key
    names = []
    for id_, vocabulary in ((row, "factor"), (column, "outcome")):
        facet = id_.partition(":")[0]
        names.append(label(state, facet if (facet, id_) in state.terms else vocabulary, id_))
    return pair(*names) if map_ == DEFAULT.name else f"{map_}: {pair(*names)}"


def says(cell: Cell, state: Snapshot) -> str:
    """Return a cell as text: numbers of studies by segment, such as ``2 barrier, 1 facilitator``."""
    parts = []
    for segment, studies in sorted(cell.items()):
        facet = segment.partition(":")[0]
        parts.append(f"{len(studies)} {label(state, facet, segment)}".strip())
    return ", ".join(parts)


def _why(came: frozenset[str], went: frozenset[str], before: Snapshot, after: Snapshot) -> str:
    parts = [
        f"{word} {', '.join(_names(studies, state))}"
        for word, studies, state in (("in:", came, after), ("out:", went, before))
        if studies
    ]
    return "; ".join(parts) or "the same studies report it otherwise"


def _names(studies: frozenset[str], state: Snapshot) -> list[str]:
    return sorted(state.studies[id_]["study"] for id_ in studies)
