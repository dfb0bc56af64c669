"""What a change of the evidence would do to the map and to the printed numbers, as lines of text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kg.errors import counted
from kg.query.part import ALL_CLASSES, EMPIRICAL, EVERY
from kg.release.changes import Change, Difference
from kg.release.classes import class_numbers, other_class
from kg.release.diff import diff
from kg.release.of_evidence import snapshot_of_evidence
from kg.release.snapshot import Snapshot
from kg.release.state import review_says
from kg.release.translate import CONTESTED_BY_MERGE

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.model.records import Evidence

#: The changes of cells that are told, and the number of lines for each.
_TOLD = ("opened", "contested", "flipped", "settled", "closed")
_MOST = 8


def preview(before: Evidence | None, after: Evidence, config: Config, evidence: str = EMPIRICAL) -> list[str]:
    """Return what changes from one evidence to another: a line with the numbers, then indented lines.

    ``before`` is None for a folder that cannot be read without the change. ``evidence`` is "empirical" or "all".
    """
    nothing = Snapshot("before", review_says(after.review))
    old = snapshot_of_evidence(before, "before", evidence) if before else nothing
    new = snapshot_of_evidence(after, "after", evidence)
    found = diff(old, new)
    moved = _moved(found, {printed.table for printed in config.published.values()})
    numbers = [f"{counted(len(found.of('study', 'in')), 'study', 'studies')} in"] if found.of("study", "in") else []
    for kind in _TOLD:
        if changes := found.of("cell", kind):
            numbers.append(f"{counted(len(changes), 'cell')} {kind}")
    if joined := _joined(found):
        numbers.append(f"{counted(len(joined), 'cell')} contested by the merge")
    if moved:
        s = "s" if len(moved) == 1 else ""
        kept = f" now, and stay{s} in release {config.release}" if config.release else ""
        numbers.append(f"{counted(len(moved), 'printed number')} move{s}{kept}")
    if not any(found.of("cell", *_TOLD)) and not joined:
        numbers.append("no cell opens, closes or turns")
    uncounted = {id_: class_ for id_, class_ in new.left_out.items() if id_ not in old.left_out}
    if uncounted:
        numbers.append(f"not counted: {class_numbers(uncounted)} in, see --evidence all")
    of = f" with {ALL_CLASSES}" if evidence == EVERY and _has_others(after) else ""
    lines = [f"effect on the map{of}: {'; '.join(numbers)}"]
    return [*lines, *_lines(found, moved)] if old.cells else lines


def _joined(found: Difference) -> list[Change]:
    """Return the cells that a merge of terms makes contested."""
    return [change for change in found.of("vocabulary", "joined") if change.why == CONTESTED_BY_MERGE]


def _has_others(evidence: Evidence) -> bool:
    return any(other_class(study.facets.get("evidence", ())) for study in evidence.studies)


def _moved(found: Difference, printed: Collection[str]) -> list[Change]:
    """Return the changed numbers of tables that are printed."""
    return [change for change in found.of("number") if change.why in printed and change.before]


def _lines(found: Difference, moved: list[Change]) -> Iterator[str]:
    for kind in _TOLD:
        changes = found.of("cell", kind)
        for change in changes[:_MOST]:
            values = " → ".join(filter(None, (change.before, change.after)))
            yield f"  {kind}: {change.what}: {values} ({change.why})"
        yield from _more(len(changes) - _MOST)
    for change in _joined(found):
        yield f"  {change.why}: {change.what}: {change.after} ({change.before})"
    for change in moved[:_MOST]:
        yield f"  {change.why}: {change.what}: {change.before} → {change.after or '0'}"
    yield from _more(len(moved) - _MOST)


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  and {number} more"
