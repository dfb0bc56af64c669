"""What is behind a cell of a declared map: its studies, with the findings that put them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kg.errors import counted
from kg.query.answers import Answers
from kg.query.crosstab import column_name
from kg.query.dimensions import Dimension
from kg.query.maps import Map, MapCell, MapSpec
from kg.table import Table

#: What is said of the study, and of the finding if there is one.
_STUDY = ("study", "study_label", "placement")
_FINDING = ("factor", "direction", "pole", "outcomes", "locator", "note")
_LAST = ("title", "doi", "file", "row")


def behind(graph: Answers, spec: MapSpec, row: str, column: str | None = None) -> Table:
    """Return the studies and findings in a cell of a map, or in all cells of a row, each with its placement.

    A study is in a row for each of its findings in the cell, and in one row if it is there by its own values. The
    placement is ``paired`` or ``implied`` (see ``kg.query.maps``). Values are given by id, label, synonym or an
    unambiguous part, and stand for those below them. Raises UnknownName.
    """
    found = Map(graph, spec)
    rows = found.rows.search(row)
    columns = found.columns.search(column) if column else None
    cells = {
        place: cell
        for place, cell in found.cells.items()
        if place[0] in rows and (columns is None or place[1] in columns)
    }
    segment = found.segments if found.segments and found.segments.id != "direction" else None
    named = [*found.names, *([column_name(segment)] if segment else [])]
    details = [name for name in (*_STUDY, *_FINDING, *_LAST) if name not in named]
    listed = [
        (*names, *(said.get(name) for name in details)) for names, said in _listed(graph, found, cells, bool(segment))
    ]
    studies = {study for cell in cells.values() for study in cell.studies}
    placements = sum(len(cell.studies) for cell in cells.values())
    implied = sum(len(cell.implied) for cell in cells.values())
    of = f"{counted(len(studies), 'study', 'studies')}, {counted(placements, 'placement')}, {implied} implied"
    wanted = " → ".join([_called(found.rows, rows), *([_called(found.columns, columns)] if columns else [])])
    title = f"{found.title}: {wanted} ({of})"
    return Table("why", (*named, *details), listed, title, "codes", graph.flags, found.words)


def _called(dimension: Dimension, places: set[int]) -> str:
    """Return the names of values without those below another of them."""
    ids = {dimension.values[place].id for place in places}
    return ", ".join(
        str(dimension.name(place)) for place in sorted(places) if dimension.values[place].broader not in ids
    )


def _listed(
    graph: Answers, found: Map, cells: Mapping[tuple[int, int], MapCell], segmented: bool
) -> Iterator[tuple[tuple[object, ...], dict[str, Any]]]:
    """Yield the names of a cell and of the segments, with what is said of a study or finding, in their order."""
    studies = {row["id"]: row for row in graph.table("characteristics").dicts()}
    findings = {row["id"]: row for row in graph.table("findings").dicts()}
    for (row, column), cell in cells.items():
        names = found.rows.name(row), found.columns.name(column)
        own: dict[int, list[str]] = {}
        for finding in (id_ for id_ in findings if id_ in cell.findings):
            own.setdefault(found.units.owners[finding], []).append(finding)
        for study in sorted(cell.studies):
            details = studies[found.units.ids[study]]
            placement = "implied" if study in cell.implied else "paired"
            said = {**details, "study_label": found.units.labels[study], "placement": placement}
            for name in ("outcomes", "factor"):
                said.pop(name, None)  # of the study; here they are those of a finding
            for finding in own.get(study, [""]):
                segments = (_segments(found, cell, study, finding),) if segmented else ()
                yield (*names, *segments), {**said, **_of_finding(findings.get(finding))}


def _of_finding(finding: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: finding[name] for name in (*_FINDING, "file", "row")} if finding else {}


def _segments(found: Map, cell: MapCell, study: int, finding: str) -> list[object]:
    """Return the names of the segments of a finding, or of a study that is in the cell by itself."""
    return [
        found.segments.name(key)
        for key, (studies, findings) in sorted(cell.segments.items())
        if found.segments and (finding in findings if finding else study in studies)
    ]
