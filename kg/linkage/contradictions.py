"""What speaks against a shared key: a title, and with it a first author or a page, that differ. Pure.

One DOI may belong to many publications: abstracts of a conference carry that of their supplement, chapters that of
their book, and databases put a DOI on the wrong work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.linkage.authors import names_in, same_person
from kg.linkage.fields import first_page, same_page
from kg.linkage.titles import FEWEST_LETTERS, Title, agreement, title_of
from kg.model.literature import Record
from kg.model.records import Study

#: The most works of a cluster that are compared with those of another.
_MOST_COMPARED = 20


@dataclass(frozen=True, slots=True)
class Described:
    """What a study or a record says of itself: its title, its first author, and its first page."""

    title: Title | None
    first_author: str | None
    page: tuple[str, str] = ("", "")


def described(work: Study | Record) -> Described:
    """Return what a study of a sheet or a record says of itself."""
    if isinstance(work, Study):
        return Described(title_of(work.title), next(iter(names_in(work.authors)), None))
    first = work.authors[0].name if work.authors else None
    return Described(title_of(work.title), first, first_page(work.pages))


def contradiction(a: Described, b: Described) -> str | None:
    """Return what differs between two works so that a shared key does not make them one; None where nothing does.

    Titles have to differ, and with them the first authors, or the first pages of works of one author.
    """
    if not (a.first_author and b.first_author) or a.title is None or b.title is None or _same_title(a, b):
        return None
    if not same_person(a.first_author, b.first_author):
        return "title and first author differ"
    if same_page(a.page, b.page) is False:
        return "title and first page differ"
    return None


def contradiction_of_all(ones: Sequence[Described], others: Sequence[Described]) -> str | None:
    """Return what differs between two groups of works; None where a title of one is a title of the other."""
    found = None
    for a in ones[:_MOST_COMPARED]:
        for b in others[:_MOST_COMPARED]:
            if _same_title(a, b):
                return None
            found = found or contradiction(a, b)
    return found


def _same_title(a: Described, b: Described) -> bool:
    if a.title is None or b.title is None:
        return False
    short, long = sorted((a.title.plain, b.title.plain), key=len)
    if short == long or same_page(a.page, b.page) is False:  # two abstracts of one author may be called nearly alike
        return short == long
    # A title that merely continues where the other ends is not another one.
    begins = len(short) >= FEWEST_LETTERS and long.startswith(f"{short} ")
    return begins or agreement(a.title, b.title) is not None
