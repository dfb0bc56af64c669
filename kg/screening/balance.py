"""The arithmetic of a study flow: what goes in at a step comes out again. Pure.

The names of stages are free; those that are known here, in several spellings, are added up, and a number that follows
from the others is computed. What is not stated and does not follow stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.model.normalise import fold_words

#: Stage -> its other names.
STAGES: Mapping[str, tuple[str, ...]] = {
    "identified": (
        "found", "records found", "records identified", "search results", "retrieved from databases",
        "identified from databases", "records identified from databases", "identified from databases and registers",
    ),
    "duplicates": ("duplicates removed", "duplicate records", "duplicate records removed"),
    "removed automatically": ("excluded automatic", "marked as ineligible by automation tools"),
    "removed otherwise": ("excluded other", "removed for other reasons", "records removed for other reasons"),
    "removed": ("removed before screening", "records removed", "records removed before screening"),
    "after removal": (
        "unique", "unique records", "after deduplication", "after duplicates removed", "left after removal",
        "records after duplicates removed",
    ),
    "added": (
        "other identified", "identified from other sources", "identified by other methods",
        "records identified from other sources", "other sources", "grey literature", "hand searching",
        "citation searching",
    ),
    "screened": ("records screened", "titles and abstracts screened"),
    "excluded": (
        "dropped", "records excluded", "excluded by title and abstract", "excluded on title and abstract",
        "excluded at screening",
    ),
    "sought": ("kept", "reports sought", "sought for retrieval", "reports sought for retrieval"),
    "not retrieved": ("reports not retrieved", "full texts not retrieved", "no full text"),
    "assessed": (
        "retrieved", "reports retrieved", "full text", "full texts", "full text assessed", "full texts assessed",
        "full texts screened", "reports assessed", "assessed for eligibility", "reports assessed for eligibility",
    ),
    "not eligible": (
        "ineligible", "reports excluded", "full texts excluded", "excluded full text", "excluded by full text",
        "excluded on full text",
    ),
    "reports included": ("reports eligible", "eligible", "included reports", "reports of included studies"),
    "included": (
        "studies included", "new studies", "included studies", "studies included in review",
        "sources of evidence included",
    ),
    "previous": ("previous studies", "included before"),
    "total": ("total studies", "total included"),
}  # fmt: skip
_CANONICAL = {fold_words(name): stage for stage, others in STAGES.items() for name in (stage, *others)}
#: The prefixes of names that count one reason for excluding full texts, as in "not eligible: wrong design".
_REASON = ("not eligible:", "excluded:")
REASONS = "reasons"
_FULL_TEXT = ("sought", "not retrieved", "assessed", "not eligible", "reports included")


@dataclass(frozen=True)
class Sum:
    """``total`` is the sum of the ``parts`` and of those ``optional`` parts that there are."""

    total: str
    parts: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def text(self, known: Mapping[str, int]) -> str:
        """Return the sum in words, with its numbers."""
        parts = [f"{known[name]:,} {name}" for name in (*self.parts, *self.optional) if name in known]
        return " + ".join(parts)


@dataclass(frozen=True)
class Derived:
    """A number that follows from others, and how."""

    n: int
    how: str


@dataclass(frozen=True)
class Imbalance:
    """A step of the flow that does not add up; ``stages`` are the stages it compares."""

    message: str
    stages: tuple[str, ...]


def stage_of(name: str) -> str | None:
    """Return the known stage that a name means; "reasons" for one of the reasons; None for any other name."""
    folded = fold_words(name)
    if folded == "added" or folded.startswith("added "):
        return "added"
    if reason_of(name):
        return REASONS
    return _CANONICAL.get(folded)


def reason_of(name: str) -> str | None:
    """Return the reason that a name such as "not eligible: wrong design" counts, or None."""
    start = next((prefix for prefix in _REASON if name.casefold().startswith(prefix)), None)
    return name[len(start) :].strip() or None if start else None


def classified(named: Iterable[tuple[str, int]]) -> list[tuple[str, int, str | None]]:
    """Return each name and number with its stage; unknown names right after "not eligible" are its reasons."""
    found: list[tuple[str, int, str | None]] = []
    after: str | None = None
    for name, n in named:
        stage = stage_of(name)
        if stage is None and after == "not eligible":
            stage = REASONS
        elif stage != REASONS:
            after = stage
        found.append((name, n, stage))
    return found


def numbers_of(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return known stage -> its number; several numbers of "added" and of reasons are summed."""
    found: dict[str, int] = {}
    for _, n, stage in classified(named):
        if stage in ("added", REASONS):
            found[stage] = found.get(stage, 0) + n
        elif stage is not None:
            found.setdefault(stage, n)
    return found


def reasons_of(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the reasons for which full texts are excluded, with their numbers."""
    return {reason_of(name) or name: n for name, n, stage in classified(named) if stage == REASONS}


def _sums(numbers: Mapping[str, int]) -> list[Sum]:
    """Return the sums of a flow, which depend on the stages that it reports."""
    sums = [
        Sum("identified", ("removed", "after removal")),
        Sum("removed", ("duplicates", "removed otherwise"), ("removed automatically",)),
    ]
    if "identified" in numbers or "after removal" in numbers:
        sums.append(Sum("screened", ("after removal",), ("added",)))
    if any(stage in numbers for stage in (*_FULL_TEXT, REASONS)):
        reports = "reports included" if "reports included" in numbers or "included" not in numbers else "included"
        sums += [
            Sum("screened", ("excluded", "sought")),
            Sum("sought", ("not retrieved", "assessed")),
            Sum("assessed", ("not eligible", reports)),
            Sum("not eligible", (REASONS,)),
        ]
    else:
        sums.append(Sum("screened", ("excluded", "included")))
    return [*sums, Sum("total", ("previous", "included"))]


def derived(numbers: Mapping[str, int]) -> dict[str, Derived]:
    """Return the stages that are not given and follow from those that are."""
    sums, known = _sums(numbers), dict(numbers)
    found: dict[str, Derived] = {}
    before = -1
    while len(found) > before:
        before = len(found)
        for one in sums:
            missing = [name for name in (one.total, *one.parts) if name not in known]
            if len(missing) == 1 and missing[0] != REASONS and (made := _missing(one, missing[0], known)):
                found[missing[0]], known[missing[0]] = made, made.n
    return found


def _missing(one: Sum, name: str, known: Mapping[str, int]) -> Derived | None:
    """Return the one unknown number of a sum; None where it would be negative."""
    others = [part for part in (*one.parts, *one.optional) if part in known]
    added = sum(known[part] for part in others)
    if name == one.total:
        return Derived(added, " + ".join(others))
    n = known[one.total] - added
    return Derived(n, " - ".join((one.total, *others))) if n >= 0 else None


def imbalances(numbers: Mapping[str, int]) -> list[Imbalance]:
    """Return the steps at which what goes in is not what comes out."""
    known = dict(numbers) | {name: number.n for name, number in derived(numbers).items()}
    found = []
    for one in _sums(numbers):
        if not all(name in known for name in (one.total, *one.parts)):
            continue
        added = sum(known[name] for name in (*one.parts, *one.optional) if name in known)
        if added != known[one.total]:
            message = f"{known[one.total]:,} {one.total} is not {one.text(known)}"
            if len(one.parts) + sum(name in known for name in one.optional) > 1:
                message += f" = {added:,}"
            if "included" in one.parts and one.total in ("screened", "assessed"):
                message += "; if a study has several reports, give the number of reports included as well"
            found.append(Imbalance(message, (one.total, *one.parts, *one.optional)))
    return found
