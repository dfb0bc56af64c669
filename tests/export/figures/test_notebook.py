"""Tables, maps and figures show themselves in a notebook, and the notebook of the guide holds."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from kg.query.graph import Graph
from kg.table import MOST_IN_NOTEBOOK, Table
from tests.export.figures.notebook import executed, read, shown


class Cells(HTMLParser):
    """The tags of a page, the text in its cells, and the style of each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "td":
            self.cells.append((dict(attrs).get("style") or "", ""))

    def handle_data(self, data: str) -> None:
        if self.cells and data.strip():
            style, text = self.cells[-1]
            self.cells[-1] = style, text + data


def test_the_notebook_of_the_guide_shows_what_it_says(tmp_path: Path) -> None:
    notebook = read()
    assert shown(executed(notebook, tmp_path)) == shown(notebook), "python -m tests.export.figures.notebook updates it"
    kinds = [kind for kind, *_ in shown(notebook)]
    assert kinds.count("text/html") >= 3 and kinds.count("image/svg+xml") >= 3


def test_a_table_escapes_what_it_shows() -> None:
    table = Table("t", ("a_b", "n"), [("<script>x</script>\x1b&\ud800", 1), (["p", "q"], None)], "T <b>")
    page = table._repr_html_()
    assert page == (
        "<table>\n<caption>T &lt;b&gt;</caption>\n<thead><tr><th>a b</th><th>n</th></tr></thead>\n<tbody>\n"
        '<tr><td style="text-align: left">&lt;script&gt;x&lt;/script&gt;&amp;</td><td style="text-align: right">1</td></tr>\n'
        '<tr><td style="text-align: left">p; q</td><td style="text-align: right"></td></tr>\n'
        "</tbody>\n</table>\n"
    )
    assert page.encode()


def test_a_long_table_says_how_many_rows_are_not_shown() -> None:
    page = Table("t", ("n",), [(n,) for n in range(MOST_IN_NOTEBOOK + 2)])._repr_html_()
    assert len(Cells(page).cells) == MOST_IN_NOTEBOOK
    assert page.endswith("<p>and 2 more rows</p>\n")


def test_marks_of_flagged_studies_are_explained() -> None:
    table = Table("t", ("study_labels",), [([1, 2],)], flags={2: "retracted"})
    assert "1, 2†" in table._repr_html_()
    assert "<p>† retracted: study 2</p>" in table._repr_html_()


def test_a_map_shows_itself_as_its_grid(small: Graph) -> None:
    found = small.map("places")
    assert found.title == "Sectors by age"
    assert {text for _, text in Cells(found._repr_html_()).cells if "(" in text} == {"1 (1)", "(1)"}
    assert small.map()._repr_html_() == small.matrix(everything=True)._repr_html_()
    assert found._repr_html_() == small.matrix(map="places")._repr_html_()


def test_a_filtered_map_says_what_it_holds(small: Graph) -> None:
    with small.where(["design=survey"]) as part:
        for found in (part.map(), part.map("places")):
            assert found.grid().title.endswith("(design = survey: 3 of 4 studies)")
            assert found.grid().title.count("design = survey") == 1
