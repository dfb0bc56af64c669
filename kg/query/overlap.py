"""How much several reviews overlap in their studies, and where they read the same study differently.

The corrected covered area is that of Pieper et al. 2014 (https://doi.org/10.1016/j.jclinepi.2013.11.007): with N
inclusions of r studies in c reviews, it is (N - r) / (rc - r).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from kg.errors import UsageProblem, counted
from kg.model.fields import REVIEW
from kg.query.answers import Answers
from kg.query.dimensions import dimension
from kg.query.units import Units
from kg.table import Table

#: The greatest corrected covered area in percent -> what Pieper et al. call an overlap up to it.
BANDS = {5: "slight", 10: "moderate", 15: "high", 100: "very high"}
COLUMNS = ("of", "reviews", "c", "N", "r", "shared", "cca", "overlap", "study_labels")
ALL = "all studies"
_TAKEN = ("study_label", "study", "reviews", "factor", "agree")


def covered_area(inclusions: int, studies: int, reviews: int) -> float | None:
    """Return the corrected covered area in percent, None for less than two reviews or no study."""
    if reviews < 2 or not studies:
        return None
    return 100 * (inclusions - studies) / (reviews * studies - studies)


def band(area: float | None) -> str | None:
    """Return the band of a corrected covered area in percent.

    >>> band(5.0), band(5.1), band(15.2)
    ('slight', 'moderate', 'very high')
    """
    return None if area is None else next(name for most, name in BANDS.items() if area <= most)


def measured(included: Mapping[str, Collection[int]]) -> tuple[int, int, int, int, float | None, str | None]:
    """Return c, N, r, the number of shared studies, the area rounded to 0.1, and its band, of the studies by review."""
    listed = [study for studies in included.values() for study in studies]
    distinct = set(listed)
    area = covered_area(len(listed), len(distinct), len(included))
    shared = len(shared_studies(included))
    return len(included), len(listed), len(distinct), shared, None if area is None else round(area, 1), band(area)


def shared_studies(included: Mapping[str, Collection[int]]) -> list[int]:
    """Return the studies that two reviews or more include, in order."""
    listed = [study for studies in included.values() for study in studies]
    return sorted(study for study in set(listed) if listed.count(study) > 1)


def overlap(graph: Answers) -> Table:
    """Return the overlap of all reviews and of each pair, over all studies and over those of each factor.

    The reviews of a factor are those with a finding about it. Raises UsageProblem for a graph of one review.
    """
    included = _included(graph)
    labels = {place: label for place, _, label in graph.table("units").rows}
    rows = [_row(ALL, names, included, labels) for names in _choices(list(included))]
    for factor, of_factor in _by_factor(graph):
        reviews = [name for name in included if name in of_factor]
        rows += [_row(factor, names, of_factor, labels) for names in _choices(reviews)]
    title = (
        f"Overlap of {counted(len(included), 'review')}: N inclusions of r studies in c reviews; the corrected covered "
        "area in percent is 100 (N - r) / (rc - r), slight up to 5, moderate up to 10, high up to 15 (Pieper 2014)"
    )
    return Table("overlap", COLUMNS, rows, title, "inclusions", graph.flags)


def _row(
    of: str, names: Sequence[str], included: Mapping[str, Collection[int]], labels: Mapping[int, int | str]
) -> tuple[object, ...]:
    part = {name: included[name] for name in names}
    return of, list(names), *measured(part), [labels[study] for study in shared_studies(part)]


def _choices(reviews: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield all reviews, and each pair where there are more than two; nothing for less than two."""
    if len(reviews) > 1:
        yield tuple(reviews)
    if len(reviews) > 2:
        yield from combinations(reviews, 2)


def _included(graph: Answers) -> dict[str, list[int]]:
    """Return the studies that each review includes, by place, the folder's own review first."""
    included: dict[str, list[int]] = {row["id"]: [] for row in graph.table("reviews").dicts()}
    if len(included) < 2:
        raise UsageProblem(
            "this folder has one review: declare others with [[review]] in review.toml, or compare folders with "
            "kg overlap FOLDER"
        )
    for row in graph.table("inclusions").dicts():
        included[row["review"]].append(row["place"])
    return included


def _by_factor(graph: Answers) -> Iterator[tuple[str, dict[str, set[int]]]]:
    """Yield each factor with the studies that report it, by the review whose finding it is."""
    reviews, factors = dimension(graph, REVIEW), dimension(graph, "factor")
    found: dict[int, dict[str, set[int]]] = {}
    for unit in Units(graph, [reviews, factors]).of_findings():
        if unit.finding is not None:
            for factor in unit.keys[1]:
                for review in filter(reviews.is_coded, unit.keys[0]):
                    name = reviews.values[review].label
                    found.setdefault(factor, {}).setdefault(name, set()).add(unit.study)
    for factor in sorted(found):
        yield str(factors.name(factor)), found[factor]


def citation_matrix(graph: Answers) -> Table:
    """Return a row for each study and a column for each review, which holds what the review calls the study."""
    reviews = list(_included(graph))
    rows: dict[int, list[object]] = {}
    for row in graph.table("inclusions").dicts():
        cells = rows.setdefault(row["place"], [row["study_label"], row["study"], *[None] * len(reviews), 0])
        cells[2 + reviews.index(row["review"])] = row["label"]
        cells[-1] = sum(cell is not None for cell in cells[2:-1])
    several = sum(cells[-1] != 1 for cells in rows.values())
    title = f"Citation matrix: {counted(len(rows), 'study', 'studies')}, {several} of them in more than one review"
    return Table(
        "citation-matrix",
        ("study_label", "study", *_named(reviews), "reviews"),
        [tuple(cells) for cells in rows.values()],
        title,
        "inclusions",
        graph.flags,
    )


def _named(reviews: Iterable[str]) -> list[str]:
    """Return the names of the columns of reviews, none of which is that of another column."""
    return [f"{name} (review)" if name in _TAKEN else name for name in reviews]


def agreement(graph: Answers) -> Table:
    """Return what the reviews say of the same study and factor, side by side: a row where two or more say something.

    ``agree`` is True where all that say something give the same directions.
    """
    reviews = list(_included(graph))
    labels = {place: label for place, _, label in graph.table("units").rows}
    told = _told(graph)
    factors, directions = dimension(graph, "factor"), dimension(graph, "direction")
    rows: list[tuple[object, ...]] = []
    for study, factor in sorted(told):
        of_review = told[study, factor]
        if len(of_review) > 1:
            agree = len(set(map(frozenset, of_review.values()))) == 1
            said = [[str(directions.name(key)) for key in sorted(of_review.get(name, ()))] or None for name in reviews]
            rows.append((labels[study], factors.name(factor), *said, agree))
    agreed = sum(bool(row[-1]) for row in rows)
    pairs = counted(len(rows), "pair of a study and a factor", "pairs of a study and a factor")
    title = f"What the reviews say of the same study and factor: {pairs}, the reviews agree on {agreed}"
    columns = ("study_label", "factor", *_named(reviews), "agree")
    return Table("agreement", columns, rows, title, "codes", graph.flags, graph.words)


def _told(graph: Answers) -> dict[tuple[int, int], dict[str, set[int]]]:
    """Return the directions that each review gives for a study and a factor."""
    of = [dimension(graph, name) for name in (REVIEW, "factor", "direction")]
    found: dict[tuple[int, int], dict[str, set[int]]] = {}
    for unit in Units(graph, of).of_findings():
        if unit.finding is not None:
            for review in filter(of[0].is_coded, unit.keys[0]):
                for factor in unit.keys[1]:
                    by_review = found.setdefault((unit.study, factor), {})
                    by_review.setdefault(of[0].values[review].label, set()).update(unit.keys[2])
    return found
