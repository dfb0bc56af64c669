"""Printed tables against the graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.compare import compare
from kg.errors import BadInput, UsageProblem
from kg.review import Graph, Review
from tests.conftest import Run


def printed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "printed.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_agreement_is_said_and_exits_0(example: Review, run: Run) -> None:
    path = example.root / "published" / "table-3.csv"
    ran = run("compare", path, "-C", example.root)
    assert (ran.code, ran.out, ran.err) == (0, f"{path}: all 30 cells agree\n", "")


def test_a_path_inside_the_folder(example: Review, run: Run) -> None:
    assert run("compare", "published/table-2.csv", "-C", example.root).out.endswith("all 66 cells agree\n")


def test_every_differing_cell_is_named(graph: Graph, tmp_path: Path) -> None:
    path = printed(
        tmp_path,
        "Factor,How discussed,Number of articles,Articles,Outcome(s) affected\n"
        'role autonomy,Facilitator,6,"1,2,8,10,11,20",Job satisfaction\n'
        'Role autonomy,barrier,2,"8,17","Burnout, job satisfaction"\n',
    )
    result = compare(graph, path)
    rows = {(r["row"], r["cell"]): r for r in result.differences.dicts()}
    assert rows["Role autonomy / facilitator", "studies"]["published"] == 6
    assert rows["Role autonomy / facilitator", "studies"]["computed"] == 5
    assert rows["Role autonomy / facilitator", "study_labels"]["only_published"] == [20]
    assert rows["Role autonomy / facilitator", "study_labels"]["only_computed"] == []
    assert rows["Role autonomy / barrier", "outcomes"]["only_published"] == ["Burnout"]
    here = [row for row in rows if row[0].startswith("Role autonomy")]
    assert len(here) == 3
    assert len(rows) - len(here) == 18, "the other rows of the group that have studies are not printed"


def test_rows_that_the_printed_table_lacks_differ(graph: Graph, example: Review, tmp_path: Path) -> None:
    lines = (example.root / "published" / "table-3.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path = printed(
        tmp_path, "".join(line for line in lines if not line.startswith("Engaging in self-care maintenance,Barrier"))
    )
    result = compare(graph, path)
    assert [(r["row"], r["published"], r["computed"]) for r in result.differences.dicts()] == [
        ("Engaging in self-care maintenance / barrier", None, 4)
    ]


def test_reference_numbers_stand_for_studies(graph: Graph, tmp_path: Path) -> None:
    result = compare(graph, printed(tmp_path, 'outcome,studies,references\nBurnout,7,"10, 39–41, 45, 48, 51"\n'))
    row = next(result.differences.dicts())
    assert (row["cell"], row["only_published"], row["only_computed"]) == ("study_labels", [15], [13])


def test_what_names_nothing_is_an_error(graph: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "factor,direction,studies\nRole autonomie,facilitator,5\nRole autonomy,upward,x\n")
    with pytest.raises(BadInput) as caught:
        compare(graph, path)
    assert [str(p) for p in caught.value.problems] == [
        f"{path}, row 2, column 'factor': 'Role autonomie': no factor is called 'Role autonomie'; did you mean Role autonomy?",
        f"{path}, row 3, column 'direction': 'upward': no direction is called 'upward'; did you mean facilitator or barrier or mixed?",
        f"{path}, row 3, column 'studies': 'x': is not a whole number",
    ]


def test_a_table_that_cannot_be_told(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot tell which table this reprints"):
        compare(graph, printed(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(UsageProblem, match="is not a file"):
        compare(graph, tmp_path / "none.csv")


def test_differences_as_json(own_example: Review, run: Run) -> None:
    import json

    path = own_example.root / "published" / "outcomes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Burnout,7", "Burnout,8"), encoding="utf-8")
    ran = run("compare", path, "-C", own_example.root, "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out) == [
        {
            "row": "Burnout",
            "cell": "studies",
            "published": 8,
            "computed": 7,
            "only_published": None,
            "only_computed": None,
        }
    ]
    assert ran.err == f"{path}: 1 of 12 cells differ\n"
