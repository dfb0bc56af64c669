"""The file of migrations: which changes a vocabulary had, in their order. Pure: what cannot be is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.tables.rawtable import RawTable
from kg.model.migrations import CHANGES, COLUMNS, Migration, is_day
from kg.problems import Problem, nearest

LAYOUT = Layout("migrations", dict.fromkeys(COLUMNS, ()), COLUMNS[:-3])
_AS_WRITTEN = "the row as kg vocabulary wrote it, e.g. from git"


def read_migrations(tables: Iterable[RawTable]) -> list[Migration]:
    """Return the changes in their order.

    A row that cannot be accepted is a problem of its table as a whole: without it, the later ones mean something else.
    """
    found: list[Migration] = []
    for table in tables:
        cells = RowReader(table, find_columns(table, LAYOUT), None)
        history = _History()
        for number, row in table.rows if not table.broken else ():
            cells.start(number, row)
            migration = _migration(cells)
            if not cells.rejected and (wrong := history.wrong(migration)):
                column, value, reason = wrong
                cells.fail(column, value, reason, accepted=_AS_WRITTEN)
            if not cells.rejected:
                history.add(migration)
                found.append(migration)
        table.broken += table.problems
        table.problems = []
    return found


def _migration(cells: RowReader) -> Migration:
    for name in LAYOUT.required:
        if cells.is_blank(name):
            cells.fail(name, "", "the cell is blank", accepted=_AS_WRITTEN)
    change, date = cells.text("change"), cells.text("date")
    if change and change not in CHANGES:
        near = " or ".join(nearest(change, CHANGES))
        cells.fail("change", change, "is no change of a vocabulary", suggestion=near, accepted=", ".join(CHANGES))
    if date and not is_day(date):
        cells.fail("date", date, "is no day", accepted="a day such as 2026-11-30")
    return Migration(
        cells.number_of("number", 1, 10**6) or 0,
        date,
        change,
        cells.text("vocabulary"),
        cells.text("term"),
        cells.text("label"),
        cells.several("to"),
        cells.several("to_labels"),
        cells.text("reason"),
        cells.number,
    )


class _History:
    """What the changes so far have done to the terms."""

    def __init__(self) -> None:
        self.last = 0
        self.gone: dict[tuple[str, str], Migration] = {}
        self.split: dict[tuple[str, str], Migration] = {}

    def add(self, migration: Migration) -> None:
        """Add the next change."""
        self.last = migration.number
        of = {"merge": self.gone, "split": self.split}.get(migration.change)
        if of is not None:
            of[migration.vocabulary, migration.term] = migration

    def wrong(self, migration: Migration) -> tuple[str, str, str] | None:
        """Return column, value and reason of what is wrong with the next change, or None."""
        if migration.number != self.last + 1:
            again = migration.number <= self.last
            reason = "the number stands twice, so that a change would be made twice" if again else "a number is missing"
            return "number", str(migration.number), f"{reason}; the next number is {self.last + 1}"
        number = {"rename": (1, 1), "merge": (1, 1), "split": (2, 99), "move": (0, 1)}[migration.change]
        if not number[0] <= len(set(migration.to)) <= number[1]:
            least = "two or more terms" if migration.change == "split" else "one term"
            return "to", "; ".join(migration.to), f"a {migration.change} is to {least}"
        if len(migration.to_labels) != len(migration.to):
            return "to_labels", "; ".join(migration.to_labels), "are not as many labels as to has terms"
        if (migration.change == "rename") != (migration.term in migration.to):
            own = "keeps its id" if migration.change == "rename" else "cannot become itself"
            return "to", "; ".join(migration.to), f"a term of a {migration.change} {own}"
        return self._gone(migration)

    def _gone(self, migration: Migration) -> tuple[str, str, str] | None:
        for column, ids in (("term", (migration.term,)), ("to", migration.to)):
            for id_ in ids:
                if before := self.gone.get((migration.vocabulary, id_)):
                    circle = migration.change == "merge" and migration.term == before.to[0]
                    run = "; the two would be merged in a circle" if circle else ""
                    return column, id_, f"was {before.says()} (number {before.number}){run}"
        before = self.split.get((migration.vocabulary, migration.term))
        if before and migration.change in ("merge", "split"):
            return "term", migration.term, f"was {before.says()} (number {before.number})"
        return None


def check_migrations(
    migrations: Iterable[Migration], vocabularies: Mapping[str, Iterable[str] | None], file: str
) -> Iterator[Problem]:
    """Yield a problem for each change that names a term which the vocabulary has not, or has although it is gone.

    ``vocabularies`` maps "factor", "outcome" and the ids of facets to the ids of their terms, None where every text
    of the sheets is a term.
    """
    listed = list(migrations)
    gone = {(m.vocabulary, m.term): m for m in listed if m.change == "merge"}
    for m in listed:
        known = vocabularies.get(m.vocabulary)
        if known is None:
            reason, names = "there is no such vocabulary", [v for v, ids in vocabularies.items() if ids is not None]
            yield Problem(file, reason, "", m.row, "vocabulary", m.vocabulary, ", ".join(names) or _AS_WRITTEN)
            continue
        ids = set(known)
        own = () if m.change in ("merge", "split") else (m.term,)
        for column, named in (("term", own), ("to", m.to)):
            for id_ in named:
                if id_ not in ids and (m.vocabulary, id_) not in gone:
                    reason, near = f"no {m.vocabulary} of the vocabulary has this id", nearest(id_, ids)
                    accepted = f"the id of a term; {_AS_WRITTEN}"
                    suggestion = " or ".join(map(repr, near))
                    yield Problem(file, reason, "", m.row, column, id_, accepted, suggestion)
        if m.change == "merge" and m.term in ids:
            reason = f"was {m.says()}, and the vocabulary has it still"
            yield Problem(
                file, reason, "", m.row, "term", m.term, "the vocabulary without it, as kg vocabulary left it"
            )
