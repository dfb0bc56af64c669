"""All checks of a review folder: its integrity, its printed tables, and what the review says twice and differently."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kg.check.audit import AUDIT_KINDS, Discrepancy, Place, audit
from kg.check.records import RECORD_KINDS, check_records
from kg.errors import BadInput, KgError, StoreError, counted
from kg.linkage.candidates import candidate_pairs, merge_table, pair_table
from kg.table import Table, as_text

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.model.records import Concept, Evidence
    from kg.problems import Problem

_SEVERITIES = ("error", "conflict", "note")

#: Kind of discrepancy -> what it is about: those of the folder, and those of the audit.
CHECK_KINDS = {
    "input": "a value that cannot be loaded",
    "published-table": "a printed table that the graph does not reproduce",
    "study-without-evidence": "a study with neither a finding nor an outcome",
    "finding-without-locator": "findings that do not say where they stand",
    "finding-without-note": "findings that do not say what they report",
    "similar-terms": "two terms that are spelt nearly alike",
    "unused-term": "a term that nothing uses",
    "study-without-doi": "studies without a DOI",
    **RECORD_KINDS,
    **AUDIT_KINDS,
}


def check(review: Review, store_url: str | None = None) -> list[Discrepancy]:
    """Return everything found, errors first; a folder that cannot be loaded gives its problems as errors.

    Printed tables are held against the folder's own graph, or the one in a store. Raises StoreError for a store that
    cannot be read.
    """
    try:
        loaded = review.load()
    except BadInput as error:
        return [_input(problem) for problem in error.problems]
    from kg.graph.build import study_labels

    labels = study_labels(loaded.evidence.studies)
    found = [*_integrity(loaded.evidence), *check_records(loaded, labels), *_published_tables(review, store_url)]
    try:
        from kg.folder.published import read_published

        found += audit(loaded.evidence, read_published(review.root, review.config, loaded.evidence))
    except BadInput as error:
        found += [_input(problem) for problem in error.problems]
    return sorted(found, key=lambda f: _SEVERITIES.index(f.severity))


def duplicates(review: Review) -> Table:
    """Return the pairs of works that may be one study, for a person to decide in ``records/duplicates.csv``.

    Raises BadInput for a folder that cannot be loaded.
    """
    loaded = review.load()
    studies, library = loaded.evidence.studies, loaded.library
    found = candidate_pairs(studies, library.resolution, library.decisions)
    return pair_table(found, studies, library.resolution, library.decisions)


def merges(review: Review) -> Table:
    """Return the log of merges: which records were taken to report one study, and why. Raises BadInput."""
    return merge_table(review.load().library.resolution)


def _input(problem: Problem) -> Discrepancy:
    place = Place(problem.file, f"row {problem.row}" if problem.row else "file")
    return Discrepancy("input", "error", str(problem), (place,))


def as_table(found: list[Discrepancy]) -> Table:
    """Return discrepancies as a table, the places on one line each."""
    rows: list[tuple[Any, ...]] = [
        (
            f.severity,
            f.kind,
            f.message,
            [f"{p.place}: {p.says}" + (f" [{', '.join(map(str, p.studies))}]" if p.studies else "") for p in f.places],
        )
        for f in found
    ]
    return Table("check", ("severity", "kind", "message", "places"), rows)


def _published_tables(review: Review, store_url: str | None) -> Iterator[Discrepancy]:
    from kg.check.compare import compare

    for file, name in review.config.published.items():
        try:
            with review.graph(store_url) as graph:
                result = compare(graph, review.root / file, name)
        except BadInput as error:
            yield from (_input(problem) for problem in error.problems)
            continue
        except StoreError:
            raise
        except KgError as error:
            yield Discrepancy(
                "published-table", "error", f"{file} cannot be compared: {error}", (Place(file, "published"),)
            )
            continue
        for row in result.differences.dicts():
            printed, computed = (as_text(row[side]) or "nothing" for side in ("published", "computed"))
            yield Discrepancy(
                "published-table",
                "error",
                f"{file}, {row['row']}, {row['cell']}: printed {printed}, computed {computed}",
                (
                    Place(file, printed, tuple(row["only_published"] or ())),
                    Place(f"graph: {name}", computed, tuple(row["only_computed"] or ())),
                ),
            )


def _integrity(evidence: Evidence) -> Iterator[Discrepancy]:
    """Yield what no single row can show: studies without evidence, findings that cannot be traced, terms never used."""
    from kg.graph.build import study_labels

    labels = study_labels(evidence.studies)
    reporting = {f.study for f in evidence.findings}
    for study in evidence.studies:
        if study.id not in reporting and not study.outcomes:
            yield Discrepancy(
                "study-without-evidence",
                "note",
                f"{study.key} has neither a finding nor an outcome",
                (Place("studies", study.title or study.key, (labels[study.id],)),),
            )
    for name, noun in (("locator", "where it stands"), ("note", "what it says")):
        bare = [f for f in evidence.findings if not getattr(f, name)]
        if bare:
            places = tuple(Place(f"{f.source}, row {f.row}", f.factor, (labels[f.study],)) for f in bare[:5])
            yield Discrepancy(
                f"finding-without-{name}", "note", f"{counted(len(bare), 'finding')} without a word on {noun}", places
            )
    broader = {c.broader for c in (*evidence.factors, *evidence.outcomes)}
    used = (
        {f.factor for f in evidence.findings}
        | {o for f in evidence.findings for o in f.outcomes}
        | {o for s in evidence.studies for o in s.outcomes}
    )
    for concept in (*evidence.factors, *evidence.outcomes):
        if concept.id not in used and concept.id not in broader:
            yield Discrepancy(
                "unused-term",
                "note",
                f"no study and no finding uses the term {concept.label!r}",
                (Place(concept.source or "vocabulary", f"row {concept.row}" if concept.row else concept.id),),
            )
    yield from _similar_terms((*evidence.factors, *evidence.outcomes))
    missing = [s.id for s in evidence.studies if not s.doi]
    if missing:
        yield Discrepancy(
            "study-without-doi",
            "note",
            f"no DOI for {len(missing)} of {len(evidence.studies)} studies: they are known by their key",
            (Place("studies", "no DOI", tuple(labels[s] for s in missing)),),
        )


def _similar_terms(concepts: Iterable[Concept]) -> Iterator[Discrepancy]:
    """Yield pairs of terms that look like one: without a vocabulary, a slip of the pen becomes a term of its own."""
    open_terms = [c for c in concepts if not c.source]  # a vocabulary file was written by somebody who knew
    for concept in open_terms:
        labels = [c.label for c in open_terms if c.id != concept.id and c.label > concept.label]
        for other in difflib.get_close_matches(concept.label, labels, n=3, cutoff=0.85):
            yield Discrepancy(
                "similar-terms",
                "note",
                f"the terms {concept.label!r} and {other!r} are spelt nearly alike: one term, or two?",
                (Place("sheets", concept.label), Place("sheets", other)),
            )
