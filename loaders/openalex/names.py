"""What works of OpenAlex are asked for by: ids, DOIs and PMIDs in one spelling, in batches that one address takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from kg.loaders.openalex.works import short_id
from kg.model.ids import normalise_doi

#: Values of one filter that the service takes.
MOST_VALUES = 100
#: Bytes of an address that the service takes (8,190), less what paging and further filters add.
LONGEST = 7500


def name_of(text: str) -> str | None:
    """Return an identifier as ``look_up`` takes it: an OpenAlex id, a DOI or a PMID in any spelling; None for others.

    >>> name_of("https://doi.org/10.1037/PRJ0000222"), name_of("w196"), name_of("pmid: 123")
    ('doi:10.1037/prj0000222', 'W196', 'pmid:123')
    """
    text = text.strip()
    if doi := normalise_doi(text):  # first: the last part of a DOI may look like an id of OpenAlex
        return f"doi:{doi}"
    lowered = text.casefold().rstrip("/")
    for prefix in ("https://pubmed.ncbi.nlm.nih.gov/", "pmid"):
        digits = lowered.removeprefix(prefix).strip(" :")
        if digits != lowered and digits.isascii() and digits.isdigit():
            return f"pmid:{digits}"
    return short_id(text.removeprefix("openalex:"), "W")


def names_of(work: Mapping[str, Any]) -> list[str]:
    """Return what a work may have been asked for by: ``W…``, ``doi:…``, ``pmid:…``."""
    ids = work.get("ids")
    doi = normalise_doi(str(work.get("doi") or ""))
    pmid = str(ids.get("pmid") or "").rstrip("/").rpartition("/")[2] if isinstance(ids, dict) else ""
    named = (short_id(work.get("id"), "W"), f"doi:{doi}" if doi else None, f"pmid:{pmid}" if pmid else None)
    return [name for name in named if name]


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield names of one kind together, as many as one address takes; those that a list would take apart, alone."""
    kinds: dict[str, list[str]] = {"W": [], "doi": []}
    single = []
    for name in names:
        if _alone(name):
            single.append([name])
        else:
            kinds["doi" if name.startswith("doi:") else "W"].append(name)
    for listed in kinds.values():
        batch: list[str] = []
        length = 0
        for name in listed:
            size = len(quote(f"{name.removeprefix('doi:')}|", safe=""))
            if batch and (len(batch) == MOST_VALUES or length + size > LONGEST):
                yield batch
                batch, length = [], 0
            batch.append(name)
            length += size
        if batch:
            yield batch
    yield from single


def _alone(name: str) -> bool:
    """Return whether a name has to be looked up by itself: the service parts lists at commas, encoded or not."""
    return not name.startswith(("W", "doi:")) or any(sign in name for sign in ",|\"'!")
