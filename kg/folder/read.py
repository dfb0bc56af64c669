"""Read a review folder as a whole: every file is read and every row checked, and all problems come at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.errors import BadInput
from kg.folder import reviews
from kg.folder.asof import AsOf, count_new, printed_release
from kg.folder.config import Config
from kg.folder.kept import KeptRecords
from kg.folder.library import Library, read_library
from kg.folder.linked import Linked
from kg.folder.maps import check_maps
from kg.folder.migrated import Changes
from kg.folder.overlays import laid_over, read_overlays
from kg.folder.published import read_stated_gaps
from kg.folder.searchlog import read_searches
from kg.folder.studies import Studies
from kg.folder.tables import FolderReader, Sheet
from kg.loaders.sheets.decisions import read_decisions
from kg.loaders.sheets.facets import Facets
from kg.loaders.sheets.findings import read_findings
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.recode import Recoded, RecodedKey
from kg.loaders.sheets.studies import StudyIndex, read_studies
from kg.loaders.sheets.terms import Terms
from kg.loaders.tables.rawtable import RawTable
from kg.model.fields import REVIEW
from kg.model.layout import DUPLICATES, GAPS, SEARCHES
from kg.model.records import Concept, Evidence, Finding
from kg.problems import Note, Problem, by_cause


@dataclass
class Loaded:
    """The content of a folder. ``rejected`` holds the problems of the rows left out (empty unless partial)."""

    evidence: Evidence
    rejected: list[Problem] = field(default_factory=list)
    library: Library = field(default_factory=Library)
    #: How the sheets were read, and what was not read of workbooks: file and sheet -> the reason.
    readings: tuple[Reading, ...] = ()
    passed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: What the changes of the vocabularies mean for the sheets, and the rows that nobody has recoded.
    notes: tuple[Note, ...] = ()
    to_recode: tuple[Recoded, ...] = ()

    @property
    def recode_keys(self) -> frozenset[RecodedKey]:
        """What the rows are about that nobody has recoded: vocabulary, term, study and finding."""
        return frozenset(row.key for row in self.to_recode)


def read_folder(
    root: Path, config: Config, *, partial: bool = False, as_of: AsOf | None = None, kept: KeptRecords | None = None
) -> Loaded:
    """Read every input file of the review folder; with ``as_of``, in the terms of a release.

    Raises BadInput with the problems of all files if any row is rejected. With ``partial``, the accepted rows are kept
    and the problems of the others are returned in ``Loaded.rejected``. Problems of a vocabulary or of a whole file
    always raise BadInput. ``kept`` are packed records of the folder.
    """
    reader = FolderReader(root, config)
    vocabularies = as_of.terms() if as_of else {k: reader.vocabulary(f"{k}s") for k in ("factor", "outcome")}
    of_facets = reader.facet_vocabularies()
    sheets = reader.sheets()
    linked = Linked(sheets, vocabularies, of_facets)
    changes = Changes(reader, as_of.migrations if as_of else None)
    terms = changes.terms(vocabularies, of_facets)
    facets = _facets(config, of_facets)
    studies, of_row = _read_all_studies(sheets, terms["outcome"], facets, changes)
    may_lack_studies = reader.may_lack_studies(sheets)
    has_studies = any(sheet.reading.has_studies and (sheet.table.rows or sheet.table.problems) for sheet in sheets)
    index = StudyIndex(studies.by_id.values(), studies.rejected, complete=has_studies and not may_lack_studies)
    findings = _read_all_findings(sheets, of_row, index, terms, facets, changes)
    linked.apply(index, terms, facets, studies.by_id, findings)
    findings = changes.recode(index, studies.by_id, findings)
    findings = _of_reviews_and_release(root, config, studies, findings)
    if not has_studies and not may_lack_studies and any(table.skipped for table in reader.tables):
        reader.broken.append(_NO_STUDIES)
    searches = read_searches(reader.read_fixed(SEARCHES))
    decisions = read_decisions(reader.read_fixed(DUPLICATES), index)
    library = read_library(
        root,
        reader.names,
        tuple(studies.by_id.values()),
        searches,
        decisions,
        config.references,
        config.false_merges,
        kept,
    )
    gaps = read_stated_gaps(reader.read_fixed(GAPS), terms)
    broken = reader.broken + [problem for table in reader.tables for problem in table.broken]
    changes.retire(studies.by_id.values(), findings.values(), gaps)
    concepts = {kind: found.concepts for kind, found in terms.items()}
    overlays = read_overlays(root, reader.names, config.overlays, concepts, facets.by_id, changes.mappings)
    laid, of_overlays = laid_over(findings.values(), overlays)
    all_facets = (*facets.all(), *of_overlays)
    if not broken:  # every term and facet is known
        names = (spec.name for spec in config.facets)
        broken = overlays.problems or list(check_maps(config.maps, all_facets, names, config.review.words))
    rejected = _rejected(reader, library, broken, partial=partial)
    evidence = Evidence(
        config.review, tuple(studies.by_id.values()), laid,
        tuple(terms["factor"].concepts.values()), tuple(terms["outcome"].concepts.values()),
        tuple(searches), tuple(gaps), (*reader.sources, *overlays.sources, *library.sources),
        library.resolution.records, library.resolution.works, library.resolution.reports, library.standings,
        all_facets, config.reviews, tuple(overlays.overlays), changes.listed,
    )  # fmt: skip
    rejected += [problem for table in reader.tables for problem in table.skipped]
    readings = tuple(sheet.reading for sheet in sheets)
    return Loaded(evidence, rejected, library, readings, reader.passed, tuple(changes.notes), changes.to_recode)


def _facets(config: Config, vocabularies: dict[str, list[Concept]]) -> Facets:
    """Return the facets of the review, with one of its reviews where it has several."""
    if config.reviews:
        vocabularies[REVIEW] = reviews.vocabulary(config.review, config.reviews)
    facets = Facets(config.facets, vocabularies)
    if config.reviews:
        facets.of_column(REVIEW, "study", "categories")
    return facets


def _read_all_studies(
    sheets: Iterable[Sheet], outcomes: Terms, facets: Facets, changes: Changes
) -> tuple[Studies, dict[int, dict[int, str]]]:
    """Return the studies of all sheets, and those of the rows of sheets that hold findings as well."""
    studies, of_row = Studies(), dict[int, dict[int, str]]()
    for sheet in (sheet for sheet in sheets if sheet.reading.has_studies and not sheet.reading.question):
        read = read_studies(sheet.table, sheet.reading, outcomes, facets, studies.rejected)
        studies.add(sheet.table, read.studies)
        changes.note_old_names(sheet.table)
        if sheet.kind != "studies":
            of_row[id(sheet.table)] = read.of_row
    return studies, of_row


def _read_all_findings(
    sheets: Iterable[Sheet],
    of_row: Mapping[int, dict[int, str]],
    index: StudyIndex,
    terms: Mapping[str, Terms],
    facets: Facets,
    changes: Changes,
) -> dict[str, Finding]:
    """Return the findings of all sheets by their id."""
    findings: dict[str, Finding] = {}
    for sheet in (sheet for sheet in sheets if sheet.reading.has_findings):
        rows = of_row.get(id(sheet.table))
        found = read_findings(sheet.table, sheet.reading, index, terms["factor"], terms["outcome"], facets, rows)
        _add_findings(sheet.table, found, findings, changes, merge=rows is not None)
        changes.note_old_names(sheet.table)
    return findings


def _of_reviews_and_release(
    root: Path, config: Config, studies: Studies, findings: dict[str, Finding]
) -> dict[str, Finding]:
    """Return the findings with the reviews that they are of, and counted as new since the release of the tables."""
    if config.reviews:
        reviews.assign(config.review, studies.by_id, findings)
    if config.release:
        return count_new(studies.by_id, findings, printed_release(root, config.release))
    return findings


def _rejected(reader: FolderReader, library: Library, broken: Iterable[Problem], *, partial: bool) -> list[Problem]:
    """Return the problems of rows that are left out. Raises BadInput, as ``read_folder`` says."""
    broken = list(broken)
    of_rows = [
        problem for table in reader.tables for problem in (table.problems if partial else by_cause(table.problems))
    ]
    rejected = list(dict.fromkeys([*of_rows, *library.problems]))
    if broken or (rejected and not partial):
        raise BadInput(sorted(dict.fromkeys(broken + rejected), key=lambda p: (p.file, p.sheet, p.row)))
    return rejected


#: One problem of the folder, in place of one for each row of findings.
_NO_STUDIES = Problem(
    "sheets",
    "no sheet in sheets/ defines studies",
    accepted='a sheet with a row for each study: key, title, doi, …; or kind = "studies and findings" under [[sheet]] '
    "in review.toml, if no more is known of the studies than the rows of findings say",
)


def _add_findings(
    table: RawTable, read: Iterable[Finding], findings: dict[str, Finding], changes: Changes, *, merge: bool = False
) -> None:
    """Add the findings of a table by their id; reject those that are there already.

    With ``merge``, rows of the table that give one finding are that finding, with the facets of each of them. So are
    rows on terms that were merged.
    """
    own: set[str] = set()
    for finding in read:
        other = findings.setdefault(finding.id, finding)
        if merge and finding.id in own:
            findings[finding.id] = replace(other, facets=_joined(other.facets, finding.facets))
        elif other is not finding and changes.are_one(finding):
            findings[finding.id] = replace(other, facets=_joined(other.facets, finding.facets))
            changes.note_one(table, finding, other)
        elif other is not finding:
            table.problems.append(
                Problem(
                    table.file,
                    f"the finding stands twice (also in {other.source}, row {other.row})",
                    table.sheet,
                    finding.row,
                    value=f"{finding.study}, {finding.factor}, {finding.direction}",
                    accepted="one row for the same study, factor, direction, outcomes and locator",
                )
            )
        own.add(finding.id)


def _joined(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Return facets with the values of either."""
    if one == other:
        return one
    return {
        name: tuple(dict.fromkeys((*one.get(name, ()), *other.get(name, ())))) for name in dict.fromkeys((*one, *other))
    }
