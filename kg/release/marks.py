"""What changed since a release, as plain data for the page."""

from __future__ import annotations

from typing import Any

from kg.release.changes import Difference


def marks(found: Difference) -> dict[str, Any]:
    """Return the name of the earlier state, its changed cells by their ids, and all other changes as texts.

    ``cells`` is a list of map, row, column, the kinds of change and what they are; ``other`` has part, change, what,
    before, after and why of each change.
    """
    cells: dict[tuple[str, str, str], dict[str, Any]] = {}
    for change in found.of("cell"):
        if change.cell is not None:
            says = f"{change.before or 'no study'} → {change.after or 'no study'} ({change.why})"
            cells.setdefault(change.cell, {"kinds": [], "says": says})["kinds"].append(change.change)
    other = [
        [change.part, change.change, change.what, change.before, change.after, change.why]
        for change in found.changes
        if change.part not in ("cell", "number")
    ]
    listed = [[*key, each["kinds"], each["says"]] for key, each in cells.items()]
    return {"name": found.before.name, "cells": listed, "other": other}
