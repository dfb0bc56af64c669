"""An index of the coding of a review, for the rules that compare its places."""

from __future__ import annotations

from collections.abc import Iterable

from kg.check.audit.records import Place
from kg.graph.build import study_labels, study_orders
from kg.model.published import Published, Statement, TableRow
from kg.model.records import Evidence, Study


class Index:
    """The included studies and the published statements and table rows, by the names that a review uses for them."""

    def __init__(self, evidence: Evidence, published: Published) -> None:
        self.evidence, self.published = evidence, published
        self.labels, self.orders = study_labels(evidence.studies), study_orders(evidence.studies)
        self.by_reference = {int(s.reference): s.id for s in evidence.studies if s.reference and s.reference.isdigit()}
        self.by_label = {label: id_ for id_, label in self.labels.items()}
        self._values = {facet.id: {v.id: v.label for v in facet.values} for facet in evidence.facets}
        self.names = {c.id: c.label for c in (*evidence.factors, *evidence.outcomes)}
        self.rows = {(row.factor, row.direction): row for row in published.rows}
        self.tabulated = {row.factor for row in published.rows}

    def values(self, study: Study, field: str) -> tuple[str, ...]:
        """Return what the sheets give for a column of a study: the labels of a facet, or another column as text."""
        if field in self._values:
            return tuple(self._values[field][value] for value in study.facets.get(field, ()))
        value = getattr(study, field, None)
        return tuple(map(str, value if isinstance(value, tuple) else [] if value is None else [value]))

    def cited_studies(self, statement: Statement) -> set[str]:
        """Return the included studies that a statement cites; references to other works are left out."""
        return {self.by_reference[n] for n in statement.cited if n in self.by_reference}

    def article_numbers(self, studies: Iterable[str]) -> tuple[int | str, ...]:
        """Return the article numbers of studies, in order."""
        return tuple(self.labels[s] for s in sorted(studies, key=self.orders.__getitem__))

    def place(self, where: str, says: str, studies: Iterable[str] = ()) -> Place:
        """Return a place with the article numbers of studies."""
        return Place(where, says, self.article_numbers(studies))

    def articles(self, studies: Iterable[str]) -> str:
        """Return studies as part of a sentence: article 3, or articles 3, 4."""
        numbers = self.article_numbers(studies)
        return ("article " if len(numbers) == 1 else "articles ") + ", ".join(map(str, numbers))

    def subject(self, statement: Statement) -> str:
        """Return the factor, direction and outcomes of a statement, in the terms of the review."""
        parts = [self.names[statement.factor]] if statement.factor else []
        parts += [statement.direction.replace("_", " ")] if statement.direction else []
        parts += [self.names[o] for o in statement.outcomes]
        return ", ".join(parts) or statement.says or "studies"

    def row_studies(self, factor: str, direction: str | None) -> set[str]:
        """Return the studies that the printed tables count for a factor, in one direction or (None) in any."""
        rows = [r for (f, d), r in self.rows.items() if f == factor and direction in (None, "unspecified", d)]
        return {self.by_label[n] for row in rows for n in row.labels if n in self.by_label}

    def first_row(self, factor: str) -> TableRow:
        """Return the first row of the printed tables for a factor."""
        return next(row for row in self.published.rows if row.factor == factor)

    def lists(self) -> dict[tuple[str | None, str | None, tuple[str, ...]], Statement]:
        """Return the exhaustive lists of the text by their factor, direction and outcomes."""
        return {(s.factor, s.direction, s.outcomes): s for s in self.published.statements if s.scope == "list"}
