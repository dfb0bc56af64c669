"""All checks of a review folder: its integrity, its printed tables, and contradictions in the published review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kg.check.asof import as_printed_by, printed_graph, stages_of
from kg.check.audit import AUDIT_KINDS, Discrepancy, Place, audit
from kg.check.poles import pole_suggested
from kg.check.records import RECORD_KINDS, check_records
from kg.check.spelling import similar_terms
from kg.check.stated import stage_numbers, stated_numbers
from kg.check.terms import TERM_KINDS, check_terms
from kg.errors import BadInput, KgError, StoreError, counted
from kg.limits import TooManyProblems
from kg.linkage.candidates import candidate_pairs
from kg.linkage.match import expected_errors
from kg.linkage.resolve import Resolution, resolve
from kg.linkage.tables import merge_table, pair_table
from kg.model.layout import MIGRATIONS
from kg.problems import Problem, ProblemGroup, group_problems, row_numbers
from kg.table import Table, as_text

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.model.literature import Pair
    from kg.model.published import Fact
    from kg.model.records import Evidence, Study
    from kg.query.graph import Graph

_SEVERITIES = ("error", "conflict", "note")

#: Kind of discrepancy -> its meaning: the kinds of the folder, of the records and of the audit.
CHECK_KINDS = {
    "input": "a value that cannot be loaded; a file or column that is not read",
    "unfinished-add": "files of a kg add that was interrupted, which the next kg add completes",
    "published-table": "a printed table that the graph does not reproduce",
    "edited-release": "a file of a release that was edited by hand",
    "stated-number": "a number in the text that the data do not give",
    "study-without-evidence": "a study with neither a finding nor an outcome",
    "finding-without-locator": "findings that do not say where they stand",
    "finding-without-note": "findings that do not say what they report",
    "pole-suggested": "findings without a pole whose note is worded as a lack",
    "similar-terms": "two terms that are spelt nearly alike",
    "unused-term": "a term that nothing uses",
    "study-without-doi": "studies without a DOI",
    **TERM_KINDS,
    **RECORD_KINDS,
    **AUDIT_KINDS,
}


def check(review: Review, store_url: str | None = None) -> list[Discrepancy]:
    """Return all discrepancies, errors first; the problems of a folder that cannot be loaded are errors.

    Printed tables are compared with the folder's own graph, or with the graph in a store. Raises StoreError for a store
    that cannot be read.
    """
    try:
        loaded = review.load()
        printed = as_printed_by(review, loaded.evidence)
    except BadInput as error:
        return _input_errors(error)
    from kg.graph.build import study_labels

    labels = study_labels(loaded.evidence.studies)
    found = [
        *_unread(review, loaded.evidence),
        *_edited(review),
        *_notes(loaded.library.notes),
        *_integrity(loaded.evidence),
        *check_terms(loaded, labels),
        *check_records(loaded, labels),
    ]
    facts: tuple[Fact, ...] = ()
    terms = {name: getattr(printed, name) for name in ("factors", "outcomes", "migrations")}
    in_printed_terms = replace(loaded.evidence, **terms)
    try:
        from kg.folder.published import read_published

        published = read_published(review.root, review.config, in_printed_terms)
    except BadInput as error:
        found += _input_errors(error)
    else:
        found += audit(in_printed_terms, published, printed)
        try:
            found += list(stage_numbers(review.config.flow, stages_of(review), published.flow))
        except BadInput as error:
            found += _input_errors(error)
        facts = tuple(fact for fact in published.facts if fact.query)
    if review.config.published or facts:
        with printed_graph(review, store_url, loaded.evidence, printed) as graph:
            found += [*_published_tables(review, graph), *stated_numbers(graph, facts)]
    return sorted(found, key=lambda f: _SEVERITIES.index(f.severity))


def duplicates(review: Review, false_merges: float | None = None) -> Table:
    """Return the pairs of works that may be one study, for a person to decide in ``records/duplicates.csv``.

    ``false_merges`` stands for the bound of the review. Raises BadInput for a folder that cannot be loaded.
    """
    studies, resolution, decisions = _resolved(review, false_merges)
    return pair_table(candidate_pairs(studies, resolution, decisions), studies, resolution, decisions)


def merges(review: Review, false_merges: float | None = None) -> tuple[Table, str]:
    """Return the log of merges, which says which records were merged into one study and why, and the estimated errors.

    ``false_merges`` stands for the bound of the review. Raises BadInput for a folder that cannot be loaded.
    """
    resolution = _resolved(review, false_merges)[1]
    bound = review.config.false_merges if false_merges is None else false_merges
    number, false = counted(len(resolution.scores), "merge"), expected_errors(resolution.scores)
    return merge_table(resolution), (
        f"{number} by agreement without a common key, of which {false:.2f} are estimated to be false "
        f"(bound: {bound:g} of them)"
    )


def _resolved(review: Review, false_merges: float | None) -> tuple[Sequence[Study], Resolution, Sequence[Pair]]:
    """Return the studies of a review, its records as they are merged under a bound, and the decisions."""
    loaded = review.load()
    studies, library = loaded.evidence.studies, loaded.library
    found = library.resolution
    if false_merges is not None:
        found = resolve(studies, (*found.records, *found.older), library.decisions, false_merges)
    return studies, found, library.decisions


def group_rows(found: Iterable[Discrepancy]) -> list[Discrepancy]:
    """Return discrepancies with one in place of all problems that differ only in their row."""
    found = list(found)
    groups = {group.first: group for group in group_problems(f.problem for f in found if f.problem)}
    grouped = []
    for discrepancy in found:
        if discrepancy.problem is None:
            grouped.append(discrepancy)
        elif group := groups.pop(discrepancy.problem, None):
            grouped.append(_input_error(group))
    return grouped


def _input_errors(error: BadInput) -> list[Discrepancy]:
    """Return an error for each problem, and one more where reading stopped before the end of a file."""
    errors = [_input_error(ProblemGroup(problem, (problem.row,))) for problem in error.problems]
    if isinstance(error, TooManyProblems):
        last = error.problems[-1]
        errors.append(Discrepancy("input", "error", str(error), (Place(last.file, f"row {last.row}"),)))
    return errors


def _input_error(group: ProblemGroup) -> Discrepancy:
    problem = group.first
    place = Place(problem.file, row_numbers(group.rows) if problem.row else "file")
    return Discrepancy("input", "error", str(group), (place,), problem)


def as_table(found: list[Discrepancy]) -> Table:
    """Return discrepancies as a table; the places of each are a list of texts."""
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


def _unread(review: Review, evidence: Evidence) -> Iterator[Discrepancy]:
    """Yield the files, vocabularies and columns of the folder that are not read, and the files of an unfinished add."""
    from kg.folder.transaction import JOURNAL, pending
    from kg.folder.unread import unread

    if unfinished := [file.target for file in pending(review.root)]:
        command = "kg vocabulary" if MIGRATIONS in unfinished else "kg add"
        message = f"a {command} was interrupted: {', '.join(unfinished)}; the next {command} completes it"
        yield Discrepancy("unfinished-add", "conflict", message, tuple(Place(JOURNAL, name) for name in unfinished))
    for problem in unread(review.root, review.config, evidence.facets):
        yield Discrepancy("input", "note", str(problem), (Place(problem.file, problem.value or "not read"),))


def _notes(notes: Iterable[Problem]) -> Iterator[Discrepancy]:
    """Yield what could not be read of bibliographic files that count all the same."""
    for group in group_problems(notes):
        place = Place(group.first.file, row_numbers(group.rows) if group.first.row else "file")
        yield Discrepancy("input", "note", str(group), (place,))


def _edited(review: Review) -> Iterator[Discrepancy]:
    """Yield the files of releases that were edited by hand."""
    from kg.folder.frozen import RELEASES, read_release, release_names

    for name in release_names(review.root):
        try:
            files = read_release(review.root, name).edited()
        except BadInput as error:
            yield from _input_errors(error)
            continue
        for file in files:
            place = f"{RELEASES}/{name}/{file}"
            message = f"{place} was edited after the release: a release stays as it was made"
            yield Discrepancy("edited-release", "error", message, (Place(place, "file"),))


def _published_tables(review: Review, graph: Graph) -> Iterator[Discrepancy]:
    from kg.check.compare import compare

    for file, printed_as in review.config.published.items():
        try:
            result = compare(graph, review.root / file, printed_as)
        except BadInput as error:
            yield from _input_errors(error)
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
                    Place(f"graph: {printed_as}", computed, tuple(row["only_computed"] or ())),
                ),
            )


def _integrity(evidence: Evidence) -> Iterator[Discrepancy]:
    """Yield what no single row shows: studies without evidence, findings without a locator or note, unused terms, …"""
    from kg.graph.build import study_labels

    labels = study_labels(evidence.studies)
    reporting = {f.study for f in evidence.findings}
    of_findings = bool(evidence.findings) or any(study.outcomes for study in evidence.studies)
    for study in evidence.studies if of_findings else ():  # a review may chart facets only
        if study.id not in reporting and not study.outcomes:
            yield Discrepancy(
                "study-without-evidence",
                "note",
                f"{study.key} has neither a finding nor an outcome",
                (Place("studies", study.title or study.key, (labels[study.id],)),),
            )
    for name, noun in (("locator", "where it stands"), ("note", "what it says")):
        without = [f for f in evidence.findings if not getattr(f, name)]
        if without:
            places = tuple(Place(f"{f.source}, row {f.row}", f.factor, (labels[f.study],)) for f in without[:5])
            yield Discrepancy(
                f"finding-without-{name}",
                "note",
                f"{counted(len(without), 'finding')} without a word on {noun}",
                places,
            )
    yield from pole_suggested(evidence.findings, labels)
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
    yield from similar_terms((*evidence.factors, *evidence.outcomes))
    missing = [s.id for s in evidence.studies if not s.doi]
    if missing:
        yield Discrepancy(
            "study-without-doi",
            "note",
            f"no DOI for {len(missing)} of {len(evidence.studies)} studies: they are known by their key",
            (Place("studies", "no DOI", tuple(labels[s] for s in missing)),),
        )
