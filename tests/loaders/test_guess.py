"""The role of each column of a sheet of a known kind, and what is said of its header."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.reading import FacetRole, FieldRole, Ignored, MarkGroup
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import Cell, RawTable

WAS = SheetSpec("f.csv", columns={"factor": "Was"})
OF = {"studies": "study", "findings": "finding"}


def table(header: str) -> RawTable:
    """Return a sheet with these columns; ``-`` stands for one without a name."""
    return RawTable("f.csv", header=["" if name == "-" else name for name in header.split(",")], header_row=3)


@pytest.mark.parametrize(
    ("header", "kind", "spec", "columns", "facets"),
    [
        ("direction,factor,study", "findings", None, {"direction": 0, "factor": 1, "study": 2}, {}),
        (
            "papers,Articles,PAPER,article,factor,effect",
            "findings",
            None,
            {"study": 3, "factor": 4, "direction": 5},
            {0: "papers", 1: "Articles", 2: "PAPER"},
        ),
        ("article,paper,factor,effect", "findings", None, {"study": 0, "factor": 2, "direction": 3}, {1: "paper"}),
        ("Study,study,factor,direction", "findings", None, {"study": 0, "factor": 2, "direction": 3}, {1: "study (2)"}),
        ("-,study,-,factor,direction", "findings", None, {"study": 1, "factor": 3, "direction": 4}, {}),
        ("study,Was,factor,direction", "findings", WAS, {"study": 0, "factor": 1, "direction": 3}, {2: "factor (2)"}),
        ("study,factor,WAS,direction", "findings", WAS, {"study": 0, "factor": 2, "direction": 3}, {1: "factor (2)"}),
        ("remarks,n,year", "studies", None, {"sample_size": 1, "year": 2}, {0: "remarks"}),
        ("", "studies", None, {}, {}),
    ],
)
def test_each_column_is_found_by_its_best_name_and_the_others_are_facets(
    header: str, kind: str, spec: SheetSpec | None, columns: dict[str, int], facets: dict[int, str]
) -> None:
    sheet = table(header)
    reading = guess(sheet, kind, spec)
    assert reading.fields(OF[kind]) == columns
    assert dict(reading.facets(OF[kind])) == {i: FacetRole(name, OF[kind], "category") for i, name in facets.items()}
    assert (reading.kind, reading.header, reading.header_row) == (kind, tuple(sheet.header), 3)
    assert (sheet.broken, reading.ignored(), reading.groups, reading.notes) == ([], {}, (), ())


FACTOR = (
    "a column called 'factor' (also 'factors' or 'determinant' or 'contributor', …), "
    'or columns = { factor = "…" } under [[sheet]] in review.toml'
)
DIRECTION = (
    "a column called 'direction' (also 'effect' or 'relation' or 'relationship', …), "
    'or columns = { direction = "…" } under [[sheet]] in review.toml'
)


@pytest.mark.parametrize(
    ("header", "kind", "spec", "said"),
    [
        ("study,fctor,direction", "findings", None, [("the column is missing", "factor", "'fctor'", FACTOR)]),
        (
            "study,determinent,fator,direktion,noot",
            "findings",
            None,
            [
                ("the column is missing", "factor", "'determinent' or 'fator'", FACTOR),
                ("the column is missing", "direction", "'direktion'", DIRECTION),
            ],
        ),
        (
            "id,what,which",
            "terms",
            None,
            [("the column is missing", "label", "", "a column called 'label' (also 'name' or 'term' or 'factor', …)")],
        ),
        ("study,code,group", "links", None, []),
        (
            "study,synd_id",
            "links",
            None,
            [
                (
                    "the column is missing",
                    "term",
                    "",
                    "a column called 'term' (also 'factor' or 'outcome' or 'value', …)",
                )
            ],
        ),
        ("key,factor", "studies and findings", None, [("the column is missing", "direction", "", DIRECTION)]),
        ("titel,year,-,autor,my own", "studies", None, []),
        (
            "study,factor,direction",
            "findings",
            WAS,
            [("the column that review.toml maps to factor is not there", "Was", "", "study, factor, direction")],
        ),
        (
            "study,direction,Wass,Other,-",
            "findings",
            WAS,
            [
                (
                    "the column that review.toml maps to factor is not there",
                    "Was",
                    "'Wass'",
                    "study, direction, Wass, Other",
                )
            ],
        ),
    ],
)
def test_a_column_that_is_missing_is_reported_with_those_like_it(
    header: str, kind: str, spec: SheetSpec | None, said: list[tuple[str, str, str, str]]
) -> None:
    sheet = table(header)
    guess(sheet, kind, spec)
    assert [(p.reason, p.column, p.suggestion, p.accepted) for p in sheet.broken] == said
    assert {p.row for p in sheet.broken} <= {3}


def test_a_misspelt_column_is_a_facet_and_a_note_says_how_to_declare_it() -> None:
    reading = guess(table("titel,year,-,autor,my own"), "studies")
    assert reading.notes == (
        "'titel' is a facet; if it is meant as 'title', declare columns = { title = \"titel\" }",
        "'autor' is a facet; if it is meant as 'authors', declare columns = { authors = \"autor\" }",
    )
    assert [(i, role.name) for i, role in reading.facets("study")] == [(0, "titel"), (3, "autor"), (4, "my own")]
    assert guess(table("title,titel"), "studies").notes == ()


def test_the_only_other_column_of_a_sheet_of_terms_is_the_label() -> None:
    assert guess(table("id,what"), "terms").fields("term") == {"id": 0, "label": 1}
    reading = guess(table("what"), "terms")
    assert reading.fields("term") == {"label": 0}
    assert reading.notes == ("a term is called by its position, from 1, because there is no column of ids",)
    assert guess(table("id,what,which"), "terms").ignored() == dict.fromkeys((1, 2), "not a column of a sheet of terms")


def test_a_sheet_that_is_ignored_has_no_roles() -> None:
    assert guess(table("study,factor"), "ignore").roles == (None, None)
    spec = SheetSpec("f.csv", ignore=("my own",))
    reading = guess(table("study,factor,direction,my own"), "findings", spec)
    assert reading.roles[3] == Ignored("")
    assert reading.ignored() == {3: "declared in review.toml"}


# --- by the cells ----------------------------------------------------------------------------------------------------


def filled(**columns: str) -> RawTable:
    """Return a sheet of columns by name, with _ for a space in a name; cells are divided by a comma."""
    cells = [text.split(",") for text in columns.values()]
    rows: list[tuple[int, list[Cell]]] = [(n, list(row)) for n, row in enumerate(zip(*cells, strict=True), start=2)]
    return RawTable("f.csv", header=[name.replace("_", " ") for name in columns], rows=rows)


@pytest.mark.parametrize(("length", "kind"), [(90, None), (91, "text")])
def test_long_texts_of_a_standard_facet_are_free_text(length: int, kind: str | None) -> None:
    for name in ("design", "setting", "methods", "country"):
        reading = guess(filled(id="1,2", title="A,B", **{name: f"{'x' * length},{'y' * length}"}), "studies")
        assert reading.roles[2] == FieldRole("study", name, kind)
        assert (f"the texts of {name!r} are long: it is free text" in reading.notes) == (kind is not None)
    for name in ("title", "basis", "authors"):
        reading = guess(filled(id="1,2", doi="a,b", **{name: f"{'x' * 91},{'y' * 91}"}), "studies")
        assert reading.roles[2] == FieldRole("study", name)
    reading = guess(filled(id="1,2", title="A,B", n=f"{'x' * 91},{'y' * 91}"), "studies")
    assert reading.roles[2] == FieldRole("study", "sample_size")


def test_long_texts_of_outcomes_are_a_facet_if_only_a_synonym_makes_them_outcomes() -> None:
    long = f"{'x' * 91},{'y' * 91}"
    for name, taken in (("outcomes_discussed", True), ("Outcome", True), ("OUTCOMES", False)):
        reading = guess(filled(id="1,2", title="A,B", **{name: long}), "studies")
        assert isinstance(reading.roles[2], FacetRole if taken else FieldRole), name
    spec = SheetSpec("f.csv", columns={"outcomes": "Outcome"})
    reading = guess(filled(id="1,2", title="A,B", Outcome=long), "studies", spec)
    assert reading.roles[2] == FieldRole("study", "outcomes")


def test_columns_that_list_factors_by_their_direction() -> None:
    lists = {"Barriers": "Cost; Time,Cost", "Facilitators": "Pay,Pay; Care"}
    both = guess(filled(id="1,2", title="A,B", **lists), "studies")
    assert (both.kind, both.directed()) == ("studies and findings", {2: "barrier", 3: "facilitator"})
    one = guess(filled(id="1,2", title="A,B", Barriers=lists["Barriers"]), "studies")
    assert (one.kind, one.directed()) == ("studies", {})
    alike = guess(filled(id="1,2", title="A,B", Barriers=lists["Barriers"], Obstacles="Cost; Time,Cost"), "studies")
    assert (alike.kind, alike.directed()) == ("studies", {})
    finding = guess(filled(study="1,2", Barriers=lists["Barriers"]), "findings")
    assert (finding.kind, finding.directed()) == ("findings", {1: "barrier"})
    spec = SheetSpec("f.csv", directions={"Barriers": "barrier"})
    declared = guess(filled(id="1,2", title="A,B", Barriers=lists["Barriers"]), "studies", spec)
    assert (declared.kind, declared.directed()) == ("studies and findings", {2: "barrier"})


@pytest.mark.parametrize(("length", "found"), [(400, True), (401, False)])
def test_very_long_texts_list_no_factors(length: int, found: bool) -> None:
    lists = {"Barriers": f"{'x' * length},{'y' * length}", "Facilitators": f"{'x' * length},{'y' * length}"}
    assert bool(guess(filled(id="1,2", title="A,B", **lists), "studies").directed()) == found


def test_marks_of_yes_and_no_list_no_factors() -> None:
    reading = guess(filled(id="1,2", title="A,B", Barriers="yes,no", Facilitators="no,yes"), "studies")
    assert (reading.directed(), reading.kind) == ({}, "studies")


def test_numbered_columns() -> None:
    outcomes = {"Outcome1": "Stay,Joy", "Outcome2": "Joy,"}
    ways = {"Outcome1.effect": "helps,", "Outcome2.effect": "helps,"}
    plain = guess(filled(id="1,2", title="A,B", **outcomes), "studies")
    assert plain.numbered() == {1: {"outcomes": 2}, 2: {"outcomes": 3}}
    assert plain.kind == "studies"
    directed = guess(filled(id="1,2", title="A,B", **outcomes, **ways), "studies")
    assert (directed.kind, directed.numbered()) == ("studies", {1: {"outcomes": 2}, 2: {"outcomes": 3}})
    assert [role.name for _, role in directed.facets("study")] == ["Outcome1.effect", "Outcome2.effect"]
    both = guess(filled(id="1,2", title="A,B", factor="Pay,Time", **outcomes, **ways), "studies")
    assert (both.kind, both.numbered()[1]) == ("studies and findings", {"outcomes": 3, "direction": 5})
    stated = guess(
        filled(id="1,2", title="A,B", factor="Pay,Time", **outcomes, **ways),
        "studies",
        SheetSpec("f.csv", kind="studies"),
    )
    assert (stated.kind, stated.numbered()[1]) == ("studies", {"outcomes": 3})


def test_marks_without_a_name_in_common_are_noted() -> None:
    own = {name: f"{name}," for name in ("pay", "time", "care")}
    reading = guess(filled(id="1,2", title="A,B", **own), "studies")
    assert reading.groups == (MarkGroup("pay to care", "study"),)
    assert reading.notes[0] == (
        "marked columns without a name in common: 'pay' to 'care'; say what they are, such as [[sheet.marks]] with "
        'of = "factor" (or "outcome", or the name of a facet) and columns = ["pay", "…", "care"]'
    )
    many = {f"n{at}" if at % 4 == 3 else f"c{at}": "5,6" if at % 4 == 3 else f"c{at}," for at in range(27)}
    note = guess(filled(id="1,2", title="A,B", **many), "studies").notes[0]
    listed = "; ".join(f"'c{at}' to 'c{at + 2}'" for at in range(0, 24, 4))
    assert note.startswith(f"marked columns without a name in common: {listed}; …; say")
    six = dict(list(many.items())[:23])
    note = guess(filled(id="1,2", title="A,B", **six), "studies").notes[0]
    assert note.startswith(f"marked columns without a name in common: {listed}; say")


def test_columns_that_a_declaration_names_for_rows_of_studies_and_findings() -> None:
    """One that only findings have makes the sheet one of both, and goes to the finding; so do the outcomes."""
    sheet = filled(id="1,2", title="A,B", what="Pay,Time", way="helps,hinders", on="Joy,Stay", land="Chile,Peru")
    named = {"factor": "what", "direction": "way", "outcomes": "on", "country": "land"}
    both = guess(sheet, "studies", SheetSpec("f.csv", columns=named))
    assert both.kind == "studies and findings"
    assert both.fields("finding") == {"factor": 2, "direction": 3, "outcomes": 4}
    assert both.fields("study") == {"key": 0, "title": 1, "country": 5}
    only = guess(sheet, "studies", SheetSpec("f.csv", columns={"outcomes": "on", "country": "land"}))
    assert (only.kind, only.fields("study")) == ("studies", {"key": 0, "title": 1, "outcomes": 4, "country": 5})


def test_what_a_group_of_marks_is() -> None:
    def group(name: str, cells: str = "x,", kind: str = "studies") -> tuple[str, str, str, str | None]:
        columns = {f"{name}: {letter}": cells for letter in "pqr"}
        head = (
            {"id": "1,2", "title": "A,B"}
            if kind == "studies"
            else {"study": "1,2", "factor": "a,b", "direction": "+,-"}
        )
        reading = guess(filled(**head, **columns), kind)
        (found,) = reading.groups
        return reading.kind, found.name, found.kind, found.direction

    assert group("state") == ("studies", "state", "study", None)
    assert group("outcome") == ("studies", "outcome", "outcome", None)
    assert group("factor") == ("studies and findings", "factor", "factor", None)
    assert group("barriers") == ("studies and findings", "factor", "factor", "barrier")
    assert group("state", "helps,hinders") == ("studies and findings", "factor", "factor", None)
    assert group("state", kind="findings") == ("findings", "state", "finding", None)
    assert group("outcome", kind="findings") == ("findings", "outcome (2)", "finding", None)
    assert group("direction") == ("studies", "direction (2)", "study", None)


def test_a_declared_facet_is_no_part_of_a_group() -> None:
    columns = {f"state: {letter}": "x," for letter in "pqrs"}
    sheet = filled(id="1,2", title="A,B", **columns)
    assert [
        len(guess(sheet, "studies").marks(0)),
        len(guess(sheet, "studies", None, {"state_s": "number"}).marks(0)),
    ] == [4, 3]


def test_what_differs_within_a_study_is_of_the_finding() -> None:
    sheet = filled(
        id="a,a,b", title="A,A,B", factor="Pay,Time,Pay", effect="helps,hinders,helps", country="X,X,Y",
        design="s,d,s", tool="u,v,u", same="1,1,2", **{"state: p": "x,,x", "state: q": ",x,", "state: r": "x,x,x"},
    )  # fmt: skip
    reading = guess(sheet, "studies and findings")
    assert [role.name for _, role in reading.facets("finding")] == ["design", "tool"]
    assert [role.name for _, role in reading.facets("study")] == ["same"]
    assert [(group.name, group.kind) for group in reading.groups] == [("state", "finding")]
    assert (
        "of the finding, because they differ within a study: design, tool, state: p, state: q, state: r"
        in reading.notes
    )
    stated = guess(sheet, "studies and findings", SheetSpec("f.csv", facets=("same",)))
    assert [role.name for _, role in stated.facets("finding")] == ["design", "tool", "same"]
    once = filled(id="a,b", title="A,B", factor="Pay,Time", effect="helps,hinders", tool="u,v")
    assert guess(once, "studies and findings").facets("finding") == []


def test_the_declared_key_of_a_sheet() -> None:
    sheet = filled(study_id="a,b", code="x,y", title="A,B", arm="1,2")
    alone = guess(sheet, "studies", SheetSpec("f.csv", key=("code",)))
    assert (alone.fields("study"), alone.key) == ({"key": 1, "title": 2}, ())
    both = guess(sheet, "studies", SheetSpec("f.csv", key=("study id", "arm")))
    assert (both.key, both.fields("study")) == ((0, 3), {"report": 0, "title": 2})
    title = guess(sheet, "studies", SheetSpec("f.csv", key=("title", "arm")))
    assert (title.key, title.fields("study")) == ((2, 3), {"key": 0, "title": 2})
    given = guess(
        filled(report="r,s", study_id="a,b", title="A,B", arm="1,2"),
        "studies",
        SheetSpec("f.csv", key=("study id", "arm")),
    )
    assert given.fields("study") == {"report": 0, "key": 1, "title": 2}


def test_a_number_that_is_not_of_the_study_is_a_facet() -> None:
    assert guess(filled(id="a,b", number="1,2"), "studies").fields("study") == {"key": 0, "label": 1}
    assert guess(filled(id="a,b", number="1,1"), "studies").fields("study") == {"key": 0}
    assert guess(filled(id="a,b", label="1,1"), "studies").fields("study") == {"key": 0, "label": 1}
