"""How a search of the log finds records, in the terms of PRISMA 2020. Pure."""

from __future__ import annotations

import re

from kg.loaders.openalex.names import name_of
from kg.model.records import Search

DATABASE, REGISTER, WEBSITE, CITATIONS, BY_NAME = "databases", "registers", "websites", "citations", "by identifier"
#: The methods of PRISMA's column "databases and registers"; the others are "other methods".
FIRST_ARM = (DATABASE, REGISTER)
_CHASED = re.compile(r"(?:^|,)(?:cites|cited_by):")
_CHASED_WORDS = re.compile(
    r"\d+ rounds? of citations from |(?:citation|reference list|snowball|backward|forward)\w* (?:search|chas|check)",
    re.IGNORECASE,
)
_REGISTER = re.compile(r"\b(?:regist(?:er|ry|ries)|clinicaltrials\.gov|ictrp|isrctn|anzctr|euctr)\b", re.IGNORECASE)
_WEBSITE = re.compile(r"\bweb ?sites?\b|\bhand[ -]?search", re.IGNORECASE)


def method_of(search: Search) -> str:
    """Return the method of a search: a database, unless its source, query or filters say otherwise."""
    query = search.query or ""
    if _CHASED.search(search.filters or "") or _CHASED.search(query) or _CHASED_WORDS.search(query):
        return CITATIONS
    if query and all(name_of(name) for name in query.split("|")):
        return BY_NAME
    if _REGISTER.search(search.source):
        return REGISTER
    return WEBSITE if _WEBSITE.search(f"{search.source} {query}") else DATABASE
