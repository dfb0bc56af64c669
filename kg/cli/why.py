"""``kg why``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import filtering, listing, map_option, open_graph_of, reading
from kg.cli.output import emit, format_of
from kg.table import Table

if TYPE_CHECKING:
    from kg.query.part import Part


@click.command(epilog='Example: kg why autonomy "job satisfaction"')
@click.argument("factor")
@click.argument("outcome", required=False)
@map_option
@filtering
@reading
@listing
def why(
    factor: str,
    outcome: str | None,
    map_: str | None,
    where: Part,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show the findings behind a factor and an outcome.

    FACTOR and OUTCOME are ids, labels or parts of one; where a part fits several, they are listed. Without OUTCOME, all
    findings about the factor are shown.

    With --map, they are values of the rows and columns of a map in review.toml, and the studies and findings behind the
    cell are shown; implied are the studies that are not known to have examined the pair.
    """
    with open_graph_of(folder, store, where) as graph:
        found = graph.why(factor, outcome, map_)
        if format_of(format_, output) == "table":
            found = _narrow(found)
        emit(found, format_, output)


def _narrow(found: Table) -> Table:
    """Return the columns for a terminal, without those that are blank in every row of a cell of a map."""
    if "placement" not in found.columns:
        return found.only("study", "study_label", "direction", "pole", "outcomes", "locator", "note", "file", "row")
    has_findings = any(found.column("row"))
    left_out = ("title", "doi") if has_findings else ("doi",)
    return found.only(*(name for name in found.columns if name not in left_out and any(found.column(name))))
