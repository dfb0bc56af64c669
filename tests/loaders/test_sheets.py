"""Extraction sheets in every layout, format and encoding give the same findings."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from kg.export.tables import to_csv, to_tsv
from kg.folder.review import Review
from kg.loaders.sheets.columns import FINDINGS, STUDIES, spellings
from kg.loaders.tables.read import read_tables
from kg.model.fields import VALUES
from kg.model.normalise import fold_words
from kg.model.records import Finding
from kg.table import Table
from tests import paths
from tests.conftest import MakeReview, Run
from tests.spreadsheets import write_ods, write_xlsx

DATA = paths.DATA / "sheets"
STUDIES_CSV = (DATA / "studies.csv").read_text(encoding="utf-8")
LONG = (DATA / "long.csv").read_text(encoding="utf-8")
CONDENSED = (DATA / "condensed.csv").read_text(encoding="utf-8")
TOML = 'id = "r"\ntitle = "R"\n'


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def csv_of(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def cells(text: str) -> list[list[str | int | None]]:
    """Return the rows as in a workbook: numbers are int, blank cells are None."""
    return [[int(c) if c.isdigit() else c or None for c in row] for row in rows_of(text)]


def claims(review: Review) -> set[tuple[object, ...]]:
    """Return the findings without file and row; no two of them are equal."""
    found = [
        (f.id, f.study, f.factor, f.direction, f.outcomes, f.locator, f.note) for f in review.load().evidence.findings
    ]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES_CSV})


@pytest.fixture
def expected(make_review: MakeReview) -> set[tuple[object, ...]]:
    made = claims(make_review({"sheets/studies.csv": STUDIES_CSV, "sheets/findings.csv": LONG}, "expected"))
    assert len(made) == 6
    return made


# The same findings in many kinds of files.

Write = Callable[[Path, str], None]


def as_encoded(encoding: str, name: str = "findings.csv", delimiter: str = ",", ends: str = "\n") -> Write:
    def write(folder: Path, text: str) -> None:
        out = csv_of(rows_of(text), delimiter)
        (folder / name).write_bytes(out.replace("\n", ends).encode(encoding))

    return write


def as_xlsx(folder: Path, text: str) -> None:
    write_xlsx(folder / "findings.xlsx", {"Extraction": cells(text)})


def as_ods(folder: Path, text: str) -> None:
    write_ods(folder / "findings.ods", {"Extraction": cells(text)})


def shuffled(folder: Path, text: str) -> None:
    one, two, *others = zip(*rows_of(text), strict=True)
    columns = [*others[::-1], one, two]
    (folder / "findings.csv").write_text(csv_of(list(zip(*columns, strict=True))), encoding="utf-8")


def with_blanks(folder: Path, text: str) -> None:
    """Add blank rows everywhere, blank columns at the end, and spaces around each cell."""
    rows = [[f" {c} " if c else "" for c in row] + ["", " "] for row in rows_of(text)]
    blank = ["", " ", "", "\u00a0"]
    spaced = [blank, rows[0], *(r for row in rows[1:] for r in ([], row)), blank, blank]
    (folder / "findings.csv").write_text(csv_of(spaced), encoding="utf-8")


WRITERS: dict[str, Write] = {
    "utf-8": as_encoded("utf-8"),
    "bom": as_encoded("utf-8-sig"),
    "utf-16": as_encoded("utf-16"),
    "windows line ends": as_encoded("utf-8", ends="\r\n"),
    "semicolons": as_encoded("utf-8-sig", delimiter=";"),
    "tabs in a csv": as_encoded("utf-8", delimiter="\t"),
    "tsv": as_encoded("utf-8", "findings.tsv", "\t"),
    "capital suffix": as_encoded("utf-8", "FINDINGS.CSV"),
    "xlsx": as_xlsx,
    "ods": as_ods,
    "columns in another order": shuffled,
    "blank rows and spaces": with_blanks,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("text", [LONG, CONDENSED], ids=["long", "condensed"])
def test_the_same_findings(review: Review, expected: set[tuple[object, ...]], writer: str, text: str) -> None:
    WRITERS[writer](review.root / "sheets", text)
    assert claims(review) == expected


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-8", "utf-8-sig", "mac-roman"])
def test_a_declared_encoding(review: Review, expected: set[tuple[object, ...]], encoding: str) -> None:
    (review.root / "sheets" / "findings.csv").write_bytes(LONG.encode(encoding))
    (review.root / "review.toml").write_text(
        f'{TOML}[[sheet]]\nfile = "sheets/findings.csv"\nencoding = "{encoding}"\n', encoding="utf-8"
    )
    assert claims(review) == expected


def test_a_declared_encoding_with_a_byte_order_mark(review: Review, expected: set[tuple[object, ...]]) -> None:
    """The mark used to become part of the name of the first column."""
    (review.root / "sheets" / "findings.csv").write_bytes(LONG.encode("utf-8-sig"))
    (review.root / "review.toml").write_text(
        f'{TOML}[[sheet]]\nfile = "sheets/findings.csv"\nencoding = "utf-8"\n', encoding="utf-8"
    )
    assert claims(review) == expected


# Names of columns and values.


@pytest.mark.parametrize(
    ("layout", "name", "other"),
    [
        (layout, name, other)
        for layout in (FINDINGS, STUDIES)
        for name, others in layout.columns.items()
        for other in others
    ],
)
def test_a_synonym_belongs_to_one_column(layout: object, name: str, other: str) -> None:
    assert layout in (FINDINGS, STUDIES)
    columns = FINDINGS.columns if layout is FINDINGS else STUDIES.columns
    owners = [n for n, others in columns.items() if fold_words(other) in {fold_words(text) for text in (n, *others)}]
    assert owners == [name]


@pytest.mark.parametrize("column", VALUES)
def test_a_spelling_belongs_to_one_value(column: str) -> None:
    for value, others in VALUES[column].items():
        for other in (value, *others):
            assert spellings(column)[other.casefold()] == value


def test_synonyms_of_columns_and_values(review: Review, expected: set[tuple[object, ...]]) -> None:
    head = ["Article", "DETERMINANT", "How discussed", "Outcome(s) affected", "Page", "Comments"]
    own = {"facilitator": "Enabler", "barrier": "-", "no_effect": "NOT SIGNIFICANT"}
    rows = [[own.get(c, c) for c in row] for row in rows_of(LONG)[1:]]
    (review.root / "sheets" / "findings.csv").write_text(csv_of([head, *rows]), encoding="utf-8")
    assert claims(review) == expected


@pytest.mark.parametrize(
    "order", [("study", "article", "factor", "direction"), ("article", "study", "factor", "direction")]
)
def test_the_canonical_name_wins_over_a_synonym_in_any_order(review: Review, order: tuple[str, ...]) -> None:
    """The first column used to win, so that moving columns changed the evidence."""
    row = {"study": "adams-2022", "article": "2", "factor": "Pay", "direction": "barrier"}
    (review.root / "sheets" / "findings.csv").write_text(
        csv_of([order, [row[name] for name in order]]), encoding="utf-8"
    )
    assert [f.study for f in review.load().evidence.findings] == ["doi:10.1176/appi.ps.202000915"]


FOREIGN = """[[sheet]]
file = "sheets/auszug.csv"
kind = "findings"
columns = { study = "Étude", factor = "要因", direction = "方向", outcomes = "Ergebnis", locator = "Seite", note = "Наблюдение" }
values.direction = { "fördert" = "facilitator", "hemmt" = "barrier", "weder noch" = "no_effect" }
"""


def test_columns_in_other_languages_are_mapped_in_the_configuration(
    review: Review, expected: set[tuple[object, ...]]
) -> None:
    """Names in scripts other than Latin used to be folded to the same empty name."""
    own = {"facilitator": "fördert", "barrier": "Hemmt", "no_effect": "weder noch"}
    head = ["Nr.", "E\u0301tude", "要因", "方向", "Ergebnis", "Seite", "Наблюдение"]
    rows = [["7", *(own.get(c, c) for c in row)] for row in rows_of(LONG)[1:]]
    (review.root / "sheets" / "auszug.csv").write_text(csv_of([head, *rows]), encoding="utf-8")
    (review.root / "review.toml").write_text(TOML + FOREIGN, encoding="utf-8")
    assert claims(review) == expected


def test_a_mapping_wins_over_the_canonical_name(review: Review) -> None:
    (review.root / "sheets" / "findings.csv").write_text(
        "study,factor,Barrier or help,direction\nadams-2022,Pay,barrier,left\n", encoding="utf-8"
    )
    (review.root / "review.toml").write_text(
        TOML + '[[sheet]]\nfile = "sheets/findings.csv"\ncolumns = { direction = "barrier or help" }\n',
        encoding="utf-8",
    )
    assert [f.direction for f in review.load().evidence.findings] == ["barrier"]


def test_a_studies_sheet_may_have_a_column_called_intervention(make_review: MakeReview) -> None:
    """It used to be taken for a findings sheet without a direction."""
    review = make_review({"sheets/studies.csv": "key,title,year,intervention\na,A,2020,Supervision\n"})
    assert [study.key for study in review.load().evidence.studies] == ["a"]


# The row of the header, and the sheets of a workbook.


@pytest.mark.parametrize("write", [as_encoded("utf-8"), as_encoded("utf-8", delimiter=";"), as_xlsx, as_ods])
def test_the_header_may_be_in_a_later_row(review: Review, expected: set[tuple[object, ...]], write: Write) -> None:
    above = 'Extraction sheet;,,,,,\n"agreed\nby all",,,,,\n,,,,,\n'
    write(review.root / "sheets", above + LONG)
    file = next(p.name for p in (review.root / "sheets").glob("findings.*"))
    (review.root / "review.toml").write_text(
        f'{TOML}[[sheet]]\nfile = "sheets/{file}"\nheader_row = 4\n', encoding="utf-8"
    )
    assert claims(review) == expected
    assert min(f.row for f in review.load().evidence.findings) == 5


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "all.xlsx"), (write_ods, "all.ods")])
def test_a_workbook_with_studies_findings_and_other_sheets(
    make_review: MakeReview, expected: set[tuple[object, ...]], write: Callable[..., None], name: str
) -> None:
    """A sheet of notes in the workbook used to be a problem."""
    review = make_review({})
    codes = [["Factor", "Definition"], ["Pay", "What a peer earns"]]
    notes = [["Guide", None], ["a", "b", "c", "what we agreed"], [None, None], ["=1+1" if name == "all.xlsx" else "x"]]
    write(
        review.root / "sheets" / name,
        {"Read me": notes, "Codes": codes, "Findings": cells(LONG), "Empty": [], "Studies": cells(STUDIES_CSV)},
    )
    assert claims(review) == expected


def test_each_sheet_of_a_workbook_has_its_own_header_row(
    make_review: MakeReview, expected: set[tuple[object, ...]]
) -> None:
    """The header row of the first [[sheet]] used to apply to all sheets of the workbook."""
    review = make_review({"review.toml": TOML + '[[sheet]]\nfile = "sheets/all.xlsx"\nsheet = "F"\nheader_row = 3\n'})
    write_xlsx(
        review.root / "sheets" / "all.xlsx",
        {"S": cells(STUDIES_CSV), "F": [["Findings, agreed", None], ["as of May"], *cells(LONG)]},
    )
    assert claims(review) == expected


def test_a_mapping_for_a_workbook_applies_to_the_sheets_with_the_column(
    make_review: MakeReview, expected: set[tuple[object, ...]]
) -> None:
    review = make_review(
        {
            "review.toml": TOML + '[[sheet]]\nfile = "sheets/all.xlsx"\n'
            'columns = { factor = "What", direction = "Which way", title = "Full title" }\n'
        }
    )
    findings, studies = cells(LONG), cells(STUDIES_CSV)
    findings[0][1:3], studies[0][5] = ["What", "Which way"], "Full title"
    write_xlsx(review.root / "sheets" / "all.xlsx", {"S": studies, "F": findings, "Notes": [["What"], ["nothing"]]})
    assert claims(review) == expected
    assert [s.title for s in review.load().evidence.studies] == [row[5] for row in studies[1:]]


def test_a_hidden_sheet_is_not_read(review: Review, expected: set[tuple[object, ...]]) -> None:
    as_xlsx(review.root / "sheets", LONG)
    path = review.root / "sheets" / "findings.xlsx"
    book = openpyxl.load_workbook(path)
    book.create_sheet("Old").append(["study", "factor", "direction"])
    book["Old"].append(["nobody", "Pay", "up"])
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert claims(review) == expected


DROP_DOWN = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="0"/></ext></extLst>'
)


def test_a_drop_down_list_is_ignored(review: Review, expected: set[tuple[object, ...]]) -> None:
    """A list with words from another sheet used to print a warning of openpyxl."""
    as_xlsx(review.root / "sheets", LONG)
    path = review.root / "sheets" / "findings.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace("</worksheet>", DROP_DOWN + "</worksheet>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert claims(review) == expected


def test_a_coloured_last_row_is_ignored(
    review: Review, expected: set[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell used to be created for each position up to the last formatted one, here more than six million."""
    as_xlsx(review.root / "sheets", LONG)
    path = review.root / "sheets" / "findings.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(1_048_576, 6).fill = PatternFill("solid", fgColor="FFFF00")
    book.save(path)

    def visit_all(*_: object) -> None:
        raise AssertionError("visits every cell up to the last one")

    monkeypatch.setattr(Worksheet, "_cells_by_row", visit_all)
    assert claims(review) == expected


# Row numbers are those that a spreadsheet shows.


def rows_read(review: Review) -> list[tuple[str, int]]:
    return [(f.factor, f.row) for f in review.load().evidence.findings]


def test_row_numbers_of_a_csv_with_line_breaks_and_blank_rows(review: Review) -> None:
    (review.root / "sheets" / "findings.csv").write_bytes(
        b'\r\n,,\r\nstudy,factor,direction,note\r\n1,Pay,barrier,"one\r\ntwo\r\n\r\nthree"\r\n\r\n1,Stigma,barrier,\r\n'
    )
    assert rows_read(review) == [("pay", 4), ("stigma", 6)]
    assert review.load().evidence.findings[0].note == "one\ntwo\n\nthree"


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "f.xlsx"), (write_ods, "f.ods")])
def test_row_numbers_of_a_workbook_with_leading_blank_rows(
    review: Review, write: Callable[..., None], name: str
) -> None:
    write(
        review.root / "sheets" / name,
        {
            "F": [
                [None],
                [None],
                [None, "study", "factor", "direction", "note"],
                [None, 1, "Pay", "barrier", "one\ntwo"],
                [None, None, None, None],
                [None, 1, "Stigma", "barrier"],
            ]
        },
    )
    assert rows_read(review) == [("pay", 4), ("stigma", 6)]


def test_row_numbers_of_an_ods_with_repeated_blank_rows(review: Review) -> None:
    """A spreadsheet writes a run of blank rows as one element."""
    path = review.root / "sheets" / "f.ods"
    write_ods(path, {"F": [["study", "factor", "direction"], [None], [1, "Pay", "barrier"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    blank = "<table:table-row><table:table-cell/></table:table-row>"
    parts["content.xml"] = (
        parts["content.xml"]
        .replace(blank, '<table:table-row table:number-rows-repeated="7"><table:table-cell/></table:table-row>')
        .replace(
            "</table:table>",
            '<table:table-row table:number-rows-repeated="1048567"><table:table-cell/></table:table-row></table:table>',
        )
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert rows_read(review) == [("pay", 9)]


def test_the_row_number_is_in_the_result_of_a_query(review: Review, run: Run) -> None:
    (review.root / "sheets" / "findings.csv").write_text(LONG, encoding="utf-8")
    ran = run("query", "findings", "--format", "csv", "-C", review.root)
    assert ran.code == 0
    found = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["file"], int(row["row"])) for row in found if row["locator"] == "Table 2"] == [
        ("sheets/findings.csv", 7)
    ]


# Values of cells.


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("120", 120),
        ("1,204", 1204),
        ("1 204", 1204),
        ("1\u202f204", 1204),
        ("1'204", 1204),
        ("120.0", 120),
        ("0", 0),
        ("", None),
    ],
)
def test_sample_sizes(make_review: MakeReview, text: str, number: int | None) -> None:
    """Some programs write a whole number as 120.0 where the column also has blanks."""
    review = make_review({"sheets/studies.csv": csv_of([["key", "title", "n"], ["a", "A", text]])})
    study = review.load().evidence.studies[0]
    assert study.facets.get("sample_size") == (None if number is None else (str(number),))


def only(review: Review) -> Finding:
    found = review.load().evidence.findings
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("cell", "tabulated"), [("", True), ("yes", True), ("X", True), ("TRUE", True), ("no", False), ("0", False)]
)
def test_values_of_tabulated(review: Review, cell: str, tabulated: bool) -> None:
    (review.root / "sheets" / "findings.csv").write_text(
        f"study,factor,direction,tabulated\n1,Pay,barrier,{cell}\n", encoding="utf-8"
    )
    assert only(review).tabulated is tabulated


def test_missing_columns_give_no_values(review: Review) -> None:
    (review.root / "sheets" / "findings.csv").write_text("study,factor,direction\n1,Pay,barrier\n", encoding="utf-8")
    found = only(review)
    assert (found.outcomes, found.locator, found.note, found.approach, found.certainty, found.coder) == (
        (),
        *[None] * 5,
    )
    study = review.load().evidence.studies[2]
    assert (study.doi, dict(study.facets), dict(study.not_coded)) == (None, {"year": ("2016",)}, {})


def test_booleans_of_a_workbook(review: Review) -> None:
    write_xlsx(
        review.root / "sheets" / "f.xlsx",
        {"F": [["study", "factor", "direction", "tabulated"], [1, "Pay", "barrier", False]]},
    )
    assert only(review).tabulated is False


def test_a_text_cell_of_a_workbook_that_looks_like_a_formula_is_text(review: Review) -> None:
    path = review.root / "sheets" / "f.xlsx"
    write_xlsx(path, {"F": [["study", "factor", "direction", "note"], [1, "Pay", "barrier", "x"]]})
    book = openpyxl.load_workbook(path)
    cell = book["F"]["D2"]
    cell.value, cell.data_type = "=1+1", "s"
    book.save(path)
    assert only(review).note == "=1+1"


# Without a vocabulary, the terms of the sheets are the vocabulary.


def test_an_open_vocabulary_is_in_the_order_of_first_use(review: Review) -> None:
    (review.root / "sheets" / "findings.csv").write_text(LONG, encoding="utf-8")
    evidence = review.load().evidence
    assert [(c.id, c.label) for c in evidence.factors] == [
        ("role-clarity", "Role clarity"),
        ("pay", "Pay"),
        ("stigma", "Stigma"),
    ]
    assert [c.id for c in evidence.outcomes] == ["job-satisfaction", "burnout", "retention"]


def test_an_open_vocabulary_ignores_case_spaces_and_typography(review: Review) -> None:
    texts = ["Peer’s pay", "peer's  PAY", " Peer's pay", "Self-care", "self‑care", "Caf\u00e9", "Cafe\u0301"]
    rows = [["study", "factor", "direction", "locator"], *(["1", t, "barrier", f"p. {n}"] for n, t in enumerate(texts))]
    (review.root / "sheets" / "findings.csv").write_text(csv_of(rows), encoding="utf-8")
    assert [c.label for c in review.load().evidence.factors] == ["Peer’s pay", "Self-care", "Café"]


def test_open_terms_with_the_same_ascii_form_stay_distinct(review: Review) -> None:
    rows = [["study", "factor", "direction"], *(["1", t, "barrier"] for t in ("HIV+", "HIV-", "Стресс 1", "Оплата 1"))]
    (review.root / "sheets" / "findings.csv").write_text(csv_of(rows), encoding="utf-8")
    evidence = review.load().evidence
    assert [c.label for c in evidence.factors] == ["HIV+", "HIV-", "Стресс 1", "Оплата 1"]
    assert len({f.factor for f in evidence.findings}) == 4


def test_a_label_may_contain_the_separator(review: Review) -> None:
    (review.root / "vocabulary").mkdir()
    (review.root / "vocabulary" / "factors.csv").write_text(
        'id,label\npay,"Pay; benefits"\nrole,"Role, duties"\n', encoding="utf-8"
    )
    (review.root / "sheets" / "findings.csv").write_text(
        'study,factor,direction\n1,Pay; benefits,barrier\n2,"Role, duties",barrier\n3,"pay, role",barrier\n',
        encoding="utf-8",
    )
    assert [f.factor for f in review.load().evidence.findings] == ["pay", "role", "pay", "role"]


def test_cells_are_read_unchanged(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(' a ,b\n" x ",y\n', encoding="utf-8")
    (table,) = read_tables(tmp_path / "x.csv", "x.csv")
    assert (table.header, table.rows, table.header_row) == (["a", "b"], [(2, [" x ", "y"])], 1)
    assert table.broken == table.problems == []


# Round trips through exports.


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
@pytest.mark.parametrize("text", ["=1+1", "+3", "-C", "@x", "\tx", "\nx", "'x", "it's", "''", "'", "say '=1'"])
def test_a_cell_guarded_against_formulas_round_trips(tmp_path: Path, suffix: str, text: str) -> None:
    """Each round trip used to add an apostrophe, which changed the ids of findings."""
    path = tmp_path / f"t.{suffix}"
    table = Table("t", ("note", "other"), [(text, "x")])
    path.write_bytes((to_csv if suffix == "csv" else to_tsv)(table).encode())
    (read,) = read_tables(path, "t")
    assert read.rows == [(2, [text, "x"])]


def test_a_guarded_cell_with_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'note\r\n"\'\rx"\r\n')
    (read,) = read_tables(tmp_path / "t.csv", "t")
    assert read.rows == [(2, ["\nx"])]


def test_findings_and_studies_round_trip(make_review: MakeReview, run: Run) -> None:
    terms = {"vocabulary/factors.csv": "id,label\npay,+Pay\n", "vocabulary/outcomes.csv": "label\n@home\n"}
    files = {
        **terms,
        "sheets/studies.csv": "key,title\n-C,=title\n",
        "sheets/findings.csv": "study,factor,direction,outcomes,locator,note\n-C,+Pay,barrier,@home,+3,=2*3\n",
    }
    review = make_review(files)
    assert run("export", "csv", "-o", review.root / "out", "-C", review.root).code == 0
    again = make_review(terms, "again")
    (again.root / "sheets").mkdir()
    for name in ("studies.csv", "findings.csv"):
        (again.root / "sheets" / name).write_bytes((review.root / "out" / name).read_bytes())
    assert "'=2*3" in (again.root / "sheets" / "findings.csv").read_text(encoding="utf-8")
    assert claims(again) == claims(review)
    assert [(s.key, s.title) for s in again.load().evidence.studies] == [("-C", "=title")]
