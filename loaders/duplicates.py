"""``records/duplicates.csv``: which works a person decided to be one study, and which not.

The file is what ``kg check --duplicates --format csv`` writes, with the column ``decision`` filled in.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.loaders.cells import RowReader
from kg.loaders.columns import Layout, find_columns
from kg.loaders.rawtable import RawTable
from kg.model import Pair

_LAYOUT = Layout(
    "decisions on duplicates",
    dict.fromkeys(("a", "a_title", "b", "b_title", "evidence", "decision", "note", "reviewer", "date"), ()),
    ("a", "b"),
)
_DECISIONS = ("same", "different")
_NAMES = "doi:10.…, openalex:W…, ref:…, or the key of a study"


def read_decisions(tables: Iterable[RawTable]) -> list[Pair]:
    """Return the pairs that somebody decided; problems go to the tables. A blank decision is none."""
    decided: dict[frozenset[str], Pair] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, _LAYOUT), None)
        for number, row in table.rows:
            cells.start(number, row)
            a, b, decision = cells.text("a"), cells.text("b"), cells.text("decision").casefold()
            if not decision:
                continue
            for column, name in (("a", a), ("b", b)):
                if not name:
                    cells.fail(column, "", "the cell is blank", accepted=_NAMES)
            if decision not in _DECISIONS:
                cells.fail("decision", decision, "is no decision", accepted="same, different, or blank")
            elif a and a == b:
                cells.fail("b", b, "a work is compared with itself", accepted="two works")
            known = decided.get(frozenset((a, b)))
            if known is not None and known.decision != decision:
                cells.fail("decision", decision, f"another row says {known.decision}", accepted="one decision a pair")
            if not cells.rejected:
                note = "; ".join(filter(None, (cells.text(name) for name in ("note", "reviewer", "date"))))
                decided[frozenset((a, b))] = Pair(a, b, cells.text("evidence"), decision, note or None)
    return list(decided.values())
