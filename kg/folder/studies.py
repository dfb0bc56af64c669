"""The studies of a review over all of its sheets: rows about one study complement each other or are a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kg.loaders.tables.rawtable import RawTable
from kg.model.fields import REVIEW
from kg.model.ids import study_id
from kg.model.normalise import fold_term
from kg.model.records import Study
from kg.problems import Problem

#: Column that identifies a study -> its name in messages.
_IDENTIFIERS = {"doi": "DOI", "openalex": "OpenAlex ID", "key": "key", "label": "article number"}
#: The texts of a study that two rows of it may not give differently.
_TEXTS = ("label", "reference", "doi", "authors", "title", "basis")


class Studies:
    """The studies of all sheets.

    ``rejected`` maps the names of studies whose row was rejected, in lower case, to the place of that row.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Study] = {}
        self.rejected: dict[str, str] = {}
        self._rows: dict[str, tuple[str, int]] = {}  # name of a study, in lower case -> its file and row
        self._names: dict[str, str] = {}  # name of a study, in lower case -> its id

    def add(self, table: RawTable, studies: Iterable[tuple[int, Study]]) -> None:
        """Add the studies of a table, with their row numbers.

        A study that is there already is complemented, if nothing contradicts it; else the row is rejected.
        """
        for number, study in studies:
            names = _names(study)
            known = next(((column, name) for column, name in names if name.casefold() in self._rows), None)
            if known is None:
                self.by_id[study.id] = study
                self._register(study, (table.file, number))
                continue
            column, name = known
            other = self.by_id[self._names[name.casefold()]]
            differing = _contradictions(other, study)
            if differing or column == "label":
                self._reject(table, number, study, known, differing)
                continue
            merged = _merged(other, study)
            if merged.id != other.id:  # the order of the studies stays
                self.by_id = {merged.id if id_ == other.id else id_: s for id_, s in self.by_id.items()}
            self.by_id[merged.id] = merged
            self._register(merged, self._rows[name.casefold()])

    def _register(self, study: Study, place: tuple[str, int]) -> None:
        for _, name in _names(study):
            self._rows.setdefault(name.casefold(), place)
            self._names[name.casefold()] = study.id

    def _reject(
        self, table: RawTable, number: int, study: Study, known: tuple[str, str], differing: Iterable[str]
    ) -> None:
        where = f"{table.file}, row {number}"
        names = [name.casefold() for _, name in _names(study)]
        self.rejected.update({name: where for name in names if name not in self._rows})
        column, name = known
        value = {"doi": study.doi or "", "key": study.key}.get(column, name)
        other = self._rows[name.casefold()]
        table.problems.append(_duplicate(table, number, column, value, other, list(differing)))


def _names(study: Study) -> list[tuple[str, str]]:
    id_column = "doi" if study.doi else "openalex" if study.id.startswith("openalex:") else "key"
    return [(c, n) for c, n in ((id_column, study.id), ("key", study.key), ("label", study.label or "")) if n]


def _contradictions(one: Study, other: Study) -> list[str]:
    """Return what two rows of one study give differently."""
    texts = [(name, getattr(one, name), getattr(other, name)) for name in _TEXTS]
    found = [name for name, a, b in texts if a and b and fold_term(a) != fold_term(b)]
    if one.year and other.year and one.year != other.year:
        found.append("year")
    return found + [
        name
        for name in one.facets
        if name in other.facets and one.facets[name] != other.facets[name] and name not in ("year", REVIEW)
    ]


def _merged(one: Study, other: Study) -> Study:
    """Return a study with what either of two rows gives of it."""
    texts = {name: getattr(one, name) or getattr(other, name) for name in (*_TEXTS, "year")}
    openalex = next((s.id.partition(":")[2] for s in (one, other) if s.id.startswith("openalex:")), None)
    facets: Mapping[str, tuple[str, ...]] = {**other.facets, **one.facets}
    if REVIEW in one.facets or REVIEW in other.facets:
        either = (*one.facets.get(REVIEW, ()), *other.facets.get(REVIEW, ()))
        facets = {**facets, REVIEW: tuple(dict.fromkeys(either))}
    statuses = {**other.not_coded, **one.not_coded}
    return replace(
        one,
        **texts,
        id=study_id(texts["doi"], openalex, one.key),
        outcomes=tuple(dict.fromkeys((*one.outcomes, *other.outcomes))),
        reports=tuple(dict.fromkeys((*one.reports, *other.reports))),
        facets=facets,
        not_coded={name: status for name, status in statuses.items() if name not in facets},
        labels={**other.labels, **one.labels},
    )


def _duplicate(
    table: RawTable, number: int, column: str, value: str, other: tuple[str, int], differing: list[str]
) -> Problem:
    file, row = other
    accepted = "one row a study; several reports of one study belong in one row"
    charted = [name for name in differing if name not in (*_TEXTS, "year")]
    if charted and charted == differing:
        names = ", ".join(charted[:3]) + (", …" if len(charted) > 3 else "")
        accepted = (
            f"rows that agree (they differ in {names}); if they are several studies of one report, "
            f'key = ["…", "{charted[0]}"] under [[sheet]] in review.toml; if one study with several values, '
            f'[[facet]] with name = "{charted[0]}" and kind = "categories"'
        )
    return Problem(
        table.file,
        f"two studies have one {_IDENTIFIERS[column]} (the other is in {file}, row {row})",
        table.sheet,
        number,
        column,
        value,
        accepted=accepted,
    )
