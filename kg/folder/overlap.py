"""The overlap of review folders: which studies several of them include, by identifiers and else by record linkage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.errors import UsageProblem, counted
from kg.folder.review import Review
from kg.graph.build import short_citation, study_labels, study_orders
from kg.linkage.candidates import candidate_pairs
from kg.linkage.disjoint_set import DisjointSet
from kg.linkage.resolve import Resolution
from kg.model.records import Study
from kg.query.overlap import measured
from kg.table import Table

#: What joins two studies that share no identifier.
BY_TITLE = "title"


@dataclass(frozen=True)
class _Included:
    """A study as one review includes it; ``place`` is that of the review."""

    place: int
    study: Study
    label: str


def overlap_of(folders: Sequence[Review]) -> Table:
    """Return the citation matrix of review folders, shared studies first; its title has the corrected covered area.

    ``by`` says what joins the studies of a row: a DOI, an OpenAlex id, or their titles, authors and years. Raises
    UsageProblem for two folders of one review, and BadInput.
    """
    names = [folder.config.review.id for folder in folders]
    if len(set(names)) < len(names) or len(names) < 2:
        raise UsageProblem(f"an overlap is of two reviews or more with different ids; these are {', '.join(names)}")
    included = [one for place, folder in enumerate(folders) for one in _included(place, folder)]
    rows = [_row(group, len(names), included) for group in _groups(included)]
    rows.sort(key=lambda row: -int(str(row[-2])))
    of_review = {
        name: [n for n, row in enumerate(rows) if row[2 + place] is not None] for place, name in enumerate(names)
    }
    columns = ("study", "year", *(f"{name} (review)" if name in ("study", "year") else name for name in names))
    return Table("overlap", (*columns, "reviews", "by"), rows, _title(of_review, rows), "overlap")


def _included(place: int, folder: Review) -> list[_Included]:
    studies = folder.load().evidence.studies
    labels, orders = study_labels(studies), study_orders(studies)
    ordered = sorted(studies, key=lambda study: orders[study.id])
    return [_Included(place, study, str(labels[study.id])) for study in ordered]


def _groups(included: Sequence[_Included]) -> list[tuple[list[int], str | None]]:
    """Return the places in ``included`` that are one study, with what joins them, in order."""
    sets = DisjointSet(len(included))
    by: dict[int, str] = {}
    first: dict[str, int] = {}
    for n, one in enumerate(included):
        if one.study.id.startswith(("doi:", "openalex:")):
            other = first.setdefault(one.study.id, n)
            if other != n:
                sets.attach(sets.find(n), sets.find(other))
                by[n] = "DOI" if one.study.doi else "OpenAlex id"
    named = [replace(one.study, id=str(n)) for n, one in enumerate(included)]
    for pair in sorted(candidate_pairs(named, Resolution()), key=lambda pair: (pair.a, pair.b)):
        a, b = sorted((sets.find(int(pair.a)), sets.find(int(pair.b))))
        if a != b and _reviews_of(included, sets, a).isdisjoint(_reviews_of(included, sets, b)):
            sets.attach(b, a)
            by[b] = BY_TITLE
    groups: dict[int, list[int]] = {}
    for n in range(len(included)):
        groups.setdefault(sets.find(n), []).append(n)
    return [
        (members, "; ".join(dict.fromkeys(by[n] for n in members if n in by)) or None) for members in groups.values()
    ]


def _reviews_of(included: Sequence[_Included], sets: DisjointSet, root: int) -> set[int]:
    return {one.place for n, one in enumerate(included) if sets.find(n) == root}


def _row(group: tuple[list[int], str | None], reviews: int, included: Sequence[_Included]) -> tuple[object, ...]:
    members, by = [included[n] for n in group[0]], group[1]
    labels: list[str | None] = [None] * reviews
    for one in members:
        labels[one.place] = one.label
    year = next((one.study.year for one in members if one.study.year), None)
    return short_citation(members[0].study), year, *labels, sum(label is not None for label in labels), by


def _title(of_review: dict[str, list[int]], rows: Sequence[tuple[object, ...]]) -> str:
    reviews, inclusions, studies, shared, area, band = measured(of_review)
    by_title = sum(BY_TITLE in str(row[-1]) for row in rows)
    covered = "no corrected covered area" if area is None else f"the corrected covered area is {area} percent ({band})"
    return (
        f"Studies by review: N = {inclusions} inclusions of r = {studies} studies in c = {reviews} reviews; {covered}; "
        f"{counted(shared, 'study', 'studies')} in several reviews, {by_title} of them joined by title, to be checked"
    )
