"""What the exports hold, asked from the graph; fields are white-listed, and the same graph gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.errors import counted
from kg.export.tables import to_csv
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
    """Return what the gap map page shows; ``info`` gives the words and colours that the review chose."""
    review = next(graph.table("review").dicts())
    meta = {key: review[key] for key in ("title", "question", "citation", "doi", "search_date", "studies", "findings")}
    vocabulary = list(graph.table("vocabulary").dicts())
    said = _standings(graph)

    def plain(standing: str | None) -> str | None:
        return (standing or "not checked") if graph.flags else None

    findings = [
        {
            "study": row["study_id"],
            "factor": row["factor_id"],
            "outcomes": row["outcome_ids"],
            **{key: row[key] for key in ("direction", "locator", "note", "tabulated", "certainty")},
            "source": f"{row['file']}, row {row['row']}" if row["file"] else None,
        }
        for row in graph.table("findings").dicts()
    ]
    used = {("factor", finding["factor"]) for finding in findings}
    used |= {("outcome", outcome) for finding in findings for outcome in finding["outcomes"]}
    groups = {(row["kind"], row["broader"]) for row in vocabulary}
    shown = [row for row in vocabulary if (row["kind"], row["id"]) in used or (row["kind"], row["id"]) not in groups]
    return {
        "meta": {
            **meta,
            "version": f"kg {__version__}",
            "data_sha256": graph.digest,
            "left_out": counted(graph.left_out, "row") if graph.left_out else None,
        },
        "words": dict(info.words) if info else {},
        "colours": dict(info.colours) if info else {},
        "factors": [
            {key: row[key] for key in ("id", "label", "group", "definition")}
            for row in shown
            if row["kind"] == "factor"
        ],
        "outcomes": [
            {key: row[key] for key in ("id", "label", "group", "definition", "favourable")}
            for row in shown
            if row["kind"] == "outcome"
        ],
        "studies": [
            {
                "id": row["id"],
                "label": None if row["label"] is None else str(row["label"]),
                "short": row["study"],
                **{key: row[key] for key in ("title", "authors", "year", "doi", "design", "methods", "setting")},
                "standing": row["standing"] if row["standing"] in STANDING_MARKS else None,
                "standing_said": said.get(row["label"])
                if row["standing"] in STANDING_MARKS
                else plain(row["standing"]),
            }
            for row in graph.table("characteristics").dicts()
        ],
        "findings": findings,
        "gaps": [
            {key: row[key] for key in ("kind", "factor", "outcome", "studies", "reason")}
            for row in graph.table("gaps").dicts()
        ],
        "stated_gaps": [
            {key: row[key] for key in ("kind", "statement", "locator")} for row in graph.table("stated-gaps").dicts()
        ],
    }


#: The columns of the sheets that ``kg build`` reads, as they are written.
_STUDIES = (
    "key", "label", "reference", "doi", "openalex", "authors", "year", "title", "publication_type", "methods", "design",
    "setting", "population", "country", "sample_size", "outcomes", "basis",
)  # fmt: skip
_FINDINGS = (
    "study", "factor", "direction", "outcomes", "locator", "note", "tabulated", "associated", "approach", "certainty",
    "coder",
)  # fmt: skip


def csv_files(graph: Graph) -> dict[str, str]:
    """Return file name -> CSV text; ``studies.csv`` and ``findings.csv`` are sheets that ``kg build`` reads again."""
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
    files["gaps.csv"] = to_csv(graph.gaps())
    return files


def _standings(graph: Graph) -> dict[Any, str]:
    """Return what sources say of each flagged study, by what the review calls it: source, standing and day."""
    if not graph.flags:
        return {}
    found: dict[Any, list[str]] = {}
    for row in graph.table("standing").dicts():
        if row["source"]:
            day = f" {row['date']}" if row["date"] else f" (seen {row['seen']})" if row["seen"] else ""
            found.setdefault(row["study_label"], []).append(
                f"{row['source']}: {STANDING_WORDS.get(row['status'], row['status'])}{day}"
            )
    return {label: "; ".join(said) for label, said in found.items()}
