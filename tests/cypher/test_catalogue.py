"""Every canned query has a correct header, only reads, and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cypher import catalogue
from kg.errors import QueryError, UnknownName
from kg.graph.build import assemble
from kg.model.vocabulary import OPPOSITES
from kg.query.graph import Graph
from kg.store import Manifest, open_store
from tests.conftest import Run
from tests.sample import FULL

NAMES = catalogue.names()
ARGUMENTS = {"why": {"factor": "role-autonomy", "outcome": "job-satisfaction"}, "codes": {"facet": "design"}}
#: What the bundled review has nothing of: records, overlays, and studies that do not stand as published.
OF_RECORDS = {
    "open-access",
    "cautions",
    "citations",
    "cited",
    "citing",
    "evidence-counts-without-retracted",
    "implied-pairs",
    "mappings",
    "records",
    "reports",
    "standing",
}
#: Tables that may be empty: every pair of the bundled review with findings both ways is told from two poles.
EMPTY = {"contested"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A graph in which there is something of everything."""
    store = open_store(f"embedded:{tmp_path_factory.mktemp('sample') / 'graph'}")
    store.write(assemble(FULL), Manifest(FULL.review.id, "test", {}, 0, {}))
    with Graph(store) as graph:
        yield graph


def test_the_catalogue_is_complete() -> None:
    wanted = {
        "evidence-counts",
        "outcomes",
        "designs",
        "characteristics",
        "gap-map",
        "gaps",
        "contested",
        "single-study",
        "why",
        "stated-gaps",
        "evidence-by-year",
    }
    assert wanted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_header_matches_the_query(name: str, graph: Graph, sample: Graph) -> None:
    query = catalogue.canned(name)
    assert query.title and not query.title.endswith(".")
    assert query.description.endswith(".")
    body = re.sub(r"//.*", "", query.text)
    assert {p.name for p in query.params} | {catalogue.REVIEW} == set(re.findall(r"\$(\w+)", body))
    assert all(p.help for p in query.params)
    assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD)\b", body)
    assert "ORDER BY" in body.rsplit("RETURN", 1)[1], "the order of the rows must not be left to the engine"
    table = (sample if name in OF_RECORDS else graph).table(name, **ARGUMENTS.get(name, {}))
    assert table.columns == query.returns
    assert bool(table.rows) == (name not in EMPTY), "an empty answer shows nothing"


@pytest.mark.parametrize("name", NAMES)
def test_no_value_is_interpolated_into_a_query(name: str) -> None:
    """Values reach Cypher as parameters; what is quoted in a query belongs to the model or is wording."""
    from kg.model.fields import CODING_STATUSES, FINDING_FACETS, STUDY_FACETS
    from kg.model.vocabulary import DIRECTIONS, POLES, STANDINGS
    from kg.query.gaps import GAP_KINDS

    body = re.sub(r"//.*", "", catalogue.canned(name).text)
    known = {*DIRECTIONS, *GAP_KINDS, *STANDINGS, *POLES, *STUDY_FACETS, *FINDING_FACETS, *CODING_STATUSES}
    known |= {"all", "tabulated", "factor", "outcome", "implied", "study"}
    for compared in re.findall(r"(?:=|IN)\s*\[?('[^']*'(?:,\s*'[^']*')*)", body):
        assert {c.strip().strip("'") for c in compared.split(",")} <= known


def test_the_level_filter_ignores_case(graph: Graph) -> None:
    rows = graph.table("evidence-counts", level="individual").rows
    assert len(rows) == 10
    assert {row[0] for row in rows} == {"Individual"}


def test_gap_map_equals_the_findings(graph: Graph) -> None:
    expected: dict[tuple[str, str, str, str | None], set[int]] = {}
    for row in graph.table("findings").dicts():
        for outcome in row["outcomes"]:
            pole = (row["pole"] or "presence") if row["direction"] in OPPOSITES else None
            expected.setdefault((row["factor"], outcome, row["direction"], pole), set()).add(row["study_label"])
    computed = {
        (r["factor"], r["outcome"], r["direction"], r["pole"]): (r["studies"], r["study_labels"])
        for r in graph.table("gap-map").dicts()
    }
    assert computed == {key: (len(found), sorted(found)) for key, found in expected.items()}


def test_unknown_query_and_parameters(graph: Graph) -> None:
    with pytest.raises(UnknownName, match="no query is called 'evidence-count'; did you mean evidence-counts"):
        graph.table("evidence-count")
    with pytest.raises(QueryError, match="has no parameter 'lvl'; did you mean level"):
        graph.table("evidence-counts", lvl="x")
    with pytest.raises(QueryError, match="needs the parameter 'factor'"):
        graph.table("why")
    with pytest.raises(QueryError, match="'soon' is not an integer"):
        graph.table("citing", least="soon")


def test_a_custom_query(tmp_path: Path, run: Run, graph: Graph) -> None:
    own = tmp_path / "own.cypher"
    own.write_text(
        "// param year: integer\nMATCH (s:Study) WHERE s.year > $year RETURN s.label AS label ORDER BY label",
        encoding="utf-8",
    )
    table = graph.run(catalogue.from_file(own), {"year": "2022"})
    assert table.column("label") == [2, 6, 15, 16, 17, 20]
    bare = tmp_path / "bare.cypher"
    bare.write_text("MATCH (s:Study {label: 1}) WHERE s.title CONTAINS $word RETURN s.key AS key", encoding="utf-8")
    assert graph.run(catalogue.from_file(bare), {"word": "Coping"}).rows == [("brady-2022",)]
    with pytest.raises(QueryError, match="cannot read the query file"):
        catalogue.from_file(tmp_path / "none.cypher")


def test_a_misspelt_label_gives_a_warning(tmp_path: Path, run: Run, graph: Graph) -> None:
    """The engine answers a misspelt name with no rows; the user must hear of it."""
    own = tmp_path / "own.cypher"
    own.write_text("MATCH (s:Studdy) RETURN s.label AS label", encoding="utf-8")
    assert graph.run(catalogue.from_file(own), {}).rows == []
    assert "Studdy" in " ".join(graph.warnings)


def test_queries_are_listed_and_shown(run: Run) -> None:
    listed = run("query", "--format", "csv").out.splitlines()
    assert [line.split(",")[0] for line in listed[1:]] == NAMES
    shown = run("query", "gap-map", "--show").out
    assert shown.startswith("// title: Evidence gap map, in studies\n") and shown.endswith("c.pole DESC\n")


def test_a_bad_header_is_refused() -> None:
    with pytest.raises(QueryError, match="cannot read the header line"):
        catalogue.parse("x", "// param year is an integer\nRETURN $year AS y")


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("any", "7", 7),
        ("any", "-3", -3),
        ("any", "true", True),
        ("any", "false", False),
        ("any", "7 days", "7 days"),
        ("any", 5, 5),
        ("boolean", "true", True),
        ("boolean", "Yes", True),
        ("boolean", "1", True),
        ("boolean", "false", False),
        ("boolean", "NO", False),
        ("boolean", "0", False),
        ("boolean", True, True),
        ("integer", "+12", 12),
        ("integer", 12, 12),
        ("string", "12", "12"),
    ],
)
def test_a_parameter_is_given_its_type(kind: str, given: object, value: object) -> None:
    query = catalogue.Query("q", "", params=(catalogue.Param("x", kind, required=True),))
    bound = query.bind({"x": given})["x"]
    assert (bound, type(bound)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("integer", "twelve", "q: x: 'twelve' is not an integer"),
        ("boolean", "maybe", "q: x: 'maybe' is not a boolean"),
        ("string", 12, "q: x: 12 is not a string"),
        ("any", None, "query 'q' needs the parameter 'x' (any)"),
    ],
)
def test_a_parameter_of_another_type_is_refused(kind: str, given: object, message: str) -> None:
    query = catalogue.Query("q", "", params=(catalogue.Param("x", kind, required=True),))
    with pytest.raises(QueryError) as error:
        query.bind({"x": given})
    assert str(error.value) == message


def test_parameters_that_the_header_does_not_declare_are_required() -> None:
    query = catalogue.parse(
        "q", "// not a header\n// param a: integer? - a number\nRETURN $a AS a, $b AS b, $review AS r"
    )
    assert [(param.name, param.type, param.required) for param in query.params] == [
        ("a", "integer", False),
        ("b", "any", True),
    ]
    with pytest.raises(QueryError, match=r"^query 'q' has no parameter 'zzz'; it takes none$"):
        catalogue.Query("q", "").bind({"zzz": 1})


def test_a_query_reads_the_summary_only_where_its_header_says_so() -> None:
    assert not catalogue.Query("q", "").summary
    assert catalogue.parse("q", "// reads: summary\nRETURN 1 AS x").summary
    assert not catalogue.parse("q", "// reads: everything\nRETURN 1 AS x").summary
    assert not catalogue.parse("q", "// reads: the graph\nRETURN 1 AS x").summary


def test_queries_of_the_whole_graph_look_up_no_node_of_a_row() -> None:
    """They are run without indexes, so that each look-up would be a scan: reviews has one for each review."""
    found = {
        name
        for name in NAMES
        if not catalogue.canned(name).summary and re.search(r"\bid: (?!\$)", catalogue.canned(name).text)
    }
    assert found == {"reviews"}


def test_the_listing_marks_optional_parameters() -> None:
    takes = {row[0]: row[2] for row in catalogue.listing().rows}
    assert takes["why"] == ["factor", "[outcome]"]
    assert takes["cited"] == ["[least]"]
