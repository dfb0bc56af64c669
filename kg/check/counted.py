"""Compare printed counts and crosstabs with the graph: a value and an n a row, or a matrix with a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.check.printed import Comparison, PrintedFile, comparison, read_printed
from kg.errors import BadInput, UnknownName
from kg.model.fields import CODING_STATUSES
from kg.model.normalise import fold_term, fold_words
from kg.model.published import PrintedAs
from kg.problems import Problem, nearest
from kg.query.crosstab import Crosstab, tabulate
from kg.query.dimensions import Dimension, countable
from kg.query.part import where
from kg.query.units import COUNTED

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: Names of the column with the numbers, as papers print it.
_COUNTS = frozenset(
    ("n", "count", "counts", "number", "frequency", "freq", "studies", "reports", "findings", "articles", "papers")
)
_COUNT_OF = re.compile(
    r"(?:n|no|number|count)(?: of)? (?:the )?(?:included )?(?:studies|reports|findings|articles|papers)"
)
_PERCENT = re.compile(r"(?:.*\s)?(?:percent|percentage|per cent|proportion|share)(?:\s.*)?")
_TOTALS = frozenset(("total", "all", "sum", "overall", "any"))
#: A printed cell: a number, a share, or both: 45, 1,204, 34%, 45 (34%), 45 of 86.
_CELL = re.compile(
    r"(?:(?P<n>\d{1,3}(?:[,\u00a0\u202f ]\d{3})+|\d+)(?![\d.]*\s*%)(?:\s*(?:of|/)\s*(?P<of>\d+))?)?"
    r"\s*\(?\s*(?:(?P<share>\d+(?:\.\d+)?)\s*%)?\s*\)?"
)
#: How an empty cell of a matrix is printed.
_EMPTY = frozenset(("", "-", "–", "—", "−", "·", "."))
#: The key of a total in place of a value.
TOTAL = "total"

#: A label of each facet, or TOTAL.
Key = tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A printed number: ``n``, or a ``share`` in percent, or both.

    ``decimals`` is the number of decimals of the share, ``of`` the denominator if it is printed.
    """

    n: int | None = None
    share: float | None = None
    decimals: int = 0
    of: int | None = None


def compare_counted(graph: Graph, path: Path, printed: PrintedAs) -> Comparison:
    """Compare a printed table of counts of facets with the graph. Raises BadInput and UnknownName."""
    with where(graph, printed.where) as filtered:
        computed = CountedValues(filtered, printed.facets, printed.by)
    file = read_printed(path)
    reader = _Reader(file, computed)
    numbers = dict(reader.numbers())
    if reader.problems:
        raise BadInput(reader.problems, "nothing was compared")
    differences: list[tuple[Any, ...]] = []
    cells = 0
    for key, number in numbers.items():
        found = computed.number(key)
        row = " / ".join(key)
        if number.n is not None:
            cells += 1
            if number.n != found:
                differences.append((row, computed.noun, number.n, found, None, None))
        if number.share is not None:
            cells += 1
            if not share_agrees(number, found, computed.total):
                percent = round(100 * found / computed.total, number.decimals or None) if computed.total else 0
                differences.append((row, "percent", f"{number.share:g} %", f"{percent:g} %", None, None))
    if not printed.partial:
        for key in computed.coded():
            if key not in numbers:
                cells += 1
                differences.append((" / ".join(key), computed.noun, None, computed.number(key), None, None))
    return comparison(path, str(printed), cells, differences)


class CountedValues:
    """The numbers of a graph by the labels of values, which include those of broader values and of coding statuses."""

    def __init__(self, graph: Graph, facets: Sequence[str], by: str = "study") -> None:
        self.dimensions = [countable(graph, facet) for facet in facets]
        self._found: Crosstab = tabulate(graph, self.dimensions, by)
        self.total, self.noun = self._found.total, COUNTED[by]

    def names(self, at: int) -> dict[str, str]:
        """Return the names of the values of one facet, as they are compared -> the label."""
        dimension = self.dimensions[at]
        named = {fold_term(status): status for status in CODING_STATUSES}
        for value in dimension.values:
            for name in (value.id, value.id.partition(":")[2], value.label, str(value.shown), *value.synonyms):
                named[fold_term(name)] = value.label
        return named

    def number(self, key: Key) -> int:
        """Return how many studies (reports, findings) have these values; TOTAL stands for any value."""
        wanted = [_keys(dimension, name) for dimension, name in zip(self.dimensions, key, strict=True)]
        things = (
            thing
            for cell, listed in self._found.cells.items()
            if all(keys is None or own in keys for own, keys in zip(cell, wanted, strict=True))
            for thing in listed
        )
        return len(set(things))

    def coded(self) -> Iterator[Key]:
        """Yield the labels of each cell with a value of every facet."""
        for cell in self._found.cells:
            if all(d.is_coded(own) for d, own in zip(self.dimensions, cell, strict=True)):
                yield tuple(d.values[own].label for d, own in zip(self.dimensions, cell, strict=True))


def _keys(dimension: Dimension, name: str) -> set[int] | None:
    """Return the keys that a label stands for: a value with those below it, a coding status, or None for any."""
    if name == TOTAL:
        return None
    if name in CODING_STATUSES:
        return {dimension.key(name)}
    try:
        return dimension.find(name)
    except UnknownName:
        return set()


def printed_number(text: str) -> Number | None:
    """Return the number that a text prints, or None where it is not one.

    >>> printed_number("45 of 86 (52.3 %)")
    Number(n=45, share=52.3, decimals=1, of=86)
    """
    found = _CELL.fullmatch(text.strip())
    if not found or not (found["n"] or found["share"]):
        return None
    share = found["share"]
    return Number(
        int(re.sub(r"\D", "", found["n"])) if found["n"] else None,
        float(share) if share else None,
        len(share.partition(".")[2]) if share else 0,
        int(found["of"]) if found["of"] else None,
    )


def share_agrees(number: Number, found: int, total: int | None) -> bool:
    """Return whether a printed share is that of ``found`` in ``total``, to as many decimals as it is printed with."""
    share = 100 * found / total if total else 0.0
    half: float = 0.5 / 10**number.decimals
    return abs(share - (number.share or 0.0)) <= half + 1e-9


class _Reader:
    """Reads the numbers of a printed file, by the labels of the values that they count."""

    def __init__(self, file: PrintedFile, computed: CountedValues) -> None:
        self._file, self._computed = file, computed
        self.problems: list[Problem] = []
        self._names = [computed.names(at) for at in range(len(computed.dimensions))]

    def numbers(self) -> Iterator[tuple[Key, Number]]:
        """Yield the key of each printed number: a label for each facet, or TOTAL."""
        header = self._file.header
        facets = self._facet_columns(header)
        numeric = [i for i, name in enumerate(header) if _is_count(name) or _is_percent(name)]
        if all(index is not None for index in facets) and numeric:
            yield from self._long([index for index in facets if index is not None], numeric)
        elif len(facets) == 1 and numeric:
            first = next(i for i in range(len(header)) if i not in numeric)
            yield from self._long([first], numeric)
        elif len(facets) == 2:
            yield from self._matrix()
        else:
            self._no_columns()

    def _facet_columns(self, header: Sequence[str]) -> list[int | None]:
        folded = [fold_words(name) for name in header]
        found: list[int | None] = []
        for dimension in self._computed.dimensions:
            names = (fold_words(dimension.id), fold_words(dimension.label))
            found.append(next((i for i, name in enumerate(folded) if name in names and i not in found), None))
        return found

    def _long(self, facets: Sequence[int], numeric: Sequence[int]) -> Iterator[tuple[Key, Number]]:
        seen: set[Key] = set()
        for row, cells in self._file.rows:
            key = tuple(self._value(n, row, self._file.header[i], cells[i]) for n, i in enumerate(facets))
            if key in seen:
                self._fail(row, self._file.header[facets[0]], " / ".join(key), "the row stands twice")
            seen.add(key)
            n, share, decimals = None, None, 0
            for index in numeric:
                number = self._number(row, self._file.header[index], cells[index])
                if _is_percent(self._file.header[index]) and number.share is None and number.n is not None:
                    number = Number(None, float(number.n), 0)
                n = number.n if number.n is not None else n
                share, decimals = (number.share, number.decimals) if number.share is not None else (share, decimals)
            yield key, Number(n, share, decimals)

    def _matrix(self) -> Iterator[tuple[Key, Number]]:
        header = self._file.header
        columns = {i: self._value(1, self._file.header_row, name, name) for i, name in enumerate(header) if i and name}
        for row, cells in self._file.rows:
            value = self._value(0, row, header[0], cells[0])
            for index, column in columns.items():
                text = cells[index].strip()
                number = Number(0) if text in _EMPTY else self._number(row, header[index], text)
                yield (value, column), number

    def _value(self, dimension: int, row: int, column: str, text: str) -> str:
        """Return the label of the value that a cell names, TOTAL, or the text itself for a value that no study has."""
        known = self._names[dimension]
        folded = fold_term(text)
        if folded in known:
            return known[folded]
        if folded in _TOTALS:
            return TOTAL
        near = nearest(text, known.values())
        if near or not text.strip():
            facet = self._computed.dimensions[dimension].label
            self._fail(row, column, text, f"no value of {facet} is called this", " or ".join(map(repr, near)))
        return text

    def _number(self, row: int, column: str, text: str) -> Number:
        found = printed_number(text)
        if found is None:
            self._fail(row, column, text, "is not a number", accepted="45, 34 %, 45 (34 %)")
        return found or Number()

    def _no_columns(self) -> None:
        names = ", ".join(dimension.id for dimension in self._computed.dimensions)
        self._fail(
            self._file.header_row,
            "",
            ", ".join(self._file.header),
            "the columns do not tell what is counted",
            accepted=f"a column for each of {names}, and one called n",
        )

    def _fail(self, row: int, column: str, value: str, reason: str, suggestion: str = "", accepted: str = "") -> None:
        problem = Problem(self._file.name, reason, "", row, column, value, accepted, suggestion)
        self.problems.append(problem)


def _is_count(name: str) -> bool:
    folded = fold_words(name)
    return folded in _COUNTS or bool(_COUNT_OF.fullmatch(folded))


def _is_percent(name: str) -> bool:
    return not _is_count(name) and ("%" in name or bool(_PERCENT.fullmatch(fold_words(name))))
