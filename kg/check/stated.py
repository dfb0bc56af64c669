"""Numbers in the text of a review, compared with the graph: ``published/facts.csv`` names a query for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kg.check.audit.records import Discrepancy, Place
from kg.check.counted import TOTAL, CountedValues, Number, printed_number, share_agrees
from kg.errors import KgError
from kg.folder.flow import Counted
from kg.model.published import UNITS, Fact, Stage
from kg.query.dimensions import countable
from kg.query.part import where

if TYPE_CHECKING:
    from kg.query.graph import Graph


def stated_numbers(graph: Graph, facts: Iterable[Fact]) -> Iterator[Discrepancy]:
    """Yield a conflict for each fact whose number differs from that of the query that it names."""
    for fact in facts:
        if not fact.query:
            continue
        try:
            differs = _difference(graph, fact)
        except KgError as error:
            place = Place(fact.file, f"row {fact.row}")
            yield Discrepancy("stated-number", "error", f"{fact.key}: {error}", (place,))
            continue
        if differs:
            yield Discrepancy(
                "stated-number",
                "conflict",
                f"{fact.key}: the text prints {fact.value}; {differs}",
                (
                    Place(fact.locator, fact.value + (f" ({fact.says})" if fact.says else "")),
                    Place(f"graph: {_called(fact)}", differs),
                ),
            )


def stage_numbers(
    stages: Iterable[Counted], counts: Mapping[str, int], printed: Iterable[Stage]
) -> Iterator[Discrepancy]:
    """Yield a conflict for each stage of the study flow whose printed number differs from the rows of its file.

    ``counts`` maps a stage to the number of rows.
    """
    files = {stage.stage: stage.file for stage in stages}
    for stage in printed:
        found = counts.get(stage.name)
        if found is not None and found != stage.count and stage.name in files:
            says = f"{files[stage.name]} gives {found:,}"
            yield Discrepancy(
                "stated-number",
                "conflict",
                f"{stage.name}: the text prints {stage.count:,}; {says}",
                (Place(stage.locator, f"{stage.count:,}"), Place(files[stage.name], f"{found:,} rows")),
            )


def _difference(graph: Graph, fact: Fact) -> str:
    """Return what the data give, as a part of a sentence, or "" where it agrees. Raises KgError."""
    printed = printed_number(fact.value)
    if printed is None:
        raise KgError(f"{fact.value!r} is no number that a query can be compared with; accepted: 45, 34 %, 45 of 86")
    found, total = _counted(graph, fact)
    agrees = printed.n in (None, found) and (printed.share is None or share_agrees(printed, found, total))
    if agrees and printed.of in (None, total):
        return ""
    return _sentence(printed, found, total)


def _sentence(printed: Number, found: int, total: int | None) -> str:
    if total is None or (printed.share is None and printed.of is None):
        return f"the data give {found}"
    share = f", {100 * found / total:.{printed.decimals}f} %" if total else ""
    return f"the data give {found} of {total}{share}"


def _counted(graph: Graph, fact: Fact) -> tuple[int, int | None]:
    """Return the number that a fact's query gives, and its denominator if it has one. Raises KgError."""
    given = dict(fact.parameters)
    if fact.query not in ("counts", "crosstab"):
        column = given.pop("column", None)
        return _cell(graph, fact.query or "", given, column), None
    by = given.pop("by", "study")
    conditions = [part.strip() for part in given.pop("where", "").split(" and ") if part.strip()]
    if by not in UNITS:
        raise KgError(f"by={by} cannot be counted; accepted: {', '.join(UNITS)}")
    with where(graph, conditions) as filtered:
        computed = CountedValues(filtered, tuple(given), by)
        key = tuple(_label(filtered, facet, value) for facet, value in given.items())
    return computed.number(key), computed.total


def _label(graph: Graph, facet: str, value: str) -> str:
    """Return the label of a value, TOTAL for a blank one. Raises UnknownName."""
    dimension = countable(graph, facet)
    if not value:
        return TOTAL
    dimension.find(value)
    return value


def _cell(graph: Graph, query: str, parameters: Mapping[str, str], column: str | None) -> int:
    """Return a cell of the only row of a canned query."""
    table = graph.table(query, **parameters)
    if len(table) != 1:
        raise KgError(f"query {query} gives {len(table)} rows, where one is needed")
    numbers = [name for name, value in zip(table.columns, table.rows[0], strict=True) if isinstance(value, int)]
    if column is None and len(numbers) != 1:
        raise KgError(f"query {query} gives several numbers; name one: column={' or column='.join(numbers)}")
    if column is not None and column not in numbers:
        raise KgError(f"query {query} has no number called {column!r}; accepted: {', '.join(numbers)}")
    return int(table.column(column or numbers[0])[0])


def _called(fact: Fact) -> str:
    return " ".join((fact.query or "", *(f"{name}={value}" for name, value in fact.parameters.items())))
