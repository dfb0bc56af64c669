"""The study flow of a folder, counted from the search log, the records and the decisions. Pure, but for ``flow_of``.

Every record of a file is one of: a notice, a duplicate, or the first record of a work. Every work is one of: in the
review already, awaiting a decision, undecided, excluded, or sought; and so on. Nothing is typed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from kg.errors import BadInput
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.linkage.candidates import works_by_name
from kg.model.literature import Record
from kg.model.records import Search
from kg.problems import Problem, nearest
from kg.screening.decisions import DECISIONS, NOT_RETRIEVED, Decision, read_decisions
from kg.screening.methods import BY_NAME, DATABASE, FIRST_ARM, method_of

ARMS = ("databases and registers", "other methods")
NO_REASON = "no reason given"


@dataclass
class Arm:
    """The numbers of one column of the flow.

    ``identified`` maps (method, source) to records; ``excluded`` and ``not_eligible`` map reasons to works. Of the
    works that are included, ``to_chart`` are not in the sheets yet.
    """

    identified: Counter[tuple[str, str]] = field(default_factory=Counter)
    notices: int = 0
    works: int = 0
    known: int = 0
    awaiting: int = 0
    undecided: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    awaiting_text: int = 0
    not_retrieved: int = 0
    undecided_text: int = 0
    not_eligible: Counter[str] = field(default_factory=Counter)
    included: int = 0
    to_chart: int = 0

    @property
    def duplicates(self) -> int:
        """The records beyond the first of each work."""
        return sum(self.identified.values()) - self.notices - self.works

    @property
    def assessed(self) -> int:
        """The full texts that were read, those without a final decision included."""
        return self.undecided_text + sum(self.not_eligible.values()) + self.included

    @property
    def sought(self) -> int:
        """The works whose full text is wanted."""
        return self.awaiting_text + self.not_retrieved + self.assessed

    @property
    def screened(self) -> int:
        """The works with a decision."""
        return self.undecided + sum(self.excluded.values()) + self.sought


@dataclass
class Flow:
    """The flow of a folder; ``previous`` are the studies in the sheets without a decision, ``problems`` sentences."""

    arms: dict[str, Arm] = field(default_factory=lambda: {name: Arm() for name in ARMS})
    previous: int = 0
    decided: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def included(self) -> int:
        """The works that were included by decision."""
        return sum(arm.included for arm in self.arms.values())


def flow_of(review: Review) -> Flow:
    """Return the flow of a review folder. Raises BadInput, also for a decision on a work that is not in the folder."""
    return count_flow(review.load(), read_decisions(review.root))


def count_flow(loaded: Loaded, decisions: Sequence[Decision]) -> Flow:
    """Return the flow of what was read. Raises BadInput for a decision on a work that is not there."""
    decided = by_work(loaded, decisions)
    studies = {study.id for study in loaded.evidence.studies}
    flow = Flow(previous=len(studies - set(decided)), decided=bool(decided))
    arm_of = _identify(loaded, flow, set(decided))
    for work, arm in arm_of.items():
        flow.arms[arm].works += 1
        _place(flow, flow.arms[arm], work, decided.get(work, ()), work in studies)
    flow.problems += [line for name, arm in flow.arms.items() for line in unbalanced(name, arm)]
    lost = sorted(set(decided) - set(arm_of))
    if lost:
        flow.problems.append(f"decided, but in no file of records or references: {', '.join(lost)}")
    return flow


def unbalanced(name: str, arm: Arm) -> list[str]:
    """Return a sentence for each step of an arm at which what goes in is not what comes out."""
    placed = arm.known + arm.awaiting + arm.screened
    found = []
    if arm.works != placed:
        found.append(f"{name}: {arm.works:,} works are not {placed:,} placed ones")
    if arm.duplicates < 0:
        found.append(f"{name}: more works and notices than the {sum(arm.identified.values()):,} records identified")
    return found


def by_work(loaded: Loaded, decisions: Iterable[Decision]) -> dict[str, tuple[Decision, ...]]:
    """Return id of a work -> the decisions that count: the last of each person at each stage.

    A decision names a work by any of its names, so that it survives a merge. Raises BadInput for unknown works.
    """
    names = works_by_name(loaded.evidence.studies, loaded.library.resolution)
    found: dict[str, dict[tuple[str, str], Decision]] = {}
    problems = []
    for decision in decisions:
        work = names.get(decision.work)
        if work is None:
            near = " or ".join(nearest(decision.work, names, 1))
            reason = "is no work of the folder"
            accepted = "the id of a candidate or study; or put back the file of records that it came with"
            problems.append(
                Problem(DECISIONS, reason, "", decision.row, "work", decision.work, accepted=accepted, suggestion=near)
            )
            continue
        found.setdefault(work, {})[decision.stage, decision.by.casefold()] = decision
    if problems:
        raise BadInput(problems, "the flow was not counted")
    return {work: tuple(kept.values()) for work, kept in found.items()}


def verdict(decisions: Iterable[Decision], stage: str) -> Decision | None:
    """Return the decision at a stage on which all agree, as the last of them took it; "maybe" where they differ."""
    taken = [decision for decision in decisions if decision.stage == stage]
    if not taken:
        return None
    if len({decision.decision for decision in taken}) == 1:
        return taken[-1]
    last = taken[-1]
    return Decision(last.work, stage, "maybe", "; ".join(d.by for d in taken), last.date, "they differ")


def _identify(loaded: Loaded, flow: Flow, decided: set[str]) -> dict[str, str]:
    """Count the records of each file, and return work -> the arm that found it.

    What was fetched by identifier counts only if the work is in no other file, and is no study or was decided on: the
    records of included studies are fetched by identifier as well.
    """
    resolution = loaded.library.resolution
    searches = {search.file: search for search in loaded.evidence.searches if search.file}
    studies, work_of = {study.id for study in loaded.evidence.studies}, resolution.work_of
    records = [*map(_listed, resolution.records), *map(_listed, resolution.older)]
    methods: dict[str, set[str]] = {}
    for record in records:
        if record.id in work_of:
            methods.setdefault(work_of[record.id], set()).add(_method(record, searches))
    refreshed = studies - decided
    arm_of = {work: _arm(found) for work, found in methods.items() if found != {BY_NAME} or work not in refreshed}
    for record in records:
        method, work = _method(record, searches), work_of.get(record.id)
        if method == BY_NAME and (work not in arm_of or methods.get(work or "") != {BY_NAME}):
            continue
        search = searches.get(record.source)
        flow.arms[_arm({method})].identified[method, search.source if search else record.database] += 1
    for record in records[: len(resolution.records)]:
        if record.id not in work_of and (method := _method(record, searches)) != BY_NAME:
            flow.arms[_arm({method})].notices += 1
    return arm_of


class _Listed(NamedTuple):
    """What is counted of a record: as a whole, many records are large."""

    id: str
    source: str
    database: str


def _listed(record: Record) -> _Listed:
    return _Listed(record.id, intern(record.source), intern(record.database))


def _method(record: _Listed, searches: Mapping[str, Search]) -> str:
    search = searches.get(record.source)
    return method_of(search) if search else DATABASE


def _arm(methods: set[str]) -> str:
    return ARMS[0] if methods & set(FIRST_ARM) else ARMS[1]


def _place(flow: Flow, arm: Arm, work: str, decisions: Sequence[Decision], in_sheets: bool) -> None:
    """Count a work once, at the stage that it has reached."""
    abstract, text = verdict(decisions, "abstract"), verdict(decisions, "full-text")
    final = text or abstract
    if final is None:
        if in_sheets:
            arm.known += 1
        else:
            arm.awaiting += 1
        return
    if in_sheets and final.decision == "exclude":
        flow.problems.append(f"{work} was excluded by {final.by} ({final.reason or NO_REASON}), and is in the sheets")
    if text is not None and abstract is not None and abstract.decision == "exclude":
        flow.problems.append(f"{work} was excluded by its abstract by {abstract.by}, and decided on at the full text")
    if text is None:
        _place_abstract(arm, final, in_sheets)
    elif text.decision == "include":
        arm.included += 1
        arm.to_chart += not in_sheets
    elif text.decision == "maybe":
        arm.undecided_text += 1
    elif (text.reason or "").casefold() == NOT_RETRIEVED:
        arm.not_retrieved += 1
    else:
        arm.not_eligible[text.reason or NO_REASON] += 1


def _place_abstract(arm: Arm, decision: Decision, in_sheets: bool) -> None:
    """Count a work without a decision on its full text; one that is included and in the sheets has been read."""
    if decision.decision == "exclude":
        arm.excluded[decision.reason or NO_REASON] += 1
    elif decision.decision == "maybe":
        arm.undecided += 1
    elif in_sheets:
        arm.included += 1
    else:
        arm.awaiting_text += 1
