"""The columns of the sheets of studies and findings, each declared once.

The readers of sheets take names, synonyms and accepted values from here, and ``kg.model.vocabulary`` the properties of
the nodes. ``tests/model/test_fields.py`` checks that the ontology and docs/sheets.md agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Kind of facet -> what its cells hold.
FACET_KINDS: Final = {
    "category": "one value",
    "categories": "values separated by ;, | or line breaks",
    "yes/no": "yes or no",
    "number": "a number",
    "year": "a year",
    "text": "free text, which is shown and searched but not counted",
}

#: The reasons why a study or finding has no value for a facet. A blank cell is "not extracted".
CODING_STATUSES: Final = ("not reported", "not applicable", "not extracted")


@dataclass(frozen=True)
class Field:
    """One column of a sheet.

    ``synonyms`` are other names of the column, ``values`` maps each accepted value to other spellings of it, ``called``
    is what a message calls one of the values. ``facet`` is the kind of facet that the column is, if it is one.
    ``stored`` is False for a column that is not a property of the node.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] | None = None
    called: str = ""
    required: bool = False
    facet: str | None = None
    stored: bool = True


#: The directions of a finding, with other spellings. A facilitator moves the outcome towards its favourable end.
_DIRECTIONS: Final = {
    "facilitator": ("facilitates", "facilitating", "helps", "positive", "enabler", "+"),
    "barrier": ("hinders", "hindering", "negative", "inhibitor", "obstacle", "-", "−"),
    "mixed": ("both", "+/-", "±"),
    "no_effect": ("no effect", "none", "null", "not significant", "ns", "0"),
    "unspecified": ("reported", "unclear", "not stated"),
}
#: The poles of a factor that a finding may speak of.
_POLES: Final = {
    "presence": ("present", "the factor", "more"),
    "absence": ("absent", "lack", "lack of it", "less"),
}
_APPROACHES: Final = {
    "quantitative": ("quant", "statistical"),
    "qualitative": ("qual",),
    "mixed methods": ("mixed", "mixed-methods", "mixed method"),
}
#: How the tie between a finding and its outcomes was coded; blank means that the study states it explicitly.
_CERTAINTIES: Final[dict[str, tuple[str, ...]]] = {"joint": (), "inferred": ()}
_YES_NO: Final = {"yes": ("y", "true", "1", "x"), "no": ("n", "false", "0")}
#: The end of an outcome's scale that is favourable.
_ENDS: Final = {"higher": ("more", "up", "high"), "lower": ("less", "down", "low")}

FINDING_FIELDS: Final = (
    Field(
        "study",
        ("studies", "study id", "article", "articles", "article number", "paper", "record", "source study"),
        required=True,
        stored=False,
    ),
    Field(
        "factor",
        ("factors", "determinant", "contributor", "theme", "intervention", "exposure", "influence"),
        required=True,
        stored=False,
    ),
    Field(
        "direction",
        ("effect", "relation", "relationship", "valence", "how discussed", "relation to optimal outcomes"),
        _DIRECTIONS,
        "a direction",
        required=True,
        facet="category",
    ),
    Field("outcomes", ("outcome", "outcome(s)", "outcome(s) affected", "affects"), stored=False),
    Field("pole", ("pole of the factor",), _POLES, "a pole", facet="category"),
    Field("locator", ("page", "pages", "where", "section", "location")),
    Field("note", ("notes", "comment", "comments", "summary")),
    Field("tabulated", ("counted", "in table"), _YES_NO, "yes or no"),
    Field("associated", (), _YES_NO, "yes or no"),
    Field("approach", (), _APPROACHES, "an approach", facet="category"),
    Field("certainty", (), _CERTAINTIES, "a certainty", facet="category"),
    Field("coder", ("extractor", "coded by", "reviewer")),
)

STUDY_FIELDS: Final = (
    Field(
        "key",
        (
            *("id", "study", "study id", "citation key", "citekey", "refid", "ref id", "reference id", "record id"),
            *("covidence", "covidence id", "rayyan id", "distiller id", "item id", "pmid", "pubmed id", "uid"),
        ),
    ),
    Field("label", ("article", "article number", "number", "no", "nr")),
    Field("reference", ("reference number", "ref", "ref no")),
    Field("doi", ("digital object identifier",)),
    Field("openalex", ("openalex id",), stored=False),
    Field("report", ("report id", "reports"), stored=False),
    Field(
        "authors",
        ("author", "author(s)", "first author", "main author", "lead author", "author last name", "author names"),
    ),
    Field(
        "author_year",
        (
            *("author and year", "author/year", "author (year)", "author, year", "authors year", "authors (year)"),
            *("first author year", "study citation"),
        ),
        stored=False,
    ),
    Field("year", ("publication year", "published"), facet="year"),
    Field("title", ("article title", "study title")),
    Field("publication_type", ("type", "publication type", "document type"), facet="category"),
    Field("methods", ("method", "methodology", "methods class"), _APPROACHES, "a class of methods", facet="category"),
    Field("design", ("study design", "designs"), facet="categories"),
    Field("setting", ("settings", "context"), facet="categories"),
    Field("population", ("populations", "participants", "sample"), facet="categories"),
    Field("country", ("countries", "location"), facet="categories"),
    Field("sample_size", ("n", "sample size"), facet="number"),
    Field("outcomes", ("outcome", "outcomes discussed"), stored=False),
    Field("basis"),
)

TERM_FIELDS: Final = (
    Field("id", ("key", "code")),
    Field("label", ("name", "term", "factor", "outcome", "preferred label", "value"), required=True),
    Field("broader", ("parent", "group", "level"), stored=False),
    Field("definition", ("description", "scope note")),
    Field("synonyms", ("synonym", "alternative labels", "also")),
    Field("favourable", ("favorable", "better", "good end"), _ENDS, "an end of the scale"),
    Field("nominal", ("without a good end",), _YES_NO, "yes or no"),
    Field("residual", ("other or unknown",), _YES_NO, "yes or no"),
    Field("colour", ("color",)),
)

#: The columns of studies that are facets, by name.
STUDY_FACETS: Final = {field.name: field.facet for field in STUDY_FIELDS if field.facet}
#: The columns of findings with fixed values that can be counted and filtered by, by name.
FINDING_FACETS: Final = {field.name: field.facet for field in FINDING_FIELDS if field.facet}

#: Column with a fixed set of values -> accepted value -> other spellings of it.
VALUES: Final = {f.name: f.values for f in (*FINDING_FIELDS, *STUDY_FIELDS, *TERM_FIELDS) if f.values}
#: Column with a fixed set of values -> what a message calls one of them.
VALUE_NAMES: Final = {f.name: f.called for f in (*FINDING_FIELDS, *STUDY_FIELDS, *TERM_FIELDS) if f.values}
