"""Which studies and findings of two states of a review are the same: by id, DOI, key and content. Pure.

Studies and findings are rows of texts by column, as in the snapshot of a release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from kg.model.records import Evidence, Finding, Study

Row: TypeAlias = Mapping[str, str]

#: What the id of a finding is made of. The id changes with that of the study.
_OF_FINDINGS = ("study", "factor", "direction", "outcomes", "locator")


def renamed_studies(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, str]:
    """Return the old id -> the new id of the studies, given by id, that have another id now.

    They are known by their DOI or else by their key, each of which must name one study before and one after.
    """
    found: dict[str, str] = {}
    for name in ("doi", "key"):
        old = _by(name, before, {*after, *found})
        new = _by(name, after, {*before, *found.values()})
        found |= {old[value]: new[value] for value in old if value in new}
    return found


def _by(name: str, studies: Mapping[str, Row], without: Collection[str]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for id_, row in studies.items():
        if row[name] and id_ not in without:
            values.setdefault(row[name], []).append(id_)
    return {value: ids[0] for value, ids in values.items() if len(ids) == 1}


def content(finding: Row) -> tuple[str, ...]:
    """Return what the id of a finding is made of."""
    return tuple(finding[name] for name in _OF_FINDINGS)


def held(evidence: Evidence, studies: Iterable[Row], findings: Iterable[Row]) -> tuple[set[str], set[str]]:
    """Return the ids of the studies and of the findings of ``evidence`` that are also in a release with these rows."""
    of_release, now = {row["id"]: row for row in studies}, {s.id: study_row(s) for s in evidence.studies}
    renamed = renamed_studies(of_release, now)
    kept = {renamed.get(id_, id_) for id_ in of_release} & set(now)
    contents = {content({**row, "study": renamed.get(row["study"], row["study"])}) for row in findings}
    return kept, {f.id for f in evidence.findings if content(finding_row(f)) in contents}


def study_row(study: Study) -> Row:
    """Return what a study is known by."""
    return {"doi": study.doi or "", "key": study.key}


def finding_row(finding: Finding) -> Row:
    """Return what the id of a finding is made of, as texts."""
    return {
        "study": finding.study,
        "factor": finding.factor,
        "direction": finding.direction,
        "outcomes": "; ".join(sorted(finding.outcomes)),
        "locator": finding.locator or "",
    }
