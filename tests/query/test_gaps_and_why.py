"""Gaps have a kind, a reason and a rank; every cell can be traced to its rows."""

from __future__ import annotations

import json

import pytest

from kg.errors import StoreError, UnknownName
from kg.folder.review import Review
from kg.model.records import Evidence, Finding, ReviewInfo, Study
from kg.query.gaps import GAP_KINDS
from kg.query.graph import Graph, open_graph
from tests.conftest import MakeReview, Run
from tests.tallies import FACTORS, OUTCOMES, graph_of

VOCABULARY = {
    "vocabulary/factors.csv": "id,label,broader\norg,Organisation,\npay,Pay,org\nteam,Team,org\nstigma,Stigma,org\nroster,Roster,org\nidle,Idle,org\n",
    "vocabulary/outcomes.csv": "id,label\nstay,Retention\njoy,Joy\nlost,Lost outcome\n",
    "sheets/studies.csv": (
        "key,label,title,design,setting,outcomes\na,1,A,survey,prison,stay;joy\nb,2,B,survey,prison,stay;lost\nc,3,C,,clinic,stay\nd,4,D,,,\n"
    ),
    "sheets/findings.csv": (
        "study,factor,direction,outcomes,pole,certainty\n"
        "a,pay,barrier,stay,,\nb,pay,barrier,stay,,\n"  # one direction, one design, one setting
        "a,team,facilitator,stay,,\nc,team,barrier,stay,presence,\n"  # contested
        "d,team,facilitator,joy,,\n"  # one study
        "b,stigma,barrier,,,\nc,stigma,barrier,,,\n"  # no outcome
        "a,roster,facilitator,stay,presence,\nc,roster,barrier,stay,absence,\n"  # two-sided
        "c,roster,facilitator,joy,,joint\nd,roster,mixed,joy,,inferred\n"  # indirect
    ),
    "published/gaps.csv": "id,kind,statement,factors,outcomes,locator\ng1,design,No trial,pay,stay,p. 9\n",
}


@pytest.fixture
def small(make_review: MakeReview) -> Review:
    return make_review(VOCABULARY)


def test_every_kind_of_gap(small: Review) -> None:
    with small.graph() as graph:
        found = [
            (r["kind"], r["factor"], r["outcome"], r["studies"], r["reason"], r["attention"])
            for r in graph.gaps().dicts()
        ]
    assert found == [
        ("contested", "Team", "Retention", 2, "1 facilitator, 1 barrier", 6),
        ("two-sided", "Roster", "Retention", 2, "its presence helps (1), its absence harms (1)", 6),
        ("one-direction", "Pay", "Retention", 2, "all 2 studies report it as barrier, none as facilitator", 5),
        ("one-design", "Pay", "Retention", 2, "studied in one design only (survey); not given for 0 of 2", 5),
        ("one-setting", "Pay", "Retention", 2, "studied in one setting only (prison); not given for 0 of 2", 5),
        ("one-study", "Team", "Joy", 1, "rests on a single study", 4),
        ("indirect", "Roster", "Joy", 2, "all 2 studies are cited jointly, or the tie is inferred", 4),
        ("no-study", "Pay", "Joy", 0, "no study ties the two, though 2 report the factor and 1 discuss the outcome", 3),
        ("factor-without-outcome", "Stigma", None, 2, "reported by 2, but no outcome is tied to it", 2),
        ("outcome-without-factor", None, "Lost outcome", 1, "discussed by 1, but no factor is tied to it", 1),
        ("stated", "Pay", "Retention", 0, "No trial (p. 9)", None),
    ]
    assert {row[0] for row in found} == set(GAP_KINDS) - {"pairing-unknown"}, "no sheet of these implies a pair"


@pytest.mark.parametrize(("condition", "found"), [("setting=prison", [("Pay", [1, 2])]), ("setting=clinic", [])])
def test_a_part_of_a_graph_has_the_designs_of_its_studies(
    small: Review, condition: str, found: list[tuple[str, list[int]]]
) -> None:
    with small.graph() as graph, graph.where([condition]) as part:
        for kind in ("one-design", "one-setting"):
            assert [(row["factor"], row["study_labels"]) for row in part.gaps(kind).dicts()] == found


def test_gaps_read_no_more_than_the_summary(small: Review) -> None:
    small.build()
    (whole,) = small.root.glob(".kg/graph/build-*/graph.kgl")
    whole.write_bytes(b"")
    with open_graph(small.store_url) as graph:
        assert len(graph.gaps()) == 11
        with pytest.raises(StoreError):
            graph.table("findings")


@pytest.mark.parametrize("kind", sorted(set(GAP_KINDS) - {"pairing-unknown"}))
def test_kind_filters(small: Review, kind: str, run: Run) -> None:
    found = json.loads(run("gaps", "--kind", kind, "--format", "json", "-C", small.root).out)
    assert len(found) == 1
    assert found[0]["kind"] == kind
    assert found[0]["rank"] == 1
    assert {"kind", "factor", "outcome", "studies", "reason", "attention", "study_labels"} <= set(found[0])


def test_an_unknown_kind(small: Review, run: Run) -> None:
    ran = run("gaps", "--kind", "contestd", "-C", small.root)
    assert ran.code == 2
    assert ran.err.startswith("Error: no kind of gap is called 'contestd'; did you mean contested")


def test_a_finding_closes_a_gap(small: Review, run: Run) -> None:
    path = small.root / "sheets" / "findings.csv"
    path.write_text(path.read_text() + "c,pay,no_effect,joy,,\n", encoding="utf-8")
    kinds = [
        (r["kind"], r["factor"], r["outcome"])
        for r in json.loads(run("gaps", "--format", "json", "-C", small.root).out)
    ]
    assert ("no-study", "Pay", "Joy") not in kinds
    assert ("one-study", "Pay", "Joy") in kinds, "no effect is a finding, not an absence"


def test_the_title_states_the_ranking_and_rows_follow_it(graph: Graph) -> None:
    table = graph.gaps()
    assert "ranked by attention" in table.title
    attention = [a for a in table.column("attention") if a is not None]
    assert attention == sorted(attention, reverse=True)
    assert table.column("rank") == list(range(1, len(table) + 1))
    assert sum(k == "stated" for k in table.column("kind")) == 13


def test_the_bundled_review_has_its_known_gaps(graph: Graph) -> None:
    found = {(r["kind"], r["factor"], r["outcome"]) for r in graph.gaps().dicts()}
    assert ("outcome-without-factor", None, "Recovery benefits") not in found, "the prose ties factors to it"
    assert not any(kind == "contested" for kind, _, _ in found)
    assert {(factor, outcome) for kind, factor, outcome in found if kind == "two-sided"} == {
        ("Supervisory support and characteristics", "Burnout"),
        ("Role autonomy", "Job satisfaction"),
        ("Engaging in self-care maintenance", "Burnout"),
        ("Recovery-oriented culture", "Return to uncontrolled use"),
    }
    for factor in (
        "Stigmatizing environments",
        "External support networks",
        "Recovery-specific support",
        "Spirituality and religious Community",
    ):
        assert ("factor-without-outcome", factor, None) in found


@pytest.mark.parametrize(
    ("findings", "kind", "reason"),
    [
        (["facilitator,absence", "barrier,absence"], "contested", "by its absence: 1 facilitator, 1 barrier"),
        (["facilitator,", "barrier,presence"], "contested", "1 facilitator, 1 barrier"),
        (["barrier,", "facilitator,absence"], "two-sided", "its presence harms (1), its absence helps (1)"),
        (["barrier,absence", "facilitator,presence"], "two-sided", "its presence helps (1), its absence harms (1)"),
        (["barrier,absence", "barrier,absence"], "one-direction",
         "all 2 studies report its absence as barrier, none as facilitator"),
        (["facilitator,presence", "facilitator,absence"], None, None),
        (["mixed,presence", "barrier,absence"], None, None),
    ],
)  # fmt: skip
def test_what_two_findings_of_a_pair_say_together(
    findings: list[str], kind: str | None, reason: str | None, make_review: MakeReview
) -> None:
    rows = [f"{study},team,{finding},stay\n" for study, finding in zip("ab", findings, strict=True)]
    review = make_review(
        {**VOCABULARY, "sheets/findings.csv": "study,factor,direction,pole,outcomes\n" + "".join(rows)}
    )
    kinds = ("contested", "two-sided", "one-direction")
    with review.graph() as graph:
        found = [(row["kind"], row["reason"]) for row in graph.gaps().dicts() if row["kind"] in kinds]
    assert found == ([(kind, reason)] if kind else [])


def test_a_pair_that_is_contested_from_one_pole_is_not_two_sided(make_review: MakeReview) -> None:
    findings = (
        "study,factor,direction,pole,outcomes\na,team,facilitator,,stay\nb,team,barrier,,stay\n"
        "c,team,barrier,absence,stay\nc,team,facilitator,absence,stay\n"
    )
    with make_review({**VOCABULARY, "sheets/findings.csv": findings}).graph() as graph:
        assert graph.gaps("two-sided").rows == []
        assert graph.gaps("contested").column("reason") == [
            "1 facilitator, 1 barrier", "by its absence: 1 facilitator, 1 barrier, in one study",
        ]  # fmt: skip
        assert graph.table("contested").rows == [
            ("Team", "Retention", "presence", 1, 1, [1], [2]),
            ("Team", "Retention", "absence", 1, 1, [3], [3]),
        ]
        cell = next(row for row in graph.matrix().dicts() if row["factor"] == "Team")["Retention"]
        assert cell == "1+ 1∅+ 1− 1∅−"


def test_why_lists_every_finding_of_the_cell(example: Review, run: Run) -> None:
    rows = json.loads(run("why", "role-autonomy", "job-satisfaction", "--format", "json", "-C", example.root).out)
    assert [(r["study"], r["study_label"], r["direction"], r["file"]) for r in rows] == [
        ("Cronise 2016", 8, "facilitator", "sheets/findings.csv"),
        ("Cronise 2016", 8, "barrier", "sheets/findings.csv"),
    ]
    lines = (example.root / "sheets" / "findings.csv").read_text(encoding="utf-8").splitlines()
    for row in rows:
        assert lines[row["row"] - 1].startswith(f"cronise-2016,role-autonomy,{row['direction']}")
        assert row["note"] in lines[row["row"] - 1]
        assert row["locator"] == "3.3.4; Table 2"


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [
        ("role-autonomy", "job-satisfaction"),
        ("Role autonomy", "Job satisfaction"),
        ("AUTONOM", "satisf"),
        ("role  autonomy", "job satisfaction"),
    ],
)
def test_terms_are_found_by_id_label_or_part(graph: Graph, factor: str, outcome: str) -> None:
    assert len(graph.why(factor, outcome)) == 2


def test_a_whole_label_takes_precedence_over_a_part(graph: Graph) -> None:
    assert graph.concept("outcome", "retention")["id"] == "retention"
    assert graph.concept("outcome", "turnover")["label"] == "Retention and turnover"


def test_an_ambiguous_part_lists_the_choices(example: Review, run: Run) -> None:
    ran = run("why", "support", "-C", example.root)
    assert ran.code == 2
    assert ran.err.startswith(
        "Error: 'support' could be any of several factors:\n  Supervisory support and characteristics (supervisory-support)\n"
    )


def test_an_unknown_term(graph: Graph) -> None:
    with pytest.raises(UnknownName, match="no factor is called 'role autonmy'; did you mean Role autonomy"):
        graph.why("role autonmy")


def test_pairs_that_sheets_only_imply() -> None:
    """A cell is unknown where every placement in it is implied; one stated placement makes it known."""
    evidence = Evidence(
        ReviewInfo("r", "R"),
        (Study("key:a", "a"), Study("key:b", "b")),
        (
            *(
                Finding(f"{factor}-{outcome}", "key:a", factor, "unspecified", (outcome,), implied=True)
                for factor in ("pay", "team")
                for outcome in ("stay", "joy")
            ),
            Finding("x", "key:b", "pay", "unspecified", ("stay",)),
        ),
        FACTORS,
        OUTCOMES,
    )
    with graph_of(evidence) as graph:
        found = graph.gaps("pairing-unknown")
        assert found.only("factor", "outcome", "studies", "attention", "study_labels").rows == [
            ("Pay", "Joy", 1, 3, ["a"]),
            ("Team", "Retention", 1, 3, ["a"]),
            ("Team", "Joy", 1, 2, ["a"]),
        ]
        assert found.column("reason")[0] == "1 study has both, and nothing says that the two were examined together"
        assert graph.matrix().rows == [("Pay", "1 (1)", "(1)", 2), ("Team", "(1)", "(1)", 1)]
        assert graph.matrix().title == (
            "Gap map (n studies; · is a gap; (n) implied: not known to have examined the pair)"
        )
        assert graph.pairing("factors and outcomes").rows == [
            ("factors and outcomes", "factor", "outcome", 5, 1, 4, 5, 20.0)
        ]
