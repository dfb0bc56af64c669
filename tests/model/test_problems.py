"""Problems as lines, and the grouping of those that differ only in their row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kg.problems import Problem, group_problems

SIDEWAYS = Problem(
    "sheets/findings.csv", "is not a direction", row=2, column="direction", value="sideways", accepted="barrier"
)


def at_rows(problem: Problem, rows: Sequence[int]) -> list[Problem]:
    return [replace(problem, row=row) for row in rows]


def lines(problems: Sequence[Problem]) -> list[str]:
    return [str(group) for group in group_problems(problems)]


def test_a_single_problem_keeps_its_line() -> None:
    expected = "sheets/findings.csv, row 2, column 'direction': 'sideways': is not a direction; accepted: barrier"
    assert str(SIDEWAYS) == expected
    assert lines([SIDEWAYS]) == [expected]
    assert lines([SIDEWAYS, SIDEWAYS]) == [expected]


def test_problems_that_differ_only_in_their_row_are_one_line() -> None:
    problems = at_rows(SIDEWAYS, [57, *range(2, 41)])
    (group,) = group_problems(problems)
    assert str(group) == (
        "sheets/findings.csv, rows 2-40, 57, column 'direction': 'sideways': is not a direction; accepted: barrier"
    )
    assert group.first == replace(SIDEWAYS, row=57)
    assert group.rows == (57, *range(2, 41))


def test_a_sheet_of_a_workbook_is_named_before_its_rows() -> None:
    problem = Problem("sheets/f.xlsx", "the row has more cells than the header", "Findings", 3)
    assert lines(at_rows(problem, [3, 4])) == [
        "sheets/f.xlsx [Findings], rows 3-4: the row has more cells than the header"
    ]


@pytest.mark.parametrize(
    "other",
    [
        replace(SIDEWAYS, file="sheets/more.csv"),
        replace(SIDEWAYS, sheet="More"),
        replace(SIDEWAYS, column="effect"),
        replace(SIDEWAYS, value="upwards"),
        replace(SIDEWAYS, reason="is not an effect"),
        replace(SIDEWAYS, suggestion="barrier"),
        replace(SIDEWAYS, accepted="mixed"),
        replace(SIDEWAYS, row=0),
    ],
)
def test_problems_that_differ_otherwise_stay_apart(other: Problem) -> None:
    assert lines([other, SIDEWAYS]) == [str(other), str(SIDEWAYS)]


def test_groups_stand_in_the_order_of_their_first_problem() -> None:
    upwards = replace(SIDEWAYS, value="upwards", row=3)
    groups = group_problems([SIDEWAYS, upwards, *at_rows(SIDEWAYS, [4])])
    assert [(group.first.value, group.rows) for group in groups] == [("sideways", (2, 4)), ("upwards", (3,))]


def test_of_many_ranges_the_first_are_named_and_the_other_rows_counted() -> None:
    rows = [*range(2, 42, 2), 100, *range(200, 5200)]
    (line,) = lines(at_rows(SIDEWAYS, rows))
    assert line.startswith("sheets/findings.csv, rows 2, 4, 6, ")
    assert ", 36, 38, 40 and 5,001 more, column 'direction': " in line
    (line,) = lines(at_rows(SIDEWAYS, rows[:20]))
    assert ", 36, 38, 40, column 'direction': " in line


def test_a_problem_of_a_file_names_no_row() -> None:
    assert lines([Problem("review.toml", "is missing", column="id")]) == ["review.toml, key 'id': is missing"]
