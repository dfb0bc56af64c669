"""What every description of a release says: its title, authors, licence, and what its files hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from kg.cypher import catalogue
from kg.errors import counted
from kg.release.snapshot import COLUMNS
from kg.text import escaped, without_controls

#: The licences that a release can name by their SPDX id -> their addresses.
LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    **{f"CC-{kind.upper()}-4.0": f"https://creativecommons.org/licenses/{kind}/4.0/"
       for kind in ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")},
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "MIT": "https://opensource.org/license/mit",
}  # fmt: skip
#: ``Castedo de Martell S``: a family name and initials.
_INITIALS = re.compile(r"(?P<family>.+\S)\s+(?P<given>[A-Z]{1,3})")
#: The beginning of the name of a file -> what it holds, for files that are no answer to a canned query.
_HELD = {
    "studies.csv": "The included studies with their facets, as a sheet",
    "findings.csv": "The findings of the studies, as a sheet",
    "facets.toml": "The declarations of the facets, for the review.toml of a folder made of the two sheets",
    "gaps.csv": "The gaps in the evidence, ranked",
    "matrix.csv": "The gap map as a grid",
    "map-": "A map that the review declares",
    "coverage.csv": "How full each facet is",
    "flow.csv": "The study flow",
    "release.json": "What this release is, and the hashes of its files",
    "CITATION.cff": "How to cite this release",
    "datapackage.json": "The tables and their columns (Frictionless data package)",
    **{f"snapshot/{name}.csv": f"Ids for the comparison of releases: {name}" for name in COLUMNS},
}


def as_json(value: Any) -> str:
    """Return indented JSON with control characters escaped."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=1), bidi=False) + "\n"


def held_in(file: str) -> str:
    """Return what a file of a release holds.

    >>> held_in("outcomes.csv"), held_in("map-designs.csv")
    ('Studies by outcome', 'A map that the review declares')
    """
    known = next((says for start, says in _HELD.items() if file.startswith(start)), None)
    return known or catalogue.canned(file.removesuffix(".csv")).title


def title_of(says: Mapping[str, Any]) -> str:
    """Return the title of a release, of which ``release.json`` says this."""
    return f"{says['review']['title']}: release {says['name']}"


def description_of(says: Mapping[str, Any]) -> str:
    """Return a sentence on what a release holds, and the question of the review."""
    counts = says["counts"]
    studies = counted(counts["studies"], "study", "studies")
    numbers = f"{studies}, {counted(counts['findings'], 'finding')}, {counted(counts['cells'], 'cell')} of the maps"
    question = says["review"].get("question")
    tables = f" The tables count the studies with {says['tables']}." if says.get("tables") else ""
    return f"The evidence of the review as of {says['date']}: {numbers}.{tables}" + (f" {question}" if question else "")


def licence_id(text: str | None) -> str | None:
    """Return the SPDX id of a licence that is named by it or in the usual short way, None for any other text.

    >>> licence_id("CC BY 4.0"), licence_id("CC BY (the article)")
    ('CC-BY-4.0', None)
    """
    wanted = re.sub(r"[\s-]+", "-", (text or "").strip()).casefold()
    return next((id_ for id_ in LICENCES if id_.casefold() == wanted), None)


def authors_of(says: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the authors of the review: family and given names where a name says so, otherwise the name as given."""
    found = []
    for text in (says["review"].get("authors") or "").split(";"):
        name = " ".join(without_controls(text).split())
        family, comma, given = (part.strip() for part in name.partition(","))
        initials = _INITIALS.fullmatch(name)
        if comma and family and given:
            found.append({"family-names": family, "given-names": given})
        elif initials:
            found.append({"family-names": initials["family"], "given-names": initials["given"]})
        elif name:
            found.append({"name": name})
    return found


def shown(author: Mapping[str, str]) -> str:
    """Return the name of an author in one piece."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"
