"""``[[review]]`` in ``review.toml``: other reviews with studies in the folder, and which review has which study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any, Final

from kg.folder.keys import type_problems, unknown_key
from kg.model.fields import REVIEW
from kg.model.layout import CONFIG
from kg.model.records import Concept, Finding, ReviewInfo, Study
from kg.problems import Problem

_KEYS: Final[Mapping[str, type]] = {
    "id": str, "title": str, "citation": str, "doi": str, "year": int, "search_date": str,
}  # fmt: skip


def read_reviews(entries: object, own: object) -> tuple[tuple[ReviewInfo, ...], list[Problem]]:
    """Return the declared reviews and the problems; ``own`` is the id of the folder's review."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return (), [Problem(CONFIG, "has the wrong type", column="review", accepted="[[review]], in double brackets")]
    problems = [problem for entry in entries for problem in _problems(entry)]
    ids = [own, *(entry.get("id") for entry in entries)]
    for id_ in dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and ids.count(id_) > 1):
        problems.append(
            Problem(CONFIG, "is the id of two reviews", column="[[review]] id", value=id_, accepted="an id of its own")
        )
    return ((), problems) if problems else (tuple(ReviewInfo(**entry) for entry in entries), [])


def _problems(entry: Mapping[str, Any]) -> list[Problem]:
    found = [unknown_key(key, _KEYS, "[[review]] ") for key in entry if key not in _KEYS]
    for name, kind in _KEYS.items():
        if name in entry:
            found += type_problems(f"[[review]] {name}", entry[name], kind)
    found += [
        Problem(CONFIG, "is missing", column=f"[[review]] {name}", accepted=f'{name} = "…"')
        for name in ("id", "title")
        if entry.get(name, "") == ""
    ]
    return found


def vocabulary(own: ReviewInfo, others: Iterable[ReviewInfo]) -> list[Concept]:
    """Return the values of the column ``review``: the ids of all reviews."""
    return [Concept(review.id, review.id, definition=review.title) for review in (own, *others)]


def assign(own: ReviewInfo, studies: Mapping[str, Study], findings: MutableMapping[str, Finding]) -> None:
    """Give each finding without a review one that has its study: the folder's own, or else the first."""
    for id_, finding in findings.items():
        if REVIEW not in finding.facets:
            of_study = studies[finding.study].facets[REVIEW]
            review = own.id if own.id in of_study else of_study[0]
            findings[id_] = replace(finding, facets={**finding.facets, REVIEW: (review,)})
