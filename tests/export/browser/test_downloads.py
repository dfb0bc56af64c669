"""Every file that the page saves, read back by others: CSV, RIS, BibTeX, SVG, PNG."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

from kg.export.page import scrub
from kg.export.page.data import PageData
from kg.export.page.render import render
from kg.loaders.references.formats import read_references
from kg.model.literature import Record
from kg.text import guarded

from .conftest import Example, Opener
from .reading import cell, dim, download, keys_of, rows_of, show
from .synthetic import hostile, small


def save(page: Page, place: str, name: str) -> tuple[str, bytes]:
    return download(page, page.locator(place).get_by_role("button", name=name, exact=True))


def as_cells(data: PageData, study: int, finding: int) -> dict[str, str]:
    """Return the row of a finding, or of a study where the finding is -1, as the page writes it."""
    studies, findings = data["studies"], data["findings"]
    row = {"study": studies["id"][study]}
    row |= {
        name: studies[name][study]
        for name in ("label", "short", "authors", "year", "title", "doi", "standing")
        if name in studies
    }
    for each in data["dims"]:
        if not each["values"] or each["id"] == "year":
            continue
        own = keys_of(each["findings"], finding) if finding >= 0 else []
        keys = own or ([] if each["of"] == "finding" and finding >= 0 else keys_of(each["studies"], study))
        row[each["id"]] = "; ".join(str(each["values"][key]) for key in keys if key < len(each["values"]))
    for name in ("locator", "note", "tabulated", "file", "row"):
        if name in findings:
            value = findings[name][finding] if finding >= 0 else ""
            row[name] = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    row |= {text["label"]: text["studies"][study] for text in data["texts"]}
    return {name: guarded("" if value is None else str(value)) for name, value in row.items()}


@pytest.mark.parametrize("made", [small, hostile])
def test_the_csv_of_a_cell_has_its_findings_and_comes_back_as_it_was(open_page: Opener, made: object) -> None:
    data = scrub(made())  # type: ignore[operator]
    page = open_page(render(data))
    page.locator("#grid td button:has(.mark) >> nth=0").click()
    name, raw = save(page, "#panel", "CSV")
    assert raw.startswith(b"\xef\xbb\xbf") and name.endswith(".csv")
    factor, outcome = dim(data, "factor"), dim(data, "outcome")
    behind = [
        n for n in range(len(data["findings"]["study"]))
        if 0 in keys_of(factor["findings"], n) and 0 in keys_of(outcome["findings"], n)
    ]  # fmt: skip
    assert rows_of(raw) == [as_cells(data, data["findings"]["study"][n], n) for n in behind]


def test_the_csv_of_the_map_has_what_the_filters_leave(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    show(page, ("f.direction", "barrier"))
    page.locator("#tools summary").click()
    name, raw = save(page, "#tools", "CSV")
    direction, outcome = dim(data, "direction"), dim(data, "outcome")
    wanted = [
        as_cells(data, study, n) for n, study in enumerate(data["findings"]["study"])
        if keys_of(direction["findings"], n) == [1] and keys_of(outcome["findings"], n)
    ]  # fmt: skip
    assert name == "gap-map.csv" and len(wanted) > 5
    assert rows_of(raw) == wanted


def test_the_csv_of_the_studies_is_the_list(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data), "#view=studies&order=year~down")
    name, raw = save(page, "#studies", "CSV")
    heads = page.locator("#studies thead th").all_text_contents()
    shown = page.locator("#studies tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert name == "studies.csv"
    assert [list(row.values()) for row in rows_of(raw)] == shown
    assert heads == ["Study", "Title", "Year", "Design", "Setting", "Standing", "Findings"]


def test_the_csv_of_a_table_is_the_table(open_page: Opener, examples: dict[str, Example]) -> None:
    page = open_page(examples["open-science"].html, "#view=tables-view&table=outcome&by=direction")
    name, raw = save(page, "#tables-view", "CSV")
    shown = page.locator("#tables-view tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    rows = rows_of(raw)
    assert name == "outcome-direction.csv"
    assert [list(rows[0]), *(list(row.values()) for row in rows)] == shown


def records(raw: bytes, ending: str, folder: Path) -> list[Record]:
    """Read references with the reader of the project."""
    file = folder / f"saved.{ending}"
    file.write_bytes(raw)
    found, problems = read_references(file, file.name)
    assert problems == []
    return found


@pytest.mark.parametrize(("button", "ending"), [("RIS", "ris"), ("BibTeX", "bib")])
@pytest.mark.parametrize("review", ["peer-workforce", "open-science"])
def test_references_are_read_back(
    open_page: Opener, examples: dict[str, Example], tmp_path: Path, review: str, button: str, ending: str
) -> None:
    data = examples[review].data
    page = open_page(examples[review].html, "#view=studies")
    name, raw = save(page, "#studies", button)
    assert name == f"studies.{ending}"
    studies = data["studies"]
    read = records(raw, ending, tmp_path)
    titles = [
        title or short or id_
        for title, short, id_ in zip(studies["title"], studies["short"], studies["id"], strict=True)
    ]
    assert [each.title for each in read] == [" ".join(title.split()) for title in titles]
    assert [each.year for each in read] == studies["year"]
    assert [each.doi for each in read] == [doi and doi.lower() for doi in studies["doi"]]


@pytest.mark.parametrize(("button", "ending"), [("RIS", "ris"), ("BibTeX", "bib")])
def test_no_text_makes_a_record_of_its_own(open_page: Opener, tmp_path: Path, button: str, ending: str) -> None:
    data = hostile()
    page = open_page(render(data), "#view=studies")
    _, raw = save(page, "#studies", button)
    read = records(raw, ending, tmp_path)
    titles = [" ".join(title.split()) for title in scrub(data)["studies"]["title"]]
    plain = [
        n for n, title in enumerate(titles) if not re.search(r"[<>{}&\\]|--", title)
    ]  # others are markup to a reader
    assert len(read) == 20 and len(plain) > 5
    assert [" ".join((read[n].title or "").split()) for n in plain] == [titles[n] for n in plain]


def test_keys_of_bibtex_are_unique(open_page: Opener) -> None:
    page = open_page(render(small()), "#view=studies")
    _, raw = save(page, "#studies", "BibTeX")
    keys = re.findall(r"^@article\{(.*),$", raw.decode(), re.MULTILINE)
    assert len(keys) == len(set(keys)) == 20
    assert keys[:2] == ["chapman2010", "tate2011"] and "muller2014" in keys


def texts(raw: bytes) -> list[str]:
    """Return the texts of an SVG file in their order."""
    root = ElementTree.fromstring(raw)  # noqa: S314 - the page made it
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("figure", ["map", "counts", "years", "facet", "upset"])
def test_a_figure_is_svg_without_style_sheets(open_page: Opener, figure: str) -> None:
    page = open_page(render(small()), f"#view=figures&figure={figure}")
    name, raw = save(page, "#figures", "SVG")
    assert name.endswith(".svg") and b"style=" not in raw and b"class=" not in raw
    assert len(texts(raw)) > 5


@pytest.mark.parametrize("figure", ["map", "upset"])
def test_a_figure_is_svg_and_png_of_the_same_size(open_page: Opener, figure: str) -> None:
    page = open_page(render(small()), f"#view=figures&figure={figure}")
    _, raw = save(page, "#figures", "SVG")
    root = ElementTree.fromstring(raw)  # noqa: S314 - the page made it
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    name, raw = save(page, "#figures", "PNG")
    assert name.endswith(".png") and raw.startswith(b"\x89PNG\r\n\x1a\n")
    size = struct.unpack(">II", raw[16:24])
    assert size == (round(width * 300 / 96), round(height * 300 / 96))


def test_the_figure_of_the_map_has_its_numbers(open_page: Opener) -> None:
    page = open_page(render(small()))
    marks = page.evaluate("""() => [...document.querySelectorAll('#grid tr[data-row]')].map(row =>
        [row.querySelector('.name').textContent, [...row.querySelectorAll('.mark text')].map(each => each.textContent)])""")
    page.locator("#tools summary").click()
    name, raw = save(page, "#tools", "SVG")
    assert name == "gap-map.svg"
    found = texts(raw)
    rows = [(row, sum(int(re.sub(r"\D", "", n)) for n in numbers)) for row, numbers in marks]
    at = [found.index(row) for row, _ in rows]
    ends = [*at[1:], len(found)]
    drawn = [
        (found[a], sum(int(re.sub(r"\D", "", text)) for text in found[a + 1 : b] if re.fullmatch(r"∅?\(?\d+\)?", text)))
        for a, b in zip(at, ends, strict=True)
    ]
    assert drawn == rows
    assert cell(page, "Team culture", "Burnout").count() == 1


def test_hostile_names_stay_text_in_svg(open_page: Opener) -> None:
    data = hostile()
    page = open_page(render(data), "#view=figures")
    _, raw = save(page, "#figures", "SVG")
    root = ElementTree.fromstring(raw)  # noqa: S314 - the page made it
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert tags <= {"svg", "rect", "g", "line", "path", "text", "circle"}
    assert {key for each in root.iter() for key in each.attrib if key.startswith("on") or "href" in key} == set()


def test_names_of_files_are_safe(open_page: Opener) -> None:
    data = small()
    data["dims"][0]["values"][0] = "../../etc/passwd: \u202egpj.exe con|*?"
    page = open_page(render(data))
    page.locator("#grid td button:has(.mark) >> nth=0").click()
    name, _ = save(page, "#panel", "CSV")
    assert re.fullmatch(r"[\w-]{1,60}\.csv", name), Path(name)
