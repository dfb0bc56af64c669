"""How a release describes itself to archives: CITATION.cff, a Frictionless data package, and RO-Crate metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.release.citation import citation
from kg.release.crate import CRATE, ro_crate
from kg.release.datapackage import data_package


def packages(files: Mapping[str, str], says: Mapping[str, Any]) -> dict[str, str]:
    """Return file name -> text of the descriptions of a release with these files.

    ``says`` is the content of ``release.json``: name, date, review and counts.
    """
    found = {"CITATION.cff": citation(says), "datapackage.json": data_package(files, says)}
    return found | {CRATE: ro_crate({**files, **found}, says)}
