"""The metadata of a release as an RO-Crate 1.2."""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Mapping
from typing import Any

from kg.model.ids import normalise_doi
from kg.release.about import LICENCES, as_json, authors_of, description_of, held_in, licence_id, shown, title_of

#: The name of the file.
CRATE = "ro-crate-metadata.json"
_MEDIA = {"csv": "text/csv", "toml": "application/toml", "json": "application/json", "cff": "application/yaml"}


def ro_crate(files: Mapping[str, str], says: Mapping[str, Any]) -> str:
    """Return the metadata of a crate with these files, and with ``release.json``, which has the hashes of all."""
    review, names = says["review"], [*files, "release.json"]
    authors = [_person(number, author) for number, author in enumerate(authors_of(says), start=1)]
    licence = _licence(review.get("licence"))
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": title_of(says),
        "description": description_of(says),
        "datePublished": says["date"],
        "version": says["name"],
        "license": {"@id": licence["@id"]},
        "hasPart": [{"@id": name} for name in names],
    }
    entities = [*authors, licence, *(_file(name, files.get(name)) for name in names)]
    if authors:
        root["author"] = [{"@id": author["@id"]} for author in authors]
    doi = normalise_doi(review.get("doi") or "")
    if doi:
        address = f"https://doi.org/{urllib.parse.quote(doi, safe='/:;().-_')}"
        root["isBasedOn"] = {"@id": address}
        name = review.get("citation") or review["title"]
        entities.append({"@id": address, "@type": "ScholarlyArticle", "name": name, "identifier": address})
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
    }
    return as_json({"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": [about, root, *entities]})


def _licence(text: str | None) -> dict[str, str]:
    """Return the licence: a crate must have one, and says so where the review states none."""
    known = licence_id(text)
    name = known or text or "none stated"
    says = text or "The review states no licence; ask its authors."
    return {"@id": LICENCES[known] if known else "#licence", "@type": "CreativeWork", "name": name, "description": says}


def _person(number: int, author: Mapping[str, str]) -> dict[str, str]:
    found = {"@id": f"#author-{number}", "@type": "Person" if "family-names" in author else "Organization"}
    found["name"] = shown(author)
    if "family-names" in author:
        found |= {"familyName": author["family-names"], "givenName": author["given-names"]}
    return found


def _file(name: str, text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": name, "@type": "File", "name": name, "description": held_in(name)}
    found["encodingFormat"] = _MEDIA[name.rpartition(".")[2]]
    if text is not None:  # release.json has the hash of this file, and so cannot be in it
        found["contentSize"] = str(len(text.encode()))
        found["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return found
