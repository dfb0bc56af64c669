"""The data of the CSV export, read from the graph.

Fields are white-listed, and the same graph gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.export.tables import to_csv
from kg.model.ids import slug
from kg.table import Table

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


#: The columns of the exported sheets, which ``kg build`` reads.
_STUDIES = (
    "key", "label", "reference", "doi", "openalex", "authors", "year", "title", "publication_type", "methods", "design",
    "setting", "population", "country", "sample_size", "outcomes", "basis",
)  # fmt: skip
_FINDINGS = (
    "study", "factor", "direction", "outcomes", "pole", "locator", "note", "tabulated", "associated", "approach",
    "certainty", "coder",
)  # fmt: skip


def csv_files(graph: Graph) -> dict[str, str]:
    """Return file name -> CSV text; ``studies.csv`` and ``findings.csv`` are sheets that ``kg build`` can read."""
    studies = list(graph.table("characteristics").dicts())
    keys = {row["id"]: row["key"] for row in studies}
    for row in studies:
        row["openalex"] = row["id"].removeprefix("openalex:") if row["id"].startswith("openalex:") else None
    findings = list(graph.table("findings").dicts())
    for row in findings:
        row["study"] = keys[row["study_id"]]
    files = {
        "studies.csv": to_csv(Table("studies", _STUDIES, [tuple(row[c] for c in _STUDIES) for row in studies])),
        "findings.csv": to_csv(Table("findings", _FINDINGS, [tuple(row[c] for c in _FINDINGS) for row in findings])),
    }
    files.update({f"{name}.csv": to_csv(graph.table(name)) for name in CSV_TABLES})
    files.update({f"map-{slug(spec.name)}.csv": to_csv(graph.gap_map(spec.name)) for spec in graph.maps})
    files["gaps.csv"] = to_csv(graph.gaps())
    return files
