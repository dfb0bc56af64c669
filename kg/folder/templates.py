"""The templates of review folders, as data: kind of review -> file -> its text.

``{id}`` and ``{title}`` in review.toml are filled in; ``{{`` and ``}}`` stand for braces.
"""

from __future__ import annotations

from typing import Final

#: The template of ``kg init`` without a name.
DEFAULT: Final = "facilitators-barriers"

GITIGNORE: Final = ".kg/\nrecords/.fetch-*\nscreening/.*\n"

_STUDIES: Final = (
    "key,label,doi,authors,year,title,publication_type,methods,design,setting,population,country,sample_size"
)
_FACTORS: Final = "id,label,broader,definition,synonyms,nominal\n"
_OUTCOMES: Final = "id,label,broader,definition,synonyms,favourable\n"

_TOP: Final = """# A review folder. docs/review-folder.md explains every key.
id = "{id}"
title = {title}
# question = "…"
"""

_FACILITATORS_BARRIERS: Final = (
    _TOP
    + """
# What rows, columns and directions are called on screen.
# [words]
# factor = "Intervention"

# A sheet whose columns are called something else:
# [[sheet]]
# file = "sheets/extraction.xlsx"
# sheet = "Sheet1"
# kind = "findings"
# columns = {{ factor = "What was looked at", direction = "Result" }}
# values = {{ direction = {{ "helped" = "facilitator", "got in the way" = "barrier" }} }}
"""
)

_INTERVENTIONS_OUTCOMES: Final = (
    _TOP
    + """
# This folder is for a review of interventions and what they change. Each row of sheets/findings.csv is one claim of one
# study: an intervention, the outcomes, and a direction.
#
# What to change:
# 1. List the interventions in vocabulary/factors.csv and the outcomes in vocabulary/outcomes.csv. Say in the column
#    favourable which end of each outcome is the good one: higher or lower. Without any terms, kg takes those of the
#    sheets.
# 2. Put a row for each included study into sheets/studies.csv. Every column that you add there can be counted.
# 3. Write "facilitator" where the intervention moves the outcome towards its good end and "barrier" where it moves it
#    away, or the words below "values".

# What rows, columns and directions are called on screen. Use the words of your review.
[words]
factor = "Intervention"
factors = "Interventions"
outcome = "Outcome"
outcomes = "Outcomes"
facilitator = "improves"
barrier = "worsens"

[[sheet]]
file = "sheets/findings.csv"
kind = "findings"
columns = {{ factor = "intervention" }}
values = {{ direction = {{ "improves" = "facilitator", "worsens" = "barrier" }} }}
"""
)

_ASSOCIATIONS: Final = (
    _TOP
    + """
# This folder is for a review of exposures and the outcomes that go with them. An association is positive or negative,
# and neither is good or bad in itself: kg counts the associations and does not call any of them a facilitator or a
# barrier. Each row of sheets/findings.csv is one claim of one study: an exposure, the outcomes, and the association.
#
# What to change:
# 1. List the exposures in vocabulary/factors.csv and the outcomes in vocabulary/outcomes.csv. Without any terms, kg
#    takes those of the sheets.
# 2. Put a row for each included study into sheets/studies.csv. Every column that you add there can be counted.
# 3. If your review does judge what is good, take away the line "constant", give sheets/findings.csv a column
#    "direction", and say in vocabulary/outcomes.csv which end of each outcome is favourable.

# What rows and columns are called on screen. Use the words of your review.
[words]
factor = "Exposure"
factors = "Exposures"
outcome = "Outcome"
outcomes = "Outcomes"
unspecified = "studied"

[[sheet]]
file = "sheets/findings.csv"
kind = "findings"
columns = {{ factor = "exposure" }}
constant = {{ direction = "unspecified" }}

# The values of the column association, in the order of the tables.
[[facet]]
name = "association"
label = "Association"
of = "finding"
kind = "category"
values = ["positive", "negative", "none", "mixed"]

[[facet]]
name = "adjusted"
label = "Adjusted for confounders"
of = "finding"
kind = "yes/no"
"""
)

_TAGS: Final = (
    _TOP
    + """
# This folder is for a map of what was studied. sheets/studies.csv has one row for each study and a column for each tag;
# an x in a column tags the study. Tags do not say what was found: kg counts studies, and no direction is made up.
#
# What to change:
# 1. Give each topic a column "factor: NAME" and each outcome a column "outcome: NAME" in sheets/studies.csv, in place
#    of the examples. Mark a study with x; leave the cell blank where the tag does not apply.
# 2. A study with several topics and several outcomes does not say which of them were studied together. kg counts such a
#    place of the map as implied. To say which, add a sheet of findings with a row for each pair.
# 3. Every other column that you add can be counted as well.

# What rows and columns are called on screen. Use the words of your review.
[words]
factor = "Topic"
factors = "Topics"
outcome = "Outcome"
outcomes = "Outcomes"
unspecified = "studied"

[[sheet]]
file = "sheets/studies.csv"
kind = "studies and findings"
constant = {{ direction = "unspecified" }}

[[sheet.marks]]
of = "factor"
prefix = "factor: "
yes = ["x", "1", "yes"]
no = ["0", "no"]

[[sheet.marks]]
of = "outcome"
prefix = "outcome: "
yes = ["x", "1", "yes"]
no = ["0", "no"]
"""
)

#: Name -> what a review of this kind has, for the help of ``kg init``.
NAMES: Final = {
    "facilitators-barriers": "factors that help or hinder outcomes",
    "interventions-outcomes": "interventions and what they change",
    "associations": "exposures and outcomes, without a good or a bad direction",
    "tags": "a wide sheet of studies with a column for each topic and outcome",
}

TEMPLATES: Final[dict[str, dict[str, str]]] = {
    "facilitators-barriers": {
        "sheets/studies.csv": _STUDIES + ",outcomes\n",
        "sheets/findings.csv": "study,factor,direction,outcomes,pole,locator,note,tabulated\n",
        "vocabulary/factors.csv": _FACTORS,
        "vocabulary/outcomes.csv": _OUTCOMES,
        "review.toml": _FACILITATORS_BARRIERS,
    },
    "interventions-outcomes": {
        "sheets/studies.csv": _STUDIES + "\n",
        "sheets/findings.csv": "study,intervention,comparison,direction,outcomes,locator,note\n",
        "vocabulary/factors.csv": _FACTORS,
        "vocabulary/outcomes.csv": _OUTCOMES,
        "review.toml": _INTERVENTIONS_OUTCOMES,
    },
    "associations": {
        "sheets/studies.csv": _STUDIES + "\n",
        "sheets/findings.csv": "study,exposure,outcomes,association,adjusted,locator,note\n",
        "vocabulary/factors.csv": _FACTORS,
        "vocabulary/outcomes.csv": _OUTCOMES,
        "review.toml": _ASSOCIATIONS,
    },
    "tags": {
        "sheets/studies.csv": _STUDIES
        + ",factor: first topic,factor: second topic,outcome: first outcome,outcome: second outcome\n",
        "vocabulary/factors.csv": _FACTORS,
        "vocabulary/outcomes.csv": _OUTCOMES,
        "review.toml": _TAGS,
    },
}
