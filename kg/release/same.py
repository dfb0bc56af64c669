"""Which studies and findings of two states are the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kg.release.snapshot import Row, Snapshot


def renamed_studies(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Return the old id -> the new id of the studies that have another id now.

    They are known by their DOI or else by their key, each of which must name one study before and one after.
    """
    found: dict[str, str] = {}
    for name in ("doi", "key"):
        old = _by(name, before.studies, set(after.studies) | set(found))
        new = _by(name, after.studies, set(before.studies) | set(found.values()))
        found |= {old[value]: new[value] for value in old if value in new}
    return found


def _by(name: str, studies: Mapping[str, Row], without: set[str]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for id_, row in studies.items():
        if row[name] and id_ not in without:
            values.setdefault(row[name], []).append(id_)
    return {value: ids[0] for value, ids in values.items() if len(ids) == 1}


def with_ids(state: Snapshot, renamed: Mapping[str, str]) -> Snapshot:
    """Return a state with new ids in place of the old ones of studies."""
    if not renamed:
        return state

    def new(ids: Iterable[str]) -> frozenset[str]:
        return frozenset(renamed.get(id_, id_) for id_ in ids)

    return replace(
        state,
        studies={renamed.get(id_, id_): row for id_, row in state.studies.items()},
        findings={
            id_: {**row, "study": renamed.get(row["study"], row["study"])} for id_, row in state.findings.items()
        },
        cells={key: {part: new(ids) for part, ids in cell.items()} for key, cell in state.cells.items()},
    )


def by_content(findings: Mapping[str, Row]) -> dict[tuple[str, ...], Row]:
    """Return findings by what their ids are made of, since the ids change with that of their study."""
    names = ("study", "factor", "direction", "pole", "outcomes", "locator")
    return {tuple(row[name] for name in names): row for row in findings.values()}
