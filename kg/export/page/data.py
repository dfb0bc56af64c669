"""The data of the page, read from a graph: columns of plain values, by a white list.

The page holds what it shows and nothing else. Names of coders and columns that are called after them are left out
unless they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from kg.model.fields import CODING_STATUSES
from kg.query.dimensions import STANDARD, Dimension, dimension
from kg.query.maps import DEFAULT, MapSpec
from kg.query.units import Codes, Units
from kg.table import STANDING_MARKS, STANDING_WORDS
from kg.version import __version__

if TYPE_CHECKING:
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph

PageData = dict[str, Any]

#: The kinds of gaps of which the page itself composes the reason, from the numbers of the cell.
COUNTED_GAPS: Final = ("no-study", "one-study")
#: A facet with more values than this, most of them of one study, is shown with the study and does not filter.
MOST_VALUES: Final = 40
_META = ("id", "title", "question", "citation", "doi", "year", "search_date")
#: What only ``review.toml`` says of the review; its version is ``review_version``, as ``version`` is that of kg.
_INFO = (
    "authors", "changes", "inclusion_criteria", "exclusion_criteria", "protocol", "registration", "licence", "contact",
    "update_every",
)  # fmt: skip
_STUDY = ("title", "authors", "year", "doi")
_FINDING = ("locator", "note", "tabulated", "certainty")
_SEARCH = ("date", "source", "platform", "query", "hits")
_PERSON = re.compile(
    r"\b(coders?|coded by|reviewers?|extractors?|extracted by|charted by|charter|screeners?|screened by|assessors?"
    r"|edited by|created by|data collect(ion|or)|user|internal|private)\b"
)


def page_data(graph: Graph, info: ReviewInfo | None = None, *, with_coders: bool = False) -> PageData:
    """Return the data of the page as plain JSON.

    ``meta`` is about the review; ``dims`` are the vocabularies and facets, each with its values and the values of every
    study and finding by place; ``texts`` are facets of free text; ``studies`` and ``findings`` are columns of equal
    length; ``maps`` name dims by place and list their gaps. ``info`` has the words and colours that the review chose.
    """
    units = Units(graph, [])
    places = {place: n for n, place in enumerate(units.labels)}
    findings = list(graph.table("findings").dicts())
    order = {id_: n for n, id_ in enumerate(units.ids.values())}
    findings.sort(key=lambda row: order[row["study_id"]])  # stable: by factor within a study
    numbers = {row["id"]: n for n, row in enumerate(findings)}
    facets = [row["facet"] for row in graph.table("facets").dicts()]
    dims, texts = [], []
    for name in dict.fromkeys((*STANDARD, *facets)):
        found = dimension(graph, name)
        if not with_coders and _PERSON.search(re.sub(r"[_\W]+", " ", f"{found.id} {found.label}".lower())):
            continue
        codes = Codes(graph, found)
        of_studies = _by_place(((places[study], keys) for study, keys in codes.studies.items()), len(places))
        of_findings = _by_place(((numbers[id_], keys) for id_, keys in codes.findings.items()), len(findings))
        if _is_text(found, of_studies):
            texts.append({"label": found.label, "studies": [_text(found, keys) for keys in of_studies]})
        elif of_studies or of_findings or name in ("factor", "outcome"):
            dims.append({**_described(graph, found), "studies": of_studies, "findings": of_findings})
    dims += [_year_bands(each) for each in dims if each["id"] == "year" and len(each["values"]) > 1]
    at = {each["id"]: n for n, each in enumerate(dims)}
    return {
        "meta": _meta(graph, info),
        "words": dict(info.words) if info else dict(graph.words),
        "colours": dict(info.colours) if info else {},
        "dims": dims,
        "texts": [text for text in texts if any(text["studies"])],
        "studies": _studies(graph, units),
        "findings": _findings(graph, findings, order, with_coders),
        "maps": [_map(graph, spec, at) for spec in _maps(graph, findings, at)],
        "stated": _rows(graph.table("stated-gaps").dicts(), "kind", "statement", "locator"),
        "searches": _rows(graph.table("searches").dicts(), *_SEARCH),
        "cites": _citations(graph, units),
    }


def _maps(graph: Graph, findings: Sequence[dict[str, Any]], at: dict[str, int]) -> list[MapSpec]:
    """Return the map of findings, if there are any or no other map is declared, and the declared maps."""
    declared = [spec for spec in graph.maps if spec.rows in at and spec.columns in at]
    return [*([DEFAULT] if findings or not declared else []), *declared]


def _map(graph: Graph, spec: MapSpec, at: dict[str, int]) -> dict[str, Any]:
    gaps = graph.gaps(map=spec.name)
    rows, columns = dimension(graph, spec.rows), dimension(graph, spec.columns)
    row_of, column_of = ({value.shown: n for n, value in enumerate(each.values)} for each in (rows, columns))
    listed = [
        [row[1], row_of.get(row[2], -1), column_of.get(row[3], -1), None if row[1] in COUNTED_GAPS else row[5]]
        for row in gaps.rows
        if row[1] != "stated"
    ]
    segments = spec.segments or ("direction" if {spec.rows, spec.columns} & {"factor", "outcome"} else None)
    return {
        "name": spec.name, "title": spec.title, "rows": at[spec.rows], "columns": at[spec.columns],
        "segments": at.get(segments, -1) if segments else -1, "gaps": listed,
    }  # fmt: skip


def _described(graph: Graph, found: Dimension) -> dict[str, Any]:
    """Return a dimension with its values.

    ``parents`` has the place of the value above each value; -1 where there is none, -2 - n for the n-th of ``groups``.
    """
    index, groups, parents = found.index, dict[str, int](), []
    for value in found.values:
        if value.broader is not None and value.broader in index:
            parents.append(index[value.broader])
        elif value.group and value.group != value.label:
            parents.append(-2 - groups.setdefault(value.group, len(groups)))
        else:
            parents.append(-1)
    table = graph.table("vocabulary").dicts() if found.kind == "concept" else ()
    if found.kind != "concept" and found.id not in STANDARD:
        table = graph.table("facet-values", facet=found.id).dicts()
    more = {row["id"]: row for row in table if row.get("kind", found.id) == found.id}
    described = [more.get(value.id, {}) for value in found.values]
    return {
        "id": found.id, "label": found.label, "of": found.of, "kind": found.kind,
        "values": [value.shown for value in found.values], "parents": parents, "groups": list(groups),
        "statuses": list(CODING_STATUSES), "definitions": _sparse(row.get("definition") for row in described),
        "favourable": _sparse(row.get("favourable") for row in described),
        "colours": _sparse(value.colour for value in found.values),
        "residual": [n for n, value in enumerate(found.values) if value.residual],
    }  # fmt: skip


def _year_bands(year: PageData) -> PageData:
    """Return the years as a facet of bands: of five years, or of ten where they span more than forty."""
    first, last = min(year["values"]), max(year["values"])
    width = 5 if last - first <= 40 else 10
    starts = range(first - first % width, last + 1, width)
    band = [(value - starts[0]) // width for value in year["values"]]
    return {
        **year, "id": "year band", "label": "Years", "kind": "category", "parents": [-1] * len(starts),
        "values": [f"{start}–{start + width - 1}" for start in starts], "definitions": {},
        "studies": [band[key] if isinstance(key, int) and key < len(band) else None for key in year["studies"]],
    }  # fmt: skip


def _sparse(values: Iterable[Any]) -> dict[str, Any]:
    return {str(n): value for n, value in enumerate(values) if value}


def _by_place(coded: Iterable[tuple[int, list[int]]], n: int) -> list[Any]:
    """Return the keys of each place: None, one key, or a list of them."""
    found: list[Any] = [None] * n
    for place, keys in coded:
        found[place] = keys[0] if len(keys) == 1 else list(keys)
    return found if any(keys is not None for keys in found) else []


def _is_text(found: Dimension, of_studies: Sequence[Any]) -> bool:
    """Whether a facet is prose: declared so, or nearly every study has a value of its own."""
    if found.kind == "text":
        return True
    many = found.of == "study" and found.kind in ("category", "categories") and len(found.values) > MOST_VALUES
    return many and len(found.values) > 0.5 * sum(keys is not None for keys in of_studies)


def _text(found: Dimension, keys: Any) -> str | None:
    listed = [] if keys is None else keys if isinstance(keys, list) else [keys]
    return "; ".join(str(found.name(key)) for key in listed if found.is_coded(key)) or None


def _meta(graph: Graph, info: ReviewInfo | None) -> dict[str, Any]:
    """Return what the page says about the review: what the graph has, and what ``info`` adds and is not empty."""
    (review,) = _rows(graph.table("review").dicts(), *_META)
    said = {"review_version": info.version, **{name: getattr(info, name) for name in _INFO}} if info else {}
    return {
        **review,
        **{name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value},
        "version": f"kg {__version__}",
        "data_sha256": graph.digest,
        "left_out": graph.left_out or None,
        "only": graph.only or None,
    }


def _studies(graph: Graph, units: Units) -> dict[str, list[Any]]:
    rows = list(graph.table("characteristics").dicts())
    notices = _notices(graph)
    columns = {name: [row[name] for row in rows] for name in ("id", *_STUDY)}
    columns["label"] = [None if row["label"] is None else str(row["label"]) for row in rows]
    columns["short"] = [row["study"] for row in rows]
    free = {row["study_label"]: row["oa_url"] for row in graph.table("open-access").dicts()}
    if free:
        columns["oa_url"] = [free.get(row["label"]) for row in rows]
    if graph.flags:
        columns["standing"] = [row["standing"] if row["standing"] in STANDING_MARKS else None for row in rows]
        columns["standing_said"] = [
            notices.get(row["label"]) if row["standing"] in STANDING_MARKS else row["standing"] or "not checked"
            for row in rows
        ]
    if units.reports:
        columns["reports"] = [units.reports.get(place, []) for place in units.labels]
    return columns


def _findings(
    graph: Graph, rows: Sequence[dict[str, Any]], order: dict[str, int], with_coders: bool
) -> dict[str, list[Any]]:
    columns = {name: [row[name] for row in rows] for name in _FINDING}
    columns["study"] = [order[row["study_id"]] for row in rows]
    columns |= {name: [row[name] for row in rows] for name in ("file", "row")}
    implied = {finding for row in graph.table("codes", facet="implied").dicts() for finding in row["findings"]}
    columns["implied"] = [row["id"] in implied for row in rows]
    if with_coders:
        columns["coder"] = [row["coder"] for row in rows]
    return {
        name: values for name, values in columns.items() if name == "study" or any(v not in (None, "") for v in values)
    }


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


def _citations(graph: Graph, units: Units) -> list[list[int]]:
    """Return the places of the citing and the cited study of each citation between included studies."""
    place = {label: n for n, label in enumerate(units.labels.values())}
    return [[place[row["study_label"]], place[row["cites_label"]]] for row in graph.table("citations").dicts()]


def _rows(rows: Iterable[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    return [{column: row[column] for column in columns} for row in rows]
