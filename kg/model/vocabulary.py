"""The names of the graph model and the values that it allows.

``ontology/kg.ttl`` declares the same in OWL and SKOS; ``tests/export/test_rdf.py`` checks that the two agree.
"""

from __future__ import annotations

from typing import Final

from kg.model.fields import FINDING_FIELDS, STUDY_FIELDS, TERM_FIELDS, VALUES, Field

#: The directions of a finding. A facilitator moves the outcome towards its favourable end (less burnout).
DIRECTIONS: Final = tuple(VALUES["direction"])

#: The directions with a good and a bad end: printed tables list both for every factor, even with no study.
OPPOSITES: Final = ("facilitator", "barrier")

#: The standings of a publication, the gravest first; "not checked" does not mean "current".
STANDINGS: Final = ("retracted", "concern", "corrected", "superseded", "current", "not checked")

#: How an attribute of a framework is matched to a term, as in SKOS -> the relationship type.
MATCHES: Final[dict[str, str]] = {
    "exactMatch": "EXACT_MATCH",
    "closeMatch": "CLOSE_MATCH",
    "broadMatch": "BROAD_MATCH",
    "narrowMatch": "NARROW_MATCH",
    "relatedMatch": "RELATED_MATCH",
}

#: The id of the value of an overlay that findings have whose factor or outcome is matched to no attribute.
NOT_MAPPED: Final = "not-mapped"

#: Node label -> further labels of its nodes.
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "Study": ("Work",),
    "Review": ("Work",),
    "Candidate": ("Work",),
    "Finding": (),
    "Factor": ("Concept",),
    "Outcome": ("Concept",),
    "Facet": (),
    "Value": ("Concept",),
    "Report": (),
    "Search": (),
    "StatedGap": (),
    "Source": (),
    "Tally": (),
    "Record": (),
    "Author": (),
    "Institution": (),
    "Topic": (),
    "Funder": (),
    "Standing": (),
    "Caution": (),
}

#: Relationship type -> the pairs (start label, end label) that it connects.
RELATIONSHIPS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "REPORTS": (("Study", "Finding"),),
    "ABOUT": (("Finding", "Factor"),),
    "AFFECTS": (("Finding", "Outcome"),),
    "EXTRACTED_FROM": (("Finding", "Source"), ("Record", "Source")),
    "BROADER": (("Factor", "Factor"), ("Outcome", "Outcome"), ("Value", "Value")),
    "INCLUDES": (("Review", "Study"),),
    "EXAMINES": (("Study", "Outcome"),),
    "CODED_AS": (("Study", "Value"), ("Finding", "Value")),
    "NOT_CODED": (("Study", "Facet"), ("Finding", "Facet")),
    "IN_FACET": (("Value", "Facet"),),
    **dict.fromkeys(MATCHES.values(), (("Value", "Factor"), ("Value", "Outcome"))),
    "REPORTED_IN": (("Study", "Report"),),
    "RAN": (("Review", "Search"),),
    "STATES": (("Review", "StatedGap"),),
    "CONCERNS": (("StatedGap", "Factor"), ("StatedGap", "Outcome")),
    "HAS_TALLY": (("Review", "Tally"),),
    "OF": (("Tally", "Factor"), ("Tally", "Outcome")),
    "FACILITATES": (("Factor", "Outcome"),),
    "HINDERS": (("Factor", "Outcome"),),
    "ABSENCE_FACILITATES": (("Factor", "Outcome"),),
    "ABSENCE_HINDERS": (("Factor", "Outcome"),),
    "MIXED_FOR": (("Factor", "Outcome"),),
    "NO_EFFECT_ON": (("Factor", "Outcome"),),
    "REPORTED_WITH": (("Factor", "Outcome"),),
    "REPORT_OF": (("Record", "Study"), ("Record", "Candidate")),
    "FOUND_BY": (("Record", "Search"),),
    "AUTHORED_BY": (("Record", "Author"),),
    "AFFILIATED_WITH": (("Record", "Institution"),),
    "HAS_TOPIC": (("Record", "Topic"),),
    "FUNDED_BY": (("Record", "Funder"),),
    "CITES": (("Study", "Study"), ("Study", "Candidate"), ("Candidate", "Study"), ("Candidate", "Candidate")),
    "HAS_STANDING": (("Study", "Standing"),),
    "HAS_CAUTION": (("Review", "Caution"),),
}

#: The poles of a factor: what its presence does, and what its absence does.
POLES: Final = tuple(VALUES["pole"])

#: Derived relationship -> the direction and the pole of the findings that it sums up. A finding without a pole counts
#: as one on the presence of the factor. The other directions do not distinguish poles.
DERIVED: Final[dict[str, tuple[str, str]]] = {
    "FACILITATES": ("facilitator", "presence"),
    "HINDERS": ("barrier", "presence"),
    "ABSENCE_FACILITATES": ("facilitator", "absence"),
    "ABSENCE_HINDERS": ("barrier", "absence"),
    "MIXED_FOR": ("mixed", ""),
    "NO_EFFECT_ON": ("no_effect", ""),
    "REPORTED_WITH": ("unspecified", ""),
}

#: The facets of which all studies of a cell may have the same value.
ONE_VALUE: Final = ("design", "setting")

#: The part of the graph that tables and maps read; its size depends on the number of cells, not of findings.
SUMMARY_LABELS: Final = frozenset({"Review", "Factor", "Outcome", "Tally", "Caution", "StatedGap"})
SUMMARY_RELATIONSHIPS: Final = frozenset({"BROADER", "HAS_TALLY", "OF", "HAS_CAUTION", "STATES", "CONCERNS", *DERIVED})


def _stored(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.stored)


#: The properties of every kind of term.
_OWN: Final = ("nominal", "favourable")
_TERM: Final = ("id", "review", *(name for name in _stored(TERM_FIELDS)[1:] if name not in _OWN), "group", "order")

#: How many of the studies of a cell are there only by implication, or only by joint citation or inference.
_OF_THE_STUDIES: Final = ("implied_studies", "indirect_studies")

#: The value that all studies of the pair have in common, in whatever direction, and the studies that have it.
_IN_COMMON: Final = tuple(name for facet in ONE_VALUE for name in (f"one_{facet}", f"one_{facet}_labels"))

#: Node label or relationship type -> its properties. ``review`` is the id of the review that a node belongs to, because
#: a server may store several reviews; within a label and a review, ``id`` is unique.
PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    "Study": ("id", "review", *_stored(STUDY_FIELDS), "order", "short", "records", "standing"),
    "Candidate": ("id", "review", "doi", "short", "year", "title", "records"),
    "Review": (
        "id",
        "review",
        "title",
        "citation",
        "doi",
        "year",
        "question",
        "search_date",
        "studies",
        "findings",
        "other_evidence",
    ),
    "Finding": ("id", "review", *_stored(FINDING_FIELDS), "implied"),
    "Factor": (*_TERM, "studies", "nominal"),
    "Outcome": (*_TERM, "studies", "favourable"),
    "Value": (*_TERM, "facet", "number"),
    "Facet": ("id", "review", "label", "definition", "order", "unit", "kind"),
    "Report": ("id", "review"),
    "Search": (
        "id",
        "review",
        "date",
        "source",
        "platform",
        "query",
        "filters",
        "hits",
        "locator",
        "corpus",
        "fetched",
        "missing",
        "credits",
        "file",
    ),
    "StatedGap": ("id", "review", "kind", "statement", "locator"),
    "Source": ("id", "review", "path", "sha256", "rows", "records", "studies", "merged", "left"),
    "Record": (
        "id",
        "review",
        "database",
        "openalex",
        "doi",
        "pmid",
        "pmcid",
        "authors",
        "year",
        "date",
        "title",
        "publication_type",
        "venue",
        "language",
        "oa_url",
        "oa_status",
        "cited_by",
        "references",
        "has_abstract",
        "retracted",
        "updated",
        "seen",
    ),
    "Author": ("id", "review", "name", "orcid"),
    "Institution": ("id", "review", "name", "ror", "country_code"),
    "Topic": ("id", "review", "label", "subfield", "field", "domain"),
    "Funder": ("id", "review", "name"),
    "Standing": ("id", "review", "source", "status", "date", "seen", "reason", "notice"),
    "Caution": ("id", "review", "status", "studies", "study_labels"),
    "EXTRACTED_FROM": ("row",),
    "INCLUDES": ("label",),
    "REPORT_OF": ("reason",),
    "AUTHORED_BY": ("position",),
    "FUNDED_BY": ("awards",),
    "Tally": ("id", "review", "scope", "direction", "studies", "findings", "study_labels", "outcomes"),
    "NOT_CODED": ("coding_status",),
    **dict.fromkeys(MATCHES.values(), ("groups", "justification", "comment")),
    **{
        kind: (
            "direction",
            *(("pole",) if pole else ()),
            "studies",
            "findings",
            "study_labels",
            *_OF_THE_STUDIES,
            *_IN_COMMON,
        )
        for kind, (_, pole) in DERIVED.items()
    },
}

#: Property -> what its values are, on every label and type that has it. All other properties are texts; the label of a
#: study, and the labels in a list, may be whole numbers instead.
TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "year", "sample_size", "order", "studies", "findings", "implied_studies", "indirect_studies",
            "other_evidence", "hits", "fetched", "credits", "rows", "row", "records", "merged", "left", "cited_by",
            "references", "position",
        ),
        "whole number",
    ),
    "number": "number",
    **dict.fromkeys(
        ("tabulated", "associated", "nominal", "residual", "groups", "implied", "has_abstract", "retracted"),
        "true or false",
    ),
    **dict.fromkeys(
        ("study_labels", "outcomes", *(f"one_{facet}_labels" for facet in ONE_VALUE)), "list of texts"
    ),
}  # fmt: skip
