"""The descriptor of a release as a Frictionless data package."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.model.ids import slug
from kg.release.about import LICENCES, as_json, authors_of, description_of, held_in, licence_id, shown, title_of


def data_package(files: Mapping[str, str], says: Mapping[str, Any]) -> str:
    """Return the descriptor of a Frictionless data package (version 1) with the CSV files."""
    review = says["review"]
    licence = licence_id(review.get("licence"))
    fields: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": slug(f"{review['id']}-{says['name']}"),
        "title": title_of(says),
        "description": description_of(says),
        "version": says["name"],
        "created": f"{says['date']}T00:00:00Z",
    }
    if licence:
        fields["licenses"] = [{"name": licence, "path": LICENCES[licence]}]
    authors = [{"title": shown(author), "role": "author"} for author in authors_of(says)]
    fields |= {"contributors": authors} if authors else {}
    fields["resources"] = [_resource(name, text) for name, text in files.items() if name.endswith(".csv")]
    return as_json(fields)


def _resource(name: str, text: str) -> dict[str, Any]:
    content = text.encode()
    return {
        "profile": "tabular-data-resource",
        "name": name.removesuffix(".csv").replace("/", "-"),
        "path": name,
        "description": held_in(name),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": column, "type": kind} for column, kind in _fields(text)]},
    }


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of CSV text with their types: integer where every cell that is not blank is one."""
    header, *rows = csv.reader(io.StringIO(text))
    for place, column in enumerate(header):
        cells = [row[place] for row in rows if row[place]]
        yield column, "integer" if cells and all(re.fullmatch("-?[0-9]{1,15}", cell) for cell in cells) else "string"
