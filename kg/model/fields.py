"""The columns of the sheets of studies and findings, each declared once.

The readers of sheets take names, synonyms and accepted values from here, and ``kg.model.vocabulary`` the properties of
the nodes. ``tests/model/test_fields.py`` checks that the ontology and docs/sheets.md agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.model import values

#: Kind of facet -> what its cells hold.
FACET_KINDS: Final = {
    "category": "one value",
    "categories": "values separated by ;, | or line breaks",
    "yes/no": "yes or no",
    "number": "a number",
    "year": "a year",
    "text": "free text, which is shown and searched but not counted",
}

#: The column, and the facet, of the reviews that include a study.
REVIEW: Final = "review"

#: The reasons why a study or finding has no value for a facet. A blank cell is "not extracted".
CODING_STATUSES: Final = ("not reported", "not applicable", "not extracted")


@dataclass(frozen=True)
class Field:
    """One column of a sheet.

    ``synonyms`` are other names of the column, ``values`` maps each accepted value to other spellings of it, ``called``
    is what a message calls one of the values. ``facet`` is the kind of facet that the column is, if it is one.
    ``stored`` is False for a column that is not a property of the node. ``help`` says in a line what its cells hold,
    and ``meanings`` what its values mean.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] | None = None
    called: str = ""
    required: bool = False
    facet: str | None = None
    stored: bool = True
    help: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)


FINDING_FIELDS: Final = (
    Field(
        "study",
        ("studies", "study id", "article", "articles", "article number", "paper", "record", "source study"),
        required=True,
        stored=False,
        help="the key, article number or DOI of a study",
    ),
    Field(
        "study_label", stored=False, help="the study in words, for the person who reads the sheet; kg does not read it"
    ),
    Field(
        "factor",
        ("factors", "determinant", "contributor", "theme", "intervention", "exposure", "influence"),
        required=True,
        stored=False,
        help="a term: id, label or synonym",
    ),
    Field(
        "direction",
        ("effect", "relation", "relationship", "valence", "how discussed", "relation to optimal outcomes"),
        values.DIRECTIONS,
        "a direction",
        required=True,
        facet="category",
        help="what the factor does to the outcome",
        meanings=values.DIRECTION_MEANINGS,
    ),
    Field(
        "outcomes",
        ("outcome", "outcome(s)", "outcome(s) affected", "affects"),
        stored=False,
        help="terms; blank if no outcome is tied to the factor",
    ),
    Field(
        "pole",
        ("pole of the factor",),
        values.POLES,
        "a pole",
        facet="category",
        help="whether the finding is about the factor or about its lack; blank if the text does not say",
        meanings=values.POLE_MEANINGS,
    ),
    Field("locator", ("page", "pages", "where", "section", "location"), help="the place in the text"),
    Field("note", ("notes", "comment", "comments", "summary"), help="what the text says there, in your words"),
    Field(
        "tabulated",
        ("counted", "in table"),
        values.YES_NO,
        "yes or no",
        help="whether the review's own table counts the study in the factor's row; blank means yes",
    ),
    Field(
        "associated",
        (),
        values.YES_NO,
        "yes or no",
        help="whether the review's table names these outcomes for the factor although it does not count the study; "
        "blank means no",
    ),
    Field(
        "approach",
        (),
        values.APPROACHES,
        "an approach",
        facet="category",
        help="the kind of evidence behind the finding",
    ),
    Field(
        "certainty",
        (),
        values.CERTAINTIES,
        "a certainty",
        facet="category",
        help="how the tie was inferred; blank if the text states it outright",
        meanings=values.CERTAINTY_MEANINGS,
    ),
    Field("coder", ("extractor", "coded by", "reviewer"), help="the person who extracted it"),
)

STUDY_FIELDS: Final = (
    Field(
        "key",
        (
            *("id", "study", "study id", "citation key", "citekey", "refid", "ref id", "reference id", "record id"),
            *("covidence", "covidence id", "rayyan id", "distiller id", "item id", "pmid", "pubmed id", "uid"),
            *("paper id", "article id", "publication id", "unique id"),
        ),
        help="the name that the findings use for the study",
    ),
    Field(
        "label",
        ("article", "article number", "number", "no", "nr"),
        help="the name that the review uses for it; studies with a number come first, in its order",
    ),
    Field("reference", ("reference number", "ref", "ref no"), help="its number in the list of references"),
    Field("doi", ("digital object identifier",), help="in any spelling, e.g. with or without https://doi.org/"),
    Field("openalex", ("openalex id",), stored=False, help="W and a number"),
    Field(
        "report",
        ("report id", "reports"),
        stored=False,
        help="the report or reports that the study is in, if they are not one and the same",
    ),
    Field(
        "authors",
        ("author", "author(s)", "first author", "main author", "lead author", "author last name", "author names"),
        help="as printed",
    ),
    Field(
        "author_year",
        (
            *("author and year", "author/year", "author (year)", "author, year", "authors year", "authors (year)"),
            *("first author year", "study citation"),
        ),
        stored=False,
        help="authors and year in one, e.g. Ng 2021, in place of the two columns",
    ),
    Field(
        "year",
        (
            "publication year",
            "year of publication",
            "year publication",
            "year published",
            "published year",
            "published",
        ),
        facet="year",
        help="a whole number",
    ),
    Field("title", ("article title", "study title"), help="as printed"),
    Field("publication_type", ("type", "publication type", "document type"), facet="category", help="e.g. article"),
    Field(
        "methods",
        ("method", "methodology", "methods class"),
        values.APPROACHES,
        "a class of methods",
        facet="category",
        help="the kind of evidence that the study collects",
    ),
    Field(
        "evidence",
        ("class of evidence", "evidence class", "evidence type", "type of evidence"),
        values.EVIDENCE,
        "a class of evidence",
        facet="category",
        help="tables count the empirical ones unless --evidence says otherwise; blank counts as empirical",
        meanings=values.EVIDENCE_MEANINGS,
    ),
    Field("design", ("study design", "designs"), facet="categories", help="one or several"),
    Field("setting", ("settings", "context"), facet="categories", help="one or several"),
    Field("population", ("populations", "participants"), facet="categories", help="one or several"),
    Field("country", ("countries", "location"), facet="categories", help="one or several"),
    Field(
        "sample_size", ("n", "sample size"), facet="number", help="a whole number; a mean goes into a column of its own"
    ),
    Field(
        "sample",
        ("sample id", "cohort", "dataset"),
        facet="category",
        help="a name for the people or the data, the same for all studies of them",
    ),
    Field(
        REVIEW,
        ("reviews",),
        facet="categories",
        stored=False,
        help="the ids of the reviews that include the study, each with its label there: cmha:23; blank is this review",
    ),
    Field(
        "outcomes",
        ("outcome", "outcomes discussed"),
        stored=False,
        help="the outcomes that the study discusses, whether or not it ties a factor to them",
    ),
    Field("basis", help="where design, setting and the like were found"),
)

TERM_FIELDS: Final = (
    Field("id", ("key", "code"), help="made from the label if blank"),
    Field(
        "label",
        ("name", "term", "factor", "outcome", "preferred label", "value"),
        required=True,
        help="the name shown on screen",
    ),
    Field("broader", ("parent", "group", "level"), stored=False, help="the id of the term above it"),
    Field("definition", ("description", "scope note"), help="what belongs to the term"),
    Field("synonyms", ("synonym", "alternative labels", "also"), help="other names, separated by ;"),
    Field(
        "favourable",
        ("favorable", "better", "good end"),
        values.ENDS,
        "an end of the scale",
        help="for outcomes: which end of the scale is the good one",
    ),
    Field(
        "nominal",
        ("without a good end",),
        values.YES_NO,
        "yes or no",
        help="for factors: whether it has no good end, such as a region; blank means no",
    ),
    Field(
        "residual",
        ("other or unknown",),
        values.YES_NO,
        "yes or no",
        help="whether it says that no other term fits, such as other or unclear; blank means no",
    ),
    Field("colour", ("color",), help="# and six hexadecimal digits"),
)

#: The columns of studies that are facets, by name.
STUDY_FACETS: Final = {field.name: field.facet for field in STUDY_FIELDS if field.facet}
#: The columns of findings with fixed values that can be counted and filtered by, by name.
FINDING_FACETS: Final = {field.name: field.facet for field in FINDING_FIELDS if field.facet}

#: Column with a fixed set of values -> accepted value -> other spellings of it.
VALUES: Final = {f.name: f.values for f in (*FINDING_FIELDS, *STUDY_FIELDS, *TERM_FIELDS) if f.values}
#: Column with a fixed set of values -> what a message calls one of them.
VALUE_NAMES: Final = {f.name: f.called for f in (*FINDING_FIELDS, *STUDY_FIELDS, *TERM_FIELDS) if f.values}
