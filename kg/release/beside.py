"""What a state of a review has beside its graph: the study flow, the criteria, and what brought each study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.folder.published import read_criteria
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.model.migrations import Migration
from kg.model.published import Criterion
from kg.model.records import Search
from kg.screening.decisions import DECISIONS, Decision, read_decisions
from kg.screening.flow import by_work, verdict
from kg.screening.methods import BY_NAME, method_of
from kg.table import Table


@dataclass(frozen=True)
class Beside:
    """``flow`` is the table of the study flow, ``criteria`` are those of ``screening/eligibility.csv``, ``came`` maps
    the id of a study to the searches and decisions that brought it, in words. ``migrations`` are the changes of the
    vocabularies."""

    flow: Table
    criteria: tuple[Criterion, ...]
    came: Mapping[str, str]
    migrations: tuple[Migration, ...] = ()


def beside(review: Review) -> Beside:
    """Return what a review folder has beside its graph. Raises BadInput, also for a decision on an unknown work."""
    loaded = review.load(partial=True)
    is_own = any(stage.file == DECISIONS for stage in review.config.flow)  # a list of the review, not of kg decide
    decisions = () if is_own else read_decisions(review.root)
    migrations = loaded.evidence.migrations
    return Beside(review.flow(), read_criteria(review.root), brought(loaded, decisions), migrations)


def brought(loaded: Loaded, decisions: Iterable[Decision]) -> dict[str, str]:
    """Return id of a study -> the searches that found it and the decision that included it; others have no entry."""
    decided = by_work(loaded, decisions)
    searches = _searches(loaded)
    found = {}
    for study in loaded.evidence.studies:
        parts = [f"found by {_named(search)}" for search in searches.get(study.id, {}).values()]
        taken = verdict(decided.get(study.id, ()), "full-text") or verdict(decided.get(study.id, ()), "abstract")
        if taken:
            parts.append(_decided(taken))
        if parts:
            found[study.id] = "; ".join(parts)
    return found


def _searches(loaded: Loaded) -> dict[str, dict[str, Search]]:
    """Return id of a work -> the searches that found it, by date; a look-up by identifier finds nothing new."""
    by_file = {search.file: search for search in loaded.evidence.searches if search.file}
    resolution = loaded.library.resolution
    work_of = resolution.work_of
    pairs = [
        (work_of[record.id], by_file[record.source])
        for record in (*resolution.records, *resolution.older)
        if record.id in work_of and record.source in by_file and method_of(by_file[record.source]) != BY_NAME
    ]
    found: dict[str, dict[str, Search]] = {}
    for work, search in sorted(pairs, key=lambda pair: (pair[1].date or "", pair[1].id)):
        found.setdefault(work, {})[search.id] = search
    return found


def _named(search: Search) -> str:
    return f"search {search.id} ({', '.join(filter(None, (search.source, search.date)))})"


def _decided(decision: Decision) -> str:
    """Return a decision in words, without the name of the person, which is in the file."""
    reason = f": {decision.reason}" if decision.reason else ""
    return (
        f"{decision.decision} at the stage {decision.stage} on {decision.date.partition('T')[0]} in {DECISIONS}{reason}"
    )
