"""``records/duplicates.csv``: which works a person decided to be one study, and which not.

The file is what ``kg check --duplicates --format csv`` writes, with the column ``decision`` filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.sheets.rows import StudyIndex
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import normalise_doi
from kg.model.records import Pair
from kg.problems import nearest

_LAYOUT = Layout(
    "decisions on duplicates",
    dict.fromkeys(("a", "a_title", "b", "b_title", "evidence", "decision", "note", "reviewer", "date"), ()),
    ("a", "b", "decision"),
)
_DECISIONS = ("same", "different")
_NAMES = "doi:10.…, openalex:W…, pmid:…, ref:…, or the key of a study"
_OPENALEX = re.compile(
    r"(?:record:)?(?:openalex:|(?:https?://)?(?:www\.)?openalex\.org/(?:works/)?)?(W\d{1,18})", re.IGNORECASE
)
_PMID = re.compile(r"(?:pmid:|(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/)\s*(\d{1,12})/?", re.IGNORECASE)
_REF = re.compile(r"(?:record:)?ref:\S+")


def read_decisions(tables: Iterable[RawTable], studies: StudyIndex | None = None) -> list[Pair]:
    """Return the pairs that somebody decided; problems go to the tables. A blank decision is none.

    A work is named as the listing names it; studies by their key, article number or DOI as well. Whether a record of
    that name is still there is not asked, since files are fetched anew; a name that can be none is a problem. Without
    ``studies`` any other word is taken for a key.
    """
    decided: dict[frozenset[str], tuple[Pair, str]] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, _LAYOUT), None)
        for number, row in table.rows:
            cells.start(number, row)
            text = cells.text("decision")
            if not text:
                continue
            decision = text.casefold()
            if decision not in _DECISIONS:
                near = " or ".join(nearest(text, _DECISIONS))
                cells.fail("decision", text, "is no decision", suggestion=near, accepted="same, different, or blank")
            a, b = (_work(cells, column, studies) for column in ("a", "b"))
            if a and a == b:
                cells.fail("b", cells.text("b"), "a work is compared with itself", accepted="two works")
            known = decided.get(frozenset((a, b)))
            if known and known[0].decision != decision and not cells.rejected:
                reason = f"the pair was decided to be {known[0].decision} ({known[1]})"
                cells.fail("decision", text, reason, accepted="one decision a pair")
            if not cells.rejected:
                note = "; ".join(filter(None, (cells.text(name) for name in ("note", "reviewer", "date"))))
                pair = Pair(a, b, cells.text("evidence"), decision, note or None)
                decided.setdefault(frozenset((a, b)), (pair, f"{table.file}, row {number}"))
    return [pair for pair, _ in decided.values()]


def _work(cells: RowReader, column: str, studies: StudyIndex | None) -> str:
    """Return the name of a work in one spelling, or "" where the cell names none."""
    text = cells.text(column)
    if not text:
        if cells.is_blank(column):
            cells.fail(column, "", "the cell is blank", accepted=_NAMES)
        return ""
    key = text.removeprefix("key:")
    study = studies.find(key) if studies else None
    if study:
        return study
    if found := _OPENALEX.fullmatch(text):
        return f"openalex:{found[1].upper()}"
    if found := _PMID.fullmatch(text):
        return f"pmid:{found[1]}"
    if doi := normalise_doi(text):
        return f"doi:{doi}"
    if _REF.fullmatch(text):
        return text.removeprefix("record:")
    if studies is None:
        return text
    if key.casefold() in studies.rejected or not studies.complete:
        where = studies.rejected.get(key.casefold())
        cells.follow(
            column,
            text,
            f"the row of this study was rejected ({where})" if where else "no sheet that could be read defines it",
        )
        return ""
    near = studies.suggest(key)
    cells.fail(column, text, "no study or record can be called this", suggestion=near, accepted=_NAMES)
    return ""
