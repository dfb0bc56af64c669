"""``kg compare``: printed tables compared with the graph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.check.compare import compare
from kg.errors import BadInput, UsageProblem
from kg.folder.review import Review
from kg.model.published import PrintedAs, printed_as
from kg.query.graph import Graph
from tests.conftest import MakeReview, Run


def printed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "printed.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_agreement_is_reported_and_exits_with_0(example: Review, run: Run) -> None:
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


def test_an_unknown_name_is_an_error(graph: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "factor,direction,studies\nRole autonomie,facilitator,5\nRole autonomy,upward,x\n")
    with pytest.raises(BadInput) as caught:
        compare(graph, path)
    assert [str(p) for p in caught.value.problems] == [
        f"{path}, row 2, column 'factor': 'Role autonomie': no factor is called 'Role autonomie'; did you mean Role autonomy?",
        f"{path}, row 3, column 'direction': 'upward': no direction is called 'upward'; did you mean facilitator or barrier or mixed?",
        f"{path}, row 3, column 'studies': 'x': is not a whole number",
    ]


def test_an_unknown_table(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot tell which table this reprints"):
        compare(graph, printed(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(UsageProblem, match="is not a file"):
        compare(graph, tmp_path / "none.csv")


def test_differences_as_json(own_example: Review, run: Run) -> None:
    path = own_example.root / "published" / "outcomes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Burnout,7", "Burnout,8"), encoding="utf-8")
    ran = run("compare", path, "-C", own_example.root, "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out) == [
        {
            "file": str(path),
            "row": "Burnout",
            "cell": "studies",
            "published": 8,
            "computed": 7,
            "only_published": None,
            "only_computed": None,
        }
    ]
    assert ran.err == f"{path}: 1 of 12 cells differ\n"


def problems(graph: Graph, tmp_path: Path, text: str, name: PrintedAs | None = None) -> list[str]:
    path = printed(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        compare(graph, path, name)
    return [str(p).removeprefix(f"{path}, ") for p in caught.value.problems]


AUTONOMY = "Role autonomy,facilitator"
IGNORED = "level, locator, note, notes, comment, comments, page, pages, section, source, table"


def test_a_misspelt_column_is_named(graph: Graph, tmp_path: Path) -> None:
    found = problems(graph, tmp_path, f"factor,direction,studis,Number of artcles\n{AUTONOMY},99,99\n")
    accepted = f"accepted: factor, direction, studies, study_labels, outcomes, references; not compared are {IGNORED}"
    assert found == [
        f"row 1, column 'studis': the column is not known; did you mean 'studies'?; {accepted}",
        f"row 1, column 'Number of artcles': the column is not known; did you mean 'number of articles'?; {accepted}",
    ]
    found = problems(graph, tmp_path, f"factor,direction,studies,study_lables\n{AUTONOMY},5,99\n")
    assert found[0].startswith("row 1, column 'study_lables': the column is not known; did you mean 'study_labels'")


def test_a_table_without_a_cell_column_agrees_with_nothing(graph: Graph, tmp_path: Path) -> None:
    assert problems(graph, tmp_path, f"level,factor,direction,note\nOrganizational,{AUTONOMY},x\n") == [
        "row 1: there is no column to compare; accepted: studies, study_labels, outcomes, references"
    ]


def test_key_columns_are_required(graph: Graph, tmp_path: Path) -> None:
    text = "facter,direction,studies\nRole autonomy,facilitator,5\n"
    found = problems(graph, tmp_path, text, printed_as("evidence-counts"))
    assert found[0].startswith("row 1, column 'facter': the column is not known; did you mean 'factor'?")
    assert found[1:] == ["row 1, column 'factor': the column is missing"]


def test_no_column_is_silently_ignored(graph: Graph, tmp_path: Path) -> None:
    assert problems(graph, tmp_path, "outcome,studies,study_labels,references\nBurnout,7,99,10\n") == [
        "row 1, column 'references': stands instead of study_labels, which is there too; accepted: one of the two"
    ]
    found = problems(graph, tmp_path, "outcome,studies,Number of articles\nBurnout,99,7\n")
    assert found == ["row 1, column 'studies': two columns hold this"]


def test_columns_are_named_in_any_case_and_some_are_not_compared(graph: Graph, tmp_path: Path) -> None:
    path = printed(
        tmp_path, f'Level,FACTOR,Direction,Study-labels,Locator,Page\nany,{AUTONOMY},"1,2,8,10,11",Table 2,7\n'
    )
    assert not [r for r in compare(graph, path).differences.dicts() if r["row"] == "Role autonomy / facilitator"]


@pytest.mark.parametrize("labels", ["11,10, 8;2 ,1", "1–2, 8, 10, 11,", "1,1,2,8,10,11"])
def test_the_order_of_the_studies_does_not_matter(graph: Graph, tmp_path: Path, labels: str) -> None:
    path = printed(tmp_path, f'factor,direction,study_labels\n{AUTONOMY},"{labels}"\n')
    assert not [r for r in compare(graph, path).differences.dicts() if r["row"] == "Role autonomy / facilitator"]


def test_a_study_without_a_number(make_review: MakeReview, tmp_path: Path) -> None:
    review = make_review(
        {
            "sheets/studies.csv": "key,label,title\na,1,A\nb,2,B\nc,3,C\nlee-2020,,D\n",
            "sheets/findings.csv": "study,factor,direction,outcomes,locator,note\n"
            + "".join(f"{key},Pay,barrier,Stress,p1,n\n" for key in ("a", "b", "c", "lee-2020")),
        }
    )
    with review.graph() as graph:
        agreeing = printed(tmp_path, 'factor,direction,study_labels\nPay,barrier,"lee-2020, 1–3"\n')
        assert not compare(graph, agreeing).differing
        result = compare(graph, printed(tmp_path, 'factor,direction,study_labels\nPay,barrier,"2, 1, 5"\n'))
    (row,) = result.differences.dicts()
    assert (row["published"], row["only_published"]) == ([2, 1, 5], [5])
    assert (row["computed"], row["only_computed"]) == (["1", "2", "3", "lee-2020"], ["3", "lee-2020"])


def test_a_part_of_a_name_is_unknown(graph: Graph, tmp_path: Path) -> None:
    text = "factor,direction,outcomes\nRole autonom,facilitator,satisfaction\n"
    assert problems(graph, tmp_path, text) == [
        "row 2, column 'factor': 'Role autonom': no factor is called 'Role autonom'; did you mean Role autonomy?",
        "row 2, column 'outcomes': 'satisfaction': no outcome is called 'satisfaction'; did you mean Job satisfaction?",
    ]
    assert problems(graph, tmp_path, "outcome,studies\nBurn,7\n") == [
        "row 2, column 'outcome': 'Burn': no outcome is called 'Burn'; did you mean Burnout?"
    ]


def test_ids_labels_and_synonyms_in_any_case(graph: Graph, tmp_path: Path) -> None:
    names = ("burnout", "BURNOUT", "emotional  exhaustion")
    for name in names:
        result = compare(graph, printed(tmp_path, f"outcome,studies\n{name},7\n"))
        assert "Burnout" not in result.differences.column("row")
    path = printed(tmp_path, f"factor,direction,outcomes\n{AUTONOMY},emotional exhaustion; JOB-SATISFACTION\n")
    assert {r["row"]: r["only_published"] for r in compare(graph, path).differences.dicts()}[
        "Role autonomy / facilitator"
    ] == ["Burnout"]


def test_a_name_may_contain_a_comma(make_review: MakeReview, tmp_path: Path) -> None:
    review = make_review(
        {
            "vocabulary/outcomes.csv": 'label\n"Stress, strain"\nBurnout\n',
            "sheets/studies.csv": "key,label,title\na,1,A\n",
            "sheets/findings.csv": "study,factor,direction,outcomes\n"
            + "".join(f'a,Pay,barrier,"{outcome}"\n' for outcome in ("Stress, strain", "Burnout")),
        }
    )
    with review.graph() as graph:
        path = printed(tmp_path, 'factor,direction,outcomes\nPay,barrier,"Burnout; stress, strain"\n')
        assert not compare(graph, path).differing


def test_an_empty_printed_row_agrees_with_no_row(graph: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "factor,direction,studies,study_labels,outcomes\nRole autonomy,mixed,0,,Not discussed\n")
    assert not [r for r in compare(graph, path).differences.dicts() if r["row"].startswith("Role autonomy / mixed")]
    path = printed(tmp_path, "factor,direction,studies\nRole autonomy,mixed,1\n")
    assert [r for r in compare(graph, path).differences.dicts() if r["row"].startswith("Role autonomy / mixed")]


@pytest.mark.parametrize("nothing", ["-", "–", "—", " "])
@pytest.mark.parametrize("column", ["study_labels", "references"])
def test_a_dash_is_an_empty_list(graph: Graph, tmp_path: Path, nothing: str, column: str) -> None:
    path = printed(tmp_path, f"factor,direction,{column}\nRole autonomy,mixed,{nothing}\n{AUTONOMY},{nothing}\n")
    rows = {r["row"]: r for r in compare(graph, path).differences.dicts() if r["row"].startswith("Role autonomy")}
    assert rows["Role autonomy / facilitator"]["published"] == []
    assert "Role autonomy / mixed" not in rows


def test_a_count_must_be_a_number(graph: Graph, tmp_path: Path) -> None:
    assert problems(graph, tmp_path, 'outcome,studies,references\nBurnout,²,"10, x"\n') == [
        "row 2, column 'studies': '²': is not a whole number",
        "row 2, column 'references': 'x': no included study has this reference number",
    ]


def test_designs_are_compared_by_group(graph: Graph, tmp_path: Path) -> None:
    methods = [row for row in graph.table("designs").dicts() if row["group"] == "methods"]
    lines = [f"{row['group'].upper()},{row['value'].upper()},{row['studies']}\n" for row in methods]
    text = "group,value,studies\n" + "".join(lines) + "methods,none of these,0\n"
    result = compare(graph, printed(tmp_path, text))
    assert (result.cells, result.differing) == (len(methods) + 1, 0)
    assert problems(graph, tmp_path, "group,value,studies\nmethod,any,0\n") == [
        "row 2, column 'group': 'method': no group is called 'method'; did you mean methods?"
    ]


def test_several_files_make_one_table(own_example: Review, run: Run, tmp_path: Path) -> None:
    outcomes, table_3 = (own_example.root / "published" / name for name in ("outcomes.csv", "table-3.csv"))
    table_2 = own_example.root / "published" / "table-2.csv"
    outcomes.write_text(outcomes.read_text(encoding="utf-8").replace("Burnout,7", "Burnout,8"), encoding="utf-8")
    table_3.write_text(
        table_3.read_text(encoding="utf-8").replace("Facilitator,2,", "Facilitator,9,"), encoding="utf-8"
    )
    call = ("compare", table_2, outcomes, table_3, "-C", own_example.root)
    ran = run(*call, "--format", "json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert next(iter(found[0])) == "file"
    assert {row["file"] for row in found} == {str(outcomes), str(table_3)}
    differing = sum(row["file"] == str(table_3) for row in found)
    said = f"{outcomes}: 1 of 12 cells differ\n{table_3}: {differing} of 30 cells differ\n"
    assert ran.err == f"{table_2}: all 66 cells agree\n{said}"
    output = tmp_path / "differences.json"
    ran = run(*call, "-o", output)
    assert json.loads(output.read_text(encoding="utf-8")) == found
    assert (ran.code, ran.out) == (1, "")
    ran = run(*call)
    assert (ran.code, ran.err) == (1, said)
    assert ran.out.startswith(f"{table_2}: all 66 cells agree\nPrinted tables against the graph\nfile ")
    ran = run("compare", table_2, "-C", own_example.root, "--format", "json")
    assert (ran.code, json.loads(ran.out), ran.err) == (0, [], f"{table_2}: all 66 cells agree\n")


def test_several_files_that_agree(example: Review, run: Run) -> None:
    paths = [example.root / "published" / name for name in ("table-2.csv", "table-3.csv")]
    call = ("compare", *paths, "-C", example.root)
    said = f"{paths[0]}: all 66 cells agree\n{paths[1]}: all 30 cells agree\n"
    ran = run(*call)
    assert (ran.code, ran.out, ran.err) == (0, said, "")
    ran = run(*call, "--format", "json")
    assert (ran.code, json.loads(ran.out), ran.err) == (0, [], said)


def test_a_path_from_the_root_of_the_review(
    own_example: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_example.root / "sheets")
    found = Path("..", "published", "table-2.csv")
    ran = run("compare", Path("published", "table-2.csv"))
    assert (ran.code, ran.out) == (0, f"{found}: all 66 cells agree\n")
    assert run("compare", found).out == f"{found}: all 66 cells agree\n"
    monkeypatch.chdir(tmp_path)
    ran = run("compare", Path("published", "table-2.csv"), "-C", Path(own_example.root.name, "sheets"))
    assert ran.out == f"{Path(own_example.root.name, 'sheets') / found}: all 66 cells agree\n"
    ran = run("compare", "none.csv", "-C", own_example.root)
    assert (ran.code, ran.err) == (2, "Error: none.csv is not a file\n")
