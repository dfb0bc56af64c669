"""What changed since a release, on the map and in words."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from kg.export.html import page_of
from kg.folder.create import init_review
from kg.release.between import difference
from kg.release.marks import marks

from .conftest import Opener
from .reading import show

SHEET = """study,doi,authors,year,title,factor,direction,outcomes,pole
neu-2026,10.5555/peers.1,"Neu, N.",2026,Made up,Sense of purpose,barrier,Job satisfaction,presence
neu-2026,10.5555/peers.1,"Neu, N.",2026,Made up,Role autonomy,barrier,Burnout,presence
"""


def test_changed_cells_are_marked_and_listed(open_page: Opener, tmp_path: Path) -> None:
    review = init_review(tmp_path / "peers", example="peer-workforce")
    (review.root / "sheets" / "neu.csv").write_text(SHEET, encoding="utf-8")
    found = difference(review, "bell-2025")
    with review.graph() as graph:
        page = open_page(page_of(graph, review, since=marks(found)))
    show(page, ("lens", "since"), ("folds", "row.organizational"))
    expect(page.locator("#gap-list li .link")).to_have_text(
        ["Role autonomy → Burnout", "Sense of purpose → Job satisfaction"]
    )
    expect(page.locator("#gap-list li small")).to_have_text([
        "opened: no study → 1 barrier (in: Neu 2026)",
        "strengthened, contested: 4 facilitator → 1 barrier, 4 facilitator (in: Neu 2026)",
    ])  # fmt: skip
    cell = page.locator("#grid td.lit button")
    expect(cell).to_have_count(1)
    expect(cell).to_have_attribute(
        "aria-label",
        "Role autonomy, Burnout: 1 study barrier; rests on a single study; opened: no study → 1 barrier (in: Neu 2026)",
    )
    expect(cell.locator(".since")).to_have_text("●")
    expect(page.locator("#legend")).to_contain_text("changed since bell-2025")
    show(page, ("view", "about"))
    expect(page.locator("#about")).to_contain_text("study in: Neu 2026 (neu-2026)")
