"""Which columns identify a study, and what several rows with one key are."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kg.loaders.sheets.keys import Key, find_key, id_beside, is_citation, repeated_rows
from kg.loaders.sheets.profile import Profile
from kg.loaders.tables.rawtable import Cell, RawTable


def profile(**columns: str) -> Profile:
    """Return a table of columns by name, with _ for a space in a name; cells are divided by commas."""
    cells = [text.split(",") for text in columns.values()]
    rows: list[tuple[int, list[Cell]]] = [(n, list(row)) for n, row in enumerate(zip(*cells, strict=True), start=2)]
    return Profile(RawTable("f.csv", header=[name.replace("_", " ") for name in columns], rows=rows))


def key(found: Profile, fields: Mapping[str, int], *, combined: bool = False, **more: tuple[int, ...]) -> Key:
    return find_key(found, fields, range(len(found.table.header)), combined=combined, **more)


# --- by the header ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "columns", "note"),
    [
        ({"key": 0, "label": 1}, (), "a study is identified by 'id'"),
        ({"label": 1, "doi": 2}, (), "a study is identified by 'no'"),
        ({"doi": 2, "title": 3}, (), "a study is identified by 'doi'"),
        ({"label": 6, "doi": 2}, (), "a study is identified by 'doi'"),
        ({"label": 6, "doi": 6, "title": 3}, (), "a study is identified by 'title', with its authors and year"),
        ({"title": 6, "author_year": 4, "authors": 4, "year": 5}, (4,), "a study is identified by 'who'"),
        ({"authors": 4, "year": 5}, (4, 5), "a study is identified by 'who' and 'year' together"),
        ({"authors": 4}, (), ""),
        ({"year": 5}, (), ""),
        ({}, (), ""),
    ],
)
def test_the_key_by_the_header(fields: Mapping[str, int], columns: tuple[int, ...], note: str) -> None:
    found = profile(id="1,2", no="3,4", doi="a,b", title="A,B", who="Ng,Li", year="2020,2021", blank=",")
    assert key(found, fields) == Key(columns, None, note)


@pytest.mark.parametrize("name", ["letter", "suffix", "year_letter", "Year_Suffix", "disambiguation"])
def test_a_letter_tells_papers_of_one_year_apart(name: str) -> None:
    found = profile(**{"who": "Ng,Ng", "year": "2020,2020", name: "a,b", "more": "x,y"})
    wanted = f"a study is identified by 'who' and 'year' and {name.replace('_', ' ')!r} together"
    assert key(found, {"authors": 0, "year": 1}) == Key((0, 1, 2), None, wanted)


def test_one_letter_is_enough() -> None:
    found = profile(who="Ng,Ng", year="2020,2020", letter="a,b", suffix="x,y")
    assert key(found, {"authors": 0, "year": 1}).columns == (0, 1, 2)


def test_columns_that_are_declared_together() -> None:
    found = profile(id="1,1,2", arm="a,b,a", tool="x,y,z")
    assert key(found, {"key": 0}, given=(0, 1)) == Key((0, 1), None, "a study is identified by 'id' and 'arm' together")


# --- citations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "titles", "cited"),
    [
        ("Ng 2020,Ng 2020,Li 2021", "A,B,C", True),
        ("Ng 2020,Ng 2020,Li 2021", "A,a,C", False),
        ("Ng 2020,Ng 2020,Li 2021", "A,,C", False),
        ("Ng 2020a,Ng 2020b,Li 2021", "A,B,C", False),
        ("Ng et al. (2020b),Ng et al. (2020b),Li 2021", "A,B,C", True),
        ("Ng 1999,Ng 1999,x", "A,B,C", False),
        ("Ng 1999,Ng 1999,Li 2021,x", "A,B,C,D", True),
        ("Ng 2020,Ng 2020,x,y", "A,B,C,D", False),
        ("Ng 2020,ng 2020,NR", "A,B,C", True),
        ("2020,2020,2021", "A,B,C", False),
        ("Ng 2020,Ng 2020,Li 2021,Wu 2021,x,y,z,u", "A,B,C,D,E,F,G,H", False),
        ("Ng 1820,Ng 1820,Li 1821", "A,B,C", False),
        ("Ng 2020 x,Ng 2020 x,Li 2020 x", "A,B,C", False),
        (",,", "A,B,C", False),
    ],
)
def test_authors_and_year_that_stand_for_several_papers(cells: str, titles: str, cited: bool) -> None:
    for name in ("title", "doi"):
        assert is_citation(profile(study=cells, other=titles), {"key": 0, name: 1}) == cited
    assert not is_citation(profile(study=cells, other=titles), {"key": 0})
    assert not is_citation(profile(study=cells, other=titles), {"title": 1})


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("Covidence", "7,8,9", True),
        ("id", "7,8,9", True),
        ("my_number", "7,8,9", False),
        ("id", "7,,9", False),
        ("id", "7,7,9", False),
        ("id", "7,8,8", True),
    ],
)
def test_an_id_beside_a_citation(name: str, cells: str, found: bool) -> None:
    table = profile(**{"study": "Ng 2020,Ng 2020,Li 2021", "title": "A,B,B", name: cells})
    assert id_beside(table, {"key": 0, "title": 1}, range(3)) == (2 if found else None)
    assert id_beside(table, {"key": 2, "title": 1}, [2]) is None
    assert id_beside(table, {"key": 0, "title": 1}, [0, 1]) is None


def test_repeated_rows() -> None:
    found = profile(a="x,X,y,,,z", b="1,1,2,,,3")
    assert repeated_rows(found, (0, 1)) == {("x", "1"): [0, 1]}
    assert repeated_rows(found, (0,)) == {("x",): [0, 1]}
    assert repeated_rows(profile(a="x,x,x", b="1,2,1"), (0, 1)) == {("x", "1"): [0, 2]}


# --- several rows with one key ---------------------------------------------------------------------------------------


def test_several_rows_of_a_sheet_of_findings() -> None:
    found = profile(id="1,1,2", tool="x,y,z")
    note = "a study is identified by 'id'; 1 of the studies have several rows"
    assert key(found, {"key": 0}, combined=True) == Key((), None, note)
    assert key(profile(id="1,2,3", tool="x,y,z"), {"key": 0}, combined=True).note == "a study is identified by 'id'"


def test_rows_with_different_titles_are_left_to_be_errors() -> None:
    ids, plain = "1,1,2,2,3,3,4", Key((), None, "a study is identified by 'id'")
    for name in ("title", "doi", "authors", "year", "author_year"):
        assert key(profile(id=ids, of="A,B,C,C,D,D,E", tool="a,b,c,d,e,f,g"), {"key": 0, name: 1}) == plain
        assert key(profile(id=ids, of="A,A,C,C,D,D,E", tool="a,b,c,d,e,f,g"), {"key": 0, name: 1}) != plain


def test_columns_that_are_declared_to_have_several_values() -> None:
    found = profile(id="1,1,2", tool="x,y,z", n="5,5,6")
    note = "a study is identified by 'id'; 1 of the studies have several rows, and all the values of: tool"
    assert key(found, {"key": 0}, several=(1,)) == Key((), None, note, repeats=True)
    plain = Key((), None, "a study is identified by 'id'")
    assert key(found, {"key": 0}, several=(2,)) == plain
    assert key(profile(id="1,1,2", tool="x,x,z", n="5,5,6"), {"key": 0}, several=(1,)) == plain


def test_few_repeated_keys_are_taken_as_errors() -> None:
    plain = Key((), None, "a study is identified by 'id'")
    assert key(profile(id="1,1,2,2,3", tool="a,b,c,d,e"), {"key": 0}) == plain
    assert key(profile(id="1,1,2,2,3,3", tool="a,b,c,d,e,f"), {"key": 0}).repeats


def test_many_values_are_those_of_a_study() -> None:
    columns = {f"c{n}": "a,b,c,d,e,f" for n in range(7)}
    note = "a study is identified by 'id'; 3 of the studies have several rows, and all the values of: "
    found = key(profile(id="1,1,2,2,3,3", **columns), {"key": 0})
    assert found == Key((), None, note + "c0, c1, c2, c3, c4, c5, …", repeats=True)
    del columns["c6"]
    assert key(profile(id="1,1,2,2,3,3", **columns), {"key": 0}).note == note + "c0, c1, c2, c3, c4, c5"


def test_rows_by_different_people_are_of_one_study() -> None:
    ids = "1,1,2,2,3,3,4,5,6,7,8"
    people = "Ann,Bob,Ann,Bob,Ann,Bob,Ann,Ann,Ann,Ann,Ann"
    tools = "a,b,c,d,e,f,g,h,i,j,k"
    for name in ("coder", "Extractor", "reviewer", "User", "rater", "initials", "data_extractor"):
        found = key(profile(**{"id": ids, name: people, "tool": tools}), {"key": 0})
        header = name.replace("_", " ")
        note = (
            f"a study is identified by 'id'; 3 of the studies have several rows, and all the values of: {header}, tool; "
            f"they are by different people: {header!r}"
        )
        assert found == Key((), None, note, repeats=True)
    assert "by different people" not in key(profile(id=ids, note=people, tool=tools), {"key": 0}).note
    two = profile(id=ids, coder=people, reviewer=people.replace("Bob", "Ann", 1), tool=tools)
    assert "by different people: 'coder'" in key(two, {"key": 0}).note
    alone = people.replace("Ann,Bob", "Ann,Ann", 1)
    assert "by different people" not in key(profile(id=ids, coder=alone, tool=tools), {"key": 0}).note


IDS = "1,1,2,2,3,3,4,5,6,7"
APART = "a,b,a,b,a,b,a,a,a,a"
SAME = "x,x,x,x,x,x,x,x,x,x"


@pytest.mark.parametrize(
    ("same", "kind"), [(0, "report"), (1, "report"), (2, "asked"), (3, "asked"), (4, "values"), (5, "values")]
)
def test_rows_that_one_column_tells_apart(same: int, kind: str) -> None:
    """Of the columns, more than a third differ within a report with several studies; below a fifth, within a study."""
    columns = {f"s{n}": SAME for n in range(same)}
    found = key(profile(id=IDS, arm=APART, **columns), {"key": 0})
    report = "'id' names the report, and with 'arm' the study: 3 reports have several studies"
    values = "a study is identified by 'id'; 3 of the studies have several rows, and all the values of: arm"
    assert (
        found
        == {
            "report": Key((0, 1), 0, report),
            "asked": Key((), None, "a study is identified by 'id'", parts=(1,)),
            "values": Key((), None, values, repeats=True),
        }[kind]
    )


def test_rows_that_differ_in_two_of_nine_columns_are_asked_about() -> None:
    columns = {f"s{n}": SAME for n in range(7)}
    assert key(profile(id=IDS, arm=APART, tool=APART, **columns), {"key": 0}).parts == (1,)
    assert key(profile(id=IDS, arm=APART, tool=APART, s7=SAME, **columns), {"key": 0}).repeats


def test_two_columns_tell_rows_apart_where_none_does_alone() -> None:
    ids, first, second = "1,1,1,1,2,2,3,3,4,5,6,7", "a,a,b,b,a,b,a,b,a,a,a,a", "c,d,c,d,c,c,c,d,c,c,c,c"
    found = key(profile(id=ids, arm=first, wave=second), {"key": 0})
    assert (found.columns, found.report) == ((0, 1, 2), 0)
    assert found.note == "'id' names the report, and with 'arm' and 'wave' the study: 3 reports have several studies"


def test_what_tells_no_rows_apart() -> None:
    long = ",".join(f"{letter}{'z' * 80}" for letter in "abababaaaa")
    edge = ",".join(f"{letter}{'z' * 79}" for letter in "abababaaaa")
    assert key(profile(id=IDS, arm=long), {"key": 0}).repeats
    assert key(profile(id=IDS, arm=edge), {"key": 0}).columns == (0, 1)
    assert key(profile(id=IDS, arm="a,A,a,b,a,b,a,a,a,a"), {"key": 0}).repeats
    # most of the ids are repeated
    assert key(profile(id="1,1,2,2,3,3,4,5,6", arm="a,b,a,b,a,b,a,a,a"), {"key": 0}).repeats
    # the study is identified by two columns
    who = "Ng,Ng,Li,Li,Wu,Wu,A,B,C,D"
    assert key(profile(who=who, year="2020," * 9 + "2020", arm=APART), {"authors": 0, "year": 1}).repeats


def test_at_most_forty_columns_are_tried() -> None:
    same = {f"b{n}": "a,b,a,b,a,a,a,a,a,a" for n in range(40)}
    assert key(profile(id=IDS, **same, arm=APART), {"key": 0}).repeats
    del same["b0"]
    assert key(profile(id=IDS, **same, arm=APART), {"key": 0}).columns == (0, 40)
    blank = {f"b{n}": "," * 9 for n in range(40)}
    alike = {f"c{n}": APART for n in range(20)}
    assert key(profile(id=IDS, **blank, arm=APART, **alike), {"key": 0}).columns == (0, 41)


def test_the_label_is_the_key_before_the_doi() -> None:
    found = profile(no=IDS, doi="a,b,c,d,e,f,g,h,i,j", arm=APART)
    assert key(found, {"label": 0}).columns == (0, 1)
    assert key(found, {"label": 0, "doi": 1}).note == "a study is identified by 'no'"
