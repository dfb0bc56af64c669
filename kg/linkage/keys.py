"""The keys that identify the publication of a record: their kinds, and the reason of a merge. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model.literature import Record

#: Kinds of keys in the order in which they are followed. The first three identify a publication; a database assigned
#: the others, and it may have assigned one of them to two publications.
OPENALEX, DOI, DOI_OF_LOCATION, PMID, PMCID, LOCATION = range(6)
KINDS = 6
PUBLICATION_KEYS = (OPENALEX, DOI, DOI_OF_LOCATION)
_KIND_NAMES = ("OpenAlex id", "DOI", "DOI of a location", "PMID", "PMCID", "location")


def keys_of(record: Record) -> Iterator[tuple[int, str]]:
    """Yield the keys that identify the publication of a record, as (kind, key)."""
    if record.openalex:
        yield OPENALEX, f"openalex:{record.openalex}"
    if record.doi:
        yield DOI, f"doi:{record.doi}"
    if record.pmid:
        yield PMID, f"pmid:{record.pmid}"
    if record.pmcid:
        yield PMCID, f"pmcid:{record.pmcid}"
    for location in record.locations:
        kind, _, value = location.partition(":")
        if kind == "doi":
            yield DOI_OF_LOCATION, f"doi:{value.lower()}"
        else:
            yield PMID if kind == "pmid" else LOCATION, location


def key_reason(kind: int, key: str) -> str:
    """Return the reason of a merge by a key in words."""
    return f"same location {key}" if kind == LOCATION else f"same {_KIND_NAMES[kind]} {key.partition(':')[2]}"
