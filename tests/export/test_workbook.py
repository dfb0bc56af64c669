"""The charting workbook and the codebook: what is written, and that what is typed into it is read back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kg.export.codebook import codebook_of, codebook_table
from kg.export.workbook import charting_workbook
from kg.folder.add import add_sheets
from kg.folder.review import Review
from kg.model.fields import FINDING_FIELDS, STUDY_FIELDS, TERM_FIELDS, Field
from kg.model.records import Evidence, Finding
from tests.conftest import MakeReview, Run

FILES = {
    "sheets/studies.csv": "key,authors,year,title,design,funded,cost,stance\n"
    "ng-2021,Ng A,2021,Hours,survey; diary,yes,12.5,=for\n"
    "diaz-2023,Diaz B,2023,Pay,interviews,NR,not applicable,\n"
    "khan-2020,Khan C,2020,Both,,,,against\n",
    "sheets/findings.csv": "study,factor,direction,outcomes,source of data\nkhan-2020,Pay,barrier,Morale,register\n",
    "vocabulary/factors.csv": "label,definition\nPay,What carers earn\nFlexible hours,\n=Odd,\n",
    "vocabulary/outcomes.csv": "label\nRetention\nMorale\n",
    "vocabulary/stance.csv": "label,definition\n=for,Speaks for it\nagainst,\n",
}


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(FILES)


def book_of(review: Review) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(charting_workbook(review).content))


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def column(sheet: Any, name: str) -> int:
    return [cell.value for cell in sheet[1]].index(name) + 1


def filled(path: Path, book: openpyxl.Workbook, sheet: str, cells: dict[tuple[int, str], Any]) -> Path:
    for (row, name), value in cells.items():
        book[sheet].cell(row, column(book[sheet], name)).value = value
    book.save(path)
    return path


def without_place(findings: tuple[Finding, ...]) -> list[Finding]:
    return [replace(finding, source="", row=0) for finding in findings]


def content(evidence: Evidence) -> tuple[object, ...]:
    order = sorted(evidence.findings, key=lambda f: f.id)
    return sorted(evidence.studies, key=lambda s: s.id), without_place(tuple(order)), evidence.factors


def test_the_sheets(review: Review) -> None:
    book = book_of(review)
    assert book.sheetnames == ["findings", "studies", "codebook", "lists"]
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible", "visible", "hidden"]
    assert [sheet.freeze_panes for sheet in book.worksheets[:2]] == ["C2", "B2"]
    head, *to_chart = rows(book["findings"])
    assert head == [
        "study", "study_label", "factor", "direction", "outcomes", "pole", "locator", "note", "source of data",
        "approach", "certainty", "coder",
    ]  # fmt: skip
    assert [row[:3] for row in to_chart] == [["ng-2021", "Ng 2021", None], ["diaz-2023", "Diaz 2023", None]]
    assert rows(book["studies"]) == [
        ["key", "label", "doi", "authors", "year", "title", "design", "funded", "cost", "stance"],
        ["ng-2021", None, None, "Ng A", 2021, "Hours", "survey; diary", "yes", 12.5, "=for"],
        ["diaz-2023", None, None, "Diaz B", 2023, "Pay", "interviews", "not reported", "not applicable", None],
        ["khan-2020", None, None, "Khan C", 2020, "Both", None, None, None, "against"],
    ]


def test_the_drop_down_lists(review: Review) -> None:
    book = book_of(review)
    lists = book["lists"]
    found = {}
    for sheet in (book["findings"], book["studies"]):
        for rule in sheet.data_validations.dataValidation:
            values = None
            if rule.type == "list":
                cells = lists[rule.formula1.removeprefix("lists!").replace("$", "")]
                values = [row[0].value for row in (cells if isinstance(cells, tuple) else ((cells,),))]
            letter = str(rule.sqref)[0]
            found[sheet[f"{letter}1"].value] = (values, rule.errorStyle if rule.showErrorMessage else None)
    not_coded = ["not reported", "not applicable"]
    assert found == {
        "study": (["ng-2021", "diaz-2023", "khan-2020"], "warning"),
        "factor": (["Pay", "Flexible hours", "=Odd"], "warning"),
        "direction": (["facilitator", "barrier", "mixed", "no_effect", "unspecified"], "stop"),
        "outcomes": (["Retention", "Morale"], "warning"),
        "pole": (["presence", "absence"], "stop"),
        "source of data": (["register", *not_coded], None),
        "approach": (["quantitative", "qualitative", "mixed methods"], "stop"),
        "certainty": (["joint", "inferred"], "stop"),
        "year": (None, "warning"),
        "design": (["survey", "diary", "interviews", *not_coded], None),
        "funded": (["yes", "no", *not_coded], "stop"),
        "cost": (None, "warning"),
        "stance": (["=for", "against", *not_coded], "stop"),
    }


def test_the_lists_reach_below_the_last_row(review: Review) -> None:
    sheet = book_of(review)["findings"]
    assert {str(rule.sqref)[1:] for rule in sheet.data_validations.dataValidation} == {"2:C1003"} | {
        f"2:{letter}1003" for letter in "ADEFIJK"
    }


def test_text_is_never_a_formula_and_pages_never_a_date(review: Review) -> None:
    book = book_of(review)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    odd = [cell for cell in cells if str(cell.value).startswith("=")]
    assert {str(cell.value) for cell in odd} == {"=Odd", "=for"}
    assert {(cell.data_type, cell.quotePrefix) for cell in odd} == {("s", True)}
    findings = book["findings"]
    assert findings.column_dimensions["G"].number_format == "@"  # locator


def test_the_notes_are_the_codebook(review: Review) -> None:
    book = book_of(review)
    notes = {cell.value: cell.comment.text for cell in (*book["findings"][1], *book["studies"][1]) if cell.comment}
    assert notes["factor"] == (
        "Required. Holds terms separated by ;, | or line breaks.\na term: id, label or synonym\n"
        "- Pay: What carers earn\n- Flexible hours\n- =Odd"
    )
    assert notes["stance"] == "Holds one value.\n- =for: Speaks for it\n- against"
    assert rows(book["codebook"])[0] == [
        "sheet", "column", "required", "cells", "meaning", "value", "group", "value meaning", "also written",
    ]  # fmt: skip


def test_the_same_folder_gives_the_same_bytes(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    first = charting_workbook(review).content

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Later:
            return cls(2031, 1, 1, tzinfo=tz)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    assert charting_workbook(review).content == first


def test_an_unfilled_workbook_changes_nothing(review: Review, tmp_path: Path) -> None:
    before = review.load().evidence
    path = tmp_path / "charting.xlsx"
    path.write_bytes(charting_workbook(review).content)
    add_sheets(review, [path])
    assert content(review.load().evidence) == content(before)


def test_what_is_typed_is_read_back(review: Review, tmp_path: Path) -> None:
    book = book_of(review)
    filled(
        tmp_path / "charting.xlsx",
        book,
        "studies",
        {(2, "stance"): "against", (3, "stance"): "against", (4, "design"): "case study; diary", (4, "funded"): "no"},
    )
    typed: dict[tuple[int, str], Any] = {
        (2, "factor"): "Flexible hours; Pay", (2, "direction"): "facilitator", (2, "outcomes"): "Retention; Morale",
        (2, "pole"): "absence", (2, "locator"): "3-4", (2, "note"): "= shorter shifts", (2, "approach"): "qualitative",
        (2, "certainty"): "joint", (2, "coder"): "AB", (2, "source of data"): "not reported",
    }  # fmt: skip
    book["studies"].cell(2, column(book["studies"], "stance")).value = "=for"
    book["studies"].cell(2, column(book["studies"], "stance")).data_type = "s"
    note = book["findings"].cell(2, column(book["findings"], "note"))
    path = filled(tmp_path / "charting.xlsx", book, "findings", typed)
    note.data_type = "s"  # as a spreadsheet types it into a cell with the format Text
    book.save(path)
    add_sheets(review, [path])
    evidence = review.load().evidence
    studies = {study.key: study for study in evidence.studies}
    assert studies["diaz-2023"].facets["stance"] == ("against",)
    assert studies["khan-2020"].facets["design"] == ("case-study", "diary")
    assert studies["khan-2020"].facets["funded"] == ("no",)
    found = [f for f in evidence.findings if f.study == "key:ng-2021"]
    assert [(f.factor, f.direction, f.outcomes, f.pole, f.locator, f.note) for f in found] == [
        ("flexible-hours", "facilitator", ("retention", "morale"), "absence", "3-4", "= shorter shifts"),
        ("pay", "facilitator", ("retention", "morale"), "absence", "3-4", "= shorter shifts"),
    ]
    assert [(f.approach, f.certainty, f.coder, dict(f.not_coded)) for f in found] == 2 * [
        ("qualitative", "joint", "AB", {"source_of_data": "not reported"})
    ]
    assert [f for f in evidence.findings if f.study == "key:diaz-2023"] == []  # its row is not charted yet
    assert charting_workbook(review).rows == 1


def test_the_bundled_review_charted_again_is_the_same(own_example: Review, tmp_path: Path) -> None:
    """Every finding of the review is typed into the workbook of the review without its findings."""
    before = own_example.load().evidence
    sheet = own_example.root / "sheets" / "findings.csv"
    with sheet.open(encoding="utf-8", newline="") as file:
        coded = list(csv.DictReader(file))
    sheet.write_text(",".join(coded[0]) + "\n", encoding="utf-8")
    charting = charting_workbook(own_example)
    assert (charting.rows, charting.studies) == (20, 20)
    book = openpyxl.load_workbook(io.BytesIO(charting.content))
    columns = [*(cell.value for cell in book["findings"][1]), "tabulated", "associated"]
    for number, name in enumerate(columns, start=1):
        book["findings"].cell(1, number).value = name
    for number, row in enumerate(coded, start=2):
        for place, name in enumerate(columns, start=1):
            book["findings"].cell(number, place).value = row.get(name) or None
    book.save(tmp_path / "charting.xlsx")
    add_sheets(own_example, [tmp_path / "charting.xlsx"])
    assert content(own_example.load().evidence) == content(before)


def test_a_declared_facet_gets_a_column_before_any_sheet_has_it(review: Review) -> None:
    (review.root / "vocabulary" / "route.csv").write_text("label\nby post\nby phone\n", encoding="utf-8")
    from kg.export.codebook import codebook
    from kg.folder.tables import FolderReader
    from kg.loaders.sheets.facets import FacetSpec

    specs = [FacetSpec("Route", label="How people were asked", of="study", kind="categories")]
    vocabularies = FolderReader(review.root, review.config).facet_vocabularies()
    entry = codebook(review.load().evidence, specs, vocabularies).studies[-1]
    assert (entry.name, entry.header, entry.kind, entry.help) == (
        "route",
        "Route",
        "categories",
        "How people were asked",
    )
    assert ([value.label for value in entry.values], entry.closed) == (["by post", "by phone"], True)


def test_the_definition_of_a_facet_is_in_codebook_table_and_ontology(review: Review, run: Run, tmp_path: Path) -> None:
    toml = (review.root / "review.toml").read_text(encoding="utf-8")
    declared = (
        '[[facet]]\nname = "stance"\nlabel = "Position"\ndefinition = "What it says of *it*"\n'
        '[[facet]]\nname = "design"\ndefinition = "As the authors call it"\n'
        '[[facet]]\nname = "Later"\ndefinition = "Not charted yet"\n'
    )
    (review.root / "review.toml").write_text(toml + declared, encoding="utf-8")
    studies = {entry.name: entry.help for entry in codebook_of(review).studies}
    assert (studies["stance"], studies["design"], studies["later"]) == (
        "Position: What it says of *it*",
        "As the authors call it",
        "Not charted yet",
    )
    with review.graph() as graph:
        facets = {row["facet"]: row["definition"] for row in graph.table("facets").dicts()}
    assert (facets["stance"], facets["design"], facets["year"]) == (
        "What it says of *it*",
        "As the authors call it",
        None,
    )
    assert run("export", "rdf", "-C", review.root, "-o", tmp_path / "r.ttl").code == 0
    assert 'kg:definition "As the authors call it"' in (tmp_path / "r.ttl").read_text(encoding="utf-8")
    (review.root / "review.toml").write_text(toml + '[[facet]]\nname = "a"\ndefinition = 1\n', encoding="utf-8")
    assert "key '[[facet]] definition': '1': has the wrong type" in run("build", "-C", review.root).err


def test_the_factor_column_has_the_word_of_the_review(review: Review) -> None:
    (review.root / "review.toml").write_text(
        'id = "r"\ntitle = "R"\n[words]\nfactor = "Intervention"\n', encoding="utf-8"
    )
    assert [entry.header for entry in codebook_of(review).findings][2] == "intervention"
    (review.root / "review.toml").write_text('id = "r"\ntitle = "R"\n[words]\nfactor = "Ding"\n', encoding="utf-8")
    assert [entry.header for entry in codebook_of(review).findings][2] == "factor"


def test_the_codebook_of_the_bundled_review(example: Review) -> None:
    table = codebook_table(codebook_of(example))
    found = {(row[0], row[1], row[5]): row for row in table.rows}
    assert found["findings", "direction", "barrier"][2:] == (
        "yes", "one value", "what the factor does to the outcome", "barrier", "",
        "moves the outcome away from its favourable end", "hinders; hindering; negative; inhibitor; obstacle; -; −",
    )  # fmt: skip
    assert found["findings", "factor", "Role autonomy"][6:] == (
        "Organizational", "Control over one's schedule, tasks and way of working", "Autonomy",
    )  # fmt: skip
    assert ("findings", "tabulated", "yes") in found and ("findings", "associated", "no") in found
    assert ("studies", "design", "not reported") in found


TAGS = {"sheets/studies.csv": "key,title,year,topic_a,topic_b,topic_c\na,A,2020,x,,\nb,B,2021,x,x,\n"}


def test_a_review_of_tags_has_no_sheet_of_findings(make_review: MakeReview, run: Run, tmp_path: Path) -> None:
    review = make_review(TAGS)
    path = tmp_path / "charting.xlsx"
    ran = run("sheet", "-C", review.root, "-o", path)
    assert (ran.code, ran.err) == (0, f"wrote {path}\n2 studies; fill it in, then: kg add {path}\n")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["studies", "codebook", "lists"]
    assert rows(book["studies"]) == [
        ["key", "label", "doi", "authors", "year", "title", "topic"],
        ["a", None, None, None, 2020, "A", "a"],
        ["b", None, None, None, 2021, "B", "a; b"],
    ]
    assert {row[0] for row in rows(book["codebook"])[1:]} == {"studies"}
    assert run("add", filled(path, book, "studies", {(2, "topic"): "c"}), "-C", review.root).code == 1, "a is tagged a"
    assert run("add", filled(path, book, "studies", {(2, "topic"): "a"}), "-C", review.root).code == 0
    with review.graph() as graph:
        assert graph.counts("topic").only("topic", "studies").rows == [("a", 2), ("b", 1), ("c", 0), ("total", 2)]


@pytest.mark.parametrize(
    "more",
    [
        {"sheets/findings.csv": "study,factor,direction\n"},
        {"vocabulary/factors.csv": "label\nPay\n"},
    ],
    ids=["a sheet", "a vocabulary"],
)
def test_a_review_that_will_have_findings_has_a_sheet_for_them(make_review: MakeReview, more: dict[str, str]) -> None:
    review = make_review({**TAGS, **more})
    assert book_of(review).sheetnames == ["findings", "studies", "codebook", "lists"]
    assert charting_workbook(review).rows == 2


def test_the_commands(run: Run, review: Review, tmp_path: Path) -> None:
    path = tmp_path / "charting.xlsx"
    ran = run("sheet", "-C", review.root, "-o", path)
    assert (ran.code, ran.err) == (
        0,
        f"wrote {path}\n2 of 3 studies without findings; fill it in, then: kg add {path}\n",
    )
    ran = run("sheet", "-C", review.root, "-o", path)
    assert ran.code == 2
    assert ran.err.endswith("is already there; use --replace to overwrite it and what was typed into it\n")
    assert run("sheet", "-C", review.root, "-o", path, "--replace").code == 0
    assert run("sheet", "-C", review.root, "-o", tmp_path / "a.csv").code == 2
    ran = run("codebook", "-C", review.root)
    assert ran.out.startswith("# Codebook: R\n\n## Sheet studies\n")
    assert (
        "### stance (studies)\n\n| value | meaning |\n| --- | --- |\n| =for | Speaks for it |\n| against |  |\n"
        in ran.out
    )
    ran = run("codebook", "-C", review.root, "-o", tmp_path / "codebook.csv")
    assert (
        (tmp_path / "codebook.csv").read_text(encoding="utf-8").startswith("sheet,column,required,cells,meaning,value")
    )


@pytest.mark.parametrize("field", [*FINDING_FIELDS, *STUDY_FIELDS, *TERM_FIELDS], ids=lambda f: f.name)
def test_every_column_says_what_it_holds(field: Field) -> None:
    assert field.help and "\n" not in field.help
    assert set(field.meanings) <= set(field.values or ())
