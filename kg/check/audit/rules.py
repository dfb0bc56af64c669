"""The rules of the audit: each holds one kind of place against another and yields what does not agree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from kg.check.audit.index import Index
from kg.check.audit.records import Discrepancy, Place


def conflict(kind: str, message: str, *places: Place) -> Discrepancy:
    """Return two places of the review that contradict each other."""
    return Discrepancy(kind, "conflict", message, places)


def counts(at: Index) -> Iterator[Discrepancy]:
    """A number beside a list of studies of another length, in the prose or in a row of a table."""
    for s in at.published.statements:
        if s.count is not None and s.cited and s.count != len(s.cited):
            yield conflict(
                "count-and-list",
                f"{s.section} counts {s.count} for {at.about(s)}, "
                f"but cites {len(s.cited)} ({at.articles(at.studies(s))})",
                at.place(s.section, f"count {s.count}"),
                at.place(s.section, f"cites {len(s.cited)}", at.studies(s)),
            )
    for row in at.published.rows:
        if row.count != len(row.labels):
            studies = [at.by_label[n] for n in row.labels if n in at.by_label]
            yield conflict(
                "count-and-list",
                f"{row.file} counts {row.count} for {at.names[row.factor]}, {row.direction}, "
                f"but lists {len(row.labels)}",
                at.place(row.file, f"count {row.count}"),
                at.place(row.file, f"lists {len(row.labels)}", studies),
            )


def totals(at: Index) -> Iterator[Discrepancy]:
    """A list for a factor against the lists of its directions, and against its rows in the table."""
    lists = at.lists()
    for (factor, direction, outcomes), s in lists.items():
        if factor is None or direction is not None or outcomes or not s.cited:
            continue
        parts = {d: t for (f, d, _), t in lists.items() if f == factor and d is not None}
        stated = at.studies(s)
        for where, union in (
            (
                "the lists of its directions",
                set().union(*(at.studies(t) for t in parts.values())) if len(parts) > 1 else stated,
            ),
            ("the rows of the table", at.row_studies(factor, None) if factor in at.tabulated else stated),
        ):
            if union == stated or (where.startswith("the lists") and not union > stated):
                continue
            yield conflict(
                "total-and-parts",
                f"{s.section} lists {len(stated)} studies for {at.names[factor]}, but {where} hold {len(union)} "
                f"({at.articles(union ^ stated)} on one side only)",
                at.place(s.section, f"lists {len(stated)}", stated),
                at.place(where, f"hold {len(union)}", union),
            )


def tables(at: Index) -> Iterator[Discrepancy]:
    """A row of a table against the list that the prose gives for it."""
    for (factor, direction, _), s in at.lists().items():
        if factor is None or direction is None or not s.cited or (factor, direction) not in at.rows:
            continue
        row = at.rows[factor, direction]
        printed, prose = at.row_studies(factor, direction), at.studies(s)
        if printed != prose:
            yield conflict(
                "table-and-prose",
                f"{row.file} and {s.section} list different studies for {at.about(s)}: "
                f"{at.articles(printed ^ prose)} on one side only",
                at.place(row.file, f"count {row.count}", printed),
                at.place(s.section, f"lists {len(prose)}", prose),
            )


def outcome_lists(at: Index) -> Iterator[Discrepancy]:
    """A study tied to an outcome, in the prose, that the outcome's own list leaves out.

    A joint statement (several outcomes, several studies) may mean that each study stands for one of the outcomes: it is
    held against the lists only where a study stands in none of them, or an outcome has none of the studies.
    """
    own = {
        s.outcomes[0]: s for s in at.published.statements if s.scope == "list" and not s.factor and len(s.outcomes) == 1
    }
    left_out: dict[tuple[str, str], set[str]] = defaultdict(set)
    factors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for s in at.published.statements:
        known = [o for o in s.outcomes if o in own]
        cited = at.studies(s)
        nowhere = {study for study in cited if all(study not in at.studies(own[o]) for o in known)}
        for outcome in known:
            missing = nowhere if len(known) > 1 else cited - at.studies(own[outcome])
            if len(known) > 1 and cited and not cited & at.studies(own[outcome]):
                missing = cited
            if missing and s is not own[outcome]:
                left_out[s.section, outcome] |= missing
                if s.factor:
                    factors[s.section, outcome].add(at.names[s.factor])
    for (section, outcome), studies in left_out.items():
        through = f" (through {'; '.join(sorted(factors[section, outcome]))})" if factors[section, outcome] else ""
        listed = at.studies(own[outcome])
        yield conflict(
            "outcome-list",
            f"{section} ties {at.articles(studies)} to {at.names[outcome]}{through}; the outcome's own list in "
            f"{own[outcome].section} leaves {'it' if len(studies) == 1 else 'them'} out",
            at.place(section, f"ties to {at.names[outcome]}", studies),
            at.place(own[outcome].section, f"lists {len(listed)}", listed),
        )


def factor_lists(at: Index) -> Iterator[Discrepancy]:
    """A study cited for a factor or direction that the factor's own rows (or list) leave out."""
    own = {s.factor: s for s in at.published.statements if s.scope == "list" and s.factor and not s.direction}
    outside: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
    for s in at.published.statements:
        if s.factor is None or s.scope == "list":
            continue
        if s.factor in at.tabulated:
            expected = at.row_studies(s.factor, s.direction)
        elif s.factor in own:
            expected = at.studies(own[s.factor])
        else:
            continue
        if at.studies(s) - expected:
            outside[s.section, s.factor, s.direction] |= at.studies(s) - expected
    for (section, factor, direction), studies in outside.items():
        expected = at.row_studies(factor, direction) or (at.studies(own[factor]) if factor in own else set())
        says = at.names[factor] + (f", {direction.replace('_', ' ')}" if direction else "")
        row = at.rows.get((factor, direction or ""))
        where = row.file if row else own[factor].section if factor in own else "the tables"
        other = at.row_studies(factor, None) & studies
        also = (
            f"; {where} counts {'it' if len(other) == 1 else 'some'} in the other direction"
            if other and other <= studies
            else ""
        )
        yield conflict(
            "factor-list",
            f"{section} cites {at.articles(studies)} for {says}, where {where} has not{also}",
            at.place(section, says, studies),
            at.place(where, f"{says}: {len(expected)}", expected),
        )


def outcomes_of_factors(at: Index) -> Iterator[Discrepancy]:
    """Outcomes that a section ties to a factor, against those that the table names for it."""
    tabled: dict[str, set[str]] = defaultdict(set)
    for row in at.published.rows:
        tabled[row.factor].update(row.outcomes)
    order = [o.id for o in at.evidence.outcomes]
    beyond: dict[tuple[str, str], set[str]] = defaultdict(set)
    cited: dict[tuple[str, str], set[str]] = defaultdict(set)
    for s in at.published.statements:
        if (
            s.factor in at.tabulated
            and s.factor
            and s.scope in ("tie", "mention")
            and set(s.outcomes) - tabled[s.factor]
        ):
            beyond[s.section, s.factor] |= set(s.outcomes) - tabled[s.factor]
            cited[s.section, s.factor] |= at.studies(s)
    for (section, factor), outcomes in beyond.items():
        says = "; ".join(at.names[o] for o in sorted(outcomes, key=order.index))
        has = "; ".join(at.names[o] for o in sorted(tabled[factor], key=order.index)) or "not discussed"
        row = next(r for r in at.published.rows if r.factor == factor)
        yield conflict(
            "outcome-of-factor",
            f"{section} ties {at.names[factor]} to {says}; {row.file} has for it: {has}",
            at.place(section, says, cited[section, factor]),
            at.place(row.file, has, at.row_studies(factor, None)),
        )


def facts(at: Index) -> Iterator[Discrepancy]:
    """One fact stated twice and differently."""
    stated: dict[str, list[Any]] = defaultdict(list)
    for fact in at.published.facts:
        if not fact.key.startswith("order of "):
            stated[fact.key].append(fact)
    for key, facts in stated.items():
        first = facts[0]
        for other in facts[1:]:
            if not _agree(first.value, other.value):
                yield conflict(
                    "fact",
                    f"{key}: {first.value} in {first.locator}, {other.value} in {other.locator}",
                    *(at.place(f.locator, f.value + (f" ({f.says})" if f.says else "")) for f in (first, other)),
                )
                break


def uncited_ties(at: Index) -> Iterator[Discrepancy]:
    """A tie without any study, in sections that list studies for factors; a summary may leave citations to those."""
    results = {".".join(s.section.split(".")[:2]) for s in at.published.statements if s.scope == "list" and s.factor}
    cited = {(s.section, s.factor, o) for s in at.published.statements if s.cited or s.count for o in s.outcomes}
    for s in at.published.statements:
        bare = [o for o in s.outcomes if (s.section, s.factor, o) not in cited]
        if s.scope == "tie" and bare and s.factor in at.tabulated and ".".join(s.section.split(".")[:2]) in results:
            says = at.about(s)
            row = next(r for r in at.published.rows if r.factor == s.factor)
            yield conflict(
                "uncited-tie",
                f"{s.section} states a tie without naming a study: {says}",
                at.place(s.section, says),
                at.place(row.file, "names the outcomes", at.row_studies(row.factor, None)),
            )


def order(at: Index) -> Iterator[Discrepancy]:
    """The order that a table claims against the one it has: unique studies, most first."""
    for fact in at.published.facts:
        if not fact.key.startswith("order of "):
            continue
        file = fact.key.removeprefix("order of ")
        factors = list(dict.fromkeys(r.factor for r in at.published.rows if r.file == file))
        sizes = [len(at.row_studies(f, None)) for f in factors]
        for before, after, n, m in zip(factors, factors[1:], sizes, sizes[1:], strict=False):
            if m > n:
                yield conflict(
                    "table-order",
                    f"{fact.locator} says that the rows go by unique studies, most first, "
                    f"but {at.names[after]} ({m}) stands below {at.names[before]} ({n})",
                    at.place(fact.locator, fact.value),
                    at.place(file, f"{at.names[before]}: {n}", at.row_studies(before, None)),
                    at.place(file, f"{at.names[after]}: {m}", at.row_studies(after, None)),
                )


def references(at: Index) -> Iterator[Discrepancy]:
    """One title under two reference numbers."""
    by_title: dict[str, list[Any]] = defaultdict(list)
    for reference in at.published.references:
        by_title[re.sub(r"[^a-z0-9]+", " ", reference.title.casefold()).strip()[:60]].append(reference)
    for same in by_title.values():
        for first, second in pairwise(same):
            studies = [at.by_reference[r.number] for r in (first, second) if r.number in at.by_reference]
            differ = "" if first.year == second.year else f", dated {first.year} and {second.year}"
            yield conflict(
                "duplicate-reference",
                f"references {first.number} and {second.number} are one publication{differ}: {first.title}",
                *(
                    at.place(f"reference {r.number}", f"{r.year or 'no year'}; {r.venue or ''}".strip("; "), studies)
                    for r in (first, second)
                ),
            )


def eligibility(at: Index) -> Iterator[Discrepancy]:
    """An inclusion criterion that a coded value of an included study does not meet."""
    for rule in at.published.criteria:
        if not rule.field or not rule.accepted:
            continue
        failing = [s.id for s in at.evidence.studies if not _meets(getattr(s, rule.field, None), rule.accepted)]
        values = sorted({_shown(getattr(s, rule.field)) for s in at.evidence.studies if s.id in failing})
        if failing:
            yield conflict(
                "eligibility",
                f"{rule.locator} asks for: {rule.criterion}; "
                f"coded otherwise: {at.articles(failing)} ({', '.join(values)})",
                at.place(rule.locator, rule.criterion),
                at.place("included studies", f"{rule.field}: {', '.join(values)}", failing),
            )


def flow(at: Index) -> Iterator[Discrepancy]:
    """A study flow that grows where records can only be lost, or ends with another number than the sheets hold."""
    at_stage = {stage.name: stage for stage in at.published.flow}
    kept = [at_stage[name] for name in ("identified", "after_removal", "included") if name in at_stage]
    for before, after in pairwise(kept):
        added = sum(stage.count for stage in at.published.flow if stage.name.startswith("added_"))
        if after.count > before.count + added:
            yield conflict(
                "flow",
                f"{after.locator} has {after.count:,} {after.name.replace('_', ' ')}, more than the {before.count:,} "
                f"{before.name.replace('_', ' ')} of {before.locator}",
                at.place(before.locator, f"{before.count:,}"),
                at.place(after.locator, f"{after.count:,}"),
            )
    included = at_stage.get("included")
    if included and included.count != len(at.evidence.studies):
        studies = [study.id for study in at.evidence.studies]
        yield conflict(
            "flow",
            f"{included.locator} includes {included.count:,} studies, the sheets hold {len(studies):,}",
            at.place(included.locator, f"{included.count:,}"),
            at.place("sheets", f"{len(studies):,}", studies),
        )


def no_row(at: Index) -> Iterator[Discrepancy]:
    """An included study that no row of the printed tables counts."""
    if not at.published.rows:
        return
    counted = {n for row in at.published.rows for n in row.labels}
    for study in at.evidence.studies:
        if at.labels[study.id] not in counted:
            yield Discrepancy(
                "no-row",
                "note",
                f"article {at.labels[study.id]} is included, but no row of the printed tables counts it",
                (
                    at.place("included studies", study.title or study.key, [study.id]),
                    at.place(
                        "printed tables",
                        f"{len(counted)} articles",
                        [at.by_label[n] for n in counted if n in at.by_label],
                    ),
                ),
            )


def _agree(a: str, b: str) -> bool:
    """Return whether two stated values can both hold: equal, or "most" and more than half."""
    if a.casefold() == b.casefold():
        return True
    for word, share in ((a, b), (b, a)):
        match = re.fullmatch(r"(\d+) of (\d+)", share)
        if word.casefold() == "most" and match:
            return int(match[1]) * 2 > int(match[2])
    return False


def _meets(value: Any, accepted: str) -> bool:
    if accepted == "*":
        return bool(value)
    if value is None or value == ():
        return True  # what the source does not say cannot break a rule
    match = re.fullmatch(r"(\d+)-(\d+)?", accepted)
    if match and isinstance(value, int):
        return int(match[1]) <= value <= int(match[2] or value)
    allowed = {part.strip().casefold() for part in accepted.split(";")}
    return {str(v).casefold() for v in (value if isinstance(value, tuple) else (value,))} <= allowed


def _shown(value: Any) -> str:
    return "; ".join(value) if isinstance(value, tuple) and value else str(value) if value else "none"


RULES: tuple[Callable[[Index], Iterator[Discrepancy]], ...] = (
    counts,
    totals,
    tables,
    outcome_lists,
    factor_lists,
    outcomes_of_factors,
    facts,
    uncited_ties,
    order,
    references,
    eligibility,
    flow,
    no_row,
)
