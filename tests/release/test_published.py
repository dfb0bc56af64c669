"""``[published] release``: the printed tables and statements are about one release, and new evidence moves none."""

from __future__ import annotations

import pytest

from kg.check.run import check
from kg.errors import BadInput
from kg.folder.review import Review
from kg.release.make import make_release
from tests.conftest import Run
from tests.release.conftest import add, edit

DAY = "2026-11-30"
ROW = "Supervisory support and characteristics"


def add_a_study(review: Review) -> None:
    """Add a study that no printed table counts, with an outcome of its own."""
    add(
        review,
        "sheets/studies.csv",
        'new-2026,21,,10.1000/new,"Neu A",2026,New,article,,survey,,peers,United States,,job-satisfaction,title\n',
    )
    add(
        review,
        "sheets/findings.csv",
        "new-2026,supervisory-support,barrier,job-satisfaction,p. 3,A note,no,,quantitative,,presence\n"
        "new-2026,sense-of-purpose,barrier,job-satisfaction,p. 4,A note,,,quantitative,,presence\n",
    )


def problems(review: Review) -> list[tuple[str, str, str]]:
    """Return what the check finds, apart from a note that counts the studies of the folder."""
    return [(f.severity, f.kind, f.message) for f in check(review) if f.kind != "study-without-doi"]


def test_a_new_study_moves_no_printed_number(own_example: Review, run: Run) -> None:
    before = problems(own_example)
    add_a_study(own_example)
    assert problems(own_example) == before
    assert not [kind for severity, kind, _ in before if severity == "error"]
    assert run("check", "-C", own_example.root).code == 0
    for file, cells in (("table-2.csv", 66), ("outcomes.csv", 12)):
        path = own_example.root / "published" / file
        ran = run("compare", path, "-C", own_example.root)
        assert (ran.code, ran.out) == (0, f"{path}: all {cells} cells agree\n")


def test_the_living_tables_grow(own_example: Review) -> None:
    """The new study says that no printed table counts it. That is true, and it counts nevertheless."""
    add_a_study(own_example)
    with own_example.graph() as graph:
        counts = {(row["factor"], row["direction"]): row for row in graph.table("evidence-counts").dicts()}
        outcomes = {row["outcome"]: row["studies"] for row in graph.table("outcomes").dicts()}
    assert (counts[ROW, "barrier"]["studies"], counts[ROW, "barrier"]["study_labels"]) == (6, [2, 5, 10, 12, 13, 21])
    assert outcomes["Job satisfaction"] == 14


def test_without_a_release_a_new_study_is_an_error(own_example: Review) -> None:
    edit(own_example, "review.toml", 'release = "bell-2025"\n', "")
    add_a_study(own_example)
    found = [(kind, message) for severity, kind, message in problems(own_example) if severity == "error"]
    assert ("published-table", "published/outcomes.csv, Job satisfaction, studies: printed 13, computed 14") in found


def test_evidence_of_the_release_that_changed_is_an_error(own_example: Review) -> None:
    """The release has the finding, and the folder has another: the printed table is no longer reproduced."""
    line = next(
        line
        for line in (own_example.root / "sheets" / "findings.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        if line.startswith("felton-2023,supervisory-support,barrier,")
    )
    edit(own_example, "sheets/findings.csv", line, line.replace(",barrier,", ",mixed,"))
    found = [message for severity, kind, message in problems(own_example) if kind == "published-table"]
    assert f"published/table-2.csv, {ROW} / barrier, studies: printed 5, computed 4" in found


def test_a_doi_that_changes_keeps_the_study_in_the_release(own_example: Review) -> None:
    before = problems(own_example)
    edit(own_example, "sheets/studies.csv", "10.1007/s10597-022-01080-z", "10.1007/other")
    add_a_study(own_example)
    assert problems(own_example) == before


def test_every_study_must_meet_the_criteria(own_example: Review) -> None:
    add_a_study(own_example)
    edit(
        own_example,
        "sheets/studies.csv",
        "New,article,,survey,,peers,United States",
        "New,article,,survey,,peers,France",
    )
    found = [message for _, kind, message in problems(own_example) if kind == "eligibility"]
    assert any("France" in message for message in found)


def test_a_release_that_is_not_there_is_named(carers: Review) -> None:
    make_release(carers, "v1", DAY)
    add(carers, "review.toml", '\n[published]\nrelease = "v2"\n')
    with pytest.raises(BadInput) as error:
        carers.load()
    assert [str(problem) for problem in error.value.problems] == [
        "review.toml, key '[published] release': 'v2': no release is called this; did you mean v1?; accepted: the name "
        "of a folder in releases/, which kg release NAME makes; name it here after that"
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("1", "'1': has the wrong type; accepted: text in quotes"),
        (
            '"../x"',
            "'../x' cannot be the name of a release; accepted: up to 64 letters, digits, dots and hyphens, such as",
        ),
    ],
)
def test_the_name_of_a_release_is_checked(carers: Review, value: str, says: str) -> None:
    add(carers, "review.toml", f"\n[published]\nrelease = {value}\n")
    with pytest.raises(BadInput) as error:
        carers.load()
    (problem,) = error.value.problems
    assert str(problem).startswith(f"review.toml, key '[published] release': {says}")


def test_an_edited_release_is_not_compared_with(own_example: Review) -> None:
    add(own_example, "releases/bell-2025/snapshot/studies.csv", "x\n")
    (found,) = check(own_example)
    assert (found.severity, found.kind) == ("error", "input")
    assert found.message.startswith("releases/bell-2025/snapshot/studies.csv: was edited after the release; accepted: ")


def test_stages_of_the_flow_are_those_of_the_release(carers: Review) -> None:
    """Decisions on the records of a new search are counted now, and the printed number is that of the release."""
    (carers.root / "screening" / "decisions.csv").write_text("id,decision\n1,keep\n2,keep\n3,keep\n", encoding="utf-8")
    add(carers, "review.toml", '\n[[flow]]\nstage = "included"\nfile = "screening/decisions.csv"\n')
    make_release(carers, "v1", DAY)
    add(carers, "screening/decisions.csv", "4,keep\n")
    assert [f.message for f in check(carers) if f.kind == "stated-number"] == [
        "included: the text prints 3; screening/decisions.csv gives 4"
    ]
    add(carers, "review.toml", '\n[published]\nrelease = "v1"\n')
    assert [f.message for f in check(carers) if f.kind == "stated-number"] == []


def test_the_part_of_a_graph_is_named(own_example: Review) -> None:
    add_a_study(own_example)
    with own_example.graph() as graph, graph.part({"doi:10.1000/new"}, set(), "release x") as part:
        assert part.table("outcomes").title == "Studies by outcome (release x)"
        assert part.table("outcomes").rows == [("Job satisfaction", 1, [21])]
