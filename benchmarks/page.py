"""The page in Chromium at several sizes: bytes, time to ready, filter, cell, and the longest task.

    python -m benchmarks.page [EPPI.html]

Each row is one fresh browser. With the path of a map that EPPI-Mapper wrote, that map is opened in the same run.
Studies have titles and notes of words drawn from 3,000, and 2.5 findings on average.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from kg.export.page.render import render
from kg.model.fields import CODING_STATUSES
from kg.model.vocabulary import DIRECTIONS

#: Studies, factors and outcomes of each row.
SIZES = ((200, 60, 24), (2_000, 60, 24), (10_000, 60, 24), (20_000, 200, 60))
_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.tasks.push(entry.duration)))
  .observe({ type: "longtask", buffered: true });
"""
#: Runs an action and returns the milliseconds until the second frame after it.
_TIMED = """async (selector) => {
  const start = performance.now();
  document.querySelector(selector).click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""


def synthetic(studies: int, factors: int, outcomes: int) -> dict[str, Any]:
    """Return data of the shape of ``page_data``."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghilmnoprstuv", k=chance.randint(3, 11))) for _ in range(3_000)]

    def text(least: int, most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(least, most)))

    n = int(2.5 * studies)
    owner = sorted(chance.randrange(studies) for _ in range(n))
    skew = [1 / (1 + k) for k in range(factors)]

    def dim(id_: str, of: str, kind: str, values: list[Any], parents: list[int] | None = None) -> dict[str, Any]:
        count = studies if of == "study" else n
        coded = [
            chance.choices(range(len(values)), skew[: len(values)] if id_ == "factor" else None)[0]
            for _ in range(count)
        ]
        lists = {"studies": coded, "findings": []} if of == "study" else {"studies": [], "findings": coded}
        groups = [f"Group {k}" for k in range(6)]
        return {
            "id": id_,
            "label": id_.capitalize(),
            "of": of,
            "kind": kind,
            "values": values,
            "statuses": list(CODING_STATUSES),
            "parents": parents or [-1] * len(values),
            "groups": groups if parents else [],
            "definitions": {},
            "favourable": {},
            "colours": {},
            "residual": [],
            **lists,
        }

    def grouped(kind: str, count: int) -> dict[str, Any]:
        return dim(
            kind, "finding", "concept", [text(2, 4) for _ in range(count)], [-2 - k * 6 // count for k in range(count)]
        )

    dims = [
        grouped("factor", factors),
        grouped("outcome", outcomes),
        dim("direction", "finding", "category", list(DIRECTIONS)),
        dim("year", "study", "year", list(range(1995, 2026))),
        dim("design", "study", "category", [text(1, 2) for _ in range(6)]),
        dim("setting", "study", "category", [text(1, 2) for _ in range(8)]),
        dim("country", "study", "categories", [text(1, 1) for _ in range(40)]),
    ]
    return {
        "meta": {"title": f"{studies} studies", "data_sha256": "0" * 64, "version": "kg"},
        "words": {},
        "colours": {},
        "dims": dims,
        "texts": [],
        "studies": {
            "id": [f"key:s{k}" for k in range(studies)],
            "label": [str(k + 1) for k in range(studies)],
            "short": [f"{text(1, 1)} {1995 + k % 31}" for k in range(studies)],
            "title": [text(6, 14) for _ in range(studies)],
            "authors": [f"{text(1, 1)}, A; {text(1, 1)}, B" for _ in range(studies)],
            "year": [1995 + code for code in dims[3]["studies"]],
            "doi": [f"10.1234/{k}.{chance.randrange(10**6)}" for k in range(studies)],
        },
        "findings": {
            "study": owner,
            "note": [text(8, 20) for _ in range(n)],
            "locator": [f"p. {chance.randrange(40)}" for _ in range(n)],
            "tabulated": [chance.random() < 0.7 for _ in range(n)],
        },
        "maps": [{"name": "factors and outcomes", "title": None, "rows": 0, "columns": 1, "segments": 2, "gaps": []}],
        "stated": [],
        "searches": [],
    }


def _opened(browser: Browser, file: Path, ready: str) -> tuple[Page, float]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True).new_page()
    page.add_init_script(_TASKS)
    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_selector(ready, state="attached", timeout=180_000)
    return page, page.evaluate("performance.now()") / 1000


def _row(browser: Browser, file: Path) -> list[float]:
    page, ready = _opened(browser, file, "html[data-ready]")
    page.wait_for_timeout(500)
    clicked = page.evaluate(_TIMED, "#facets input[type=checkbox]")
    cell = page.evaluate(_TIMED, "#grid td:not(.gap) button")
    page.evaluate("location.hash = 'view=graph&kinds=studies'")
    page.wait_for_timeout(200)
    longest = max(page.evaluate("window.tasks"), default=0)
    page.context.close()
    return [file.stat().st_size / 1e6, ready, clicked, cell, longest]


def main() -> None:
    """Print a row for each size."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    print(f"{'map':<28}{'MB':>8}{'ready s':>9}{'filter ms':>11}{'cell ms':>9}{'longest task ms':>17}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        for studies, factors, outcomes in SIZES:
            file = Path(folder, f"{studies}.html")
            file.write_text(render(synthetic(studies, factors, outcomes)), encoding="utf-8")
            browser = play.chromium.launch(executable_path=program)
            size, ready, clicked, cell, longest = _row(browser, file)
            browser.close()
            name = f"{studies:,} studies, {factors} x {outcomes}"
            print(f"{name:<28}{size:>8.2f}{ready:>9.2f}{clicked:>11.0f}{cell:>9.0f}{longest:>17.0f}")
        if len(sys.argv) > 1:
            other = Path(sys.argv[1]).resolve()
            browser = play.chromium.launch(executable_path=program)
            page, ready = _opened(browser, other, "td")
            longest = max(page.evaluate("window.tasks"), default=0)
            size = other.stat().st_size / 1e6
            print(f"{'EPPI-Mapper, 800 records':<28}{size:>8.2f}{ready:>9.2f}{'':>20}{longest:>17.0f}")
            browser.close()


if __name__ == "__main__":
    main()
