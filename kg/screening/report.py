"""The study flow as a table: what the review prints, what follows from it, and what this folder counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.folder.review import Review
from kg.screening.balance import derived, imbalances, numbers_of, reasons_of
from kg.screening.flow import Arm, Flow, flow_of
from kg.table import Table

COLUMNS = ("flow", "stage", "n", "how")
PRINTED = "as published"


@dataclass(frozen=True)
class Printed:
    """The stages that ``screening/flow.csv`` and ``[[flow]]`` give: name -> (number, how it is known)."""

    stages: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, int]:
        """The known stages with their numbers, those that follow from others included."""
        given = self.given
        return given | {name: number.n for name, number in derived(given).items()}

    @property
    def given(self) -> dict[str, int]:
        """The known stages that are given."""
        return numbers_of(self._named)

    @property
    def reasons(self) -> dict[str, int]:
        """The reasons for which full texts are excluded, with their numbers."""
        return reasons_of(self._named)

    @property
    def _named(self) -> list[tuple[str, int]]:
        return [(name, n) for name, (n, _) in self.stages.items()]


@dataclass(frozen=True)
class Report:
    """The flows of a review: ``printed`` and ``counted``; ``problems`` says what does not add up, in sentences."""

    printed: Printed
    counted: Flow
    problems: tuple[str, ...]

    def table(self) -> Table:
        """Return a row for each number, with how it is known."""
        rows = [*_printed_rows(self.printed), *_counted_rows(self.counted)]
        return Table("flow", COLUMNS, rows, "Study flow")


def report(review: Review) -> Report:
    """Return the flows of a review folder. Raises BadInput for a file or a decision that cannot be accepted."""
    counted = flow_of(review)
    printed = _printed(review)
    found = [f"{PRINTED}: {one.message}" for one in imbalances(printed.given)]
    return Report(printed, counted, (*found, *counted.problems))


def _printed(review: Review) -> Printed:
    files = {stage.stage: stage.file for stage in review.config.flow}
    stages = {}
    for row in review.flow().dicts():
        if row["printed"] is not None:
            stages[row["stage"]] = row["printed"], f"printed in {row['locator']}" if row["locator"] else "printed"
        else:
            stages[row["stage"]] = row["counted"], f"counted in {files[row['stage']]}"
    return Printed(stages)


def _printed_rows(printed: Printed) -> Iterator[tuple[str, str, int, str]]:
    for name, (n, how) in printed.stages.items():
        yield PRINTED, name.replace("_", " "), n, how
    for name, number in derived(printed.given).items():
        yield PRINTED, name, number.n, f"computed: {number.how}"


def _counted_rows(flow: Flow) -> Iterator[tuple[str, str, int, str]]:
    if not flow.decided and not any(arm.identified for arm in flow.arms.values()):
        return
    for name, arm in flow.arms.items():
        if arm.identified:
            for stage, n, how in _rows_of(arm):
                yield name, stage, n, how
    yield "review", "in the review without a decision here", flow.previous, "sheets"
    yield "review", "included by decision", flow.included, "decisions"
    yield "review", "total", flow.previous + flow.included, "computed"
    if to_chart := sum(arm.to_chart for arm in flow.arms.values()):
        yield "review", "included, not in the sheets yet", to_chart, "decisions and sheets"


def _rows_of(arm: Arm) -> Iterator[tuple[str, int, str]]:
    yield "identified", sum(arm.identified.values()), "records of the files"
    for (method, source), n in sorted(arm.identified.items()):
        yield f"identified: {method}, {source}", n, "records of the files"
    yield "duplicates", arm.duplicates, "records of the files"
    if arm.notices:
        yield "notices, which report no study", arm.notices, "records of the files"
    if arm.known:
        yield "in the review already", arm.known, "sheets"
    yield "screened", arm.screened, "decisions"
    if arm.awaiting:
        yield "awaiting a decision", arm.awaiting, "no decision"
    yield from _excluded("excluded", arm.excluded)
    if arm.undecided:
        yield "undecided", arm.undecided, "decisions"
    yield "sought", arm.sought, "decisions"
    if arm.awaiting_text:
        yield "awaiting a decision on the full text", arm.awaiting_text, "no decision"
    if arm.not_retrieved:
        yield "not retrieved", arm.not_retrieved, "decisions"
    yield "assessed", arm.assessed, "decisions"
    yield from _excluded("not eligible", arm.not_eligible)
    if arm.undecided_text:
        yield "undecided at the full text", arm.undecided_text, "decisions"
    yield "included", arm.included, "decisions"


def _excluded(stage: str, reasons: dict[str, int]) -> Iterator[tuple[str, int, str]]:
    yield stage, sum(reasons.values()), "decisions"
    for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"{stage}: {reason}", n, "decisions"
