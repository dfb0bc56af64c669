"""Which columns identify a study. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from kg.loaders.sheets.profile import Profile
from kg.model.normalise import fold_words

#: Columns that tell apart two papers of the same authors and year.
_LETTERS = {"letter", "suffix", "year letter", "year suffix", "disambiguation"}
#: The columns of a study that two studies in one report share.
_OF_REPORT = ("title", "doi", "authors", "year", "author_year")
#: A column with longer texts than this is no part of a key.
_LONGEST = 80
#: At most this many columns are tried as further parts of a key.
_MOST_TRIED = 40


@dataclass
class Key:
    """The columns that identify a study; ``report`` is the one that names its report, if there is one."""

    columns: tuple[int, ...] = ()
    report: int | None = None
    note: str = ""


def find_key(profile: Profile, fields: Mapping[str, int], named: Sequence[int], *, combined: bool) -> Key:
    """Return the key of a sheet of studies; ``fields`` are its canonical columns, ``named`` all that have a name.

    Where a key is repeated although the rows are of one report each (same title), a further column that tells the rows
    apart makes them several studies of a report. ``combined`` states that a study may have several rows.
    """
    header = profile.table.header
    own = fields.get("key")
    if own is None:
        return _without_id(profile, fields, named)
    repeated = _repeated(profile.column(own))
    if not repeated or combined:
        return Key(note=f"a study is identified by {header[own]!r}" + _and_repeated(repeated, combined))
    of_report = [fields[name] for name in _OF_REPORT if name in fields]
    if not of_report or any(_differs(profile.column(i), repeated) for i in of_report):
        return Key(note=f"a study is identified by {header[own]!r}")
    others = [i for i in named if i != own and i not in of_report]
    parts = _telling_apart(profile, repeated, others)
    if not parts:
        return Key(note=f"a study is identified by {header[own]!r}")
    names = " and ".join(repr(header[i]) for i in parts)
    return Key(
        (own, *parts),
        own,
        f"{header[own]!r} names the report, and with {names} the study: {len(repeated)} reports have several studies",
    )


def _and_repeated(repeated: Mapping[str, object], combined: bool) -> str:
    return f"; {len(repeated)} studies have several rows" if combined and repeated else ""


def _without_id(profile: Profile, fields: Mapping[str, int], named: Iterable[int]) -> Key:
    """Return the key of a sheet without a column of ids: the label, DOI or title, else authors and year."""
    header = profile.table.header
    for name in ("label", "doi"):
        if name in fields and not profile.is_blank(fields[name]):
            return Key(note=f"a study is identified by {header[fields[name]]!r}")
    if "title" in fields and not profile.is_blank(fields["title"]):
        return Key(note=f"a study is identified by {header[fields['title']]!r}, with its authors and year")
    if "author_year" in fields:
        return Key((fields["author_year"],), None, f"a study is identified by {header[fields['author_year']]!r}")
    if "authors" in fields and "year" in fields:
        letters = [i for i in named if fold_words(header[i]) in _LETTERS]
        columns = (fields["authors"], fields["year"], *letters[:1])
        names = " and ".join(repr(header[i]) for i in columns)
        return Key(columns, None, f"a study is identified by {names} together")
    return Key()


def repeated_rows(profile: Profile, columns: Sequence[int]) -> dict[tuple[str, ...], list[int]]:
    """Return the texts of columns that several rows share -> the positions of those rows."""
    rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, texts in enumerate(zip(*(profile.column(i) for i in columns), strict=True)):
        if any(texts):
            rows[tuple(text.casefold() for text in texts)].append(position)
    return {texts: positions for texts, positions in rows.items() if len(positions) > 1}


def _repeated(column: Sequence[str]) -> dict[str, list[int]]:
    """Return each text that occurs several times -> the positions of its rows."""
    rows: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(column):
        if text:
            rows[text.casefold()].append(position)
    return {text: positions for text, positions in rows.items() if len(positions) > 1}


def _differs(column: Sequence[str], repeated: Mapping[str, Sequence[int]]) -> bool:
    return any(len({column[at] for at in positions if column[at]}) > 1 for positions in repeated.values())


def _telling_apart(profile: Profile, repeated: Mapping[str, Sequence[int]], others: Iterable[int]) -> tuple[int, ...]:
    """Return the column, or else the two, of short texts by which all rows with one key differ."""
    columns: dict[int, list[str]] = {}
    for index in others:
        counts = profile.counts(index)
        if counts and max(map(len, counts)) <= _LONGEST and len(columns) < _MOST_TRIED:
            column = profile.column(index)
            if _differs(column, repeated) or any("" in {column[p] for p in ps} for ps in repeated.values()):
                columns[index] = column
    for size in (1, 2):
        for parts in combinations(columns, size):
            if all(
                len({tuple(columns[i][at].casefold() for i in parts) for at in positions}) == len(positions)
                for positions in repeated.values()
            ):
                return parts
    return ()
