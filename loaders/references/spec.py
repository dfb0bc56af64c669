"""What ``[[references]]`` in ``review.toml`` declares of a table of references. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The names that ``columns`` may map -> the field of an entry that they are.
FIELDS = {
    "title": "title", "authors": "authors", "year": "dates", "date": "dates", "doi": "identifiers",
    "url": "identifiers", "pmid": "pmid", "pmcid": "pmcid", "openalex": "openalex", "type": "type",
    "journal": "venue", "language": "language", "abstract": "abstract", "accession": "accession",
}  # fmt: skip


@dataclass(frozen=True)
class ReferenceSpec:
    """The declaration of one file: its database, its columns (name in ``FIELDS`` -> column), what parts authors."""

    file: str
    database: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    split: str | None = None
