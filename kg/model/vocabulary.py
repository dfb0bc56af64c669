"""The names of the graph model and the values that it allows.

``ontology/kg.ttl`` declares the same in OWL and SKOS; ``tests/export/test_rdf.py`` checks that the two agree.
"""

from __future__ import annotations

from typing import Final

#: The directions of a finding. A facilitator moves the outcome towards its favourable end (less burnout).
DIRECTIONS: Final = ("facilitator", "barrier", "mixed", "no_effect", "unspecified")

#: The two poles: printed tables list both for every factor, even with no study.
POLES: Final = ("facilitator", "barrier")

APPROACHES: Final = ("quantitative", "qualitative", "mixed methods")

#: How the tie between a finding and its outcomes was coded; blank means that the study states it explicitly.
CERTAINTIES: Final = ("joint", "inferred")

#: The standings of a publication, the gravest first; "not checked" does not mean "current".
STANDINGS: Final = ("retracted", "concern", "corrected", "superseded", "current", "not checked")

#: Node label -> further labels of its nodes.
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "Study": ("Work",),
    "Review": ("Work",),
    "Candidate": ("Work",),
    "Finding": (),
    "Factor": ("Concept",),
    "Outcome": ("Concept",),
    "Design": ("Concept",),
    "Setting": ("Concept",),
    "Population": ("Concept",),
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
    "BROADER": (("Factor", "Factor"), ("Outcome", "Outcome")),
    "INCLUDES": (("Review", "Study"),),
    "EXAMINES": (("Study", "Outcome"),),
    "HAS_DESIGN": (("Study", "Design"),),
    "IN_SETTING": (("Study", "Setting"),),
    "WITH_POPULATION": (("Study", "Population"),),
    "RAN": (("Review", "Search"),),
    "STATES": (("Review", "StatedGap"),),
    "CONCERNS": (("StatedGap", "Factor"), ("StatedGap", "Outcome")),
    "HAS_TALLY": (("Review", "Tally"),),
    "OF": (("Tally", "Factor"), ("Tally", "Outcome")),
    "FACILITATES": (("Factor", "Outcome"),),
    "HINDERS": (("Factor", "Outcome"),),
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

#: Direction -> the derived relationship that sums up its findings.
DERIVED: Final[dict[str, str]] = {
    "facilitator": "FACILITATES",
    "barrier": "HINDERS",
    "mixed": "MIXED_FOR",
    "no_effect": "NO_EFFECT_ON",
    "unspecified": "REPORTED_WITH",
}

#: The part of the graph that tables and maps read; its size depends on the number of cells, not of findings.
SUMMARY_LABELS: Final = frozenset({"Review", "Factor", "Outcome", "Tally", "Caution"})
SUMMARY_RELATIONSHIPS: Final = frozenset({"BROADER", "HAS_TALLY", "OF", "HAS_CAUTION", *DERIVED.values()})

#: Node label or relationship type -> its properties. ``review`` is the id of the review that a node belongs to, because
#: a server may store several reviews; within a label and a review, ``id`` is unique.
PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    "Study": (
        "id",
        "review",
        "key",
        "label",
        "order",
        "reference",
        "doi",
        "authors",
        "short",
        "year",
        "title",
        "publication_type",
        "methods",
        "design",
        "setting",
        "population",
        "country",
        "sample_size",
        "basis",
        "records",
        "standing",
    ),
    "Candidate": ("id", "review", "doi", "short", "year", "title", "records"),
    "Review": ("id", "review", "title", "citation", "doi", "year", "question", "search_date", "studies", "findings"),
    "Finding": (
        "id",
        "review",
        "direction",
        "approach",
        "locator",
        "note",
        "tabulated",
        "associated",
        "certainty",
        "coder",
    ),
    "Factor": ("id", "review", "label", "definition", "synonyms", "group", "order", "studies"),
    "Outcome": ("id", "review", "label", "definition", "synonyms", "group", "order", "studies", "favourable"),
    "Design": ("id", "review", "label"),
    "Setting": ("id", "review", "label"),
    "Population": ("id", "review", "label"),
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
    **dict.fromkeys(DERIVED.values(), ("direction", "studies", "findings", "study_labels")),
}
