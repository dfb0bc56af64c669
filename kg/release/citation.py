"""CITATION.cff, which tells how to cite a release."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.model.ids import normalise_doi
from kg.release.about import authors_of, description_of, licence_id, title_of
from kg.text import escaped

#: The DOIs that the schema of CITATION.cff accepts; some DOIs have other characters.
_CFF_DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")


def citation(says: Mapping[str, Any]) -> str:
    """Return CITATION.cff 1.2.0; a review that names no author is by "anonymous", since one must be named."""
    review = says["review"]
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": title_of(says),
        "abstract": description_of(says),
        "version": says["name"],
        "date-released": says["date"],
        "authors": authors_of(says) or [{"name": "anonymous"}],
    }
    if licence := licence_id(review.get("licence")):
        fields["license"] = licence
    if review.get("citation"):
        article: dict[str, Any] = {"type": "article", "title": review["title"], "authors": fields["authors"]}
        doi = normalise_doi(review.get("doi") or "")
        article |= {"doi": doi} if doi and _CFF_DOI.fullmatch(doi) else {}
        article |= {"year": review["year"]} if review.get("year") else {}
        fields["references"] = [article | {"notes": review["citation"]}]
    return "".join(_yaml(fields))


def _yaml(fields: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield fields as lines of YAML; texts are quoted as in JSON, which YAML reads alike."""
    for name, value in fields.items():
        if isinstance(value, list):
            yield f"{indent}{name}:\n"
            for item in value:
                first, *rest = _yaml(item, f"{indent}    ")
                yield from (f"{indent}  - {first.lstrip()}", *rest)
        elif isinstance(value, str):
            yield f"{indent}{name}: {escaped(json.dumps(value, ensure_ascii=False), bidi=False)}\n"
        else:
            yield f"{indent}{name}: {value}\n"
