"""Which column means what: the names that people give the columns of an extraction sheet, as declared tables.

A sheet whose columns are called something else is mapped in ``review.toml``; docs/sheets.md shows how.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kg.loaders.tables.rawtable import RawTable
from kg.model.layout import CONFIG
from kg.model.normalise import fold_words
from kg.model.vocabulary import APPROACHES, CERTAINTIES, DIRECTIONS
from kg.problems import Problem, nearest


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
    "certainty": dict.fromkeys(CERTAINTIES, ()),
    "favourable": {"higher": ("more", "up", "high"), "lower": ("less", "down", "low")},
}
VALUES = {**VALUES, "methods": VALUES["approach"]}
assert tuple(VALUES["direction"]) == DIRECTIONS  # noqa: S101 - a slip here must not wait for a sheet to show it


def spellings(column: str, spec: SheetSpec | None = None) -> dict[str, str]:
    """Return every accepted spelling of the column's values -> the value itself; the sheet's own words come first."""
    known = {text.casefold(): value for value, others in VALUES[column].items() for text in (value, *others)}
    if spec:
        known.update({text.casefold(): value for text, value in spec.values.get(column, {}).items()})
    return known


def find_columns(table: RawTable, layout: Layout, spec: SheetSpec | None = None) -> dict[str, int]:
    """Return canonical name -> place of the column; what is missing or nearly right breaks the table.

    Of two columns that could be one, ``review.toml`` chooses, then the canonical name, then the order of the synonyms:
    the order of the columns never does.
    """
    if not table.header:
        return {}  # the sheet is broken as a whole, and that has been said
    mapped = dict(spec.columns) if spec else {}
    own = {fold_words(header): name for name, header in mapped.items()}
    known = {
        fold_words(text): (name, rank)
        for name, others in layout.columns.items()
        for rank, text in enumerate((name, *others), start=1)
    }
    ranks: dict[str, int] = {}
    places: dict[str, int] = {}
    for place, header in enumerate(table.header):
        folded = fold_words(header)
        name, rank = (own[folded], 0) if folded in own else known.get(folded, (None, 0))
        if name and header and not (name in mapped and rank) and rank < ranks.get(name, 99):
            ranks[name], places[name] = rank, place
    unread = [h for p, h in enumerate(table.header) if h and p not in places.values() and fold_words(h) not in known]
    for name, header in mapped.items():
        if name not in layout.columns:
            table.broken.append(
                Problem(
                    CONFIG,
                    f"is no column of a {layout.kind} sheet",
                    column=f"[[sheet]] columns.{name}",
                    value=header,
                    suggestion=" or ".join(nearest(name, layout.columns)),
                    accepted=", ".join(layout.columns),
                )
            )
        elif name not in places:
            table.broken.append(
                Problem(
                    table.file,
                    f"the column that review.toml maps to {name} is not there",
                    table.sheet,
                    table.header_row,
                    header,
                    suggestion=_listed(nearest(header, table.header)),
                    accepted=", ".join(filter(None, table.header)),
                )
            )
    missing = [name for name in layout.required if name not in places and name not in mapped]
    for name in missing:
        accepted = [fold_words(text) for text in (name, *layout.columns[name])]
        close = [header for header in unread if any(_very_near(fold_words(header), text) for text in accepted)]
        also = " or ".join(repr(other) for other in layout.columns[name][:3])
        table.broken.append(
            Problem(
                table.file,
                "the column is missing",
                table.sheet,
                table.header_row,
                name,
                suggestion=_listed(close or nearest(name, unread)),
                accepted=f"a column called {name!r}"
                + (f" (also {also}, …)" if also else "")
                + (
                    f', or columns = {{ {name} = "…" }} under [[sheet]] in review.toml'
                    if layout.kind in LAYOUTS
                    else ""
                ),
            )
        )
        unread = [h for h in unread if h not in close]
    for header in unread:
        near = [n for n in layout.columns if n not in places and n not in missing and _very_near(fold_words(header), n)]
        if near:
            table.broken.append(
                Problem(
                    table.file,
                    "the column would not be read",
                    table.sheet,
                    table.header_row,
                    header,
                    suggestion=repr(near[0]),
                    accepted=f"{near[0]!r}, or a name less like it for a column of your own",
                )
            )
    return places


def _listed(names: Iterable[str]) -> str:
    return " or ".join(repr(name) for name in names)


def _very_near(a: str, b: str) -> bool:
    return difflib.SequenceMatcher(None, a, b).ratio() >= 0.8


def guess_kind(table: RawTable, spec: SheetSpec | None = None, *, sure: bool = True) -> str | None:
    """Return ``findings`` or ``studies`` by what the header holds, or None where it holds neither.

    ``spec`` decides where it is ``sure`` that the sheet is meant, and not another one of its workbook; where it is not,
    one column is not enough, for a codebook has a column called factor. Nor is one of the two marks of a findings sheet
    where the title and what goes with it are there: studies may well have a column called intervention.
    """
    if spec and spec.kind and sure:
        return spec.kind
    headers = {fold_words(header) for header in table.header if header}
    mapped = {n for n, header in (spec.columns if spec else {}).items() if sure or fold_words(header) in headers}
    present: dict[str, set[str]] = {}
    for kind, layout in LAYOUTS.items():
        known = {fold_words(text): name for name, others in layout.columns.items() for text in (name, *others)}
        present[kind] = {known[header] for header in headers if header in known} | mapped
    finding = {"factor", "direction"} & present["findings"]
    study = {"doi", "year", "authors", "design"} & present["studies"]
    if not sure and len(present["findings"] & set(FINDINGS.required)) < 2 and len(present["studies"]) < 3:
        return None
    if len(finding) == 2 or (finding and not (study and "title" in present["studies"])):
        return "findings"
    return "studies" if study or "title" in present["studies"] else None


def for_kind(spec: SheetSpec, kind: str, table: RawTable) -> SheetSpec:
    """Return ``spec``, which means a workbook as a whole, with the columns that this sheet of it has."""
    headers = {fold_words(header) for header in table.header if header}
    columns = {n: h for n, h in spec.columns.items() if n in LAYOUTS[kind].columns and fold_words(h) in headers}
    return replace(spec, columns=columns)
