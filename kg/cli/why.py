"""``kg why``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import emit, format_of, listing, open_graph_of, reading


@click.command(epilog='Example: kg why autonomy "job satisfaction"')
@click.argument("factor")
@click.argument("outcome", required=False)
@reading
@listing
def why(
    factor: str, outcome: str | None, folder: Path, store: str | None, format_: str | None, output: Path | None
) -> None:
    """Show the findings behind a factor and an outcome.

    FACTOR and OUTCOME are ids, labels or parts of one; where a part fits several, they are listed. Without OUTCOME, all
    findings about the factor are shown.
    """
    with open_graph_of(folder, store) as graph:
        found = graph.why(factor, outcome)
        if format_of(format_, output) == "table":
            found = found.only(
                "study", "study_label", "direction", "pole", "outcomes", "locator", "note", "file", "row"
            )
        emit(found, format_, output)
