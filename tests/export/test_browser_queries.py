"""The queries and the style for Neo4j Browser: they run, they are bounded, and the documents have them as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cypher import catalogue
from kg.cypher.tokens import names_a_review
from kg.export.browser import browse_files
from kg.export.page.marks import COLOURS
from kg.folder.review import Review
from kg.model.vocabulary import DERIVED, LABELS, PROPERTIES, RELATIONSHIPS
from kg.query.graph import Graph
from tests.conftest import Run
from tests.paths import ROOT

QUERIES = [
    catalogue.parse(name.removesuffix(".cypher"), text)
    for name, text in browse_files().items()
    if name.endswith(".cypher")
]
NAMES = [query.name for query in QUERIES]
STYLE = browse_files()["style.grass"]
#: A value for each parameter, of the bundled review.
GIVEN = {"factor": "role-autonomy", "outcome": "job-satisfaction", "study": "brady-2022"}


def test_there_are_seven() -> None:
    assert NAMES == ["cell", "contested", "factor", "map", "study", "two-sided", "vocabulary"]
    assert {"cell", "map", "study"}.isdisjoint(catalogue.names()), "kg query lists the queries that answer with a table"


@pytest.fixture
def contested(own_example: Review) -> Iterator[Graph]:
    """The bundled review without its poles: the pairs that are two-sided in it are contested."""
    sheet = own_example.root / "sheets" / "findings.csv"
    sheet.write_text(re.sub("(presence|absence)$", "", sheet.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
    with own_example.graph() as graph:
        yield graph


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_a_query_shows_part_of_one_review(query: catalogue.Query, graph: Graph, contested: Graph) -> None:
    assert query.title and not query.title.endswith(".")
    assert query.description.endswith(".")
    body = re.sub(r"//.*", "", query.text)
    assert {p.name for p in query.params} | {catalogue.REVIEW} == set(re.findall(r"\$(\w+)", body))
    assert all(p.required and p.help for p in query.params)
    assert names_a_review(query.text, catalogue.REVIEW)
    assert re.search(r"\nORDER BY .+\nLIMIT \d{3}\n$", query.text)
    assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD)\b", body)
    asked = contested if query.name == "contested" else graph
    found = asked.run(query, {p.name: GIVEN[p.name] for p in query.params})
    shown = [value for row in found.rows for value in row if value is not None]
    assert shown and all(isinstance(value, dict) for value in shown), "nodes, relationships and paths, and no values"
    kinds = {kind for value in shown for kind in ("labels", "type", "nodes") if kind in value}
    assert kinds in ({"labels", "type"}, {"nodes"})


def test_queries_stay_in_their_review(graph: Graph) -> None:
    for query in QUERIES:
        given = {p.name: GIVEN[p.name] for p in query.params}
        assert graph.store.read(query.text, {catalogue.REVIEW: "another", **given}).values == [], query.name


# --- the style -------------------------------------------------------------------------------------------------------

_COLOUR, _PIXELS, _CAPTION = r"#[0-9a-f]{6}", r"\d+px", r"\{(\w+)\}|<type>|<id>"
NODE = {
    "diameter": _PIXELS, "color": _COLOUR, "border-color": _COLOUR, "border-width": _PIXELS,
    "text-color-internal": _COLOUR, "font-size": _PIXELS, "caption": _CAPTION,
}  # fmt: skip
RELATIONSHIP = {
    "color": _COLOUR, "shaft-width": _PIXELS, "font-size": _PIXELS, "padding": _PIXELS, "text-color-external": _COLOUR,
    "text-color-internal": _COLOUR, "caption": _CAPTION,
}  # fmt: skip


def parsed(style: str) -> dict[str, dict[str, str]]:
    """A style as Neo4j Browser reads it: it knows no comments and no lists of selectors, and drops apostrophes.

    What follows the last brace would be lost, and so would a rule whose selector is there twice.
    """
    rules: dict[str, dict[str, str]] = {}
    rest = re.sub(r"([^{}]+)\{((?:'[^'\n]*'|[^'{}])*)\}", lambda rule: _rule(rule[1], rule[2], rules), style)
    assert not rest.strip(), f"not a rule: {rest.strip()!r}"
    return rules


def _rule(selector: str, body: str, rules: dict[str, dict[str, str]]) -> str:
    selector = re.sub(r"\s", "", selector)
    assert selector not in rules, f"{selector} is there twice"
    pairs = [part.split(":") for part in body.split(";") if part.strip()]
    assert all(len(pair) == 2 for pair in pairs), f"{selector}: not a list of declarations"
    rules[selector] = {name.strip(): value.strip() for name, value in pairs}
    assert len(rules[selector]) == len(pairs), f"{selector}: a declaration is there twice"
    return ""


def wrong(style: str) -> Iterator[str]:
    """Yield what is not a name of the model, or not a declaration with its value."""
    for selector, declarations in parsed(style).items():
        kind, dot, name = selector.partition(".")
        known = {"node": NODE, "relationship": RELATIONSHIP}.get(kind)
        names = LABELS if kind == "node" else RELATIONSHIPS
        if known is None or (dot and name not in names):
            yield f"selector {selector}"
            continue
        for declared, value in declarations.items():
            bare = value.removeprefix("'").removesuffix("'") if declared == "caption" else value
            match = re.fullmatch(known.get(declared, r"(?!)"), bare)
            if not match or (declared == "caption" and value != f"'{bare}'"):
                yield f"{selector}: {declared}: {value}"
            elif declared == "caption" and match[1] and match[1] not in PROPERTIES.get(name, ()):
                yield f"{selector}: no property {match[1]}"


def test_the_style_can_be_read_and_names_what_there_is() -> None:
    assert list(wrong(STYLE)) == []
    rules = parsed(STYLE)
    assert list(rules)[:2] == ["node", "relationship"], "what holds for all comes first"
    assert {f"node.{label}" for label in LABELS} <= rules.keys()
    assert all("caption" in rules[f"node.{label}"] for label in LABELS)


def test_arrows_have_the_colours_of_the_map() -> None:
    rules = parsed(STYLE)
    for kind, (direction, pole) in DERIVED.items():
        rule = rules[f"relationship.{kind}"]
        assert rule["color"] == COLOURS[direction]
        assert rule["caption"] == ("'<type>'" if pole == "absence" else "'{studies}'"), (
            "a name says that it is the absence"
        )


@pytest.mark.parametrize(("style", "told"), [
    ("node.Studdy { color: #ffffff; }", "selector node.Studdy"),
    ("nodes { color: #ffffff; }", "selector nodes"),
    ("relationship.Study { color: #ffffff; }", "selector relationship.Study"),
    ("node.Study, node.Factor { color: #ffffff; }", "selector node.Study,node.Factor"),
    ("/* studies */ node.Study { color: #ffffff; }", "selector /*studies*/node.Study"),
    ("node.Study { colour: #ffffff; }", "node.Study: colour: #ffffff"),
    ("node.Study { color: white; }", "node.Study: color: white"),
    ("node.Study { shaft-width: 1px; }", "node.Study: shaft-width: 1px"),
    ("node.Study { diameter: 50; }", "node.Study: diameter: 50"),
    ("node.Study { caption: {short}; }", "caption:: not a list of declarations"),
    ("node.Study { caption: '{tittle}'; }", "node.Study: no property tittle"),
    ("relationship.INCLUDES { caption: '{row}'; }", "relationship.INCLUDES: no property row"),
    ("node.Study { color: #ffffff }\nnode.Study { color: #ffffff }", "node.Study is there twice"),
    ("node.Study { color: #ffffff border-width: 1px; }", "node.Study: not a list of declarations"),
    ("node.Study { color: #ffffff;", "not a rule"),
])  # fmt: skip
def test_the_check_of_the_style_sees_what_is_wrong(style: str, told: str) -> None:
    try:
        found = list(wrong(style))
    except AssertionError as error:
        found = [str(error)]
    assert len(found) == 1 and found[0].startswith(told)


# --- where people find them ------------------------------------------------------------------------------------------


def test_the_document_has_each_query_as_it_is() -> None:
    page = (ROOT / "docs" / "neo4j-browser.md").read_text(encoding="utf-8")
    shown = re.findall(r"^### ([\w-]+)\n.*?```cypher\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    assert dict(shown) == {query.name: query.text for query in QUERIES}
    assert len(shown) == len(QUERIES)


def test_they_can_be_written_without_a_review(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("export", "browser")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote browse\n")
    assert {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "browse").iterdir()} == browse_files()
    (tmp_path / "browse" / "own.cypher").write_text("RETURN 1")
    assert run("export", "browser", "-o", "browse").code == 0
    assert (tmp_path / "browse" / "own.cypher").exists(), "other files stay"
    (tmp_path / "file").write_text("")
    assert run("export", "browser", "-o", "file/x").err.startswith("Error: cannot write file/x: ")
