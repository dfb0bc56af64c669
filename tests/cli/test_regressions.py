"""What used to happen, found by people who tried."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import QueryError, StoreError
from kg.folder.review import Review
from kg.query.graph import open_graph
from tests.conftest import MakeReview, Run

STUDIES = "key,title\na,Alpha\nb,Beta\n"
FINDINGS = "study,factor,direction,outcomes\na,Pay,barrier,Burnout\nb,Pay,facilitator,Burnout\n"


@pytest.fixture
def small(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def test_a_store_does_not_touch_a_folder_of_others(small: Review, tmp_path: Path, run: Run) -> None:
    """``--store embedded:.`` used to delete folders called build-* and to overwrite a file called current."""
    mine = tmp_path / "mine"
    (mine / "build-release").mkdir(parents=True)
    (mine / "build-release" / "lock").write_text("precious")
    (mine / "current").write_text("my own text")
    ran = run("build", "-C", small.root, "--store", f"embedded:{mine}")
    assert ran.code == 1
    assert ran.err == f"Error: {mine} is not empty and holds no graph of kg: name a new folder for the store\n"
    assert (mine / "build-release" / "lock").read_text() == "precious"
    assert (mine / "current").read_text() == "my own text"
    assert run("build", "-C", small.root, "--store", "embedded:").code == 2
    with pytest.raises(StoreError, match="no graph in"):
        open_graph(f"embedded:{mine}")


def test_a_changed_configuration_is_seen_by_the_same_process(small: Review) -> None:
    """The title used to stay the old one, recorded as up to date for good."""
    small.build()
    (small.root / "review.toml").write_text('id = "r"\ntitle = "New"\n', encoding="utf-8")
    small.build()
    with small.graph() as graph:
        assert graph.table("review").column("title") == ["New"]


def test_a_partial_graph_says_so_and_does_not_spread(small: Review, run: Run) -> None:
    """After one --partial, every later reading left rows out without a word."""
    sheet = small.root / "sheets" / "findings.csv"
    sheet.write_text(FINDINGS + "a,Pay,sideways,\n", encoding="utf-8")
    assert run("build", "--partial", "-C", small.root).err.endswith("; 1 row left out\n")
    assert run("build", "--partial", "-C", small.root).err.endswith("; 1 row left out\n")
    read = run("table", "evidence-counts", "-C", small.root, "--format", "csv")
    assert (read.code, read.err) == (0, "note: 1 row left out of this graph; kg build names them\n")
    run("export", "html", "-C", small.root, "-o", small.root / "map.html")
    assert '"left_out":1' in (small.root / "map.html").read_text(encoding="utf-8")
    sheet.write_text(FINDINGS + "a,Pay,sideways,\nb,Pay,upward,\n", encoding="utf-8")
    stale = run("table", "evidence-counts", "-C", small.root)
    assert stale.code == 1
    assert "2 problems in sheets/findings.csv; nothing was loaded" in stale.err


def test_values_that_differ_only_in_signs_stay_apart(make_review: MakeReview) -> None:
    """Age <18 and Age >18 used to be one population of two studies."""
    review = make_review({"sheets/studies.csv": "key,title,population\na,A,Age <18\nb,B,Age >18\nc,C,AGE  <18\n"})
    with review.graph() as graph:
        rows = [row[1:] for row in graph.table("designs").rows if row[0] == "population"]
    assert sorted(rows) == [("Age <18", 2), ("Age >18", 1)]


def test_outcomes_nobody_declares_are_discussed_by_those_who_tie_to_them(small: Review) -> None:
    """They used to be discussed by 0, and the gaps said so."""
    with small.graph() as graph:
        assert graph.table("outcomes").rows == [("Burnout", 2, ["a", "b"])]


def test_a_group_that_is_used_is_on_the_map(make_review: MakeReview, run: Run) -> None:
    """A finding tied to a group term, or a factor group called like an outcome, ended the export in a traceback."""
    review = make_review({
        "vocabulary/factors.csv": "id,label,broader\nbo,Burnout,\npay,Pay,bo\nidle,Idle,pay\n",
        "vocabulary/outcomes.csv": "id,label,broader\nwb,Well-being,\nbo,Burnout,wb\n",
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": "study,factor,direction,outcomes\na,pay,barrier,wb\nb,bo,barrier,bo\n",
    })  # fmt: skip
    assert run("export", "html", "-C", review.root, "-o", review.root / "map.html").code == 0
    page = (review.root / "map.html").read_text(encoding="utf-8")
    for row in ("<td>·</td><td>1−</td>", "<td>1−</td><td>·</td>"):
        assert row in page


@pytest.mark.parametrize("labels", [("01", "1"), ("²", "3"), ("9" * 20, "1"), ("x", "1")])
def test_article_numbers_that_are_none_are_names(make_review: MakeReview, labels: tuple[str, str]) -> None:
    """1 and 01 used to become one number, ² and twenty digits a traceback. Studies with a number come first."""
    review = make_review({
        "sheets/studies.csv": f"key,title,label\na,A,{labels[0]}\nb,B,{labels[1]}\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Burnout\nb,Pay,barrier,Burnout\n",
    })  # fmt: skip
    with review.graph() as graph:
        assert graph.table("gap-map").column("study_labels") == [[labels[1], labels[0]]]
        assert graph.gaps("one-study").rows == []


def test_ids_with_capitals_are_found(make_review: MakeReview) -> None:
    review = make_review({
        "vocabulary/factors.csv": "id,label\nF01,Pay\n", "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": "study,factor,direction\na,F01,barrier\n",
    })  # fmt: skip
    with review.graph() as graph:
        assert len(graph.why("F01")) == len(graph.why("f01")) == 1


def test_adding_two_files_of_one_name(small: Review, run: Run, tmp_path: Path) -> None:
    """The second used to overwrite the first, and both were reported as added."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "more.csv").write_text(f"study,factor,direction\na,{name},barrier\n", encoding="utf-8")
    ran = run("add", tmp_path / "x" / "more.csv", tmp_path / "y" / "more.csv", "-C", small.root)
    assert ran.code == 2
    assert not (small.root / "sheets" / "more.csv").exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("manifest.json", b"{"), ("manifest.json", b'{"review": "r"}'), ("manifest.json", None),
        ("../current", b"\xff\xfe"), ("../current", b"build-\x00"), ("../current", b"build-none"),
    ],
)  # fmt: skip
def test_a_damaged_store_is_built_again(small: Review, run: Run, file: str, content: bytes | None) -> None:
    small.build()
    build = small.root / ".kg" / "graph" / (small.root / ".kg" / "graph" / "current").read_text()
    path = build / file
    path.unlink() if content is None else path.write_bytes(content)
    url = small.store_url
    assert run("table", "outcomes", "--store", url).code == 1
    assert run("table", "outcomes", "-C", small.root).code == 0


def test_a_store_that_others_may_read(small: Review) -> None:
    small.build()
    graph = small.root / ".kg" / "graph"
    assert (graph / (graph / "current").read_text()).stat().st_mode & 0o777 == graph.stat().st_mode & 0o777


def test_a_terminal_that_knows_few_characters(example: Review) -> None:
    """Every table used to end in a UnicodeEncodeError where stdout was not UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "kg", "table", "matrix", "-C", str(example.root)],
        env={"PYTHONIOENCODING": "cp1252", "PATH": ""}, capture_output=True, check=True,
    )  # fmt: skip
    assert "4+~ 3∅−" in done.stdout.decode("utf-8")


def test_a_column_called_like_the_grids_own(make_review: MakeReview) -> None:
    review = make_review({
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,studies\nb,Pay,barrier,factor\n",
    })  # fmt: skip
    with review.graph() as graph:
        assert list(graph.matrix().dicts()) == [
            {"factor": "Pay", "studies (outcome)": "1−", "factor (outcome)": "1−", "studies": 2}
        ]


def test_quoted_text_in_a_query_is_no_parameter(small: Review, tmp_path: Path, run: Run) -> None:
    query = tmp_path / "own.cypher"
    query.write_text(
        "MATCH (s:Study {key: $key}) RETURN 'https://x.org/' + $key AS url, '$5' AS price", encoding="utf-8"
    )
    ran = run("query", query, "-p", "key=a", "-C", small.root, "--format", "csv")
    assert ran.out == "url,price\nhttps://x.org/a,$5\n"
    query.write_text("MATCH (t:Tally) WHERE t.studies >= $least RETURN count(t) AS n", encoding="utf-8")
    assert run("query", query, "-p", "least=2", "-C", small.root, "--format", "csv").out != "n\n0\n"


def test_dates_and_nodes_can_be_written(small: Review, tmp_path: Path, run: Run) -> None:
    query = tmp_path / "my[1].cypher"
    query.write_text("MATCH (s:Study {key: 'a'}) RETURN date('2020-01-02') AS day, s AS node", encoding="utf-8")
    assert "2020-01-02" in json.loads(run("query", query, "-C", small.root, "--format", "json").out)[0]["day"]
    assert run("query", query, "-C", small.root, "-o", tmp_path / "t.xlsx").code == 0


def test_output_files_that_cannot_be_written(example: Review, run: Run) -> None:
    ran = run("check", "--format", "json", "-o", "/nonexistent/x.json", "-C", example.root)
    assert ran.code == 1
    assert "Error: cannot write /nonexistent/x.json" in ran.err


def test_titles_with_line_breaks(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "r", "--title", 'a\n"b"\\').code == 0
    assert Review(tmp_path / "r").config.review.title == 'a\n"b"\\'
    assert run("init", tmp_path / "s", "--example", "peer-workforce", "--title", "Mine").code == 2


def test_slips_are_named(example: Review, run: Run) -> None:
    """They used to answer with no rows, or with a clean bill."""
    for arguments, said in (
        (("check", "--kind", "fct"), "no kind of discrepancy is called 'fct'; did you mean fact?"),
        (
            ("table", "evidence-counts", "--level", "Individul"),
            "no level is called 'Individul'; did you mean Individual?",
        ),
        (
            ("table", "evidence-counts", "--where", "design=survay"),
            "no value of design is called 'survay'; did you mean",
        ),
        (
            ("table", "outcomes", "--where", "design>3"),
            "design holds no numbers: > is for facets of kind number or year",
        ),
        (("table", "outcomes", "--where", "year>=soon"), "year >= soon: is not a number"),
        (("table", "outcomes", "--by", "report"), "--by belongs to the tables counts and crosstab"),
        (("table", "counts"), "counts takes one facet, e.g. kg table counts design"),
        (("table", "counts", "design", "country"), "counts takes one facet"),
        (("table", "crosstab", "design"), "a crosstab needs two facets or more"),
        (("table", "matrix", "--map", "designs"), "no map is called 'designs'"),
        (("gaps", "--map", "factors and outcome", "--kind", "no-study"), "did you mean factors and outcomes?"),
        (("export", "browser", "--where", "design=survey"), "kg export neo4j --where"),
        (("table", "evidense-counts"), "no table is called 'evidense-counts'; did you mean evidence-counts"),
    ):
        where = () if "browser" in arguments else ("-C", example.root)
        ran = run(*arguments, *where)
        assert ran.code == 2, arguments
        assert said in ran.err


def test_formats_by_the_name_of_the_file(example: Review, run: Run, tmp_path: Path) -> None:
    """-o table.xlsx used to hold the terminal's drawing."""
    import openpyxl

    for name, start in (
        ("t.csv", "outcome,studies"),
        ("t.json", "[\n"),
        ("t.md", "| outcome"),
        ("t.tex", "\\begin{tabular}"),
        ("t.txt", "Studies by"),
    ):
        run("table", "outcomes", "-o", tmp_path / name, "-C", example.root)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    run("table", "outcomes", "-o", tmp_path / "t.xlsx", "-C", example.root)
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]["B2"].value == 13


def test_terms_spelt_nearly_alike(make_review: MakeReview, run: Run) -> None:
    review = make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": "study,factor,direction\na,Shade tree,barrier\nb,Shade trees,barrier\n",
        }
    )
    assert (
        "the terms 'Shade tree' and 'Shade trees' are spelt nearly alike"
        in run("check", "-C", review.root, "--format", "csv").out
    )


def test_an_unknown_parameter_of_an_own_query(small: Review) -> None:
    with small.graph() as graph, pytest.raises(QueryError):
        graph.query("RETURN $missing AS x")


def test_the_process_ends_as_it_should(example: Review) -> None:
    """The process ends itself without tidying up; what it wrote and its exit code must be whole all the same."""
    kg = [sys.executable, "-m", "kg"]
    for arguments, code in (
        (["--version"], 0),
        (["table", "nope"], 2),
        (["check", "--strict", "-C", str(example.root)], 1),
    ):
        assert subprocess.run([*kg, *arguments], capture_output=True).returncode == code
    whole = subprocess.run(
        [*kg, "table", "findings", "--format", "json", "-C", str(example.root)], capture_output=True, check=True
    )
    assert len(json.loads(whole.stdout)) == 199
    with subprocess.Popen([*kg, "table", "findings", "--format", "json", "-C", str(example.root)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as cut:  # fmt: skip
        assert cut.stdout and cut.stderr
        cut.stdout.readline()
        cut.stdout.close()
        assert b"Traceback" not in cut.stderr.read()


def test_many_choices_are_listed_and_not_asked_about(example: Review, run: Run) -> None:
    said = run("table", "nope", "-C", example.root).err
    assert said.startswith("Error: no table is called 'nope'; known are evidence-counts, outcomes, counts, crosstab,")
    assert "did you mean" not in said
