"""Which columns are a group of marks, by their names and by what marks their cells."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kg.loaders.sheets.groups import Group, direction_of_group, find_groups, kind_of_group
from kg.loaders.sheets.profile import Profile
from kg.loaders.tables.rawtable import Cell, RawTable


def groups(columns: Mapping[str, str], above: Mapping[int, str] | None = None) -> list[Group]:
    """Return the groups of a table; ``columns`` maps names to the cells of a column, each with a space after it."""
    cells = [text.split(" ") for text in columns.values()]
    rows: list[tuple[int, list[Cell]]] = [(n, list(row)) for n, row in enumerate(zip(*cells, strict=True), start=2)]
    table = RawTable("f.csv", header=list(columns), rows=rows)
    return find_groups(Profile(table), range(len(columns)), above or {})


def named(*names: str, cells: str = "x ") -> dict[str, str]:
    """Return columns with the same cells."""
    return dict.fromkeys(names, cells)


def brief(found: list[Group]) -> list[tuple[str, list[str]]]:
    """Return the name of each group and its terms."""
    return [(group.name, list(group.columns.values())) for group in found]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Outcome", "outcome"),
        ("OUTCOMES", "outcome"),
        ("Results > Outcomes", "outcome"),
        ("Outcome measures", None),
        ("factors", "factor"),
        ("Intervention", "factor"),
        ("interventions", "factor"),
        ("enabler", "factor"),
        ("Part 1 > Obstacles", "factor"),
        ("state", None),
        ("", None),
    ],
)
def test_the_kind_of_a_group(name: str, kind: str | None) -> None:
    assert kind_of_group(name) == kind


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("Barriers", "barrier"),
        ("the main obstacle named", "barrier"),
        ("the one main obstacle named", None),
        ("enablers", "facilitator"),
        ("Facilitator", "facilitator"),
        ("barriers and obstacles", "barrier"),
        ("barriers, facilitators", None),
        ("", None),
    ],
)
def test_the_direction_of_a_group(name: str, direction: str | None) -> None:
    assert direction_of_group(name) == direction


@pytest.mark.parametrize(
    ("names", "name", "select"),
    [
        (("week -> Monday", "week -> Friday"), "week", "week -> *"),
        (("week → Monday", "week →Friday"), "week", "week → *"),
        (("week => Monday", "week => Friday"), "week", "week => *"),
        (("week » Monday", "week » Friday"), "week", "week » *"),
        (("week (choice=Monday)", "week (choice=Friday)"), "week", "week (choice=*)"),
        (("week [Monday]", "week [Friday]"), "week", "week [*]"),
        (("week___Monday", "week___Friday"), "week", "week___*"),
    ],
)
def test_questions_and_answers(names: tuple[str, str], name: str, select: str) -> None:
    (group,) = groups({"id": "1 2", **named(*names, cells="x no")})
    assert (group.name, group.columns, group.select) == (name, {1: "Monday", 2: "Friday"}, ("pattern", select))
    assert group.style == "yes"


def test_one_answer_is_a_group_only_with_an_arrow() -> None:
    assert brief(groups(named("week -> Monday", "other"))) == [("week", ["Monday"])]
    assert brief(groups(named("week [Monday]", "other"))) == []
    assert brief(groups(named("a [x]", "b [x]", "c [y]"))) == []


def test_answers_without_a_mark_are_no_group() -> None:
    assert brief(groups(named("week -> Monday", "week -> Friday", cells=" "))) == []
    found = groups({"week -> Monday": "Monday ", "week -> Friday": " "})
    assert [(group.columns, group.style) for group in found] == [({0: "Monday", 1: "Friday"}, "own")]
    assert brief(groups(named("week -> Monday", "week -> Friday", cells="long text"))) == []
    assert brief(groups(named("q -> pay", "q -> time", cells="barrier mixed"))) == []
    assert [g.style for g in groups(named("q [pay]", "q [time]", cells="barrier mixed"))] == ["direction"]


def test_a_header_above_names_a_group() -> None:
    columns = {"id": "1 2", "a": "x ", "b": " x", "c": "text more", "d": "x "}
    above = {1: "Tools", 2: "Tools", 3: "Tools", 4: "Other"}
    (group,) = groups(columns, above)
    assert (group.name, group.columns, group.select, group.style) == (
        ("Tools", {1: "a", 2: "b"}, ("group", "Tools"), "yes")
    )
    assert groups({"a": "x ", "b": " "}, {0: "Tools", 1: "Tools"})[0].columns == {0: "a", 1: "b"}
    assert groups({"a": " ", "b": " "}, {0: "Tools", 1: "Tools"}) == []
    assert groups({"a": "x ", "b": " "}, {0: "Tools"}) == []


def test_the_stronger_style_is_that_of_a_group() -> None:
    above = {0: "Tools", 1: "Tools"}
    cells = {"own": "a a", "direction": "barrier barrier", "yes": "x x", "blank": " "}
    order = list(cells)
    for at, style in enumerate(order):
        for other in order[at:]:
            first, second = (
                cells[name].replace("a a", "b b") if name == "own" else cells[name] for name in (other, style)
            )
            pair = {"b": first, "c": second.replace("b b", "c c")}
            found = [group.style for group in groups(pair, above)]
            assert found == ([] if style == "blank" else [style]), (style, other)


def test_a_prefix_of_three_columns_makes_a_group() -> None:
    (group,) = groups({"id": "1 2", **named("state_ohio", "state_utah", "state_iowa"), "n": "5 6"})
    assert (group.name, group.columns) == ("state", {1: "ohio", 2: "utah", 3: "iowa"})
    assert (group.select, group.style) == (("prefix", "state_"), "yes")
    assert groups({"id": "1 2", **named("state_ohio", "state_utah", "other"), "n": "5 6"}) == []
    assert brief(groups(named("s_p", "s_q", "s_r", "other"))) == [("s", ["p", "q", "r"])]
    assert brief(groups(named("s_p", "s_q", "s_r", "s_t", "other"))) == [("s", ["p", "q", "r", "t"])]


@pytest.mark.parametrize("separator", ["_", "__", ": ", ":", "/", " / ", "|", ".", " - ", " – ", " — "])
def test_what_separates_a_prefix(separator: str) -> None:
    (group,) = groups(named(*(f"state{separator}{name}" for name in ("ohio", "utah", "iowa"))))
    assert (group.name, list(group.columns.values())) == ("state", ["ohio", "utah", "iowa"])


@pytest.mark.parametrize("separator", ["-", " ", ""])
def test_what_separates_no_prefix(separator: str) -> None:
    assert groups(named(*(f"state{separator}{name}" for name in ("ohio", "utah", "iowa")))) == []


def test_a_space_separates_a_word_that_says_what_columns_are() -> None:
    assert brief(groups(named("Outcome STI", "Outcome HIV", "Outcome PrEP"))) == [("Outcome", ["STI", "HIV", "PrEP"])]
    assert groups(named("Outcome", "Outcome ", "Outcome  ")) == []


def test_two_columns_are_a_group_where_all_neighbours_belong_to_one() -> None:
    columns = named("a_p", "a_q", "b_p", "b_q")
    assert brief(groups(columns)) == [("a", ["p", "q"]), ("b", ["p", "q"])]
    assert brief(groups({**columns, "c_p": "x "})) == []
    assert brief(groups({**columns, "other": "x "})) == []
    assert brief(groups(named("a_p", "a_q", "b_p", "b_q", cells="yes no"))) == []
    assert brief(groups(named("barrier_p", "barrier_q", cells="yes no"))) == [("barrier", ["p", "q"])]
    assert brief(groups(named("a_p", "a_q", "a_r", cells="yes no"))) == [("a", ["p", "q", "r"])]
    assert brief(groups(named("a_p", "a_q", "a_r", "a_s", cells="yes no"))) == [("a", ["p", "q", "r", "s"])]


def test_columns_that_begin_or_end_with_a_separator_have_no_prefix() -> None:
    assert groups(named("_a", "_b", "_c")) == []
    assert groups(named("a_", "b_", "c_")) == []


def test_a_second_part_splits_a_group() -> None:
    names = ("q_a_1", "q_a_2", "q_b_1", "q_b_2")
    assert brief(groups(named(*names))) == [("q_a", ["1", "2"]), ("q_b", ["1", "2"])]
    assert [group.select for group in groups(named(*names))] == [("prefix", "q_a_"), ("prefix", "q_b_")]
    assert brief(groups(named("q_a_1", "q_a_2", "q_a_3", "q_b_1", "q_b_2"))) == [
        ("q_a", ["1", "2", "3"]),
        ("q_b", ["1", "2"]),
    ]
    assert brief(groups(named("q_a_1", "q_a_2", "q_b_1"))) == [("q", ["a_1", "a_2", "b_1"])]
    assert brief(groups(named("q_a_1", "q_a_2", "q_b"))) == [("q", ["a_1", "a_2", "b"])]
    assert brief(groups(named("q_a_1", "q_a_2", "q_a_3"))) == [("q_a", ["1", "2", "3"])]
    assert brief(groups(named("q_a_b_1", "q_a_b_2", "q_a_b_3"))) == [("q_a_b", ["1", "2", "3"])]
    assert brief(groups(named("q_a_b_1", "q_a_b_2", "q_a_c"))) == [("q_a", ["b_1", "b_2", "c"])]


def test_columns_that_repeat_their_names_need_no_prefix() -> None:
    own = {name: f"{name} " for name in ("pay", "time", "care")}
    (group,) = groups({"id": "1 2", **own, "n": "5 6"})
    assert (group.name, group.columns, group.select, group.style) == (
        ("pay to care", {1: "pay", 2: "time", 3: "care"}, None, "own")
    )
    assert groups({"pay": "pay ", "time": "time "}) == []
    assert brief(groups(named("a", "b", "c", cells="barrier mixed"))) == [("a to c", ["a", "b", "c"])]
    assert groups(named("a", "b", "c", cells="yes no")) == []


def test_a_group_by_prefix_parts_the_columns_around_it() -> None:
    def own(*names: str) -> dict[str, str]:
        return {name: f"{name} " for name in names}

    columns = own("a", "b", "c", "s_x", "s_y", "s_z", "d", "e", "f")
    assert brief(groups(columns)) == [("a to c", ["a", "b", "c"]), ("s", ["x", "y", "z"]), ("d to f", ["d", "e", "f"])]
    assert brief(groups(own("a", "b", "s_x", "s_y", "s_z", "d"))) == [("s", ["x", "y", "z"])]


def test_columns_of_other_marks_part_a_run() -> None:
    own = {name: f"{name} " for name in ("a", "b", "c")}
    yes = named("s_x", "s_y", "s_z", cells="yes no")
    assert brief(groups({**own, **yes})) == [("a to c", ["a", "b", "c"]), ("s", ["x", "y", "z"])]
    assert brief(groups({**own, "blank": " ", **yes})) == [
        ("a to blank", ["a", "b", "c", "blank"]),
        ("s", ["x", "y", "z"]),
    ]
    assert brief(groups({**own, "blank": " ", "p": "yes no"})) == [("a to blank", ["a", "b", "c", "blank"])]
    assert brief(groups({"id": "1 2", **own, "blank": " ", "p": "yes no"})) == [
        ("a to blank", ["a", "b", "c", "blank"])
    ]
    assert brief(groups({**own, "blank": " ", "d": "d "})) == [("a to d", ["a", "b", "c", "blank", "d"])]
    assert brief(groups({"blank": " ", **own})) == [("blank to c", ["blank", "a", "b", "c"])]
    assert groups(named("s_x", "s_y", "s_z", cells=" ")) == []
    assert brief(groups({"a": "a ", "b": "b ", "n": "5 6", "c": "c "})) == []


def test_a_name_that_is_used_again_further_right_is_numbered() -> None:
    far = {f"n{number}": "5 6" for number in range(4)}
    near = {f"n{number}": "5 6" for number in range(2)}
    left, right = named("s_a", "s_b", "s_c"), named("s_d", "s_e", "s_f")
    later = named("S_g", "S_h", "S_i")
    found = groups({**left, **far, **right, **{f"m{n}": "5 6" for n in range(4)}, **later})
    assert [group.name for group in found] == ["s", "s 2", "S 3"]
    assert [group.select for group in found] == [("prefix", "s_"), None, None]
    assert [group.name for group in groups({**left, **near, **right})] == ["s", "s"]
    assert [group.name for group in groups({**left, **near, "n": "5 6", **right})] == ["s", "s 2"]
