"""What a page shows, read from its elements, and how to bring it to show something."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page

from kg.export.page.data import PageData
from kg.model.fields import CODING_STATUSES

#: The cells of the map: the name of the row, that of the column, and what a screen reader says.
_CELLS = """() => [...document.querySelectorAll('#grid tr[data-row]')].flatMap(row =>
  [...row.querySelectorAll('td')].map(cell => [row.querySelector('.name').textContent, cell.dataset.name,
    cell.querySelector('button').getAttribute('aria-label')]))"""
#: The marks in each cell: their classes and text.
_MARKS = """() => [...document.querySelectorAll('#grid tr[data-row] td')].map(cell =>
  [...cell.querySelectorAll('.mark')].map(mark => [mark.getAttribute('class'), mark.textContent]))"""
_TOTALS = """() => [...document.querySelectorAll('#grid tr[data-row] th, #grid th[data-column]')].map(head =>
  [head.querySelector('.name').textContent, Number(head.querySelector('.total').firstChild.textContent)])"""


def show(page: Page, *pairs: tuple[str, str]) -> None:
    """Bring the page into a state by its address: pairs of a name and its value, which may repeat a name."""
    page.evaluate("hash => { location.hash = hash; }", urlencode(pairs))
    page.evaluate("() => new Promise(done => setTimeout(done))")  # the event of the address comes before this


def open_all(page: Page) -> str:
    """Open every group of the map, and return the part of the address that says so."""
    page.evaluate("""() => [...document.querySelectorAll('#tools .menu button')]
        .find(each => each.textContent === 'Open all groups')?.click()""")
    return folds_of(page)


def folds_of(page: Page) -> str:
    folds: str = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('folds') ?? ''")
    return folds


def labels(page: Page) -> dict[tuple[str, str], str]:
    """Return what each cell says after the names of its row and column, by these names."""
    found = {}
    for row, column, label in page.evaluate(_CELLS):
        head = f"{row}, {column}: "
        assert label.startswith(head), label
        found[row.removesuffix(", in general"), column.removesuffix(", in general")] = label[len(head) :]
    return found


def marks(page: Page) -> list[list[tuple[str, str]]]:
    """Return the classes and the text of the marks in each cell, in the order of ``labels``."""
    return [[(kind, text) for kind, text in cell] for cell in page.evaluate(_MARKS)]


def totals(page: Page) -> list[tuple[str, int]]:
    """Return the name and the total of every column and row."""
    return [(name.removesuffix(", in general"), n) for name, n in page.evaluate(_TOTALS)]


def cell(page: Page, row: str, column: str) -> Locator:
    """Return the button of a cell."""
    return page.locator(f'#grid td button[aria-label^="{row}, {column}:"]')


def listed_studies(page: Page) -> list[str]:
    """Return the names in the list of studies, in its order."""
    found: list[str] = page.locator("#studies tbody th").evaluate_all("all => all.map(each => each.textContent)")
    return found


def names_of(data: PageData) -> list[str]:
    """Return what the page calls each study."""
    studies = data["studies"]
    named = zip(studies["id"], studies["label"], studies["short"], strict=True)
    return [
        " ".join([*([f"[{label}]"] if label else []), *([short] if short else [])]) or id_
        for id_, label, short in named
    ]


def download(page: Page, button: Locator) -> tuple[str, bytes]:
    """Press a button that saves a file; return its name and bytes."""
    with page.expect_download(timeout=30_000) as event:
        button.click()
    return event.value.suggested_filename, Path(event.value.path()).read_bytes()


def rows_of(raw: bytes) -> list[dict[str, str]]:
    """Read a CSV file as RFC 4180 says."""
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


def keys_of(column: list[Any], place: int) -> list[int]:
    """Return the keys of a place in a column of a dimension, which may be None, a key or a list."""
    own = column[place] if column else None
    return [] if own is None else own if isinstance(own, list) else [own]


def dim(data: PageData, id_: str) -> dict[str, Any]:
    """Return the dimension of this id; one that the page does not have is empty."""
    found = [each for each in data["dims"] if each["id"] == id_]
    return dict(found[0]) if found else {"values": [], "studies": [], "findings": []}


def key_name(dimension: dict[str, Any], key: int) -> str:
    """Return what the page calls a key: a value, or a coding status."""
    return str([*dimension["values"], *CODING_STATUSES][key])


def plural(n: int, one: str = "study", other: str = "studies") -> str:
    """Return a number with its noun, as the page writes both."""
    return f"{n:,} {one if n == 1 else other}"


def enumerated(parts: list[str]) -> str:
    """Return a list in words, as the page writes it in English."""
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
