"""Which column means what: the names that people give the columns of an extraction sheet, as declared tables.

A sheet whose columns are called something else is mapped in ``review.toml``; docs/sheets.md shows how.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.loaders.tables import RawTable
from kg.problems import Problem, nearest
from kg.vocab import APPROACHES, CERTAINTIES, DIRECTIONS

_PLAIN = re.compile(r"[^a-z0-9+]+")


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of sheet: canonical name -> other names; ``required`` must be there, and not blank."""

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


@dataclass(frozen=True)
class SheetSpec:
    """What ``review.toml`` says about one sheet; everything is optional but the file."""

    file: str
    sheet: str | None = None
    kind: str | None = None
    encoding: str | None = None
    header_row: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


FINDINGS = Layout(
    "findings",
    {
        "study": ("studies", "study id", "article", "articles", "article number", "paper", "record", "source study"),
        "factor": ("factors", "determinant", "contributor", "theme", "intervention", "exposure", "influence"),
        "direction": ("effect", "relation", "relationship", "valence", "how discussed", "relation to optimal outcomes"),
        "outcomes": ("outcome", "outcome(s)", "outcome(s) affected", "affects"),
        "locator": ("page", "pages", "where", "section", "location"),
        "note": ("notes", "comment", "comments", "summary"),
        "tabulated": ("counted", "in table"),
        "associated": (),
        "approach": (),
        "certainty": (),
        "coder": ("extractor", "coded by", "reviewer"),
    },
    ("study", "factor", "direction"),
)

STUDIES = Layout(
    "studies",
    {
        "key": ("id", "study", "study id", "citation key", "citekey"),
        "label": ("article", "article number", "number", "no", "nr"),
        "reference": ("reference number", "ref", "ref no"),
        "doi": ("digital object identifier",),
        "openalex": ("openalex id",),
        "authors": ("author", "author(s)"),
        "year": ("publication year", "published"),
        "title": ("article title", "study title"),
        "publication_type": ("type", "publication type", "document type"),
        "methods": ("method", "methodology", "methods class"),
        "design": ("study design", "designs"),
        "setting": ("settings", "context"),
        "population": ("populations", "participants", "sample"),
        "country": ("countries", "location"),
        "sample_size": ("n", "sample size"),
        "outcomes": ("outcome", "outcomes discussed"),
        "basis": (),
    },
    (),
)

VOCABULARY = Layout(
    "vocabulary",
    {
        "id": ("key", "code"),
        "label": ("name", "term", "factor", "outcome", "preferred label"),
        "broader": ("parent", "group", "level"),
        "definition": ("description", "scope note"),
        "synonyms": ("synonym", "alternative labels", "also"),
        "favourable": ("favorable", "better", "good end"),
    },
    ("label",),
)

LAYOUTS = {layout.kind: layout for layout in (FINDINGS, STUDIES)}

#: Canonical column -> accepted value -> other spellings of it.
VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "direction": {
        "facilitator": ("facilitates", "facilitating", "helps", "positive", "enabler", "+"),
        "barrier": ("hinders", "hindering", "negative", "inhibitor", "obstacle", "-", "−"),
        "mixed": ("both", "+/-", "±"),
        "no_effect": ("no effect", "none", "null", "not significant", "ns", "0"),
        "unspecified": ("reported", "unclear", "not stated"),
    },
    "tabulated": {"yes": ("y", "true", "1", "x"), "no": ("n", "false", "0")},
    "associated": {"yes": ("y", "true", "1", "x"), "no": ("n", "false", "0")},
    "approach": {
        APPROACHES[0]: ("quant", "statistical"),
        APPROACHES[1]: ("qual",),
        APPROACHES[2]: ("mixed", "mixed-methods", "mixed method"),
    },
    "certainty": {name: () for name in CERTAINTIES},
    "favourable": {"higher": ("more", "up", "high"), "lower": ("less", "down", "low")},
}
VALUES = {**VALUES, "methods": VALUES["approach"]}
assert tuple(VALUES["direction"]) == DIRECTIONS


def plain(text: str) -> str:
    """Return a column name or value as it is compared: lower case, one space between words, no punctuation but +."""
    return _PLAIN.sub(" ", text.casefold()).strip()


def spellings(column: str, spec: SheetSpec | None = None) -> dict[str, str]:
    """Return every accepted spelling of the column's values -> the value itself; the sheet's own words come first."""
    known = {text.casefold(): value for value, others in VALUES[column].items() for text in (value, *others)}
    if spec:
        known.update({text.casefold(): value for text, value in spec.values.get(column, {}).items()})
    return known


def find_columns(table: RawTable, layout: Layout, spec: SheetSpec | None = None) -> dict[str, int]:
    """Return canonical name -> place of the column; what is missing or nearly right breaks the table."""
    places: dict[str, int] = {}
    mapping = {plain(header): name for name, header in (spec.columns if spec else {}).items()}
    known = {plain(text): name for name, others in layout.columns.items() for text in (name, *others)}
    unread: list[str] = []
    for place, header in enumerate(table.header):
        name = mapping.get(plain(header)) or (known.get(plain(header)) if plain(header) not in mapping else None)
        if name and (name not in places or plain(header) in mapping):
            if name in places and plain(table.header[places[name]]) in mapping:
                continue
            places[name] = place
        elif header:
            unread.append(header)
    row = table.rows[0][0] - 1 if table.rows else 1
    for name, header in (spec.columns if spec else {}).items():
        if name not in layout.columns:
            table.broken.append(Problem(
                "review.toml", f"[sheet.columns] names no column of a {layout.kind} sheet", column=name,
                suggestion=" or ".join(nearest(name, layout.columns)), accepted=", ".join(layout.columns)))
        elif name not in places:
            table.broken.append(Problem(
                table.file, "the column that review.toml maps is not there", table.sheet, row, header,
                suggestion=" or ".join(nearest(header, table.header)), accepted=", ".join(filter(None, table.header))))
    missing = [name for name in layout.required if name not in places and name not in (spec.columns if spec else {})]
    for name in missing:
        also = ", ".join(repr(other) for other in layout.columns[name][:3])
        table.broken.append(Problem(
            table.file, "the column is missing", table.sheet, row, name,
            suggestion=" or ".join(repr(n) for n in nearest(name, unread)),
            accepted=f"a column called {name!r}" + (f" (or {also}, …)" if also else "") + ", or a line under [sheet.columns] in review.toml"))
    for header in unread:
        close = [n for n in nearest(plain(header), [c for c in layout.columns if c not in places and c not in missing], 1)
                 if _very_near(plain(header), n)]
        if close:
            table.broken.append(Problem(
                table.file, "the column is not read", table.sheet, row, header, suggestion=repr(close[0]),
                accepted="another name if it is meant to be left out"))
    return places


def _very_near(a: str, b: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, a, b).ratio() >= 0.8


def guess_kind(table: RawTable, spec: SheetSpec | None = None) -> str | None:
    """Return ``findings`` or ``studies`` by what the header holds, or None where it holds neither."""
    if spec and spec.kind:
        return spec.kind
    present: dict[str, set[str]] = {}
    mapped: dict[str, Any] = dict(spec.columns) if spec else {}
    for kind, layout in LAYOUTS.items():
        known = {plain(text): name for name, others in layout.columns.items() for text in (name, *others)}
        present[kind] = {known[plain(h)] for h in table.header if plain(h) in known} | set(mapped)
    if {"factor", "direction"} & present["findings"]:
        return "findings"
    return "studies" if {"title", "doi", "year", "authors", "design"} & present["studies"] else None
