"""The data of the CSV export, read from the graph.

Fields are white-listed, and the same graph gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.export.sheets import sheet_files
from kg.export.tables import to_csv
from kg.model.ids import slug

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The tables that ``kg export csv`` writes beside studies.csv and findings.csv.
CSV_TABLES = (
    "evidence-counts",
    "outcomes",
    "gap-map",
    "designs",
    "evidence-by-year",
    "vocabulary",
    "searches",
    "stated-gaps",
)


def csv_files(graph: Graph) -> dict[str, str]:
    """Return file name -> text; ``studies.csv`` and ``findings.csv`` are sheets that ``kg build`` can read."""
    files = sheet_files(graph)
    files.update({f"{name}.csv": to_csv(graph.table(name)) for name in CSV_TABLES})
    files.update({f"map-{slug(spec.name)}.csv": to_csv(graph.gap_map(spec.name)) for spec in graph.maps})
    files["gaps.csv"] = to_csv(graph.gaps())
    return files
