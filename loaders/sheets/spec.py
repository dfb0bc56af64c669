"""What ``review.toml`` declares of one sheet. Everything but the file is optional; what is not declared is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Kind of sheet -> what one row of it is.
KINDS = {
    "studies": "a study",
    "findings": "a finding",
    "studies and findings": "a finding, with the columns of its study",
    "terms": "a term of a vocabulary",
    "links": "a study and a term",
    "ignore": "nothing that is read",
}


@dataclass(frozen=True)
class MarkSpec:
    """Columns that are terms of one factor vocabulary, outcome vocabulary or facet (``of``), and marked in the cells.

    One of ``columns``, ``prefix``, ``suffix``, ``pattern`` (with ``*`` for the term) and ``group`` (the merged header
    above) selects the columns. ``direction`` is that of all of them, if they are factors. ``labels`` maps column names
    to terms; by default the term is what varies in the name.
    """

    of: str
    columns: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    pattern: str = ""
    group: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    direction: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetSpec:
    """The declaration of one sheet.

    ``columns`` maps canonical names to column names of the sheet, ``values`` (by canonical name or facet) the words of
    the sheet to accepted values. ``key`` lists the columns that identify a study together, ``constant`` gives the value
    of a canonical column that the sheet does not have, ``directions`` maps columns that list factors to their
    direction, ``numbered`` a canonical name to the pattern of numbered columns, such as ``Outcome{n}``. ``facets``
    lists columns that are of the finding, ``ignore`` columns that are not read, ``fill_down`` columns whose blank cells
    have the value above them. ``of`` is the vocabulary of a sheet of terms or links. ``unknown_studies`` is "ignore"
    for a sheet of links that also names studies that are not included.
    """

    file: str
    sheet: str | None = None
    kind: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    constant: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[MarkSpec, ...] = ()
    numbered: Mapping[str, str] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    of: str | None = None
    unknown_studies: str | None = None
