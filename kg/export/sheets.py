"""The sheets of ``kg export csv``: studies and findings with their facets, as ``kg build`` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg.export.tables import STREAMED, to_csv
from kg.loaders.sheets.words import STATUS_WORDS, is_status, split_list
from kg.model.normalise import fold_term
from kg.query.pages import FindingPages
from kg.table import Table
from kg.text import escaped, without_controls

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The columns of studies that are no facets: those before the facets, and those after them.
_STUDIES = ("key", "label", "reference", "doi", "openalex", "report", "authors", "title")
_LAST = ("outcomes", "basis")
_FINDINGS = (
    "study", "factor", "direction", "outcomes", "pole", "locator", "note", "tabulated", "associated", "approach",
    "certainty", "coder",
)  # fmt: skip
#: Kinds of facets whose values are declared, so that they keep their order.
_LISTED = ("category", "categories", "yes/no")


@dataclass
class _Facet:
    """One facet: its declaration, and what the cells of its column hold by the place of a study or id of a finding."""

    row: Mapping[str, Any]
    values: list[dict[str, Any]]
    studies: dict[int, list[Any]] = field(default_factory=dict)
    findings: dict[str, list[Any]] = field(default_factory=dict)
    #: Coding status -> the word for it that is declared, where values have all of its usual words.
    words: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id, which is also the name of the column: the reader makes the same id of it."""
        return str(self.row["facet"])

    @cached_property
    def kind(self) -> str:
        """The kind of its cells, asked for once all are there.

        A study that stands in several rows of a sheet may have several categories.
        """
        several = any(len(cell) > 1 for cells in (self.studies, self.findings) for cell in cells.values())
        return "categories" if several else str(self.row["kind"])

    def cell(self, values: list[Any]) -> Any:
        """Return a cell with values and coding statuses."""
        if self.kind == "categories":
            return "; ".join(map(str, values))
        return values[0] if values else None


def sheet_files(graph: Graph) -> dict[str, str]:
    """Return ``studies.csv``, ``findings.csv`` and ``facets.toml``: file name -> text.

    ``facets.toml`` has the ``[[facet]]`` tables that go into the ``review.toml`` of a folder made of the two sheets.
    """
    facets = [_facet(graph, row) for row in graph.table("facets").dicts()]
    vocabulary = graph.table("vocabulary").dicts()
    outcomes = {row["id"]: _listed(row["label"], row["id"]) for row in vocabulary if row["kind"] == "outcome"}
    files = {
        "studies.csv": to_csv(_studies(graph, facets, outcomes)),
        "findings.csv": "".join(STREAMED["csv"](_findings(graph, facets, outcomes))),
    }
    return files | ({"facets.toml": "\n".join(map(_declaration, facets))} if facets else {})


def _facet(graph: Graph, row: Mapping[str, Any]) -> _Facet:
    values = list(graph.table("facet-values", facet=row["facet"]).dicts())
    found = _Facet(row, values)
    codes = list(graph.table("codes", facet=row["facet"]).dicts())
    names = {value["id"]: _name(value, row["kind"]) for value in values}
    known = {fold_term(name) for value in values for name in _names(value)}
    for code in codes:
        text = names[code["value"]] if code["status"] is None else _status(code["status"], known, found.words)
        if code["of"] == "study":
            for place in code["studies"]:
                found.studies.setdefault(place, []).append(text)
        else:
            for finding in code["findings"]:
                found.findings.setdefault(finding, []).append(text)
    return found


def _names(value: Mapping[str, Any]) -> list[str]:
    return [_own_id(value), value["label"], *(value["synonyms"] or "").split("; ")]


def _own_id(value: Mapping[str, Any]) -> str:
    return str(value["id"]).partition(":")[2]


def _name(value: Mapping[str, Any], kind: str) -> str | int | float:
    """Return what a cell calls a value: its label, or its id where the label would be read as something else."""
    if value["number"] is not None:
        return int(value["number"]) if value["number"] == int(value["number"]) else float(value["number"])
    return (_listed if kind == "categories" else _alone)(value["label"], _own_id(value))


def _alone(label: str, id_: str) -> str:
    return label if without_controls(label) == label else id_


def _listed(label: str, id_: str) -> str:
    return _alone(label, id_) if split_list(label) == (label,) and not is_status(label) else id_


def _status(status: str, known: set[str], words: dict[str, str]) -> str:
    """Return a word for a coding status that is not also the name of a value; one of our own is added to ``words``."""
    usual = next((word for word in STATUS_WORDS[status] if fold_term(word) not in known), None)
    if usual is None and status == "not extracted":
        return ""  # as a blank cell is
    return usual or words.setdefault(status, f"no value: {status}")


def _studies(graph: Graph, facets: list[_Facet], outcomes: Mapping[str, str]) -> Table:
    own = [facet for facet in facets if facet.studies or facet.row["of"] == "study"]
    places = {id_: place for place, id_, _ in graph.table("units").rows}
    reports: dict[int, list[str]] = {}
    for place, report in graph.table("reports").rows:
        reports.setdefault(place, []).append(report)
    discussed: dict[int, list[str]] = {}
    for code in graph.table("codes", facet="outcome").dicts():
        if code["of"] == "study":
            for place in code["studies"]:
                discussed.setdefault(place, []).append(outcomes[code["value"]])
    rows = list(graph.table("characteristics").dicts())
    for row in rows:
        place = places[row["id"]]
        row["outcomes"] = discussed.get(place)
        row["openalex"] = row["id"].removeprefix("openalex:") if row["id"].startswith("openalex:") else None
        row["report"] = reports.get(place)
        row["label"] = None if row["label"] == row["key"] else row["label"]
        for facet in own:
            if facet.id != "year" or row["year"] is None:
                row[facet.id] = facet.cell(facet.studies.get(place, []))
    columns = (*_STUDIES, *(facet.id for facet in own), *_LAST)
    return Table("studies", columns, [tuple(row[name] for name in columns) for row in rows])


def _findings(graph: Graph, facets: list[_Facet], outcomes: Mapping[str, str]) -> Iterator[Table]:
    """Yield the sheet of findings in pages."""
    own = [facet for facet in facets if facet.findings or facet.row["of"] == "finding"]
    keys = {row["id"]: row["key"] for row in graph.table("characteristics").dicts()}
    columns = (*_FINDINGS, *(facet.id for facet in own))
    for page in FindingPages(graph):
        rows = list(page.dicts())
        for row in rows:
            row["study"] = keys[row["study_id"]]
            row["outcomes"] = [outcomes[id_] for id_ in row["outcome_ids"]]
            row["factor"] = _alone(row["factor"], row["factor_id"])
            row.update({facet.id: facet.cell(facet.findings.get(row["id"], [])) for facet in own})
        yield Table("findings", columns, [tuple(row[name] for name in columns) for row in rows])


def _declaration(facet: _Facet) -> str:
    """Return the ``[[facet]]`` of a facet."""
    declared = {"name": facet.id, **{name: facet.row[name] for name in ("label", "of")}, "kind": facet.kind}
    declared |= {"definition": facet.row["definition"]} if facet.row["definition"] else {}
    declared |= {"values": [value["label"] for value in facet.values]} if facet.kind in _LISTED else {}
    declared |= {status.replace(" ", "_"): [word] for status, word in facet.words.items()}
    return "[[facet]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in declared.items())


def _toml(value: Any) -> str:
    return escaped(json.dumps(value, ensure_ascii=False), bidi=False)
