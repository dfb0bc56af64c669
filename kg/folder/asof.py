"""The part of the evidence that the printed tables and statements of a review are about: that of one release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kg.errors import BadInput, UnknownName
from kg.folder.frozen import RELEASES, Release, read_release
from kg.folder.same import Row, held, renamed_studies, study_row
from kg.model.layout import CONFIG
from kg.model.migrations import Migration, migration_of
from kg.model.normalise import fold_term
from kg.model.records import Concept, Evidence, Finding, Study
from kg.problems import Problem


@dataclass(frozen=True)
class AsOf:
    """The terms that a release has, and the changes of the vocabularies until then.

    ``now`` are the terms that the folder has: a term keeps the names that it got since.
    """

    release: Release
    migrations: tuple[Migration, ...]
    now: tuple[Concept, ...]

    def terms(self) -> dict[str, list[Concept] | None]:
        """Return the factors and outcomes of the release, by kind."""
        rows = self.release.rows("vocabulary.csv")
        taken = {fold_term(name) for row in rows for name in (row["id"], row["label"], *_listed(row["synonyms"]))}
        since = {concept.id: concept for concept in self.now}
        return {
            kind: [_term(row, since.get(row["id"]), taken) for row in rows if row["kind"] == kind]
            for kind in ("factor", "outcome")
        }


def _term(row: Row, now: Concept | None, taken: set[str]) -> Concept:
    names = [name for name in (now.label, *now.synonyms) if fold_term(name) not in taken] if now else []
    return Concept(
        row["id"],
        row["label"],
        row["broader"] or None,
        row["definition"] or None,
        (*_listed(row["synonyms"]), *names),
        row["favourable"] or None,
        "vocabulary",
        nominal=now.nominal if now else False,
        residual=row["residual"] == "yes",
        colour=row["colour"] or None,
    )


def _listed(text: str) -> Iterator[str]:
    return (part for part in text.split("; ") if part)


def terms_of(release: Release, evidence: Evidence) -> AsOf | None:
    """Return the terms of a release, None where the vocabularies of the evidence were not changed since."""
    known = tuple(map(migration_of, release.table("migrations"))) if release.has("migrations") else ()
    if [m.row_values() for m in known] == [m.row_values() for m in evidence.migrations]:
        return None
    return AsOf(release, known, (*evidence.factors, *evidence.outcomes))


def printed_release(root: Path, name: str) -> Release:
    """Return the release that ``[published]`` names. Raises BadInput where there is none, or where it was edited."""
    try:
        return read_release(root, name).checked()
    except UnknownName as error:
        accepted = f"the name of a folder in {RELEASES}/, which kg release NAME makes; name it here after that"
        near = " or ".join(error.choices[:3])
        raise BadInput(
            [Problem(CONFIG, "no release is called this", column="[published] release", value=name, accepted=accepted,
                     suggestion=near)]
        ) from error  # fmt: skip


def as_printed(evidence: Evidence, release: Release) -> Evidence:
    """Return the evidence with the studies and findings of the release only."""
    studies, findings = held(evidence, release.table("studies"), release.table("findings"))
    return replace(
        evidence,
        studies=tuple(study for study in evidence.studies if study.id in studies),
        findings=tuple(finding for finding in evidence.findings if finding.id in findings),
        standings=tuple(standing for standing in evidence.standings if standing.study in studies),
    )


def count_new(studies: dict[str, Study], findings: dict[str, Finding], release: Release) -> dict[str, Finding]:
    """Return findings by id, with those of studies that the release lacks as counted by the tables of the review.

    No printed table can have them, so that nothing else says whether the tables count them. A study that the release
    lacks, and whose row names no outcomes, discusses those of its findings; ``studies`` is changed.
    """
    of_release = {row["id"]: row for row in release.table("studies")}
    renamed = renamed_studies(of_release, {id_: study_row(study) for id_, study in studies.items()})
    printed = {renamed.get(id_, id_) for id_ in of_release}
    tied: dict[str, dict[str, None]] = {}
    for finding in findings.values():
        tied.setdefault(finding.study, {}).update(dict.fromkeys(finding.outcomes))
    for id_, study in studies.items():
        if id_ not in printed and not study.outcomes:
            studies[id_] = replace(study, outcomes=tuple(tied.get(id_, ())))
    return {
        id_: finding if finding.study in printed else replace(finding, tabulated=True, associated=False)
        for id_, finding in findings.items()
    }
