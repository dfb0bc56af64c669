"""The columns that the declaration of a sheet selects. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kg.loaders.sheets.profile import Profile
from kg.loaders.sheets.spec import MarkSpec
from kg.loaders.tables.rawtable import RawTable
from kg.model.normalise import fold_term, fold_words
from kg.problems import Problem, nearest

#: In a list of columns, all between the one before and the one after.
_BETWEEN = ("…", "...")


def find_column(header: Sequence[str], name: str) -> int | None:
    """Return the index of the column with a name: as written, else without case, else without punctuation."""
    for form in (str, fold_term, fold_words):
        wanted = form(name)
        for index, other in enumerate(header):
            if wanted and form(other) == wanted:
                return index
    return None


def declared_groups(
    table: RawTable, profile: Profile, marks: Sequence[MarkSpec], above: Mapping[int, str]
) -> Iterator[tuple[MarkSpec, dict[int, str]]]:
    """Yield each ``[[sheet.marks]]`` with the columns that it selects -> the term of each.

    A column that is selected by its name only is left out where its cells hold no marks. An entry that selects nothing
    becomes a problem.
    """
    for mark in marks:
        words = {fold_term(word): True for word in (*mark.yes, *mark.no, *mark.missing)}
        for name in (name for name in mark.columns if name not in _BETWEEN and find_column(table.header, name) is None):
            table.broken.append(_not_there(table, name))
        selected = select_columns(table.header, mark, above)
        labels = {find_column(table.header, name): label for name, label in mark.labels.items()}
        columns = {
            index: labels.get(index, label)
            for index, label in selected.items()
            if mark.columns or profile.mark_style(index, table.header[index], label, words)
        }
        if not columns and not any(problem.column == "[[sheet.marks]]" for problem in table.broken):
            table.broken.append(_nothing(table, mark))
        yield mark, columns


def select_columns(header: Sequence[str], mark: MarkSpec, above: Mapping[int, str]) -> dict[int, str]:
    """Return index -> term of the columns that a declaration selects; ``above`` are the merged headers above them."""
    return _listed(header, mark) if mark.columns else _selected(header, mark, above)


def _listed(header: Sequence[str], mark: MarkSpec) -> dict[int, str]:
    """Return the columns of a list, in which "…" stands for all between its neighbours."""
    found: dict[int, str] = {}
    last: int | None = None
    between = False
    for name in mark.columns:
        index = find_column(header, name)
        if name in _BETWEEN and index is None:
            between = True
        elif index is not None:
            for at in range(last + 1 if between and last is not None else index, index + 1):
                found[at] = header[at]
            last, between = index, False
    of = fold_words(mark.of)
    return {index: _without_name(label, of) for index, label in found.items() if label}


def _without_name(label: str, of: str) -> str:
    """Return the name of a column without a beginning that only says what its group is: outcome_STI -> STI."""
    words = re.split(r"[\W_]+", label, maxsplit=1)
    return words[1] if len(words) == 2 and words[1] and fold_words(words[0]) == of else label


def _selected(header: Sequence[str], mark: MarkSpec, above: Mapping[int, str]) -> dict[int, str]:
    """Return the columns whose name, or the header above, a declaration describes -> what varies in the name."""
    before, _, after = mark.pattern.partition("*") if mark.pattern else (mark.prefix, "", mark.suffix)
    if not (before or after):
        return {i: header[i] for i, text in above.items() if fold_words(text) == fold_words(mark.group) and header[i]}
    expression = re.compile(re.escape(before) + r"\s*(.+?)\s*" + re.escape(after), re.IGNORECASE)
    return {i: match[1] for i, name in enumerate(header) if (match := expression.fullmatch(name))}


def _not_there(table: RawTable, name: str) -> Problem:
    return table.problem(
        "the column that review.toml lists as marks is not there",
        table.header_row,
        name,
        suggestion=" or ".join(map(repr, nearest(name, table.header))),
    )


def _nothing(table: RawTable, mark: MarkSpec) -> Problem:
    key, value = next(
        (k, getattr(mark, k)) for k in ("prefix", "suffix", "pattern", "group", "columns") if getattr(mark, k)
    )
    text = value if isinstance(value, str) else ", ".join(value)
    return table.problem(
        f"no column of marks is selected by this {key}",
        table.header_row,
        "[[sheet.marks]]",
        text,
        accepted=table.names(),
    )
