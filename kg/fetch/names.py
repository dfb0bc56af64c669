"""The names of works to fetch: of the included studies, of those without a record, or from a list in a file.

A name is an identifier that OpenAlex can look up: ``W…``, ``doi:…`` or ``pmid:…``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from kg.errors import UsageProblem
from kg.folder.files import check_file
from kg.folder.review import Review
from kg.loaders.openalex.files import iter_works
from kg.loaders.openalex.names import name_of
from kg.loaders.openalex.works import record_of, short_id
from kg.model.layout import RECORDS
from kg.problems import Problem

#: Columns of a list that hold identifiers, the preferred ones first -> the prefix for a value that is a number.
_COLUMNS = {"doi": "", "dois": "", "openalex": "", "openalex id": "", "pmid": "pmid:", "id": ""}


def included_names(review: Review) -> dict[str, str]:
    """Return name -> key of the included studies that have an OpenAlex id or a DOI. Raises BadInput."""
    found: dict[str, str] = {}
    for study in review.load().evidence.studies:
        if study.id.startswith("openalex:"):
            found[study.id.removeprefix("openalex:")] = study.key
        elif study.doi:
            found[f"doi:{study.doi}"] = study.key
    return found


def missing_names(review: Review) -> tuple[list[str], list[str]]:
    """Return the names of included studies that no record of OpenAlex reports, and the keys of those without a name.

    Records of other databases do not count. Raises BadInput.
    """
    loaded = review.load()
    records = loaded.library.resolution.of_studies(loaded.evidence.studies)
    names, nameless = [], []
    for study in loaded.evidence.studies:
        if any(record.openalex for record in records.get(study.id, ())):
            continue
        pmid = next((record.pmid for record in records.get(study.id, ()) if record.pmid), None)
        if study.id.startswith("openalex:"):
            names.append(study.id.removeprefix("openalex:"))
        elif study.doi or pmid:
            names.append(f"doi:{study.doi}" if study.doi else f"pmid:{pmid}")
        else:
            nameless.append(study.key)
    return names, nameless


def recorded_names(review: Review) -> list[str]:
    """Return the OpenAlex ids of the records of included studies, to fetch them again. Raises BadInput."""
    loaded = review.load()
    records = loaded.library.resolution.of_studies(loaded.evidence.studies)
    return sorted({record.openalex for listed in records.values() for record in listed if record.openalex})


def read_names(path: Path) -> tuple[list[str], list[int]]:
    """Return the names in a file, and the numbers of the rows of a table that have none.

    A file is a list with one identifier a line (``#`` starts a comment), or a CSV or TSV with a column doi, openalex,
    pmid or id. Of several such columns, the first that is not blank in a row is used. Raises UsageProblem with the
    values that are not identifiers.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageProblem(f"cannot read {path}: {reason}") from error
    header = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=header.count)
    columns = [cell.strip().casefold() for cell in next(csv.reader([header], delimiter=delimiter), [])]
    is_table = len(columns) > 1 and any(column in _COLUMNS for column in columns)
    names, wrong, blank = [], [], []
    for number, values in _rows(text, columns, delimiter) if is_table else _lines(text, columns):
        found = [(value, name_of(value)) for value in values]
        if any(name for _, name in found):
            names.append(next(name for _, name in found if name))
        elif found:
            wrong.append(f"row {number}: {found[0][0][:60]!r}")
        else:
            blank.append(number)
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise UsageProblem(f"{path}: no DOI, OpenAlex id or pmid:… in {'; '.join(wrong[:5])}{more}")
    return list(dict.fromkeys(names)), blank


def _rows(text: str, columns: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each row of a table, from 2, and its identifiers."""
    indexes = [(columns.index(name), prefix) for name, prefix in _COLUMNS.items() if name in columns]
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
        if number > 1 and any(cell.strip() for cell in cells):
            values = [(cells[index].strip(), prefix) for index, prefix in indexes if index < len(cells)]
            yield number, [prefix + value if value.isdigit() else value for value, prefix in values if value]


def _lines(text: str, header: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the identifier of each line of a list, which may have a header.

    A line is never split at commas, because a DOI may contain one.
    """
    has_header = bool(header) and header[0] in _COLUMNS
    for number, line in enumerate(text.splitlines(), start=1):
        value = line.strip().strip('"')
        if value and not value.startswith("#") and not (has_header and number == 1):
            yield number, [_COLUMNS[header[0]] + value if has_header and value.isdigit() else value]


def recorded_ids(root: Path) -> set[str]:
    """Return the OpenAlex ids of all works in ``records/``."""
    return {
        id_
        for path, name in _record_files(root)
        for _, work in iter_works(path, name)
        if isinstance(work, dict) and (id_ := short_id(work.get("id"), "W"))
    }


def alternative_names(root: Path) -> dict[str, list[str]]:
    """Return the DOI and the locations of each work in ``records/`` by its OpenAlex id, to find merged works again."""
    found = {}
    for path, name in _record_files(root):
        for _, work in iter_works(path, name):
            record = None if isinstance(work, Problem) else record_of(work)
            if record is not None and record.openalex:
                found[record.openalex] = [*([f"doi:{record.doi}"] if record.doi else []), *record.locations]
    return found


def _record_files(root: Path) -> Iterator[tuple[Path, str]]:
    folder = root / "records"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.lower().endswith(RECORDS["records"]) and not path.name.startswith("."):
            check_file(path, f"records/{path.name}", root, None)
            yield path, f"records/{path.name}"
