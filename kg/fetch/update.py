"""The update of a living review: the searches of the log again since their last day, and what they have brought.

What is left to do follows from the search log alone: a search whose last day is today is done. So an update that was
interrupted goes on when it is run again, and one that is complete fetches nothing and has the same digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kg.fetch.names import included_names, recorded_names
from kg.fetch.run import Request
from kg.folder.keys import is_date
from kg.folder.review import Review
from kg.model.records import Search
from kg.screening.methods import BY_NAME, method_of

#: OpenAlex lists many works weeks after their day of publication, which is the day that can be searched for without a
#: paid plan; so a search is repeated from this many days before its last day.
OVERLAP = timedelta(days=60)
_FROM, _TO = "from_publication_date", "to_publication_date"
_FILTER = re.compile(r"[a-z][\w.-]*:", re.IGNORECASE)
_ROUNDS = re.compile(r"(\d) rounds? of citations from ")


@dataclass(frozen=True)
class Step:
    """One request of an update; ``name`` says in words what it is, ``since`` is the day from which it searches."""

    name: str
    request: Request
    since: str | None = None


@dataclass(frozen=True)
class Steps:
    """What an update has to ask, what it has asked today, and the searches that it cannot repeat, with the reason."""

    open: tuple[Step, ...]
    done: tuple[str, ...]
    not_repeated: tuple[tuple[str, str], ...]


def steps(review: Review, today: date, *, rounds: int = 0, refresh: bool = True) -> Steps:
    """Return the steps of an update: each search that can be repeated, ``rounds`` of citations, the included studies.

    Raises BadInput for a folder that cannot be read.
    """
    searches = review.load().evidence.searches
    latest, refused = _repeatable(searches)
    found, done = [], []
    longest_ago = sorted(latest.items(), key=lambda item: _day(item[1][0]))  # a budget may end the update at any step
    for (query, filters, corpus), (last, first) in longest_ago:
        name = f"{last.id}: {', '.join(filter(None, (query, last.filters)))}"
        if _day(last) >= today:
            done.append(name)
            continue
        since = max(first, (_day(last) - OVERLAP).isoformat())
        if ends := [value for key, value in filters if key == _TO and value < since]:
            refused.append((last.id, f"it ends at {ends[0]}"))
            continue
        found.append(Step(name, Request(query or None, (*filters, (_FROM, since)), corpus), since))
    asked_today = {search.query for search in searches if search.date == today.isoformat()}
    for name, request in _of_studies(review, rounds, refresh):
        if request.text() in asked_today:
            done.append(name)
        else:
            found.append(Step(name, request))
    return Steps(tuple(found), tuple(done), tuple(refused))


def _of_studies(review: Review, rounds: int, refresh: bool) -> Iterable[tuple[str, Request]]:
    """Yield the requests that start from the included studies."""
    if rounds and (names := tuple(dict.fromkeys(included_names(review)))):
        yield f"citations: {rounds} round{'s' if rounds > 1 else ''}", Request(names=names, rounds=rounds)
    if refresh and (names := tuple(recorded_names(review))):
        yield "standing: the records of the included studies", Request(names=names)


_Key = tuple[str, tuple[tuple[str, str], ...], str | None]


def _repeatable(searches: Iterable[Search]) -> tuple[dict[_Key, tuple[Search, str]], list[tuple[str, str]]]:
    """Return each search that can be repeated, as it was run last, and the others with the reason.

    Searches that differ only in the day from which they look are one; beside it is the earliest of these days, "" if
    one of them looked from the beginning.
    """
    latest: dict[_Key, tuple[Search, str]] = {}
    refused = []
    for search in searches:
        if why := _why_not(search):
            refused.append((search.id, why))
            continue
        pairs = _filters(search.filters or "")
        key = search.query or "", tuple(pair for pair in pairs if pair[0] != _FROM), search.corpus
        start = max((value for name, value in pairs if name == _FROM), default="")
        last, first = latest.get(key, (search, start))
        latest[key] = search if _day(search) >= _day(last) else last, min(first, start)
    return latest, [(id_, why) for id_, why in refused if why != _QUIET]


#: Requests by name and citations are steps of their own, and are not missed.
_QUIET = "it is repeated in another way"


def _why_not(search: Search) -> str | None:
    if search.source != "OpenAlex" or search.platform != "OpenAlex API":
        return f"only OpenAlex can be asked again, not {search.source}"
    if method_of(search) == BY_NAME or _ROUNDS.match(search.query or ""):
        return _QUIET
    if not (search.query or search.filters):
        return "the log has no query"
    return None if search.date and is_date(search.date) else "the log has no day of it"


def _day(search: Search) -> date:
    return date.fromisoformat(((search.date or "") + "-01-01")[:10])


def _filters(text: str) -> tuple[tuple[str, str], ...]:
    """Return the filters that the log has as text; a comma inside of a value stays there."""
    pairs: list[tuple[str, str]] = []
    for part in text.split(",") if text else ():
        if _FILTER.match(part) or not pairs:
            name, _, value = part.partition(":")
            pairs.append((name, value))
        else:
            pairs[-1] = pairs[-1][0], f"{pairs[-1][1]},{part}"
    return tuple(pairs)


def came_on(searches: Iterable[Search], today: date) -> Mapping[str, Search]:
    """Return the files that came on a day, with their searches."""
    return {search.file: search for search in searches if search.file and search.date == today.isoformat()}
