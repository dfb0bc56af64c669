"""The study flow as PRISMA counts it: which box each stage is, what follows from the others, and whether it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from kg.errors import KgError, UnknownName
from kg.model.normalise import fold_words
from kg.problems import nearest

#: Box of the diagram -> the names that stages have for it, besides its own.
STAGES: Final[dict[str, tuple[str, ...]]] = {
    "identified": (
        "records identified", "identified from databases", "records identified from databases",
        "identified from databases and registers", "retrieved from databases", "search results",
    ),
    "removed": ("removed before screening", "records removed before screening", "records removed"),
    "screened": (
        "records screened", "after removal", "after duplicates removed", "records after duplicates removed",
        "after deduplication", "unique records", "titles and abstracts screened",
    ),
    "excluded": (
        "records excluded", "dropped", "excluded by title and abstract", "excluded on title and abstract",
        "excluded at screening",
    ),
    "sought": ("sought for retrieval", "reports sought for retrieval", "reports sought", "kept"),
    "not retrieved": ("reports not retrieved", "full texts not retrieved", "no full text"),
    "assessed": (
        "assessed for eligibility", "reports assessed for eligibility", "reports assessed", "full texts assessed",
        "full text assessed", "full texts screened", "retrieved", "reports retrieved",
    ),
    "not eligible": (
        "reports excluded", "ineligible", "full texts excluded", "excluded by full text", "excluded on full text",
    ),
    "other identified": (
        "identified from other sources", "identified by other methods", "records identified from other sources",
        "added from other sources", "other sources", "grey literature", "added from grey literature",
        "hand searching", "citation searching",
    ),
    "other not retrieved": ("reports from other sources not retrieved",),
    "other assessed": ("other reports assessed", "reports from other sources assessed"),
    "other not eligible": ("other reports excluded", "reports from other sources excluded"),
    "reports included": ("reports eligible", "eligible", "included reports", "reports of included studies"),
    "included": ("studies included", "included studies", "studies included in review", "sources of evidence included"),
}  # fmt: skip
#: What is taken out for reasons, which are the stages that follow it.
_LEAVING: Final = ("removed", "excluded", "not eligible", "other not eligible")
#: Names of stages that are reasons for the removal before screening, wherever they stand.
_REMOVALS: Final = (
    "duplicates", "duplicates removed", "duplicate records removed", "marked as ineligible by automation tools",
    "removed for other reasons", "records removed for other reasons",
)  # fmt: skip
#: Whole -> (the box that it is taken from, what is taken out of it).
_STEPS: Final = {
    "screened": ("identified", "removed"),
    "sought": ("screened", "excluded"),
    "assessed": ("sought", "not retrieved"),
    "other assessed": ("other identified", "other not retrieved"),
}
_COLUMN: Final = ("identified", "screened", "sought", "assessed")


@dataclass
class Flow:
    """The number of each box that is known, the reasons for what was taken out, and the boxes that were computed."""

    numbers: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    computed: list[str] = field(default_factory=list)
    #: Box -> the name of its stage in the review.
    names: dict[str, str] = field(default_factory=dict)

    def has(self, *boxes: str) -> bool:
        """Return whether the numbers of all these boxes are known."""
        return all(box in self.numbers for box in boxes)

    def said(self, box: str) -> str:
        """Return what the review calls a box, for errors."""
        own = self.names.get(box, box)
        return f"{own} ({box})" if fold_words(own) != box else box


def read_flow(stages: Iterable[tuple[str, int | None, int | None]]) -> Flow:
    """Return the flow of stages, each with its name, its counted and its printed number.

    Raises UnknownName for a stage that is no box and no reason, and KgError where the numbers do not add up, which
    names every step that does not.
    """
    flow, wrong = Flow(), []
    leaving = ""
    known = {fold_words(name): box for box, names in STAGES.items() for name in (box, *names)}
    for name, counted, printed in stages:
        number = printed if counted is None else counted
        if number is None:
            continue
        if None not in (counted, printed) and counted != printed:
            wrong.append(f"{name}: {counted:,} are counted and {printed:,} are printed")
        folded = fold_words(name)
        if folded in _REMOVALS:
            flow.reasons.setdefault("removed", []).append((name, number))
        elif box := known.get(folded):
            if box in flow.numbers:
                wrong.append(f"{name} and {flow.names[box]} are both the box {box!r}")
            flow.numbers[box], flow.names[box] = number, name
            leaving = box if box in _LEAVING else leaving
        elif leaving:
            flow.reasons.setdefault(leaving, []).append((name, number))
        else:
            raise UnknownName("stage of the PRISMA flow", name, nearest(name, known) or list(STAGES))
    if not flow.numbers:
        raise KgError("there is no study flow: write [[flow]] in review.toml, or screening/flow.csv")
    _sum_reasons(flow, wrong)
    _follow(flow, wrong)
    if wrong:
        raise KgError("the study flow does not add up:\n  " + "\n  ".join(dict.fromkeys(wrong)))
    return flow


def _sum_reasons(flow: Flow, wrong: list[str]) -> None:
    for box, reasons in flow.reasons.items():
        total = sum(n for _, n in reasons)
        if box not in flow.numbers:
            flow.numbers[box] = total
            flow.computed.append(box)
        elif total != flow.numbers[box]:
            terms = " + ".join(f"{n:,}" for _, n in reasons)
            wrong.append(f"{flow.said(box)} is {flow.numbers[box]:,}, and its reasons add up to {terms} = {total:,}")


def _follow(flow: Flow, wrong: list[str]) -> None:
    """Compute the boxes that follow from others, and check those that are stated."""
    for _ in _STEPS:  # one step may need the result of another
        for left, (whole, part) in _STEPS.items():
            _step(flow, left, whole, part, wrong)
    _step_to_reports(flow, wrong)
    here = [box for box in _COLUMN if flow.has(box)]
    for before, after in pairwise(here):
        if flow.numbers[after] > flow.numbers[before]:
            wrong.append(f"{_is(flow, after)}, which is more than {_is(flow, before)}")
    if flow.has("included", "reports included") and flow.numbers["included"] > flow.numbers["reports included"]:
        wrong.append(f"{_is(flow, 'included')}, which is more than {_is(flow, 'reports included')}")


def _step(flow: Flow, left: str, whole: str, part: str, wrong: list[str]) -> None:
    """Check or compute ``left = whole − part``."""
    missing = [box for box in (left, whole, part) if box not in flow.numbers]
    numbers = flow.numbers
    if missing == [left]:
        numbers[left] = numbers[whole] - numbers[part]
    elif missing == [whole]:
        numbers[whole] = numbers[left] + numbers[part]
    elif missing == [part]:
        numbers[part] = numbers[whole] - numbers[left]
    elif not missing and numbers[whole] - numbers[part] != numbers[left]:
        found = f"{numbers[whole]:,} − {numbers[part]:,} = {numbers[whole] - numbers[part]:,}"
        wrong.append(f"{flow.said(whole)} − {flow.said(part)} is {found}, and {_is(flow, left)}")
    if len(missing) == 1:
        flow.computed += missing
        if numbers[missing[0]] < 0:
            wrong.append(f"{_is(flow, left)}, and {_is(flow, whole)}: {flow.said(part)} would be {numbers[part]:,}")


def _step_to_reports(flow: Flow, wrong: list[str]) -> None:
    """Check or compute the reports that are left of those assessed, from databases and from other sources."""
    numbers = flow.numbers
    terms = [("assessed", 1), ("not eligible", -1)]
    if any(flow.has(box) for box in ("other identified", "other assessed")):
        terms += [("other assessed", 1), ("other not eligible", -1)]
    missing = [box for box, _ in terms if box not in numbers]
    total = sum(sign * numbers.get(box, 0) for box, sign in terms)
    if not missing and not flow.has("reports included"):
        numbers["reports included"] = total
        flow.computed.append("reports included")
    elif not missing and numbers["reports included"] != total:
        sum_ = " ".join(f"{'+' if sign > 0 else '−'} {numbers[box]:,}" for box, sign in terms).removeprefix("+ ")
        wrong.append(f"assessed less not eligible is {sum_} = {total:,}, and {_is(flow, 'reports included')}")
    elif missing == ["not eligible"] and flow.has("reports included"):
        numbers["not eligible"] = total - numbers["reports included"]
        flow.computed.append("not eligible")
        if numbers["not eligible"] < 0:
            wrong.append(f"{_is(flow, 'reports included')}, which is more than {_is(flow, 'assessed')}")


def _is(flow: Flow, box: str) -> str:
    return f"{flow.said(box)} is {flow.numbers[box]:,}"


def not_stated(flow: Flow, boxes: Sequence[str]) -> list[str]:
    """Return those of some boxes whose numbers are unknown."""
    return [box for box in boxes if box not in flow.numbers]
