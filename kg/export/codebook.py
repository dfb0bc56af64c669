"""The codebook of a review: every column that it charts, what the cells hold, the values and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.export.tables import to_csv, to_markdown
from kg.loaders.sheets.facets import FacetSpec, facet_id
from kg.loaders.sheets.words import STATUS_WORDS
from kg.model.fields import FACET_KINDS, FINDING_FIELDS, STUDY_FIELDS, Field
from kg.table import Table

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.folder.review import Review
    from kg.model.records import Concept, Evidence, Facet, ReviewInfo

#: Kind of column -> what its cells hold, beside the kinds of facets.
KINDS = {
    **FACET_KINDS,
    "study": "one study, or several separated by ;",
    "terms": "terms separated by ;, | or line breaks",
    "note": "any text",
}
#: Coding status -> what it means.
STATUS_MEANINGS = {
    "not reported": "the study does not say",
    "not applicable": "the question does not arise",
    "not extracted": "nobody has looked; a blank cell says the same",
}
#: The columns of studies that every codebook has, and those that it has if a sheet of the review fills them.
_ALWAYS = ("key", "label", "doi", "authors", "year", "title")
_IF_USED = {"reference": "reference", "report": "reports", "outcomes": "outcomes", "basis": "basis"}
#: The columns of findings about the review's own tables, with the value that a blank cell has.
_OF_TABLES = {"tabulated": True, "associated": False}
#: Standard columns that do not accept a coding status.
_WITHOUT_STATUS = ("year", "methods", "sample_size")


@dataclass(frozen=True)
class CodedValue:
    """One value of a column: the text to write, what it means, other spellings, and the broader value if it has one."""

    label: str
    meaning: str = ""
    also: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Entry:
    """One column of a sheet.

    ``name`` is its canonical name or the id of its facet, ``header`` the name to write. ``closed`` says whether other
    values than ``values`` are an error. ``statuses`` maps a word to write to the coding status that it means.
    """

    name: str
    header: str
    kind: str
    help: str = ""
    required: bool = False
    values: tuple[CodedValue, ...] = ()
    closed: bool = False
    statuses: Mapping[str, str] | None = None

    @property
    def several(self) -> bool:
        """Whether a cell may hold several values."""
        return self.kind in ("categories", "terms", "study")


@dataclass(frozen=True)
class Codebook:
    """The columns of the sheets of a review, in the order in which a charting workbook has them."""

    title: str
    studies: tuple[Entry, ...]
    findings: tuple[Entry, ...]

    def sheets(self) -> Iterator[tuple[str, str, tuple[Entry, ...]]]:
        """Yield the name of each sheet, what a row of it is, and its columns."""
        yield "studies", "One row for each study.", self.studies
        yield "findings", "One row for each factor that a study reports, and the outcomes tied to it.", self.findings


def codebook_of(review: Review, evidence: Evidence | None = None) -> Codebook:
    """Return the codebook of a review folder, whose ``evidence`` is read unless it is given. Raises BadInput."""
    from kg.folder.tables import FolderReader

    config = review.config
    vocabularies = FolderReader(review.root, config).facet_vocabularies()
    return codebook(evidence or review.load().evidence, config.facets, vocabularies, constants(config))


def constants(config: Config) -> dict[str, str]:
    """Return the columns of findings that have one value in every sheet of the review, such as the direction."""
    declared = [
        dict(spec.constant) for spec in config.sheets if spec.kind in (None, "findings", "studies and findings")
    ]
    return declared[0] if declared and all(constant == declared[0] for constant in declared) else {}


def codebook(
    evidence: Evidence,
    specs: Iterable[FacetSpec] = (),
    vocabularies: Mapping[str, list[Concept]] | None = None,
    constant: Mapping[str, str] | None = None,
) -> Codebook:
    """Return the codebook of the evidence.

    ``specs`` are the facets that ``review.toml`` declares, ``vocabularies`` the values of closed ones by facet id. A
    declared facet that no sheet has yet is in the codebook as well. ``constant`` holds the columns of findings with the
    one value that they have.
    """
    declared = {facet_id(spec.name): spec for spec in specs}
    overlays = {overlay.id for overlay in evidence.overlays}  # nobody charts them
    charted = (facet for facet in evidence.facets if facet.id not in overlays)
    facets = [*charted, *_not_charted_yet(evidence, declared, vocabularies or {})]
    entries = {facet.id: _facet_entry(facet, declared.get(facet.id)) for facet in facets}
    of_findings = [entries[facet.id] for facet in facets if facet.of == "finding"]
    of_studies = [entries[f.id] for f in facets if f.of == "study" and f.id not in _ALWAYS]
    return Codebook(
        evidence.review.title,
        tuple(_study_entries(evidence, of_studies)),
        tuple(_finding_entries(evidence, of_findings, constant or {})),
    )


def _not_charted_yet(
    evidence: Evidence, declared: Mapping[str, FacetSpec], vocabularies: Mapping[str, list[Concept]]
) -> Iterator[Facet]:
    from kg.loaders.sheets.facets import Facets

    facets = Facets(declared.values(), vocabularies)
    known = {facet.id for facet in evidence.facets}
    for id_, spec in declared.items():
        if id_ not in known:
            facets.of_column(spec.name, spec.of or "study", spec.kind or "category")
    yield from facets.all()


def _study_entries(evidence: Evidence, facets: list[Entry]) -> Iterator[Entry]:
    fields = {field.name: field for field in STUDY_FIELDS}
    used = {name for name, attribute in _IF_USED.items() if any(getattr(s, attribute) for s in evidence.studies)}
    if any(study.id.startswith("openalex:") for study in evidence.studies):
        used.add("openalex")
    for name in _ALWAYS:
        yield Entry(name, name, "year" if name == "year" else "note", fields[name].help)
    for name in ("reference", "openalex", "report"):
        if name in used:
            yield Entry(name, name, "note", fields[name].help)
    yield from facets
    if "outcomes" in used:
        yield _terms_entry("outcomes", "outcomes", fields["outcomes"], evidence.outcomes)
    if "basis" in used:
        yield Entry("basis", "basis", "note", fields["basis"].help)


def _finding_entries(evidence: Evidence, facets: list[Entry], constant: Mapping[str, str]) -> Iterator[Entry]:
    left_out = {name for name, blank in _OF_TABLES.items() if all(getattr(f, name) is blank for f in evidence.findings)}
    if constant.get("direction") == "unspecified":
        left_out.add("pole")  # there is no direction that it could turn round
    for field in FINDING_FIELDS:
        if field.name in left_out:
            continue
        if field.name in ("factor", "outcomes"):
            terms = evidence.factors if field.name == "factor" else evidence.outcomes
            yield _terms_entry(field.name, _own_word(field, evidence.review), field, terms)
        elif field.values:
            kind = "yes/no" if set(field.values) == {"yes", "no"} else "category"
            accepted = (constant[field.name],) if field.name in constant else tuple(field.values)
            values = tuple(_fixed_value(field, value, evidence.review) for value in accepted)
            help_ = "the same for every finding of this review" if field.name in constant else field.help
            yield Entry(field.name, field.name, kind, help_, field.required, values, closed=True)
        else:
            kind = "study" if field.name == "study" else "note"
            yield Entry(field.name, field.name, kind, field.help, field.required)
        if field.name == "note":
            yield from facets


def _own_word(field: Field, info: ReviewInfo) -> str:
    """Return the review's own word for a factor, such as intervention, if sheets may use it, or the column's name."""
    word = info.words.get(field.name, "").casefold()
    return word if word in field.synonyms else field.name


def _fixed_value(field: Field, value: str, info: ReviewInfo) -> CodedValue:
    meaning = field.meanings.get(value, "")
    shown = info.words.get(value) if field.name == "direction" else None
    if shown and shown.casefold() != value:
        meaning = f"{shown}: {meaning}"
    return CodedValue(value, meaning, (field.values or {})[value])


def _terms_entry(name: str, header: str, field: Field, terms: Iterable[Concept]) -> Entry:
    terms = tuple(terms)
    closed = any(term.source for term in terms)
    return Entry(name, header, "terms", field.help, field.required, _coded_values(terms), closed)


def _coded_values(concepts: Iterable[Concept]) -> tuple[CodedValue, ...]:
    concepts = tuple(concepts)
    labels = {concept.id: concept.label for concept in concepts}
    return tuple(
        CodedValue(c.label, c.definition or "", c.synonyms, labels.get(c.broader or "", c.broader or ""))
        for c in concepts
    )


def _facet_entry(facet: Facet, spec: FacetSpec | None) -> Entry:
    """Return the entry of a facet; its header is a name that the reader turns into the id of the facet again."""
    field = next((f for f in STUDY_FIELDS if f.name == facet.id and facet.of == "study"), None)
    own_id = facet.id.removesuffix(f"_of_{facet.of}")  # studies and findings both have a column of this name
    names = (spec.name if spec else "", facet.label, facet.label.removesuffix(f" ({facet.of})"))
    header = next((name for name in names if name and facet_id(name) == own_id), facet.id)
    words = {**STATUS_WORDS, **(spec.statuses if spec else {})}
    statuses = {words[status][0]: status for status in STATUS_MEANINGS if words.get(status)}
    label = facet.label if facet.label != header else ""
    entry = Entry(facet.id, header, facet.kind, ": ".join(filter(None, (label, facet.definition))), statuses=statuses)
    if field:
        entry = replace(entry, header=field.name, help=facet.definition or field.help)
    if facet.id in _WITHOUT_STATUS:
        entry = replace(entry, statuses=None)
    if field and field.values:
        return replace(entry, values=tuple(CodedValue(v, "", o) for v, o in field.values.items()), closed=True)
    if facet.kind == "yes/no":
        return replace(entry, values=(CodedValue("yes"), CodedValue("no")), closed=True)
    if facet.kind in ("category", "categories"):
        closed = any(value.source for value in facet.values)
        return replace(entry, values=_coded_values(facet.values), closed=closed)
    return entry


def codebook_table(book: Codebook) -> Table:
    """Return the codebook with a row for each value, and one for each column that has no list of values."""
    rows: list[tuple[str, ...]] = []
    for sheet, _, entries in book.sheets():
        for entry in entries:
            first = (sheet, entry.header, "yes" if entry.required else "", KINDS[entry.kind], entry.help)
            values = [(v.label, v.group, v.meaning, "; ".join(v.also)) for v in entry.values]
            values += [(word, "", STATUS_MEANINGS[status], "") for word, status in (entry.statuses or {}).items()]
            rows += [(*first, *value) for value in values or [("", "", "", "")]]
    columns = ("sheet", "column", "required", "cells", "meaning", "value", "group", "value_meaning", "also_written")
    return Table("codebook", columns, list(rows))


def to_text(book: Codebook, format_: str) -> str:
    """Return the codebook as ``md`` or ``csv``."""
    return to_csv(codebook_table(book)) if format_ == "csv" else _to_markdown(book)


def _to_markdown(book: Codebook) -> str:
    parts = [f"# Codebook: {' '.join(book.title.split())}\n"]
    for sheet, row, entries in book.sheets():
        rows = [(e.header, "yes" if e.required else "", KINDS[e.kind], e.help) for e in entries]
        table = Table("columns", ("column", "required", "cells", "meaning"), list(rows))
        parts.append(f"## Sheet {sheet}\n\n{row}\n\n{to_markdown(table)}")
        parts += [f"### {_heading(entry, sheet)}\n\n{_value_table(entry)}" for entry in entries if entry.values]
    if any(entry.statuses for _, _, entries in book.sheets() for entry in entries):
        table = Table("statuses", ("value", "meaning"), list(STATUS_MEANINGS.items()))
        parts.append(f"## Where nothing is coded\n\n{to_markdown(table)}{_own_words(book)}")
    return "\n".join(parts)


def _heading(entry: Entry, sheet: str) -> str:
    return f"{' '.join(entry.header.split())} ({sheet})"


def _value_table(entry: Entry) -> str:
    """Return the values of a column as a table, without the columns that are blank in every row."""
    columns = ("value", "group", "meaning", "also_written")
    rows = [(v.label, v.group, v.meaning, "; ".join(v.also)) for v in entry.values]
    table = Table("values", columns, list(rows))
    table = table.only(*(name for name in columns if name == "value" or any(table.column(name))))
    open_ = "" if entry.closed else "Values so far; others may be added.\n\n"
    return open_ + to_markdown(table).replace("also_written", "also written")


def _own_words(book: Codebook) -> str:
    """Return a table of the columns that have words of their own for a coding status, if there are any."""
    usual = {STATUS_WORDS[status][0] for status in STATUS_MEANINGS}
    rows = [
        (entry.header, word, status)
        for _, _, entries in book.sheets()
        for entry in entries
        for word, status in (entry.statuses or {}).items()
        if word not in usual
    ]
    return "\n" + to_markdown(Table("words", ("column", "value", "status"), list(rows))) if rows else ""
