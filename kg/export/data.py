"""The data of the HTML and CSV exports, read from the graph.

Fields are white-listed, and the same graph gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.errors import counted
from kg.export.tables import to_csv
from kg.model.ids import slug
from kg.table import STANDING_MARKS, STANDING_WORDS, Table
from kg.version import __version__

if TYPE_CHECKING:
    from kg.model.records import ReviewInfo
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


def map_data(graph: Graph, info: ReviewInfo | None = None) -> dict[str, Any]:
    """Return the data of the gap map page; ``info`` has the words and colours that the review chose."""
    findings = _map_findings(graph)
    factors, outcomes = _map_terms(graph, findings)
    return {
        "meta": _map_meta(graph),
        "words": dict(info.words) if info else {},
        "colours": dict(info.colours) if info else {},
        "factors": factors,
        "outcomes": outcomes,
        "studies": _map_studies(graph),
        "findings": findings,
        "gaps": [
            row
            for row in _rows(graph.gaps(), "kind", "factor", "outcome", "studies", "reason")
            if row["kind"] != "stated"
        ],
        "stated_gaps": _rows(graph.table("stated-gaps"), "kind", "statement", "locator"),
    }


def _map_meta(graph: Graph) -> dict[str, Any]:
    names = ("title", "question", "citation", "doi", "search_date", "studies", "findings")
    (review,) = _rows(graph.table("review"), *names)
    return {
        **review,
        "version": f"kg {__version__}",
        "data_sha256": graph.digest,
        "left_out": counted(graph.left_out, "row") if graph.left_out else None,
        "only": graph.only or None,
    }


def _map_findings(graph: Graph) -> list[dict[str, Any]]:
    return [
        {
            "study": row["study_id"],
            "factor": row["factor_id"],
            "outcomes": row["outcome_ids"],
            **_only(row, "direction", "pole", "locator", "note", "tabulated", "certainty"),
            "source": f"{row['file']}, row {row['row']}" if row["file"] else None,
        }
        for row in graph.table("findings").dicts()
    ]


def _map_terms(graph: Graph, findings: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the factors and the outcomes of the map: every term but the groups without a finding of their own."""
    vocabulary = list(graph.table("vocabulary").dicts())
    used = {("factor", finding["factor"]) for finding in findings}
    used |= {("outcome", outcome) for finding in findings for outcome in finding["outcomes"]}
    groups = {(row["kind"], row["broader"]) for row in vocabulary}
    shown = [row for row in vocabulary if (row["kind"], row["id"]) in used or (row["kind"], row["id"]) not in groups]
    fields = ("id", "label", "group", "definition")
    factors = [_only(row, *fields) for row in shown if row["kind"] == "factor"]
    outcomes = [_only(row, *fields, "favourable") for row in shown if row["kind"] == "outcome"]
    return factors, outcomes


def _map_studies(graph: Graph) -> list[dict[str, Any]]:
    notices = _notices(graph)
    studies = []
    for row in graph.table("characteristics").dicts():
        is_flagged = row["standing"] in STANDING_MARKS
        unflagged = (row["standing"] or "not checked") if graph.flags else None
        studies.append({
            "id": row["id"],
            "label": None if row["label"] is None else str(row["label"]),
            "short": row["study"],
            **_only(row, "title", "authors", "year", "doi", "design", "methods", "setting"),
            "standing": row["standing"] if is_flagged else None,
            "standing_said": notices.get(row["label"]) if is_flagged else unflagged,
        })  # fmt: skip
    return studies


def _notices(graph: Graph) -> dict[Any, str]:
    """Return the source, status and day of every notice about a flagged study, by the label of the study."""
    if not graph.flags:
        return {}
    found: dict[Any, list[str]] = {}
    for row in graph.table("standing").dicts():
        if row["source"]:
            day = f" {row['date']}" if row["date"] else f" (seen {row['seen']})" if row["seen"] else ""
            status = STANDING_WORDS.get(row["status"], row["status"])
            found.setdefault(row["study_label"], []).append(f"{row['source']}: {status}{day}")
    return {label: "; ".join(notices) for label, notices in found.items()}


def _rows(table: Table, *columns: str) -> list[dict[str, Any]]:
    return [_only(row, *columns) for row in table.dicts()]


def _only(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {column: row[column] for column in columns}


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
