"""Counts, crosstabs, coverage, filters and maps of a small review, as commands print them."""

from __future__ import annotations

import csv
import io
import json

import pytest

from kg.errors import UnknownName, UsageProblem
from kg.folder.review import Review
from kg.query.words import in_words, spoken
from tests.conftest import MakeReview, Run

STUDIES = """key,label,report,year,design,sector,age group,note on it
a,1,r1,2014,survey,health; housing,young; old,x
b,2,r1,2016,survey,health,young,x
c,3,r2,2016,interviews,housing,,y
d,4,r3,2021,survey; interviews,health; housing,old,y
e,5,r3,2021,not reported,schools,young; old,z
f,6,,2022,,other,young,z
"""
FINDINGS = """study,factor,direction,outcomes,tone
a,Pay,barrier,Retention,warm
a,Team,facilitator,Joy,
b,Pay,barrier,Retention,cold
d,Team,facilitator,Retention; Joy,warm
"""
TOML = """id = "r"
title = "R"

[words]
factor = "Determinant"
outcome = "HIV outcome"
facilitator = "helps"

[[map]]
name = "services"
title = "Sectors by age group"
rows = "sector"
columns = "age group"
"""


@pytest.fixture
def carers(make_review: MakeReview) -> Review:
    return make_review({"review.toml": TOML, "sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def printed(run: Run, review: Review, *arguments: str) -> list[list[str]]:
    ran = run(*arguments, "--format", "csv", "-C", review.root)
    assert ran.code == 0, ran.err
    return list(csv.reader(io.StringIO(ran.out)))


def test_counts_by_study_report_and_finding(carers: Review, run: Run) -> None:
    assert printed(run, carers, "table", "counts", "design") == [
        ["design", "studies", "of", "percent", "study_labels"],
        ["survey", "3", "6", "50.0", "1, 2, 4"],
        ["interviews", "2", "6", "33.3", "3, 4"],
        ["not reported", "1", "6", "16.7", "5"],
        ["not extracted", "1", "6", "16.7", "6"],
        ["total", "6", "6", "100.0", ""],
    ]
    assert printed(run, carers, "table", "counts", "design", "--by", "report") == [
        ["design", "reports", "of", "percent"],
        ["survey", "2", "4", "50.0"],
        ["interviews", "2", "4", "50.0"],
        ["not extracted", "1", "4", "25.0"],
        ["total", "4", "4", "100.0"],
    ], "the report r3 has a study with designs, and one without"
    assert printed(run, carers, "table", "counts", "tone", "--by", "finding")[1:] == [
        ["warm", "2", "4", "50.0"],
        ["cold", "1", "4", "25.0"],
        ["not extracted", "1", "4", "25.0"],
        ["total", "4", "4", "100.0"],
    ]


def test_a_facet_is_found_by_its_label(carers: Review) -> None:
    with carers.graph() as graph:
        assert graph.counts("Age  Group").rows == graph.counts("age_group").rows
        assert graph.counts("determinant").columns[0] == "factor"
        with pytest.raises(UnknownName, match=r"no facet is called 'desing'; did you mean design\?$"):
            graph.counts("desing")
        with pytest.raises(UnknownName, match=r"no unit of counting is called 'studies'; did you mean study\?$"):
            graph.counts("design", "studies")


def test_free_text_is_not_counted(make_review: MakeReview) -> None:
    words = "".join(
        f"s{n},T,{'a long text of many words that nobody else has: number ' + str(n) * 3}\n" for n in range(30)
    )
    review = make_review(
        {"sheets/studies.csv": f"key,title,remarks\n{words}", "sheets/findings.csv": "study,factor,direction\n"}
    )
    with review.graph() as graph:
        with pytest.raises(UsageProblem, match=r'remarks is free text, which is not counted; .* name = "remarks"'):
            graph.counts("remarks")
        assert graph.coverage().rows == [("remarks", "study", "text", 30, 0, 0, 0, 30, 100.0)]


def test_a_grid_and_its_totals(carers: Review, run: Run) -> None:
    assert run("table", "crosstab", "design", "year", "-C", carers.root).out == (
        "Studies by design (rows) and year (columns), of all 6 studies; totals count each study once\n"
        "design         2014  2016  2021  2022  total\n"
        "─────────────  ────  ────  ────  ────  ─────\n"
        "survey            1     1     1     0      3\n"
        "interviews        0     1     1     0      2\n"
        "not reported      0     0     1     0      1\n"
        "not extracted     0     0     0     1      1\n"
        "total             1     2     2     1      6\n"
    )


def test_more_than_two_facets_make_rows(carers: Review, run: Run) -> None:
    assert printed(run, carers, "table", "crosstab", "factor", "outcome", "tone") == [
        ["factor", "outcome", "tone", "studies", "of", "percent", "study_labels"],
        ["Pay", "Retention", "warm", "1", "6", "16.7", "1"],
        ["Pay", "Retention", "cold", "1", "6", "16.7", "2"],
        ["Team", "Retention", "warm", "1", "6", "16.7", "4"],
        ["Team", "Joy", "warm", "1", "6", "16.7", "4"],
        ["Team", "Joy", "not extracted", "1", "6", "16.7", "1"],
        ["none", "none", "not extracted", "3", "6", "50.0", "3, 5, 6"],
    ]


def test_a_facet_twice_counts_pairs(carers: Review) -> None:
    with carers.graph() as graph:
        table = graph.crosstab(["sector", "sector"])
        assert table.columns[:3] == ("sector", "sector_2", "studies")
        assert table.rows == [("health", "housing", 2, 6, 33.3, [1, 4])]
        assert table.title.startswith(
            "Studies by pairs of different values that one study has: 1 combination, 0 of them"
        )


def test_coverage(carers: Review, run: Run) -> None:
    rows = {row[0]: row[1:] for row in printed(run, carers, "table", "coverage")}
    assert rows["facet"] == [
        "of",
        "kind",
        "coded",
        "not_reported",
        "not_applicable",
        "not_extracted",
        "total",
        "percent",
    ]
    assert rows["design"] == ["study", "categories", "4", "1", "0", "1", "6", "66.7"]
    assert rows["tone"] == ["finding", "category", "3", "0", "0", "1", "4", "75.0"]


@pytest.mark.parametrize(
    ("condition", "studies", "findings"),
    [
        ("design=survey", [1, 2, 4], 4),
        ("design=Survey , interviews", [1, 2, 3, 4], 4),
        ("design!=survey", [3, 5, 6], 0),
        ("design=not reported", [5], 0),
        ("design=not coded", [5, 6], 0),
        ("design!=not coded", [1, 2, 3, 4], 4),
        ("year>=2021", [4, 5, 6], 1),
        ("year<2016", [1], 2),
        ('"age group"=old', [1, 4, 5], 3),
        ("direction=barrier", [1, 2], 2),
        ("tone!=warm", [1, 2, 3, 5, 6], 2),
        ("outcome=Joy", [1, 4], 2),
        ("factor=none", [3, 5, 6], 0),
    ],
)
def test_filters(carers: Review, condition: str, studies: list[int], findings: int) -> None:
    with carers.graph() as graph, graph.where([condition]) as part:
        assert part.table("characteristics").column("label") == studies
        assert len(part.table("findings")) == findings
        assert part.table("review").only("studies", "findings").rows == [(len(studies), findings)]


def test_a_filtered_table_says_so(carers: Review, run: Run) -> None:
    ran = run("table", "counts", "sector", "--where", "year>=2016", "--where", "design=survey", "-C", carers.root)
    assert " ".join(ran.out.splitlines()[:2]).startswith(
        "Studies by sector; percentages are of all 2 studies (year >= 2016, design = survey: 2 of 6 studies)"
    )
    with carers.graph() as graph, graph.where(["year>=2016"]) as part, part.where(["direction=barrier"]) as less:
        assert less.only == "year >= 2016: 5 of 6 studies; direction = barrier: 1 of 5 studies, 1 of 2 findings"
        assert less.table("gap-map").only("factor", "outcome", "study_labels").rows == [("Pay", "Retention", [2])]


def test_filters_reach_gaps_why_and_exports(carers: Review, run: Run) -> None:
    kept = ("--where", "tone=cold", "-C", carers.root)
    assert [row["kind"] for row in json.loads(run("gaps", "--format", "json", *kept).out)] == [
        "one-study",
        "outcome-without-factor",  # Joy
    ]
    assert len(json.loads(run("why", "pay", "--format", "json", *kept).out)) == 1
    root = carers.root
    assert run("export", "csv", "-o", root / "out", *kept).code == 0
    assert (root / "out" / "findings.csv").read_text(encoding="utf-8").count("\n") == 2
    assert (
        (root / "out" / "map-services.csv").read_text(encoding="utf-8").splitlines()[1].startswith("health,young,1,0")
    )
    assert run("export", "rdf", "-o", root / "e.ttl", *kept).code == 0
    assert (root / "e.ttl").read_text(encoding="utf-8").count("kg:direction") > 0
    assert run("export", "html", "-o", root / "m.html", *kept).code == 0
    page = (root / "m.html").read_text(encoding="utf-8")
    assert '"only":"tone = cold: 1 of 6 studies, 1 of 4 findings"' in page
    assert run("export", "neo4j", root / "import", *kept).code == 0


def test_a_map_of_facets(carers: Review, run: Run) -> None:
    assert run("table", "matrix", "--map", "services", "-C", carers.root).out == (
        "Sectors by age group (n studies; · is a gap; (n) implied: not known to have examined the pair)\n"
        "sector   young  old    studies\n"
        "───────  ─────  ─────  ───────\n"
        "health   1 (1)  1 (1)        3\n"
        "housing  (1)    1 (1)        3\n"
        "schools  1      1            1\n"
        "other    1      ·            1\n"
    )
    assert printed(run, carers, "table", "gap-map", "--map", "services")[1:3] == [
        ["health", "young", "2", "1", "0", "1, 2", "1"],
        ["health", "old", "2", "1", "0", "1, 4", "1"],
    ]
    assert printed(run, carers, "table", "pairing") == [
        ["map", "rows", "columns", "placements", "paired", "implied", "tag_map", "percent"],
        ["factors and outcomes", "determinant", "HIV outcome", "5", "5", "0", "7", "71.4"],
        ["services", "sector", "age group", "10", "6", "4", "10", "60.0"],
    ]


def test_gaps_of_a_map(carers: Review) -> None:
    with carers.graph() as graph:
        found = [row[1:6] for row in graph.gaps(map="Services").rows]
        assert found == [
            ("one-study", "housing", "young", 1, "rests on a single study"),
            (
                "pairing-unknown",
                "housing",
                "young",
                1,
                "1 study has both, and nothing says that the two were examined together",
            ),
            ("one-study", "schools", "young", 1, "rests on a single study"),
            ("one-study", "schools", "old", 1, "rests on a single study"),
            ("one-study", "other", "young", 1, "rests on a single study"),
            ("no-study", "other", "old", 0, "no study ties the two, though 1 has the one and 3 the other"),
        ], "what is about 'other' comes last"
        assert len(graph.gaps("pairing-unknown", "services")) == 1
        with pytest.raises(UsageProblem, match="gaps of kind contested are of factors and outcomes"):
            graph.gaps("contested", "services")


def test_the_words_of_the_review_in_the_terminal(carers: Review, run: Run) -> None:
    lines = run("table", "evidence-counts", "-C", carers.root).out.splitlines()
    assert lines[0] == "Evidence counts by determinant, in studies"
    assert lines[1].split()[:3] == ["level", "determinant", "direction"]
    assert " helps " in lines[3]
    assert printed(run, carers, "table", "evidence-counts")[0][1] == "factor", "data keep their names"
    assert spoken({"factor": "Determinant", "outcome": "HIV outcome", "mixed": ""}) == {
        "factor": "determinant", "outcome": "HIV outcome",
    }  # fmt: skip
    assert in_words("of factors", {"factor": "x"}) == "of factors"


TAGS = "study,factor,direction,outcomes\n" + "".join(
    f"{study},{factor},unspecified,{outcome}\n"
    for study, factor, outcome in (
        ("a", "Pay", "Joy"),
        ("b", "Pay", "Joy"),
        ("c", "Other", "Joy"),
        ("c", "Other", "Calm"),
    )
)


def test_a_map_of_tags_is_not_a_map_of_directions(make_review: MakeReview, run: Run) -> None:
    review = make_review({"sheets/studies.csv": "key,title\na,\nb,\nc,\n", "sheets/findings.csv": TAGS})
    assert [row[1:4] for row in printed(run, review, "table", "evidence-counts")[1:]] == [
        ["Pay", "unspecified", "2"],
        ["Other", "unspecified", "1"],
    ]
    assert [row[1:5] for row in printed(run, review, "gaps")[1:]] == [
        ["no-study", "Pay", "Calm", "0"],
        ["one-study", "Other", "Joy", "1"],
        ["one-study", "Other", "Calm", "1"],
    ], "no gaps for the directions, and other is last, although it has as much attention"
    assert "? " not in run("table", "matrix", "-C", review.root).out
    assert run("table", "matrix", "-C", review.root).out.splitlines()[0] == "Gap map (n studies; · is a gap)"


def test_why_of_a_map(carers: Review, run: Run) -> None:
    assert printed(run, carers, "why", "housing", "old", "--map", "services") == [
        [
            *("sector", "age_group", "study", "study_label", "placement", "factor", "direction", "pole", "outcomes"),
            *("locator", "note", "title", "doi", "file", "row"),
        ],
        ["housing", "old", "a 2014", "1", "implied", "", "", "", "", "", "", "", "", "", ""],
        ["housing", "old", "d 2021", "4", "paired", "", "", "", "", "", "", "", "", "", ""],
    ]
    ran = run("why", "housing", "--map", "services", "-C", carers.root)
    assert ran.out == (
        "Sectors by age group: housing (2 studies, 3 placements, 2 implied)\n"
        "sector   age group  study   study label  placement\n"
        "───────  ─────────  ──────  ───────────  ─────────\n"
        "housing  young      a 2014            1  implied\n"
        "housing  old        a 2014            1  implied\n"
        "housing  old        d 2021            4  paired\n"
    )
    assert printed(run, carers, "why", "housing", "old", "--map", "services", "--where", "year>2020")[1:] == [
        ["housing", "old", "d 2021", "4", "paired", "", "", "", "", "", "", "", "", "", ""]
    ]
    ran = run("why", "ou", "young", "--map", "services", "-C", carers.root)
    assert (ran.code, ran.out) == (0, run("why", "housing", "young", "--map", "services", "-C", carers.root).out)


def test_why_of_a_map_with_findings_and_segments(make_review: MakeReview, run: Run) -> None:
    toml = TOML + '[[map]]\nname = "tones"\nrows = "sector"\ncolumns = "outcome"\nsegments = "tone"\n'
    review = make_review({"review.toml": toml, "sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})
    rows = printed(run, review, "why", "health", "retention", "--map", "Tones")
    assert [row[:7] + row[-2:] for row in rows] == [
        ["sector", "outcome", "tone", "study", "study_label", "placement", "factor", "file", "row"],
        ["health", "Retention", "warm", "a 2014", "1", "implied", "Pay", "sheets/findings.csv", "2"],
        ["health", "Retention", "cold", "b 2016", "2", "paired", "Pay", "sheets/findings.csv", "4"],
        ["health", "Retention", "warm", "d 2021", "4", "implied", "Team", "sheets/findings.csv", "5"],
    ], "of a study in two sectors, nobody knows in which of them it looked at retention"
    with review.graph() as graph:
        cells = {(row[0], row[1], row[2]): row for row in graph.gap_map("tones").rows}
        assert cells["health", "Retention", "warm"][3:6] == (2, 2, 2)
    ran = run("why", "pay", "retention", "--map", "factors and outcomes", "-C", review.root)
    assert ran.out == run("why", "pay", "retention", "-C", review.root).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("health", "--map", "servces"), "no map is called 'servces'; did you mean services?"),
        (("helth", "--map", "services"), "no value of sector is called 'helth'; did you mean health?"),
        (
            ("h", "--map", "services"),
            "'h' could be any of several sector values:\n  health (health)\n  housing (housing)\n  schools (schools)\n"
            "  other (other)\n",
        ),
    ],
)
def test_why_of_a_map_with_unknown_names(carers: Review, run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run("why", *arguments, "-C", carers.root)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("[map]\nname = 'x'", "key 'map': has the wrong type; accepted: [[map]], in double brackets"),
        ("[[map]]\nname = 'x'\nrows = 'a'", "key '[[map]] columns': is missing"),
        ("[[map]]\nname = 'x'\nrow = 'a'", "key '[[map]] row': is not a known key; did you mean rows?"),
        ("[[map]]\nname = 'x'\nrows = 1\ncolumns = 'b'", "key '[[map]] rows': '1': has the wrong type"),
        (2 * "[[map]]\nname = 'x'\nrows = 'a'\ncolumns = 'b'\n", "key '[[map]] name': 'x': is the name of two maps"),
    ],
)
def test_slips_in_the_declaration_of_a_map(make_review: MakeReview, run: Run, declared: str, said: str) -> None:
    review = make_review({"review.toml": f'id = "r"\ntitle = "R"\n{declared}\n'})
    ran = run("build", "-C", review.root)
    assert ran.code == 1
    assert said in ran.err


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (
            "rows = 'secter'\ncolumns = 'age group'",
            "review.toml, key '[[map]] rows of services': 'secter': no facet is called this; did you mean 'sector'?; "
            "accepted: factor, outcome, direction, pole, approach, certainty, year, design, sector, age_group, note_on_it, "
            "tone\n",
        ),
        (
            "rows = 'sector'\ncolumns = 'age'\n[[facet]]\nname = 'age'",
            "key '[[map]] columns of services': 'age': no sheet has a column of this facet; accepted: factor, outcome",
        ),
        (
            "rows = 'sector'\ncolumns = 'Determinant'\nsegments = 'note on it'\n"
            "[[facet]]\nname = 'note on it'\nkind = 'text'",
            "key '[[map]] segments of services': 'note on it': is free text, which is not counted; accepted: another "
            'facet, or kind = "category" under [[facet]] with name = "note_on_it"\n',
        ),
        (
            "rows = 'tone'\ncolumns = 'tune'\n[[facet]]\nname = 'sector'\nlabel = 'Tune'\n"
            "[[facet]]\nname = 'design'\nlabel = 'tune'",
            "'tune': could be any of several facets; accepted: tune (design), Tune (sector)\n",
        ),
    ],
)
def test_a_map_of_facets_that_are_not_there(make_review: MakeReview, run: Run, declared: str, said: str) -> None:
    toml = TOML.partition("rows =")[0] + declared
    review = make_review({"review.toml": toml, "sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})
    ran = run("build", "-C", review.root)
    assert ran.code == 1
    assert said in ran.err
    assert not (review.root / ".kg").exists()
    (row,) = json.loads(run("check", "--format", "json", "-C", review.root).out)
    assert (row["severity"], row["places"][0]["place"]) == ("error", "review.toml")


def test_a_map_is_checked_once_every_sheet_is_read(make_review: MakeReview, run: Run) -> None:
    toml = TOML.replace("sector", "secter")
    review = make_review({"review.toml": toml, "sheets/studies.csv": STUDIES, "sheets/findings.csv": "x,y\n1,2\n"})
    ran = run("build", "-C", review.root)
    assert "cannot tell what the sheet holds" in ran.err
    assert "secter" not in ran.err
