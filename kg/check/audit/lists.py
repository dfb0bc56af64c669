"""Rules that compare lists of studies: of the sections of the text, and of the rows of the printed tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kg.check.audit.index import Index
from kg.check.audit.records import Discrepancy, conflict


def count_and_list(index: Index) -> Iterator[Discrepancy]:
    """Compare each number in the text or in a table row with the length of the list of studies beside it."""
    for s in index.published.statements:
        if s.count is not None and s.cited and s.count != len(s.cited):
            studies = index.cited_studies(s)
            yield conflict(
                "count-and-list",
                f"{s.section} counts {s.count} for {index.subject(s)}, "
                f"but cites {len(s.cited)} ({index.articles(studies)})",
                index.place(s.section, f"count {s.count}"),
                index.place(s.section, f"cites {len(s.cited)}", studies),
            )
    for row in index.published.rows:
        if row.count != len(row.labels):
            listed = [index.by_label[label] for label in row.labels if label in index.by_label]
            yield conflict(
                "count-and-list",
                f"{row.file} counts {row.count} for {index.names[row.factor]}, {row.direction}, "
                f"but lists {len(row.labels)}",
                index.place(row.file, f"count {row.count}"),
                index.place(row.file, f"lists {len(row.labels)}", listed),
            )


def total_and_parts(index: Index) -> Iterator[Discrepancy]:
    """Compare the list of a factor with the lists of its directions, and with its rows in the tables."""
    lists = index.lists()
    for (factor, direction, outcomes), s in lists.items():
        if factor is None or direction is not None or outcomes or not s.cited:
            continue
        total = index.cited_studies(s)
        parts: list[tuple[str, set[str]]] = []
        by_direction = {d: index.cited_studies(t) for (f, d, _), t in lists.items() if f == factor and d is not None}
        union = set().union(*by_direction.values())
        if len(by_direction) > 1 and union > total:
            parts.append(("the lists of its directions", union))
        if factor in index.tabulated and index.row_studies(factor, None) != total:
            parts.append(("the rows of the table", index.row_studies(factor, None)))
        for where, union in parts:
            yield conflict(
                "total-and-parts",
                f"{s.section} lists {len(total)} studies for {index.names[factor]}, but {where} hold {len(union)} "
                f"({index.articles(union ^ total)} on one side only)",
                index.place(s.section, f"lists {len(total)}", total),
                index.place(where, f"hold {len(union)}", union),
            )


def table_and_prose(index: Index) -> Iterator[Discrepancy]:
    """Compare each table row with the list that the text gives for the same factor and direction."""
    for (factor, direction, _), s in index.lists().items():
        if factor is None or direction is None or not s.cited or (factor, direction) not in index.rows:
            continue
        row = index.rows[factor, direction]
        in_table, in_text = index.row_studies(factor, direction), index.cited_studies(s)
        if in_table != in_text:
            yield conflict(
                "table-and-prose",
                f"{row.file} and {s.section} list different studies for {index.subject(s)}: "
                f"{index.articles(in_table ^ in_text)} on one side only",
                index.place(row.file, f"count {row.count}", in_table),
                index.place(s.section, f"lists {len(in_text)}", in_text),
            )


def outcome_list(index: Index) -> Iterator[Discrepancy]:
    """Find the studies that the text ties to an outcome and that the outcome's own list leaves out.

    A joint statement (several outcomes, several studies) may mean that each study stands for one of the outcomes. It is
    a conflict only for a study that is in none of the lists, or for an outcome whose list has none of the studies.
    """
    own = {
        s.outcomes[0]: s
        for s in index.published.statements
        if s.scope == "list" and not s.factor and len(s.outcomes) == 1
    }
    left_out: dict[tuple[str, str], set[str]] = defaultdict(set)
    factors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for s in index.published.statements:
        outcomes = [o for o in s.outcomes if o in own]
        cited = index.cited_studies(s)
        in_no_list = {study for study in cited if all(study not in index.cited_studies(own[o]) for o in outcomes)}
        for outcome in outcomes:
            missing = in_no_list if cited & index.cited_studies(own[outcome]) else cited
            if missing and s is not own[outcome]:
                left_out[s.section, outcome] |= missing
                if s.factor:
                    factors[s.section, outcome].add(index.names[s.factor])
    for (section, outcome), studies in left_out.items():
        through = f" (through {'; '.join(sorted(factors[section, outcome]))})" if factors[section, outcome] else ""
        listed = index.cited_studies(own[outcome])
        yield conflict(
            "outcome-list",
            f"{section} ties {index.articles(studies)} to {index.names[outcome]}{through}; the outcome's own list in "
            f"{own[outcome].section} leaves {'it' if len(studies) == 1 else 'them'} out",
            index.place(section, f"ties to {index.names[outcome]}", studies),
            index.place(own[outcome].section, f"lists {len(listed)}", listed),
        )


def factor_list(index: Index) -> Iterator[Discrepancy]:
    """Find the studies cited for a factor or direction that the factor's table rows, or its own list, leave out."""
    own = {s.factor: s for s in index.published.statements if s.scope == "list" and s.factor and not s.direction}
    left_out: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
    for s in index.published.statements:
        if s.factor is None or s.scope == "list":
            continue
        if s.factor in index.tabulated:
            expected = index.row_studies(s.factor, s.direction)
        elif s.factor in own:
            expected = index.cited_studies(own[s.factor])
        else:
            continue
        if index.cited_studies(s) - expected:
            left_out[s.section, s.factor, s.direction] |= index.cited_studies(s) - expected
    for (section, factor, direction), studies in left_out.items():
        expected = index.row_studies(factor, direction) or (
            index.cited_studies(own[factor]) if factor in own else set()
        )
        subject = index.names[factor] + (f", {direction.replace('_', ' ')}" if direction else "")
        row = index.rows.get((factor, direction or ""))
        where = row.file if row else own[factor].section if factor in own else "the table"
        other = index.row_studies(factor, None) & studies
        also = f"; {where} counts {'it' if len(other) == 1 else 'some'} in the other direction" if other else ""
        yield conflict(
            "factor-list",
            f"{section} cites {index.articles(studies)} for {subject}, where {where} has not{also}",
            index.place(section, subject, studies),
            index.place(where, f"{subject}: {len(expected)}", expected),
        )


def outcome_of_factor(index: Index) -> Iterator[Discrepancy]:
    """Find the outcomes that a section ties to a factor and that the factor's table rows do not name."""
    in_table: dict[str, set[str]] = defaultdict(set)
    for row in index.published.rows:
        in_table[row.factor].update(row.outcomes)
    order = [o.id for o in index.evidence.outcomes]
    beyond: dict[tuple[str, str], set[str]] = defaultdict(set)
    cited: dict[tuple[str, str], set[str]] = defaultdict(set)
    for s in index.published.statements:
        if not s.factor or s.factor not in index.tabulated or s.scope not in ("tie", "mention"):
            continue
        if outcomes := set(s.outcomes) - in_table[s.factor]:
            beyond[s.section, s.factor] |= outcomes
            cited[s.section, s.factor] |= index.cited_studies(s)
    for (section, factor), outcomes in beyond.items():
        tied = "; ".join(index.names[o] for o in sorted(outcomes, key=order.index))
        named = "; ".join(index.names[o] for o in sorted(in_table[factor], key=order.index)) or "not discussed"
        row = index.first_row(factor)
        yield conflict(
            "outcome-of-factor",
            f"{section} ties {index.names[factor]} to {tied}; {row.file} has for it: {named}",
            index.place(section, tied, cited[section, factor]),
            index.place(row.file, named, index.row_studies(factor, None)),
        )


def uncited_tie(index: Index) -> Iterator[Discrepancy]:
    """Find ties that cite no study, in the sections that list studies for factors.

    A summary in another section may leave its citations to those.
    """
    statements = index.published.statements
    results = {_chapter(s.section) for s in statements if s.scope == "list" and s.factor}
    cited = {(s.section, s.factor, o) for s in statements if s.cited or s.count for o in s.outcomes}
    for s in statements:
        uncited = [o for o in s.outcomes if (s.section, s.factor, o) not in cited]
        if s.scope == "tie" and uncited and s.factor in index.tabulated and _chapter(s.section) in results:
            row = index.first_row(s.factor)
            yield conflict(
                "uncited-tie",
                f"{s.section} states a tie without naming a study: {index.subject(s)}",
                index.place(s.section, index.subject(s)),
                index.place(row.file, "names the outcomes", index.row_studies(row.factor, None)),
            )


def _chapter(section: str) -> str:
    """Return the first two levels of a section number."""
    return ".".join(section.split(".")[:2])
