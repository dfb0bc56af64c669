"""Questions that only the review team can answer, where a sheet can be read in two ways. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.errors import counted
from kg.loaders.sheets.excluded import Reasons
from kg.loaders.sheets.reading import Question


def which_rows(header: Sequence[str], fields: Mapping[str, int], parts: tuple[int, ...]) -> Question:
    """Return the question what several rows with one key are."""
    own = header[fields["key"]] if "key" in fields else header[next(iter(fields.values()))]
    key = ", ".join(f'"{name}"' for name in (own, *(header[i] for i in parts)))
    return Question(
        f"several rows have the same {own!r}: are they several studies of one report, or one study?",
        (
            ("each row is a study, and they have one report", f"key = [{key}]"),
            ("each row is a finding of one study", 'kind = "studies and findings"'),
        ),
    )


def were_excluded(reasons: Reasons, kind: str) -> Question:
    """Return the question whether the rows of a sheet of this kind were excluded from the review."""
    text = f"{reasons.column!r} has a reason in {reasons.given:,} of {counted(reasons.rows, 'row')}"
    mixed = "" if reasons.given == reasons.rows else " (if only these were, take them out of the sheet)"
    return Question(
        f"{text}: were they excluded?{mixed}",
        (
            ("the sheet lists what was excluded", 'kind = "ignore"'),
            ("all of its rows were included", f'kind = "{kind}"'),
        ),
    )
