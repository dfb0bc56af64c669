"""Which columns identify a study. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

from kg.loaders.sheets.columns import STUDIES
from kg.loaders.sheets.profile import Profile
from kg.model.fields import FINDING_FIELDS
from kg.model.normalise import fold_words

#: Texts of the columns of a key -> the positions of the rows with them.
Rows: TypeAlias = Mapping[tuple[str, ...], Sequence[int]]

#: Columns that tell apart two papers of the same authors and year.
_LETTERS = {"letter", "suffix", "year letter", "year suffix", "disambiguation"}
#: Columns with the person who extracted a row: they tell apart extractions and not studies.
_PEOPLE = {
    *(name for field in FINDING_FIELDS if field.name == "coder" for name in ("coder", *field.synonyms)),
    *("reviewer name", "reviewer id", "extracted by", "data extractor", "rater", "user", "initials", "data collector"),
}
#: The columns of a study that two studies in one report share.
_OF_REPORT = ("title", "doi", "authors", "year", "author_year")
#: Authors and year, as papers are cited: Ng 2021, Ng et al. (2021b).
_CITATION = re.compile(r"\D*[^\W\d]\D*(?:19|20)\d\d[a-z]?\W*")
#: A column with longer texts than this is no part of a key.
_LONGEST = 80
#: Fewer keys that are repeated than this are taken as errors.
_SOME = 3
#: At most this many columns are tried as further parts of a key.
_MOST_TRIED = 40


@dataclass
class Key:
    """The columns that identify a study; ``report`` is the one that names its report, if there is one.

    ``repeats`` states that a study has several rows with several values. ``parts`` are columns that would tell apart
    the rows of a study, where it is as likely that they are several studies.
    """

    columns: tuple[int, ...] = ()
    report: int | None = None
    note: str = ""
    repeats: bool = False
    parts: tuple[int, ...] = ()


def find_key(
    profile: Profile,
    fields: Mapping[str, int],
    named: Sequence[int],
    *,
    combined: bool,
    several: Container[int] = (),
    given: tuple[int, ...] = (),
) -> Key:
    """Return the key of a sheet of studies; ``fields`` are its canonical columns, ``named`` all that have a name.

    Where a key is repeated although the rows are of one report each (same title), the rows may be several studies of a
    report, or one study with several values in some columns. ``combined`` states that a study may have several rows.
    ``several`` are columns that are declared to have several values, ``given`` those that are declared as the key.
    """
    key = _given(profile, given) if given else _key(profile, fields, named)
    columns = key.columns or tuple(fields[n] for n in ("key", "label", "doi") if n in fields)[:1]
    columns = columns or tuple(fields[n] for n in ("authors", "year", "title") if n in fields)
    rows = repeated_rows(profile, columns) if columns else {}
    if not rows:
        return key
    if combined:
        key.note += f"; {len(rows)} of the studies have several rows"
        return key
    of_report = [fields[name] for name in _OF_REPORT if name in fields and fields[name] not in columns]
    texts = [i for i in named if i not in columns and i not in of_report]
    if any(_differs(profile.column(i), rows) for i in of_report):
        return key
    differing = [i for i in texts if _differs(profile.column(i), rows)]
    if differing and all(i in several for i in differing):
        return _several_values(profile, key, rows, differing)
    return key if len(rows) < _SOME else _of_rows(profile, key, columns, rows, texts)


def is_citation(profile: Profile, fields: Mapping[str, int]) -> bool:
    """Return whether the key is authors and year, and stands for papers with different titles or DOIs."""
    if "key" not in fields or not (texts := profile.texts(fields["key"])):
        return False
    if 2 * sum(bool(_CITATION.fullmatch(text)) for text in texts) <= len(texts):
        return False
    others = [profile.column(fields[name]) for name in ("title", "doi") if name in fields]
    rows = repeated_rows(profile, (fields["key"],))
    return any(_contradict(column, rows) for column in others)


def id_beside(profile: Profile, fields: Mapping[str, int], named: Iterable[int]) -> int | None:
    """Return a further column of ids, which is filled in every row and stands for one title or DOI each."""
    names = {fold_words(text) for text in ("key", *STUDIES.columns["key"])}
    others = [profile.column(fields[name]) for name in ("title", "doi") if name in fields]
    for index in named:
        if index == fields["key"] or fold_words(profile.table.header[index]) not in names:
            continue
        rows = repeated_rows(profile, (index,))
        if all(profile.column(index)) and not any(_contradict(column, rows) for column in others):
            return index
    return None


def _contradict(column: Sequence[str], repeated: Rows) -> bool:
    """Return whether rows with one key have different texts; a blank cell contradicts nothing."""
    texts = ({fold_words(column[at]) for at in positions} - {""} for positions in repeated.values())
    return any(len(found) > 1 for found in texts)


def _of_rows(
    profile: Profile,
    key: Key,
    columns: tuple[int, ...],
    rows: Mapping[tuple[str, ...], Sequence[int]],
    others: Sequence[int],
) -> Key:
    """Return the key of a sheet where several rows have the same key, and nothing contradicts that they are of one
    study or report: few columns that differ are several values of a study, many are several studies of a report."""
    header = profile.table.header
    name = " and ".join(repr(header[i]) for i in columns)
    differing = [i for i in others if _differs(profile.column(i), rows)]
    people = [i for i in differing if fold_words(header[i]) in _PEOPLE]
    if people and all(len({profile.column(people[0])[at] for at in positions}) > 1 for positions in rows.values()):
        found = _several_values(profile, key, rows, differing)
        return replace(found, note=f"{found.note}; they are by different people: {header[people[0]]!r}")
    keys = len(profile.counts(columns[0]))
    parts = _telling_apart(profile, rows, others) if len(columns) == 1 and 2 * len(rows) < keys else ()
    if parts and 3 * len(differing) > len(others):
        more = " and ".join(repr(header[i]) for i in parts)
        note = f"{name} names the report, and with {more} the study: {len(rows)} reports have several studies"
        return Key((*columns, *parts), columns[0], note)
    if parts and 5 * len(differing) > len(others):
        return replace(key, parts=parts)
    return _several_values(profile, key, rows, differing)


def _several_values(profile: Profile, key: Key, rows: Sized, differing: Sequence[int]) -> Key:
    header = profile.table.header
    listed = ", ".join(header[i] for i in differing[:6]) + (", …" if len(differing) > 6 else "")
    note = f"{key.note}; {len(rows)} of the studies have several rows, and all the values of: {listed}"
    return replace(key, note=note, repeats=True)


def _given(profile: Profile, columns: tuple[int, ...]) -> Key:
    names = " and ".join(repr(profile.table.header[i]) for i in columns)
    return Key(columns, None, f"a study is identified by {names} together")


def _key(profile: Profile, fields: Mapping[str, int], named: Sequence[int]) -> Key:
    """Return the key of a sheet of studies, as its header says."""
    header = profile.table.header
    own = fields.get("key")
    if own is not None:
        return Key(note=f"a study is identified by {header[own]!r}")
    return _without_id(profile, fields, named)


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
    folded = [[text.casefold() for text in profile.column(i)] for i in columns]
    repeated = {texts for texts, number in Counter(zip(*folded, strict=True)).items() if number > 1 and any(texts)}
    rows: dict[tuple[str, ...], list[int]] = {}
    for position, texts in enumerate(zip(*folded, strict=True)):
        if texts in repeated:
            rows.setdefault(texts, []).append(position)
    return rows


def _differs(column: Sequence[str], repeated: Rows) -> bool:
    return any(len({column[at] for at in positions}) > 1 for positions in repeated.values())


def _telling_apart(profile: Profile, repeated: Rows, others: Iterable[int]) -> tuple[int, ...]:
    """Return the column, or else the two, of short texts by which all rows with one key differ."""
    columns: dict[int, list[str]] = {}
    for index in others:
        counts = profile.counts(index)
        if counts and max(map(len, counts)) <= _LONGEST and len(columns) < _MOST_TRIED:
            column = profile.column(index)
            if _differs(column, repeated):
                columns[index] = column
    for size in (1, 2):
        for parts in combinations(columns, size):
            if all(
                len({tuple(columns[i][at].casefold() for i in parts) for at in positions}) == len(positions)
                for positions in repeated.values()
            ):
                return parts
    return ()
