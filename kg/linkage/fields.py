"""The fields of a record as they are compared: container, volume, page and the like. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.linkage.authors import family_words
from kg.linkage.titles import Title, plain_title, title_of

if TYPE_CHECKING:
    from kg.model.literature import Record

_NUMBER = re.compile(r"\d+")
_FIRST_PAGE = re.compile(r"[\s\"'(]*(?:pp?\.\s*)?([a-z]{0,5})0*(\d+)", re.IGNORECASE)
#: What follows the name of a journal: a place, a conference, a name in another language.
_AFTER_NAME = re.compile(r"[=(:/]")
_LINKING = frozenset("a an and the of in on for de la der die und et to".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Fields:
    """The compared fields of one record. A blank text is a value that the record does not have.

    ``families`` are the words of all authors' family names, ``family`` the last word of the first author's;
    ``container`` are the words of the journal or book.
    """

    id: str
    title: Title | None
    plain: str
    names: tuple[str, ...]
    families: frozenset[str]
    family: str
    year: int | None
    container: tuple[str, ...]
    volume: str
    issue: str
    page: tuple[str, str]
    doi: str


def fields_of(record: Record) -> Fields:
    """Return the compared fields of a record."""
    title = title_of(record.title)
    names = tuple(author.name for author in record.authors)
    words = [family_words(name) for name in names]
    return Fields(
        record.id,
        title,
        title.plain if title else "",
        names,
        frozenset(word for of_name in words for word in of_name),
        words[0][-1] if words and words[0] else "",
        record.year,
        container_words(record.venue),
        first_number(record.volume),
        first_number(record.issue),
        first_page(record.pages),
        record.doi or "",
    )


def container_words(venue: str | None) -> tuple[str, ...]:
    """Return the words of a journal's name without linking words.

    >>> container_words("The Journal of Hospital Infection (London)")
    ('journal', 'hospital', 'infection')
    """
    words = plain_title(_AFTER_NAME.split(venue or "", maxsplit=1)[0]).split()
    return tuple(word for word in words if word not in _LINKING)


def first_number(text: str | None) -> str:
    """Return the first number of a volume or issue; blank where a database cut the field.

    >>> first_number("29 (7)"), first_number("1)"), first_number(None)
    ('29', '', '')
    """
    if not text or text.count("(") != text.count(")"):
        return ""
    found = _NUMBER.search(text)
    return found.group().lstrip("0") if found else ""


def first_page(pages: str | None) -> tuple[str, str]:
    """Return the letters and the digits of the first page; both blank where there is none.

    >>> first_page("S299-S301"), first_page('"52-4, 64"'), first_page(None)
    (('s', '299'), ('', '52'), ('', ''))
    """
    found = _FIRST_PAGE.match(pages or "")
    return (found[1].lower(), found[2]) if found else ("", "")


def same_page(a: tuple[str, str], b: tuple[str, str]) -> bool | None:
    """Return whether two first pages are the same; letters that one database leaves out do not differ.

    >>> same_page(("e", "23"), ("", "23")), same_page(("s", "23"), ("e", "23")), same_page(("", ""), ("", "1"))
    (True, False, None)
    """
    if not a[1] or not b[1]:
        return None
    return a[1] == b[1] and (a[0] == b[0] or not a[0] or not b[0])


def same_container(a: tuple[str, ...], b: tuple[str, ...]) -> bool | None:
    """Return whether two names may be one journal's: words, abbreviated words in their order, or initials.

    >>> same_container(("j", "hosp", "infect"), ("journal", "hospital", "infection"))
    True
    >>> same_container(("jpen",), ("journal", "parenteral", "enteral", "nutrition"))
    True
    >>> same_container(("lancet",), ("nature",)), same_container((), ("nature",))
    (False, None)
    """
    if not a or not b:
        return None
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and short[0] == "".join(word[0] for word in long):
        return True
    rest = iter(long)
    return all(any(one.startswith(word) or word.startswith(one) for one in rest) for word in short)
