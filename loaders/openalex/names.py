"""Names by which works are looked up: normalised OpenAlex ids, DOIs and PMIDs, in batches that fit into one URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from kg.loaders.openalex.works import short_id
from kg.model.ids import normalise_doi

#: The most values of one filter that the service accepts.
MOST_VALUES = 100
#: The most bytes of values in one URL: the service accepts URLs of 8,190 bytes; the rest is for other parameters.
MOST_BYTES = 7500


def name_of(text: str) -> str | None:
    """Return the name for an OpenAlex id, DOI or PMID in any spelling; None for any other text.

    >>> name_of("https://doi.org/10.1037/PRJ0000222"), name_of("w196"), name_of("pmid: 123")
    ('doi:10.1037/prj0000222', 'W196', 'pmid:123')
    """
    text = text.strip()
    if doi := normalise_doi(text):  # tried first, because a DOI may end like an OpenAlex id
        return f"doi:{doi}"
    lowered = text.casefold().rstrip("/")
    for prefix in ("https://pubmed.ncbi.nlm.nih.gov/", "pmid"):
        digits = lowered.removeprefix(prefix).strip(" :")
        if digits != lowered and digits.isascii() and digits.isdigit():
            return f"pmid:{digits}"
    return short_id(text.removeprefix("openalex:"), "W")


def names_of(work: Mapping[str, Any]) -> list[str]:
    """Return the names by which a work can be looked up: ``W…``, ``doi:…``, ``pmid:…``."""
    ids = work.get("ids")
    doi = normalise_doi(str(work.get("doi") or ""))
    pmid = str(ids.get("pmid") or "").rstrip("/").rpartition("/")[2] if isinstance(ids, dict) else ""
    named = (short_id(work.get("id"), "W"), f"doi:{doi}" if doi else None, f"pmid:{pmid}" if pmid else None)
    return [name for name in named if name]


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield names in batches of one kind that fit into one URL; a name that cannot be part of a list is a batch."""
    kinds: dict[str, list[str]] = {"W": [], "doi": []}
    single = []
    for name in names:
        if _must_be_alone(name):
            single.append([name])
        else:
            kinds["doi" if name.startswith("doi:") else "W"].append(name)
    for listed in kinds.values():
        batch: list[str] = []
        length = 0
        for name in listed:
            size = len(quote(f"{name.removeprefix('doi:')}|", safe=""))
            if batch and (len(batch) == MOST_VALUES or length + size > MOST_BYTES):
                yield batch
                batch, length = [], 0
            batch.append(name)
            length += size
        if batch:
            yield batch
    yield from single


def _must_be_alone(name: str) -> bool:
    """Return whether a name cannot be part of a list: the service splits lists even at encoded commas."""
    return not name.startswith(("W", "doi:")) or any(character in name for character in ",|\"'!")
