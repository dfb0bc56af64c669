"""The identifiers of a study in the cells of its row. Pure."""

from __future__ import annotations

import re

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.words import is_status
from kg.model.ids import normalise_doi

_OPENALEX = re.compile(r"(?:https?://openalex\.org/)?(W\d+)", re.IGNORECASE)


def read_doi(cells: RowReader) -> str | None:
    """Return the bare DOI of the current row, or None; one that is none rejects the row."""
    text = cells.text("doi")
    doi = normalise_doi(text) if text else None
    if text and doi is None and not is_status(text):
        cells.fail("doi", text, "is not a DOI", accepted="10.…/…, with or without https://doi.org/, or blank")
    return doi


def read_openalex(cells: RowReader) -> str | None:
    """Return the OpenAlex id of the current row, or None; one that is none rejects the row."""
    text = cells.text("openalex")
    found = _OPENALEX.fullmatch(text)
    if text and found is None and not is_status(text):
        cells.fail("openalex", text, "is not an OpenAlex work", accepted="W followed by digits, or blank")
    return found[1].upper() if found else None
