"""``records/duplicates.csv``: pairs of works that a person has decided to be the same study, or different ones.

The file is the output of ``kg check --duplicates --format csv`` with the column ``decision`` filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import normalise_doi
from kg.model.literature import Pair
from kg.problems import nearest

LAYOUT = Layout(
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
    """Return the decided pairs; problems go to the tables. Rows with a blank decision are left out.

    A work is named as ``kg check --duplicates`` names it, a study also by its key, article number or DOI. A name of a
    record has to be well formed, but the record need not exist, because files of records are replaced by newer ones.
    Without ``studies``, any other text is taken as the key of a study.
    """
    decided: dict[frozenset[str], tuple[Pair, str]] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, LAYOUT), None)
        for number, row in table.rows:
            cells.start(number, row)
            text = cells.text("decision")
            if not text:
                continue
            decision = text.casefold()
            if decision not in _DECISIONS:
                similar = " or ".join(nearest(text, _DECISIONS))
                cells.fail("decision", text, "is no decision", suggestion=similar, accepted="same, different, or blank")
            a, b = (_work(cells, column, studies) for column in ("a", "b"))
            if a and a == b:
                cells.fail("b", cells.text("b"), "a work is compared with itself", accepted="two works")
            earlier = decided.get(frozenset((a, b)))
            if earlier and earlier[0].decision != decision and not cells.rejected:
                reason = f"the pair was decided to be {earlier[0].decision} ({earlier[1]})"
                cells.fail("decision", text, reason, accepted="one decision a pair")
            if not cells.rejected:
                note = "; ".join(filter(None, (cells.text(name) for name in ("note", "reviewer", "date"))))
                pair = Pair(a, b, cells.text("evidence"), decision, note or None)
                decided.setdefault(frozenset((a, b)), (pair, table.location(number)))
    return [pair for pair, _ in decided.values()]


def _work(cells: RowReader, column: str, studies: StudyIndex | None) -> str:
    """Return the normalised name of the work in a cell; "" and a rejected row where it is not the name of one."""
    text = cells.text(column)
    if not text:
        if cells.is_blank(column):
            cells.fail(column, "", "the cell is blank", accepted=_NAMES)
        return ""
    key = text.removeprefix("key:")
    name = (studies.find(key) if studies else None) or _record_name(text)
    if name:
        return name
    if studies is None:
        return text
    rejected_at = studies.rejected.get(key.casefold())
    if rejected_at:
        cells.skip(column, text, f"the row of this study was rejected ({rejected_at})")
    elif not studies.complete:
        cells.skip(column, text, "no sheet that could be read defines it")
    else:
        similar = studies.suggest(key)
        cells.fail(column, text, "no study or record can be called this", suggestion=similar, accepted=_NAMES)
    return ""


def _record_name(text: str) -> str | None:
    """Return the normalised name of a record: ``openalex:W…``, ``pmid:…``, ``doi:…`` or ``ref:…``."""
    if found := _OPENALEX.fullmatch(text):
        return f"openalex:{found[1].upper()}"
    if found := _PMID.fullmatch(text):
        return f"pmid:{found[1]}"
    if doi := normalise_doi(text):
        return f"doi:{doi}"
    return text.removeprefix("record:") if _REF.fullmatch(text) else None
