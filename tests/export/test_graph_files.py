"""``kg export graph``: the nodes and edges, and what other programs read in each format."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # reads what the test wrote

import networkx
import pytest
from playwright.sync_api import Browser, Page

from kg.errors import KgError, UnknownName, UsageProblem
from kg.export.graphs import page as pages
from kg.export.graphs.network import Network, Node, network
from kg.export.graphs.write import FORMATS, graph_file
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.graph.rows import GraphData
from kg.model.records import Concept, Evidence, Finding, ReviewInfo, Source, Study
from kg.query.graph import Graph
from kg.store import Manifest, open_store
from tests.conftest import MakeReview, Run
from tests.neo4j.server import Server

#: Two studies disagree on one cell, one reports an absence, and a finding has no outcome.
FILES = {
    "review.toml": 'id = "r"\ntitle = "Walks"\n[colours]\nbarrier = "#aa0000"\n',
    "sheets/studies.csv": "key,label,authors,year,title,design,outcomes\n"
    'doe,1,"Doe, J.",2019,First walks,survey,Sleep\nroe,2,"Roe, R.",2020,Second walks,interviews,Mood\n',
    "sheets/findings.csv": "study,factor,direction,pole,outcomes,locator,note,coder\n"
    "1,Daily walk,facilitator,presence,Sleep,p. 3,Slept more,Cody Coder\n"
    "2,Daily walk,barrier,presence,Sleep,p. 4,,Cody Coder\n"
    "2,Daily walk,barrier,absence,Mood; Sleep,p. 5,,Cody Coder\n"
    "1,Night walk,unspecified,,,p. 6,,Cody Coder\n",
}  # fmt: skip


@pytest.fixture
def walks(make_review: MakeReview) -> Review:
    return make_review(FILES)


@pytest.fixture
def opened(walks: Review) -> Iterator[Graph]:
    with walks.graph() as graph:
        yield graph


def read(ending: str, text: str) -> Any:
    """The graph as networkx reads it, with the ids of the nodes that are the same in every format."""
    if ending == ".json":
        return networkx.node_link_graph(json.loads(text))
    if ending == ".gexf":
        return networkx.read_gexf(io.BytesIO(text.encode()))
    made = networkx.read_graphml(io.BytesIO(text.encode()), force_multigraph=True)
    return networkx.relabel_nodes(made, dict(made.nodes(data="ref")))


READABLE = [".gexf", ".graphml", ".json"]


def edges_of(made: Network) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.label, edge.target) for edge in made.edges]


def test_factors_have_an_edge_for_each_direction_and_pole(opened: Graph) -> None:
    made = network(opened)
    assert [(node.id, node.label, node.kind, node.attributes["studies"]) for node in made.nodes] == [
        ("factor:daily-walk", "Daily walk", "factor", 2),
        ("factor:night-walk", "Night walk", "factor", 1),
        ("outcome:sleep", "Sleep", "outcome", 1),  # as the sheet of studies says
        ("outcome:mood", "Mood", "outcome", 1),
    ]
    assert edges_of(made) == [
        ("factor:daily-walk", "facilitator", "outcome:sleep"),
        ("factor:daily-walk", "barrier", "outcome:sleep"),
        ("factor:daily-walk", "barrier by absence", "outcome:sleep"),
        ("factor:daily-walk", "barrier by absence", "outcome:mood"),
    ]
    assert made.edges[0].attributes == {
        "kind": "ties", "direction": "facilitator", "pole": "presence", "studies": 1, "findings": 1,
        "implied_studies": 0, "indirect_studies": 0, "study_labels": "1",
    }  # fmt: skip


def test_studies_have_the_edges_of_their_findings(opened: Graph) -> None:
    made = network(opened, "studies")
    assert [(node.id, node.label) for node in made.nodes][:2] == [
        ("study:key:doe", "Doe 2019"),
        ("study:key:roe", "Roe 2020"),
    ]
    assert sorted(edges_of(made)) == [
        ("factor:daily-walk", "barrier", "outcome:sleep"),
        ("factor:daily-walk", "barrier by absence", "outcome:mood"),
        ("factor:daily-walk", "barrier by absence", "outcome:sleep"),
        ("factor:daily-walk", "facilitator", "outcome:sleep"),
        ("study:key:doe", "direction not stated", "factor:night-walk"),
        ("study:key:doe", "examines", "outcome:sleep"),
        ("study:key:doe", "facilitator", "factor:daily-walk"),
        ("study:key:roe", "barrier", "factor:daily-walk"),
        ("study:key:roe", "barrier by absence", "factor:daily-walk"),
        ("study:key:roe", "examines", "outcome:mood"),
    ]
    [reported] = [e for e in made.edges if e.kind == "reports" and e.is_absence]
    tied = [e for e in made.edges if e.kind == "affects" and e.attributes["finding"] == reported.attributes["finding"]]
    assert [edge.target for edge in tied] == ["outcome:sleep", "outcome:mood"]
    assert reported.attributes["outcomes"] == "Sleep; Mood"
    assert reported.attributes["origin"] == "sheets/findings.csv, row 4"


@pytest.mark.parametrize("level", ["factors", "studies"])
@pytest.mark.parametrize("ending", READABLE)
def test_networkx_reads_all_of_it(ending: str, level: str, opened: Graph) -> None:
    made, found = network(opened, level), read(ending, graph_file(opened, ending, level))
    assert found.is_directed() and found.is_multigraph()
    assert list(found) == [node.id for node in made.nodes]
    assert {key: (start, end) for start, end, key in found.edges(keys=True)} == {
        edge.id: (edge.source, edge.target) for edge in made.edges
    }
    for node in made.nodes:
        kept = {name: found.nodes[node.id].get(name) for name in ("label", *node.attributes)}
        assert kept == {"label": node.label, **node.attributes}
        assert {name: type(value) for name, value in kept.items()} == {
            "label": str, **{name: type(value) for name, value in node.attributes.items()}
        }  # fmt: skip
    for edge in made.edges:
        stored = found.edges[edge.source, edge.target, edge.id]
        assert {name: stored[name] for name in edge.attributes} == dict(edge.attributes)
        assert stored["weight"] == edge.weight


def test_types_of_attributes(opened: Graph) -> None:
    found = read(".gexf", graph_file(opened, ".gexf", "studies"))
    study = found.nodes["study:key:doe"]
    assert (study["year"], study["study_label"]) == (2019, "1")
    reported = next(iter(found["study:key:doe"]["factor:daily-walk"].values()))
    assert (reported["tabulated"], reported["weight"], reported["locator"]) == (True, 1.0, "p. 3")


def test_gexf_keeps_the_directions_apart_and_has_a_look(opened: Graph) -> None:
    text = graph_file(opened, ".gexf", colours={"barrier": "#aa0000", "facilitator": "red;}"})
    namespaces = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}
    root = ElementTree.fromstring(text)  # noqa: S314 - written above
    kinds = [edge.get("kind") for edge in root.findall(".//g:edge", namespaces)]
    assert kinds == ["ties facilitator", "ties barrier", "ties barrier absence", "ties barrier absence"]
    assert [c.attrib for c in root.findall(".//g:edge/viz:color", namespaces)][:2] == [
        {"r": "0", "g": "114", "b": "178"},
        {"r": "170", "g": "0", "b": "0"},
    ]
    shapes = [shape.get("value") for shape in root.findall(".//g:edge/viz:shape", namespaces)]
    assert shapes == ["solid", "solid", "dashed", "dashed"]
    positions = [p.attrib for p in root.findall(".//g:node/viz:position", namespaces)]
    assert positions == [
        {"x": "-760.0", "y": "0.0", "z": "0.0"},
        {"x": "760.0", "y": "0.0", "z": "0.0"},
        {"x": "0.0", "y": "20.0", "z": "0.0"},
        {"x": "0.0", "y": "-20.0", "z": "0.0"},
    ]


@pytest.mark.parametrize("ending", sorted(FORMATS))
@pytest.mark.parametrize("level", ["factors", "studies"])
def test_the_same_files_give_the_same_bytes(ending: str, level: str, make_review: MakeReview) -> None:
    with make_review(FILES, "one").graph() as one, make_review(FILES, "two").graph() as two:
        text = graph_file(one, ending, level)
        assert text == graph_file(two, ending, level)
    assert "Cody" not in text  # who coded it stays in the folder


def test_a_filtered_graph(walks: Review, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "part.json"
    ran = run("export", "graph", "-C", walks.root, "-o", file, "--where", "year>=2020", "--level", "studies")
    assert (ran.code, ran.out, ran.err) == (0, "", f"wrote {file}\n")
    made = json.loads(file.read_text(encoding="utf-8"))
    assert [node["id"] for node in made["nodes"] if node["kind"] == "study"] == ["study:key:roe"]
    assert made["graph"]["only"] == "year >= 2020: 1 of 2 studies"
    assert made["graph"]["studies"] == 1


def test_every_ending_through_the_command(walks: Review, run: Run, tmp_path: Path) -> None:
    for ending in (".html", ".GEXF", ".graphml", ".json"):
        file = tmp_path / f"walks{ending}"
        assert run("export", "graph", "-C", walks.root, "-o", file).code == 0
        with walks.graph() as graph:
            assert file.read_text(encoding="utf-8") == graph_file(graph, ending.lower(), colours={"barrier": "#aa0000"})


def test_a_named_store_has_the_colours_of_the_folder(walks: Review, run: Run, tmp_path: Path) -> None:
    """As in the page; without a folder, they are those of every review."""
    url = f"embedded:{tmp_path / 'store'}"
    walks.build(url)
    (tmp_path / "elsewhere").mkdir()
    for folder, colours in ((walks.root, {"barrier": "#aa0000"}), (tmp_path / "elsewhere", {})):
        assert run("export", "graph", "-C", folder, "--store", url, "-o", tmp_path / "a.gexf").code == 0
        with walks.graph(url) as graph:
            assert (tmp_path / "a.gexf").read_text("utf-8") == graph_file(graph, ".gexf", colours=colours)


@pytest.mark.parametrize("level", ["factors", "studies"])
def test_a_server_gives_the_same_bytes(level: str, make_review: MakeReview, neo4j: Server, review_prefix: str) -> None:
    review = make_review({**FILES, "review.toml": f'id = "{review_prefix}walks"\ntitle = "Walks"\n'})
    review.build(neo4j.uri)
    with review.graph() as here, review.graph(neo4j.uri) as there:
        assert graph_file(there, ".gexf", level) == graph_file(here, ".gexf", level)


def test_an_unknown_ending(walks: Review, run: Run, tmp_path: Path) -> None:
    ran = run("export", "graph", "-C", walks.root, "-o", tmp_path / "walks.png")
    accepted = ".html, .gexf, .graphml, .json"
    assert (ran.code, ran.err) == (2, f"Error: cannot tell the format from 'walks.png': accepted are {accepted}\n")
    assert not (tmp_path / "walks.png").exists()


def test_unknown_names(opened: Graph) -> None:
    with pytest.raises(UnknownName, match=r"^no level is called 'all'; did you mean factors or studies\?$"):
        graph_file(opened, ".json", "all")
    with pytest.raises(
        UnknownName, match=r"^no format is called '\.png'; known are \.html, \.gexf, \.graphml, \.json$"
    ):
        graph_file(opened, ".png")


def test_without_pyvis(walks: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*(name for name in sys.modules if name.split(".")[0] == "pyvis"), "pyvis"]:
        monkeypatch.setitem(sys.modules, name, None)
    ran = run("export", "graph", "-C", walks.root, "-o", tmp_path / "walks.html")
    assert (ran.code, ran.err) == (1, "Error: a graph as a page needs pyvis: pip install 'evidence-kg[graph]'\n")
    assert not (tmp_path / "walks.html").exists()
    assert run("export", "graph", "-C", walks.root, "-o", tmp_path / "walks.gexf").code == 0


def test_a_pyvis_without_the_drawing_library(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"^the installed pyvis has no vis-network: pip install --force-reinstall "):
        pages._vis_network(tmp_path)


@pytest.mark.parametrize(("level", "advice"), [("factors", "take a part"), ("studies", "choose --level factors, take")])
def test_a_page_has_a_largest_size(opened: Graph, level: str, advice: str) -> None:
    made = network(opened, level)
    nodes = [Node(f"factor:{n}", str(n), {"kind": "factor"}, 0.0, 0.0) for n in range(501)]
    with pytest.raises(UsageProblem) as caught:
        pages.graph_page(replace(made, nodes=tuple(nodes)))
    says = f"this graph has 501 nodes and {len(made.edges)} edges, and a page can show at most 500 and 2,000: {advice}"
    assert str(caught.value).startswith(says)
    with pytest.raises(UsageProblem, match=r" nodes and 2,001 edges, "):
        pages.graph_page(replace(made, edges=tuple([made.edges[0]] * 2001)))


def test_groups_stay_on_one_side(make_review: MakeReview) -> None:
    """Of the eight factors, three are of the first group and five of the second."""
    names = [f"A{n}" for n in range(3)] + [f"B{n}" for n in range(5)]
    rows = "".join(f"{name},{name[0].lower()}-group\n" for name in names)
    files = {
        "vocabulary/factors.csv": f"label,broader\nA group,\nB group,\n{rows}",
        "sheets/findings.csv": "study,factor,direction,outcomes\n" + "".join(f"1,{n},barrier,Mood\n" for n in names),
        "sheets/studies.csv": "key,label\na,1\n",
    }
    with make_review(files).graph() as graph:
        made = network(graph)
    sides = {node.label: node.x for node in made.nodes}
    assert [name for name, x in sides.items() if x < 0] == ["A0", "A1", "A2"]
    assert [name for name, x in sides.items() if x > 0] == ["B0", "B1", "B2", "B3", "B4"]
    assert [name for name, x in sides.items() if x == 0] == ["Mood"]


# --- hostile text -----------------------------------------------------------------------------------------------------

#: Text that would run, break out, vanish or turn around, if any sink took it for more than text.
HOSTILE = (
    "</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", '"><svg onload=window.pwned=1>',
    "<!--<script>", "<a href=\"javascript:window.pwned=1\">href</a>", "' onmouseover='window.pwned=1",
    "]]>&lt;b&gt;&amp;", "a\u2028b\u2029c", "\ud800 lone \udfff\x00\x07", "$title ${script} {0} %s {{x}}",
    "two\r\nlines, \"quoted\"\t.", "\u202eover \x9b2J\x7f", "\ufffe\uffff",
)  # fmt: skip


class Held(Graph):
    """A graph with rows that no store would take."""

    def __init__(self, data: GraphData, folder: Path) -> None:
        store = open_store(f"embedded:{folder}")
        store.write(GraphData(), Manifest("r", ""))
        super().__init__(store)
        self.data = data

    def rows(self) -> GraphData:
        return self.data


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Graph]:
    """Hostile text in everything that a person writes, ids included."""
    studies = [
        Study(f"key:{evil}", evil, label=evil, authors=f"{evil}, A", year=2020, title=f"{evil} href title")
        for evil in HOSTILE
    ]
    factors = [Concept(f"f{n} {evil}", f"{evil} factor", definition=evil) for n, evil in enumerate(HOSTILE)]
    outcomes = [Concept(f"o{n}", f"{evil} outcome") for n, evil in enumerate(HOSTILE)]
    findings = [
        Finding(f"x{n}", study.id, factor.id, "barrier", (outcome.id,), note=study.key, locator=study.key,
                source="sheets/a.csv", row=n)
        for n, (study, factor, outcome) in enumerate(zip(studies, factors, outcomes, strict=True))
    ]  # fmt: skip
    evidence = Evidence(
        ReviewInfo("r", f"{HOSTILE[0]} {HOSTILE[8]}"), tuple(studies), tuple(findings), tuple(factors), tuple(outcomes),
        sources=(Source("sheets/a.csv", "0" * 64, 9),),
    )  # fmt: skip
    with Held(assemble(evidence), tmp_path / "held") as graph:
        yield graph


@pytest.mark.parametrize("level", ["factors", "studies"])
@pytest.mark.parametrize("ending", READABLE)
def test_hostile_text_stays_text(ending: str, level: str, hostile: Graph) -> None:
    made = network(hostile, level)
    found = read(ending, graph_file(hostile, ending, level))
    assert [found.nodes[node.id]["label"] for node in made.nodes] == [node.label for node in made.nodes]
    labels = [node.label for node in made.nodes if node.kind == "factor"]
    assert labels[8] == "\ufffd lone \ufffd\ufffd\ufffd factor"
    assert labels[10] == 'two\r\nlines, "quoted"\t. factor'
    assert labels[11] == "\u202eover \ufffd2J\ufffd factor"


def test_json_shows_no_controls(hostile: Graph) -> None:
    text = graph_file(hostile, ".json", "studies")
    assert "\\u202eover" in text and "\u202e" not in text


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_graph_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page offline, and fail on any request, message or error."""
    wrong: list[str] = []
    contexts = []

    def opened(text: str, *, javascript: bool = True) -> Page:
        file = tmp_path / "graph.html"
        file.write_text(text, encoding="utf-8", newline="\n")
        context = browser.new_context(
            offline=True, viewport={"width": 1600, "height": 900}, java_script_enabled=javascript
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda asked: wrong.append(asked.url) if asked.url != file.as_uri() else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto(file.as_uri())
        if javascript:
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def place(page: Page, right: float = 0, down: float = 0) -> tuple[float, float]:
    """A point of the window, given from the middle of the graph, which is drawn at its own size."""
    box = page.locator("#graph canvas").bounding_box()
    assert box
    return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down


#: One factor on the left, one outcome on the right, and two findings that disagree.
PAIR = {
    "sheets/studies.csv": "key,label\na,1\nb,2\n",
    "sheets/findings.csv": "study,factor,direction,outcomes\n1,Walk,facilitator,Mood\n2,Walk,barrier,Mood\n",
}


def test_hover_and_click(open_graph_page: Callable[..., Page], make_review: MakeReview) -> None:
    with make_review(PAIR).graph() as graph:
        page = open_graph_page(graph_file(graph, ".html"))
    tooltip = page.locator(".vis-tooltip")
    page.mouse.move(*place(page, -380))
    page.wait_for_function("getComputedStyle(document.querySelector('.vis-tooltip') || document.body).visibility")
    tooltip.wait_for(state="visible")
    assert tooltip.inner_text() == "Walk: factor"
    page.mouse.click(*place(page, -380))
    assert page.inner_text("#about h2") == "Walk"
    assert page.locator("#about li").all_inner_texts() == [
        "Walk → Mood: facilitator, 1 study",
        "Walk → Mood: barrier, 1 study",
    ]
    assert page.input_value("#pick") == "factor:walk"
    page.mouse.click(*place(page, down=300))
    assert page.locator("#about h2").count() == 0
    assert page.input_value("#pick") == ""
    found = set()
    for down in range(-45, 46):  # the two edges bend to either side
        page.mouse.click(*place(page, down=down))
        found |= set(page.locator("#about h2").all_inner_texts())
    assert found == {"Walk → Mood: facilitator, 1 study", "Walk → Mood: barrier, 1 study"}


def test_a_node_is_chosen_by_keyboard(open_graph_page: Callable[..., Page], opened: Graph) -> None:
    page = open_graph_page(graph_file(opened, ".html", "studies"))
    page.focus("#pick")
    page.keyboard.type("Doe")
    page.locator("#about h2").wait_for()
    assert page.inner_text("#about h2") == "Doe 2019"
    assert (
        page.inner_text("#about dl")
        == "kind\nstudy\narticle\n1\ntitle\nFirst walks\nauthors\nDoe, J.\nyear\n2019\ndesign\nsurvey"
    )
    assert sorted(page.locator("#about li").all_inner_texts()) == [
        "Daily walk → Sleep: facilitator",
        "Doe 2019 → Daily walk: facilitator",
        "Doe 2019 → Night walk: direction not stated",
        "Doe 2019 → Sleep: examines",
    ]


def test_the_table_holds_the_edges_without_javascript(open_graph_page: Callable[..., Page], opened: Graph) -> None:
    page = open_graph_page(graph_file(opened, ".html"), javascript=False)
    page.click("summary")
    assert page.locator("tbody tr").all_inner_texts() == [
        "Daily walk\tfacilitator\tSleep\t1\t",
        "Daily walk\tbarrier\tSleep\t1\t",
        "Daily walk\tbarrier by absence\tSleep\t1\t",
        "Daily walk\tbarrier by absence\tMood\t1\t",
    ]


@pytest.mark.parametrize("level", ["factors", "studies"])
def test_no_title_runs(open_graph_page: Callable[..., Page], hostile: Graph, level: str) -> None:
    page = open_graph_page(graph_file(hostile, ".html", level))
    options = page.locator("#pick option").count()
    for number in range(options):
        page.select_option("#pick", index=number)
    page.mouse.move(*place(page))
    for down in range(-400, 400, 20):
        page.mouse.move(*place(page, down=down))
        page.mouse.click(*place(page, down=down))
    page.click("summary")
    assert page.evaluate("window.pwned") is None
    assert options == 1 + len(network(hostile, level).nodes)
    assert page.locator("img, svg[onload], a").count() == 0


def test_the_policy_stops_other_scripts(browser: Browser, tmp_path: Path, opened: Graph) -> None:
    evil = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1><style>h1{color:red}</style>"
    file = tmp_path / "graph.html"
    file.write_text(graph_file(opened, ".html").replace("<header>", f"<header>{evil}"), encoding="utf-8")
    page = browser.new_page(offline=True)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 36, 48)"
    page.close()


def test_the_page_names_no_other_host(opened: Graph) -> None:
    text = graph_file(opened, ".html")
    own = text.replace(text[text.index("/**") : text.rindex("</script>\n<script>")], "")
    assert "http" not in own.replace('http-equiv="Content-Security-Policy"', "")
    assert "sourceMappingURL" not in text
    assert "Apache 2.0 License" in text  # the licence of vis-network goes with it
