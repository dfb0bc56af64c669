"""What a published review says twice and differently, found by holding what is coded of its sections against each other. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kg.assemble import study_labels, study_orders
from kg.model import Evidence
from kg.published import Published, Statement

#: Kind -> what two places disagree about.
AUDIT_KINDS = {
    "count-and-list": "a number and the list of studies beside it",
    "total-and-parts": "the studies listed for a factor, and those listed for its directions",
    "table-and-prose": "a row of a table and the list in the prose",
    "outcome-list": "a study tied to an outcome, and the outcome's own list, which leaves it out",
    "factor-list": "a study cited for a factor or direction, and the factor's own row, which leaves it out",
    "outcome-of-factor": "outcomes that one section ties to a factor, and those of the table",
    "fact": "one fact stated twice",
    "uncited-tie": "a tie in the results without any study",
    "table-order": "the order a table claims, and the order it has",
    "duplicate-reference": "one publication under two reference numbers",
    "eligibility": "an inclusion criterion, and an included study that does not meet it",
    "no-row": "an included study that no row of the tables counts",
}


@dataclass(frozen=True)
class Place:
    """Where something is said: a section, table or file; ``studies`` are the review's article numbers."""

    place: str
    says: str
    studies: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class Discrepancy:
    """Two places that do not agree. ``severity``: error (the folder), conflict (the review) or note."""

    kind: str
    severity: str
    message: str
    places: tuple[Place, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        places = [{"place": p.place, "says": p.says, "studies": list(p.studies)} for p in self.places]
        return {"kind": self.kind, "severity": self.severity, "message": self.message, "places": places}


def audit(evidence: Evidence, published: Published) -> list[Discrepancy]:
    """Return every disagreement between places of the published review, by kind and section."""
    return list(_Audit(evidence, published).run())


class _Audit:
    def __init__(self, evidence: Evidence, published: Published) -> None:
        self.evidence, self.published = evidence, published
        self.labels, self.orders = study_labels(evidence.studies), study_orders(evidence.studies)
        self.by_reference = {int(s.reference): s.id for s in evidence.studies if s.reference and s.reference.isdigit()}
        self.by_label = {label: id_ for id_, label in self.labels.items()}
        self.names = {c.id: c.label for c in (*evidence.factors, *evidence.outcomes)}
        self.rows = {(row.factor, row.direction): row for row in published.rows}
        self.tabulated = {row.factor for row in published.rows}

    def run(self) -> Iterator[Discrepancy]:
        """Apply every rule."""
        rules: tuple[Callable[[], Iterator[Discrepancy]], ...] = (
            self.counts, self.totals, self.tables, self.outcome_lists, self.factor_lists, self.outcomes_of_factors, self.facts,
            self.uncited, self.order, self.references, self.eligibility, self.no_row,
        )
        for rule in rules:
            yield from rule()

    # --- helpers ---

    def studies(self, statement: Statement) -> set[str]:
        """Return the included studies that a statement cites; references to other works are left out."""
        return {self.by_reference[n] for n in statement.cited if n in self.by_reference}

    def numbers(self, studies: Iterable[str]) -> tuple[int | str, ...]:
        return tuple(self.labels[s] for s in sorted(studies, key=self.orders.__getitem__))

    def place(self, where: str, says: str, studies: Iterable[str] = ()) -> Place:
        return Place(where, says, self.numbers(studies))

    def articles(self, studies: Iterable[str]) -> str:
        numbers = self.numbers(studies)
        return ("article " if len(numbers) == 1 else "articles ") + ", ".join(map(str, numbers))

    def about(self, statement: Statement) -> str:
        parts = [self.names[statement.factor]] if statement.factor else []
        parts += [statement.direction.replace("_", " ")] if statement.direction else []
        parts += [self.names[o] for o in statement.outcomes]
        return ", ".join(parts) or statement.says or "studies"

    def row_studies(self, factor: str, direction: str | None) -> set[str]:
        """Return the studies that the printed tables count for a factor, in one direction or any."""
        rows = [r for (f, d), r in self.rows.items() if f == factor and direction in (None, "unspecified", d)]
        return {self.by_label[n] for row in rows for n in row.labels if n in self.by_label}

    def lists(self) -> dict[tuple[str | None, str | None, tuple[str, ...]], Statement]:
        return {(s.factor, s.direction, s.outcomes): s for s in self.published.statements if s.scope == "list"}

    # --- rules ---

    def counts(self) -> Iterator[Discrepancy]:
        for s in self.published.statements:
            if s.count is not None and s.cited and s.count != len(s.cited):
                yield Discrepancy(
                    "count-and-list", "conflict",
                    f"{s.section} counts {s.count} for {self.about(s)}, but cites {len(s.cited)} ({self.articles(self.studies(s))})",
                    (self.place(s.section, f"count {s.count}"), self.place(s.section, f"cites {len(s.cited)}", self.studies(s))))
        for row in self.published.rows:
            if row.count != len(row.labels):
                studies = [self.by_label[n] for n in row.labels if n in self.by_label]
                yield Discrepancy(
                    "count-and-list", "conflict",
                    f"{row.file} counts {row.count} for {self.names[row.factor]}, {row.direction}, but lists {len(row.labels)}",
                    (self.place(row.file, f"count {row.count}"), self.place(row.file, f"lists {len(row.labels)}", studies)))

    def totals(self) -> Iterator[Discrepancy]:
        lists = self.lists()
        for (factor, direction, outcomes), s in lists.items():
            if factor is None or direction is not None or outcomes or not s.cited:
                continue
            parts = {d: t for (f, d, _), t in lists.items() if f == factor and d is not None}
            stated = self.studies(s)
            for where, union in (
                ("the lists of its directions", set().union(*(self.studies(t) for t in parts.values())) if len(parts) > 1 else stated),
                ("the rows of the table", self.row_studies(factor, None) if factor in self.tabulated else stated),
            ):
                if union == stated or (where.startswith("the lists") and not union > stated):
                    continue
                yield Discrepancy(
                    "total-and-parts", "conflict",
                    f"{s.section} lists {len(stated)} studies for {self.names[factor]}, but {where} hold {len(union)} "
                    f"({self.articles(union ^ stated)} on one side only)",
                    (self.place(s.section, f"lists {len(stated)}", stated), self.place(where, f"hold {len(union)}", union)))

    def tables(self) -> Iterator[Discrepancy]:
        for (factor, direction, outcomes), s in self.lists().items():
            if factor is None or direction is None or not s.cited or (factor, direction) not in self.rows:
                continue
            row = self.rows[factor, direction]
            printed, prose = self.row_studies(factor, direction), self.studies(s)
            if printed != prose:
                yield Discrepancy(
                    "table-and-prose", "conflict",
                    f"{row.file} and {s.section} list different studies for {self.about(s)}: {self.articles(printed ^ prose)} on one side only",
                    (self.place(row.file, f"count {row.count}", printed), self.place(s.section, f"lists {len(prose)}", prose)))

    def outcome_lists(self) -> Iterator[Discrepancy]:
        own = {s.outcomes[0]: s for s in self.published.statements if s.scope == "list" and not s.factor and len(s.outcomes) == 1}
        left_out: dict[tuple[str, str], set[str]] = defaultdict(set)
        factors: dict[tuple[str, str], set[str]] = defaultdict(set)
        for s in self.published.statements:
            known = [o for o in s.outcomes if o in own]
            cited = self.studies(s)
            nowhere = {study for study in cited if all(study not in self.studies(own[o]) for o in known)}
            for outcome in known:
                missing = nowhere if len(known) > 1 else cited - self.studies(own[outcome])
                if len(known) > 1 and cited and not cited & self.studies(own[outcome]):
                    missing = cited
                if missing and s is not own[outcome]:
                    left_out[s.section, outcome] |= missing
                    if s.factor:
                        factors[s.section, outcome].add(self.names[s.factor])
        for (section, outcome), studies in left_out.items():
            through = f" (through {'; '.join(sorted(factors[section, outcome]))})" if factors[section, outcome] else ""
            listed = self.studies(own[outcome])
            yield Discrepancy(
                "outcome-list", "conflict",
                f"{section} ties {self.articles(studies)} to {self.names[outcome]}{through}; the outcome's own list in "
                f"{own[outcome].section} leaves {'it' if len(studies) == 1 else 'them'} out",
                (self.place(section, f"ties to {self.names[outcome]}", studies),
                 self.place(own[outcome].section, f"lists {len(listed)}", listed)))

    def factor_lists(self) -> Iterator[Discrepancy]:
        own = {s.factor: s for s in self.published.statements if s.scope == "list" and s.factor and not s.direction}
        outside: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
        for s in self.published.statements:
            if s.factor is None or s.scope == "list":
                continue
            if s.factor in self.tabulated:
                expected = self.row_studies(s.factor, s.direction)
            elif s.factor in own:
                expected = self.studies(own[s.factor])
            else:
                continue
            if self.studies(s) - expected:
                outside[s.section, s.factor, s.direction] |= self.studies(s) - expected
        for (section, factor, direction), studies in outside.items():
            expected = self.row_studies(factor, direction) or (self.studies(own[factor]) if factor in own else set())
            says = self.names[factor] + (f", {direction.replace('_', ' ')}" if direction else "")
            where = self.rows[factor, direction].file if direction and (factor, direction) in self.rows else \
                own[factor].section if factor in own else "the tables"
            other = self.row_studies(factor, None) & studies
            also = f"; {where} counts {'it' if len(other) == 1 else 'some'} in the other direction" if other and other <= studies else ""
            yield Discrepancy(
                "factor-list", "conflict",
                f"{section} cites {self.articles(studies)} for {says}, where {where} has not{also}",
                (self.place(section, says, studies), self.place(where, f"{says}: {len(expected)}", expected)))

    def outcomes_of_factors(self) -> Iterator[Discrepancy]:
        tabled: dict[str, set[str]] = defaultdict(set)
        for row in self.published.rows:
            tabled[row.factor].update(row.outcomes)
        order = [o.id for o in self.evidence.outcomes]
        beyond: dict[tuple[str, str], set[str]] = defaultdict(set)
        cited: dict[tuple[str, str], set[str]] = defaultdict(set)
        for s in self.published.statements:
            if s.factor in self.tabulated and s.factor and s.scope in ("tie", "mention") and set(s.outcomes) - tabled[s.factor]:
                beyond[s.section, s.factor] |= set(s.outcomes) - tabled[s.factor]
                cited[s.section, s.factor] |= self.studies(s)
        for (section, factor), outcomes in beyond.items():
            says = "; ".join(self.names[o] for o in sorted(outcomes, key=order.index))
            has = "; ".join(self.names[o] for o in sorted(tabled[factor], key=order.index)) or "not discussed"
            row = next(r for r in self.published.rows if r.factor == factor)
            yield Discrepancy(
                "outcome-of-factor", "conflict",
                f"{section} ties {self.names[factor]} to {says}; {row.file} has for it: {has}",
                (self.place(section, says, cited[section, factor]), self.place(row.file, has, self.row_studies(factor, None))))

    def facts(self) -> Iterator[Discrepancy]:
        stated: dict[str, list[Any]] = defaultdict(list)
        for fact in self.published.facts:
            if not fact.key.startswith("order of "):
                stated[fact.key].append(fact)
        for key, facts in stated.items():
            first = facts[0]
            for other in facts[1:]:
                if not _agree(first.value, other.value):
                    yield Discrepancy(
                        "fact", "conflict", f"{key}: {first.value} in {first.locator}, {other.value} in {other.locator}",
                        tuple(self.place(f.locator, f.value + (f" ({f.says})" if f.says else "")) for f in (first, other)))
                    break

    def uncited(self) -> Iterator[Discrepancy]:
        """Ties of the results sections: a summary may leave the citations to them, they may not."""
        cited = {(s.section, s.factor, o) for s in self.published.statements if s.cited or s.count for o in s.outcomes}
        for s in self.published.statements:
            bare = [o for o in s.outcomes if (s.section, s.factor, o) not in cited]
            if s.scope == "tie" and bare and s.factor in self.tabulated and re.fullmatch(r"3\.[34](\.\d+)+", s.section):
                says = self.about(s)
                row = next(r for r in self.published.rows if r.factor == s.factor)
                yield Discrepancy(
                    "uncited-tie", "conflict", f"{s.section} states a tie without naming a study: {says}",
                    (self.place(s.section, says), self.place(row.file, "names the outcomes", self.row_studies(row.factor, None))))

    def order(self) -> Iterator[Discrepancy]:
        for fact in self.published.facts:
            if not fact.key.startswith("order of "):
                continue
            file = fact.key.removeprefix("order of ")
            factors = list(dict.fromkeys(r.factor for r in self.published.rows if r.file == file))
            sizes = [len(self.row_studies(f, None)) for f in factors]
            for before, after, n, m in zip(factors, factors[1:], sizes, sizes[1:], strict=False):
                if m > n:
                    yield Discrepancy(
                        "table-order", "conflict",
                        f"{fact.locator} says that the rows go by unique studies, most first, but {self.names[after]} ({m}) stands below "
                        f"{self.names[before]} ({n})",
                        (self.place(fact.locator, fact.value), self.place(file, f"{self.names[before]}: {n}", self.row_studies(before, None)),
                         self.place(file, f"{self.names[after]}: {m}", self.row_studies(after, None))))

    def references(self) -> Iterator[Discrepancy]:
        by_title: dict[str, list[Any]] = defaultdict(list)
        for reference in self.published.references:
            by_title[re.sub(r"[^a-z0-9]+", " ", reference.title.casefold()).strip()[:60]].append(reference)
        for same in by_title.values():
            for first, second in zip(same, same[1:], strict=False):
                studies = [self.by_reference[r.number] for r in (first, second) if r.number in self.by_reference]
                differ = "" if first.year == second.year else f", dated {first.year} and {second.year}"
                yield Discrepancy(
                    "duplicate-reference", "conflict", f"references {first.number} and {second.number} are one publication{differ}: {first.title}",
                    tuple(self.place(f"reference {r.number}", f"{r.year or 'no year'}; {r.venue or ''}".strip("; "), studies) for r in (first, second)))

    def eligibility(self) -> Iterator[Discrepancy]:
        for rule in self.published.criteria:
            if not rule.field or not rule.accepted:
                continue
            failing = [s.id for s in self.evidence.studies if not _meets(getattr(s, rule.field, None), rule.accepted)]
            values = sorted({_shown(getattr(s, rule.field)) for s in self.evidence.studies if s.id in failing})
            if failing:
                yield Discrepancy(
                    "eligibility", "conflict",
                    f"{rule.locator} asks for: {rule.criterion}; coded otherwise: {self.articles(failing)} ({', '.join(values)})",
                    (self.place(rule.locator, rule.criterion), self.place("included studies", f"{rule.field}: {', '.join(values)}", failing)))

    def no_row(self) -> Iterator[Discrepancy]:
        if not self.published.rows:
            return
        counted = {n for row in self.published.rows for n in row.labels}
        for study in self.evidence.studies:
            if self.labels[study.id] not in counted:
                yield Discrepancy(
                    "no-row", "note", f"article {self.labels[study.id]} is included, but no row of the printed tables counts it",
                    (self.place("included studies", study.title or study.key, [study.id]),
                     self.place("printed tables", f"{len(counted)} articles", [self.by_label[n] for n in counted if n in self.by_label])))


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
