"""Tell sheets of included studies from lists of candidates, by their columns and by what is charted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import UsageProblem, counted
from kg.problems import Problem

if TYPE_CHECKING:
    from kg.folder.read import Loaded
    from kg.loaders.sheets.reading import Reading

#: What is said of a table whose header does not tell which of the two it is.
EITHER = "could be references that a search found, or a sheet of included studies"


def check_candidates(loaded: Loaded, targets: Sequence[tuple[Path, Path]]) -> None:
    """Raise UsageProblem if a sheet of studies that is not declared could be a list of candidates."""
    paths = {f"sheets/{target.name}": path for path, target in targets}
    for reading in loaded.readings:
        if reading.file in paths and _may_be_candidates(reading):
            how = "save it as CSV UTF-8 and add that, or say --as sheet"
            raise UsageProblem(f"{paths[reading.file]} [{reading.sheet}] {EITHER}: {how}")


def lists_among_sheets(loaded: Loaded) -> list[Problem]:
    """Return the sheets of studies that could be lists of candidates: they are not declared, and nothing is charted.

    A sheet whose studies have findings or outcomes is none. So a list that somebody copied into ``sheets/`` is named,
    and the sheet of studies of a review in progress is not.
    """
    doubtful = [reading for reading in loaded.readings if reading.rows and _may_be_candidates(reading)]
    if not doubtful:
        return []
    charted = {finding.study for finding in loaded.evidence.findings}
    bare = sum(study.id not in charted and not study.outcomes for study in loaded.evidence.studies)
    accepted = (
        'if each row is an included study, [[sheet]] with file and kind = "studies" in review.toml; if a search found '
        "them, the file outside of sheets/ and kg add --as references"
    )
    return [
        Problem(
            reading.file,
            f"{counted(reading.rows, 'row')} {'is' if reading.rows == 1 else 'are'} read as included studies, and the "
            "columns are those of a list of references",
            reading.sheet,
            accepted=accepted,
        )
        for reading in doubtful
        if bare * 2 >= reading.rows
    ]


def _may_be_candidates(reading: Reading) -> bool:
    """Return whether a sheet is read as studies, is not declared as that, and has the columns of references."""
    from kg.loaders.references.candidates import may_be_references

    declared = reading.spec is not None and reading.spec.kind
    return reading.kind == "studies" and not declared and may_be_references(reading.header)
