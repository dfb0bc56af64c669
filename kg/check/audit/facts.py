"""Rules that compare single values: facts, the order of tables, references, eligibility criteria and the study flow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from kg.check.audit.index import Index
from kg.check.audit.records import Discrepancy, conflict
from kg.model.published import Fact, Reference
from kg.screening.balance import classified, imbalances, numbers_of

_ORDER_OF = "order of "  # the key of the fact that states how the rows of a table are ordered


def fact(index: Index) -> Iterator[Discrepancy]:
    """Find facts that are stated twice and differently."""
    by_key: dict[str, list[Fact]] = defaultdict(list)
    for stated in index.published.facts:
        if not stated.key.startswith(_ORDER_OF):
            by_key[stated.key].append(stated)
    for key, facts in by_key.items():
        first = facts[0]
        other = next((other for other in facts[1:] if not _agree(first.value, other.value)), None)
        if other is not None:
            yield conflict(
                "fact",
                f"{key}: {first.value} in {first.locator}, {other.value} in {other.locator}",
                *(index.place(f.locator, f.value + (f" ({f.says})" if f.says else "")) for f in (first, other)),
            )


def table_order(index: Index) -> Iterator[Discrepancy]:
    """Find rows that break the order that the review states for a table: by number of studies, most first."""
    for stated in index.published.facts:
        if not stated.key.startswith(_ORDER_OF):
            continue
        file = stated.key.removeprefix(_ORDER_OF)
        factors = list(dict.fromkeys(row.factor for row in index.published.rows if row.file == file))
        sizes = [len(index.row_studies(factor, None)) for factor in factors]
        for (above, n), (below, m) in pairwise(zip(factors, sizes, strict=True)):
            if m > n:
                yield conflict(
                    "table-order",
                    f"{stated.locator} says that the rows go by unique studies, most first, "
                    f"but {index.names[below]} ({m}) stands below {index.names[above]} ({n})",
                    index.place(stated.locator, stated.value),
                    index.place(file, f"{index.names[above]}: {n}", index.row_studies(above, None)),
                    index.place(file, f"{index.names[below]}: {m}", index.row_studies(below, None)),
                )


def duplicate_reference(index: Index) -> Iterator[Discrepancy]:
    """Find titles that have two reference numbers."""
    by_title: dict[str, list[Reference]] = defaultdict(list)
    for reference in index.published.references:
        by_title[re.sub(r"[^a-z0-9]+", " ", reference.title.casefold()).strip()[:60]].append(reference)
    for same in by_title.values():
        for first, second in pairwise(same):
            studies = [index.by_reference[r.number] for r in (first, second) if r.number in index.by_reference]
            differ = first.year and second.year and first.year != second.year
            years = f", dated {first.year} and {second.year}" if differ else ""
            yield conflict(
                "duplicate-reference",
                f"references {first.number} and {second.number} are one publication{years}: {first.title}",
                *(
                    index.place(f"reference {r.number}", f"{r.year or 'no year'}; {r.venue or ''}".strip("; "), studies)
                    for r in (first, second)
                ),
            )


def eligibility(index: Index) -> Iterator[Discrepancy]:
    """Find inclusion criteria that the coding of an included study does not meet."""
    for rule in index.published.criteria:
        if not rule.field or not rule.accepted:
            continue
        failing = [s for s in index.evidence.studies if not _meets(index.values(s, rule.field), rule.accepted)]
        if failing:
            studies = [study.id for study in failing]
            values = ", ".join(sorted({"; ".join(index.values(study, rule.field)) or "none" for study in failing}))
            yield conflict(
                "eligibility",
                f"{rule.locator} asks for: {rule.criterion}; coded otherwise: {index.articles(studies)} ({values})",
                index.place(rule.locator, rule.criterion),
                index.place("included studies", f"{rule.field}: {values}", studies),
            )


def flow(index: Index) -> Iterator[Discrepancy]:
    """Find stages of the study flow that grow or do not add up, and an included stage that differs from the sheets."""
    at_stage = {stage.name: stage for stage in index.published.flow}
    shrinking = [at_stage[name] for name in ("identified", "after_removal", "included") if name in at_stage]
    added = sum(stage.count for stage in index.published.flow if stage.name.startswith("added_"))
    for before, after in pairwise(shrinking):
        if after.count > before.count + added:
            yield conflict(
                "flow",
                f"{after.locator} has {after.count:,} {after.name.replace('_', ' ')}, more than the {before.count:,} "
                f"{before.name.replace('_', ' ')} of {before.locator}",
                index.place(before.locator, f"{before.count:,}"),
                index.place(after.locator, f"{after.count:,}"),
            )
    named = [(stage.name, stage.count) for stage in index.published.flow]
    meant = [stage for _, _, stage in classified(named)]
    for imbalance in imbalances(numbers_of(named)):
        stages = [one for one, name in zip(index.published.flow, meant, strict=True) if name in imbalance.stages]
        places = [index.place(stage.locator, f"{stage.count:,} {stage.name.replace('_', ' ')}") for stage in stages]
        yield conflict("flow", imbalance.message, *places)
    included = at_stage.get("included")
    if included and included.count != len(index.evidence.studies):
        held = f"{len(index.evidence.studies):,}"
        yield conflict(
            "flow",
            f"{included.locator} includes {included.count:,} studies, the sheets hold {held}",
            index.place(included.locator, f"{included.count:,}"),
            index.place("sheets", held),
        )


def no_row(index: Index) -> Iterator[Discrepancy]:
    """Find included studies that no row of the printed tables counts."""
    if not index.published.rows:
        return
    counted = {label for row in index.published.rows for label in row.labels}
    tables = index.place(
        "printed tables",
        f"{len(counted)} articles",
        [index.by_label[label] for label in counted if label in index.by_label],
    )
    for study in index.evidence.studies:
        label = index.labels[study.id]
        if label not in counted:
            yield Discrepancy(
                "no-row",
                "note",
                f"article {label} is included, but no row of the printed tables counts it",
                (index.place("included studies", study.title or study.key, [study.id]), tables),
            )


def _agree(a: str, b: str) -> bool:
    """Return whether two stated values can both be true: equal values, or "most" and more than half."""
    if a.casefold() == b.casefold():
        return True
    for word, share in ((a, b), (b, a)):
        match = re.fullmatch(r"(\d+) of (\d+)", share)
        if word.casefold() == "most" and match:
            return int(match[1]) * 2 > int(match[2])
    return False


def _meets(values: tuple[str, ...], accepted: str) -> bool:
    """Return whether coded values meet a criterion: ``*`` (any value), a range of numbers, or a list of values."""
    if accepted == "*":
        return bool(values)
    match = re.fullmatch(r"(\d+)-(\d+)?", accepted)
    if match and all(re.fullmatch(r"\d+", value) for value in values):
        return all(int(match[1]) <= int(value) <= int(match[2] or value) for value in values)
    allowed = {part.strip().casefold() for part in accepted.split(";")}
    return {value.casefold() for value in values} <= allowed  # a value that the source does not state breaks none
