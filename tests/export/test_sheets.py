"""The exported sheets are a review again: a folder that is made of them gives the same counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from kg.export.data import csv_files
from kg.export.sheets import sheet_files
from kg.folder.create import init_review
from kg.folder.review import Review
from kg.model.records import Evidence
from kg.query.graph import Graph
from kg.text import without_controls
from tests.conftest import MakeReview
from tests.generated import Folder, folders
from tests.tallies import DESIGNS, evidences, graph_of

TOML = 'id = "again"\ntitle = "Again"\n'
#: Kinds of facets of which the export keeps values that nothing has.
CLOSED = ("category", "categories", "yes/no")
few = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # making a failure small takes minutes
    suppress_health_check=list(HealthCheck),
)


def again(root: Path, files: Mapping[str, str], vocabulary: Path | None = None, toml: str = TOML) -> Review:
    """Return a folder made of exported sheets."""
    (root / "sheets").mkdir(parents=True)
    for name in ("studies.csv", "findings.csv"):
        (root / "sheets" / name).write_text(files[name], encoding="utf-8", newline="\n")
    (root / "review.toml").write_text(f"{toml}\n{files.get('facets.toml', '')}", encoding="utf-8")
    if vocabulary and vocabulary.is_dir():
        (root / "vocabulary").mkdir()
        for path in vocabulary.iterdir():
            (root / "vocabulary" / path.name).write_bytes(path.read_bytes())
    return Review(root)


def tallied(graph: Graph) -> dict[object, object]:
    """Return every count of one dimension by its values, and how full the facets are."""
    kinds = {row["facet"]: row["kind"] for row in graph.table("facets").dicts()}
    names = [name for name, kind in kinds.items() if kind != "text"]
    found: dict[object, object] = {}
    for name in (*names, "factor", "outcome", "direction", "pole", "approach", "certainty"):
        for by in ("study", "report", "finding"):
            table = graph.counts(name, by)
            rows = table.only(*(column for column in table.columns if column not in ("group", "study_labels"))).rows
            texts = [tuple(without_controls(str(cell)) for cell in row) for row in rows]
            found[name, by] = sorted(row for row in texts if row[1] != "0" or kinds.get(name) in CLOSED)  # unused terms
    found["coverage"] = sorted((row[0], *row[3:]) for row in graph.coverage().rows)
    return found


@pytest.mark.parametrize("example", ["peer-workforce", "open-science", "four-day-week"])
def test_the_examples(example: str, tmp_path: Path) -> None:
    review = init_review(tmp_path / "first", example=example)
    with review.graph() as graph:
        files = csv_files(graph)
        copy = again(tmp_path / "second", files, review.root / "vocabulary")
        with copy.graph() as second:
            assert tallied(second) == tallied(graph)
            assert sheet_files(second) == sheet_files(graph), "and the same sheets"
            assert second.table("units").rows == graph.table("units").rows, "in the same order, with the same labels"


@given(evidence=evidences())
@few
def test_generated_evidence(evidence: Evidence) -> None:
    findings = tuple(replace(finding, locator=f"p. {n}") for n, finding in enumerate(evidence.findings))
    lists = {"factors": evidence.factors, "outcomes": evidence.outcomes, "design": DESIGNS}
    with TemporaryDirectory() as folder, graph_of(replace(evidence, findings=findings)) as graph:
        vocabulary = Path(folder, "vocabulary")
        vocabulary.mkdir()
        for name, terms in lists.items():
            rows = "".join(f'{c.id},"{c.label}",{c.broader or ""},{"yes" if c.residual else ""}\n' for c in terms)
            (vocabulary / f"{name}.csv").write_text(f"id,label,broader,residual\n{rows}", encoding="utf-8")
        with again(Path(folder, "again"), sheet_files(graph), vocabulary).graph() as second:
            assert tallied(second) == tallied(graph)


@given(made=folders())
@few
def test_generated_folders(made: Folder) -> None:
    with TemporaryDirectory() as folder:
        review = made.write(Path(folder, "first"))
        evidence = review.load().evidence
        names = [study.key for study in evidence.studies] + [c.label for c in (*evidence.factors, *evidence.outcomes)]
        assume(names == [without_controls(name) for name in names])  # no file is written with control characters
        with review.graph() as graph:
            copy = again(Path(folder, "second"), sheet_files(graph), review.root / "vocabulary")
            with copy.graph() as second:
                assert tallied(second) == tallied(graph)


HARD = {
    "review.toml": """id = "r"
title = "R"

[[sheet]]
file = "sheets/studies.csv"
[[sheet.marks]]
of = "route"
prefix = "route: "
no = ["never"]

[[facet]]
name = "blinded"
kind = "yes/no"
not_reported = ["??"]
[[facet]]
name = "stance"
label = "Where it \\"stands\\""
definition = "What it says"
kind = "category"
values = ["unused", "=for"]
[[facet]]
name = "area"
kind = "categories"
""",
    "sheets/studies.csv": "key,report,year,design,sample size,route: by post; or mail,route: NR mail,blinded,stance,share,"
    "remark,tone,area,state_a,state_b\n"
    "a,r1; r2,2014,survey; NA,12,x,never,yes,=for,12.5,a long text; of several parts | here,warm,Not reported,yes,no\n"
    'b,r1,not reported,NR,not applicable,never,never,??,"against; it",-3,\'=1+1,,elsewhere; north,no,no\n'
    "c,,,not applicable,,x,1,no,@odd,NR,,cold,,,\n",
    "sheets/findings.csv": "study,factor,direction,outcomes,tone,dose\na,Pay,barrier,Retention; Joy,loud; soft,1\n"
    "a,Pay,facilitator,,loud; not applicable,NR\nb,Team,mixed,Joy,soft,2.5\n",
    "vocabulary/area.csv": "label,broader,synonyms\nNot reported,,\nnorth,\neast; west,north,elsewhere\n",
}


def test_cells_that_a_reader_could_mistake(make_review: MakeReview, tmp_path: Path) -> None:
    review = make_review(HARD)
    with review.graph() as graph:
        files = sheet_files(graph)
        with again(tmp_path / "again", files, review.root / "vocabulary").graph() as second:
            assert tallied(second) == tallied(graph)
            assert sheet_files(second) == files
    header, *rows = csv.reader(io.StringIO(files["studies.csv"]))
    assert header[:9] == ["key", "label", "reference", "doi", "openalex", "report", "authors", "title", "year"]
    assert [
        [row[header.index(name)] for name in ("key", "report", "year", "design", "sample_size")] for row in rows
    ] == [
        ["a", "r1; r2", "2014", "survey", "12"],
        ["b", "r1", "not reported", "not reported", "not applicable"],
        ["c", "", "", "not applicable", ""],
    ]
    assert [row[header.index("blinded") : -2] for row in rows] == [
        [
            *("yes", "'=for", "12.5", "a long text; of several parts | here", "warm", "not-reported", "yes", "no"),
            "by-post-or-mail",
        ],
        ["not reported", "against; it", "-3", "'=1+1", "", "north; east-west", "no", "no", "none"],
        ["no", "'@odd", "not reported", "", "cold", "", "", "", "by-post-or-mail; NR mail"],
    ]
    assert files["findings.csv"] == (
        "study,factor,direction,outcomes,pole,locator,note,tabulated,associated,approach,certainty,coder,"
        "tone_of_finding,dose\n"
        "a,Pay,barrier,Retention; Joy,,,,yes,no,,,,loud; soft,1\n"
        "a,Pay,facilitator,,,,,yes,no,,,,loud,not reported\n"
        "b,Team,mixed,Joy,,,,yes,no,,,,soft,2.5\n"
    )
    assert (
        '[[facet]]\nname = "stance"\nlabel = "Where it \\"stands\\""\nof = "study"\nkind = "category"\n'
        'definition = "What it says"\nvalues = ["unused", "=for", "against; it", "@odd"]\n\n[[facet]]\nname = "share"\n'
    ) in files["facets.toml"]


def test_one_category_of_several_rows(make_review: MakeReview, tmp_path: Path) -> None:
    """A study that stands in several rows has several categories, although each cell holds one."""
    rows = "".join(f"s{n // 2},T{n // 2},1999,{'xyz'[n % 3]}\n" for n in range(12))
    review = make_review({"sheets/studies.csv": f"id,title,year,arm\n{rows}"})
    with review.graph() as graph:
        files = sheet_files(graph)
        assert 'name = "arm"\nlabel = "arm"\nof = "study"\nkind = "categories"\n' in files["facets.toml"]
        with again(tmp_path / "again", files).graph() as second:
            assert tallied(second) == tallied(graph)
