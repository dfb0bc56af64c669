"""The numbers of a study flow as ``PRISMA.csv``, the input of the R package PRISMA2020 and of its web application."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from kg.screening.flow import ARMS, Arm, Flow
from kg.screening.methods import BY_NAME, CITATIONS, DATABASE, REGISTER, WEBSITE
from kg.screening.report import Printed, Report
from kg.text import is_formula, without_controls

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
UNKNOWN = "NA"
#: What the package prints where a list of reasons is not known; it cannot draw a list that is missing.
NO_LIST = "not reported, NA"
_LISTS = ("database_specific_results", "register_specific_results", "dbr_excluded", "other_excluded")
#: data, node, box and the text of the box, in the order of the package's template.
_ROWS = (
    ("", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    ("previous_reports", "", "box1", "Reports of studies included in previous version of review"),
    ("", "node6", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "node7", "box2", "Databases"),
    ("database_specific_results", "", "box2", "Specific Databases"),
    ("register_results", "", "box2", "Registers"),
    ("register_specific_results", "", "box2", "Specific Registers"),
    ("", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "Websites"),
    ("organisation_results", "", "box11", "Organisations"),
    ("citations_results", "", "box11", "Citation searching"),
    ("duplicates", "node8", "box3", "Duplicate records"),
    ("excluded_automatic", "", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "", "box3", "Records removed for other reasons"),
    ("records_screened", "node9", "box4", "Records screened"),
    ("records_excluded", "node10", "box5", "Records excluded"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility"),
    ("dbr_excluded", "node14", "box9", "Reports excluded"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility"),
    ("other_excluded", "node21", "box15", "Reports excluded"),
    ("new_studies", "node15", "box10", "New studies included in review"),
    ("new_reports", "", "box10", "Reports of new included studies"),
    ("total_studies", "node22", "box16", "Total studies included in review"),
    ("total_reports", "", "box16", "Reports of total included studies"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)
#: Rows that name a part of the diagram and have no number of their own.
_HEADINGS = ("identification", "screening", "included", "")


def prisma_csv(report: Report) -> str:
    """Return the file: of the decisions where there are any, else of what the review prints. Unknown numbers are NA."""
    if report.counted.decided or not report.printed.stages:
        return _csv(_of_flow(report.counted), {"organisation_results": "Named by identifier"})
    numbers = report.printed.numbers
    texts = {}
    if "removed" in numbers and not {"duplicates", "removed otherwise"} & set(numbers):
        texts["excluded_other"] = "Records removed before screening (duplicates included)"
    if "added" in numbers:
        texts["website_results"] = "Other sources"
    if "sought" not in numbers and "assessed" not in numbers:
        texts["records_excluded"] = "Records excluded at any stage"
    return _csv(_of_printed(report.printed), texts)


def _of_printed(printed: Printed) -> dict[str, int | str]:
    """Return the numbers that a review prints.

    What came from other sources is in a column of its own; then how many of the others were excluded is not known.
    """
    numbers = printed.numbers
    names = {
        "previous_studies": "previous",
        "database_results": "identified",
        "duplicates": "duplicates",
        "excluded_automatic": "removed automatically",
        "excluded_other": "removed otherwise" if "removed otherwise" in numbers else "removed",
        "records_screened": "after removal" if "after removal" in numbers else "screened",
        "records_excluded": "" if numbers.get("added") else "excluded",
        "dbr_sought_reports": "sought",
        "dbr_notretrieved_reports": "not retrieved",
        "dbr_assessed": "assessed",
        "website_results": "added",
        "new_studies": "included",
        "new_reports": "reports included",
        "total_studies": "total",
    }
    found: dict[str, int | str] = {data: numbers[name] for data, name in names.items() if name in numbers}
    if printed.reasons:
        found["dbr_excluded"] = _list(printed.reasons.items())
    elif "not eligible" in numbers:
        found["dbr_excluded"] = numbers["not eligible"]
    return found


def _of_flow(flow: Flow) -> dict[str, int | str]:
    first, other = (flow.arms[name] for name in ARMS)
    found: dict[str, int | str] = {
        "previous_studies": flow.previous,
        "database_results": _identified(first, DATABASE),
        "database_specific_results": _sources(first, DATABASE),
        "register_results": _identified(first, REGISTER),
        "register_specific_results": _sources(first, REGISTER),
        "website_results": _identified(other, WEBSITE),
        "organisation_results": _identified(other, BY_NAME),
        "citations_results": _identified(other, CITATIONS),
        "duplicates": first.duplicates,
        "excluded_automatic": 0,
        "excluded_other": first.notices + first.known,
        "records_screened": first.screened,
        "records_excluded": sum(first.excluded.values()),
        "new_studies": flow.included,
        "total_studies": flow.previous + flow.included,
    }
    for prefix, arm in (("dbr", first), ("other", other)):
        found |= {
            f"{prefix}_sought_reports": arm.sought,
            f"{prefix}_notretrieved_reports": arm.not_retrieved,
            f"{prefix}_assessed": arm.assessed,
            f"{prefix}_excluded": _list(arm.not_eligible.most_common()) or 0,
        }
    return found


def _identified(arm: Arm, method: str) -> int:
    return sum(n for (of, _), n in arm.identified.items() if of == method)


def _sources(arm: Arm, method: str) -> str:
    return _list((source, n) for (of, source), n in sorted(arm.identified.items()) if of == method) or NO_LIST


def _list(numbers: Iterable[tuple[str, int]]) -> str:
    """Return reasons as the package splits them: "one, 3; other, 2"."""
    text = "; ".join(f"{_plain(reason)}, {n}" for reason, n in numbers)
    return f"’{text}" if is_formula(text) else text


def _plain(reason: str) -> str:
    """Return a reason without the signs that the package splits at, or that would end a text in its drawing."""
    return " ".join(without_controls(reason).translate(_SIGNS).split())


_SIGNS = str.maketrans({",": " /", ";": " /", "'": "’", '"': "’", "\\": "/", "<": "‹", ">": "›"})


def _csv(numbers: Mapping[str, int | str], texts: Mapping[str, str]) -> str:
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for data, node, box, text in _ROWS:
        shown = texts.get(data, text)
        unknown = NO_LIST if data in _LISTS else UNKNOWN
        n = 0 if data in _HEADINGS else numbers.get(data, unknown)
        writer.writerow((data or UNKNOWN, node or UNKNOWN, box, shown, shown, shown if node else UNKNOWN, UNKNOWN, n))
    return made.getvalue()
