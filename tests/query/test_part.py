"""Classes of evidence: what tables count by default, what they count if asked, and what their titles say."""

from __future__ import annotations

import json

import pytest

from kg.errors import UnknownName, UsageProblem
from kg.folder.review import Review
from kg.query.part import Part, classes
from tests.conftest import MakeReview, Run

STUDIES = """key,label,evidence,design
a,1,,survey
b,2,empirical,survey
c,3,Systematic review,survey
d,4,grey,interviews
e,5,Gray literature,survey
"""
FINDINGS = """study,factor,direction,outcomes
a,Pay,barrier,Retention
b,Pay,barrier,Retention
c,Pay,facilitator,Retention
d,Team,facilitator,Joy
"""
LEFT_OUT = "(evidence = empirical or not coded: 2 of 5 studies; without 1 review, 2 grey, which --evidence all counts)"


@pytest.fixture
def mixed(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def studies(run: Run, review: Review, *arguments: str) -> list[tuple[str, str, int]]:
    ran = run("table", "evidence-counts", "--format", "json", "-C", review.root, *arguments)
    assert ran.code == 0, ran.err
    return [(row["factor"], row["direction"], row["studies"]) for row in json.loads(ran.out)]


def test_tables_count_the_empirical_studies(mixed: Review, run: Run) -> None:
    assert studies(run, mixed) == [("Pay", "facilitator", 0), ("Pay", "barrier", 2)]
    everything = [("Pay", "facilitator", 1), ("Pay", "barrier", 2), ("Team", "facilitator", 1), ("Team", "barrier", 0)]
    assert studies(run, mixed, "--evidence", "all") == everything
    assert studies(run, mixed, "--evidence", "review, Grey")[1:] == [("Pay", "barrier", 0), *everything[2:]]
    assert studies(run, mixed, "--where", "evidence=review") == [("Pay", "facilitator", 1), ("Pay", "barrier", 0)]


def test_the_title_says_what_is_left_out(mixed: Review) -> None:
    with Part().of(mixed.graph()) as part:
        assert part.table("evidence-counts").title == f"Evidence counts by factor, in studies {LEFT_OUT}"
        assert part.gaps().title.endswith(LEFT_OUT)
        assert part.counts("design").title.endswith(LEFT_OUT)
        assert part.table("other-evidence").rows == [(0,)]
        assert part.matrix().title.endswith(LEFT_OUT)
    with Part(("design=survey",), ("empirical",)).of(mixed.graph()) as part:
        assert part.only == "design = survey, evidence = empirical or not coded: 2 of 5 studies"


def test_whole_exports_stay_whole(mixed: Review, run: Run) -> None:
    out = mixed.root / "e.ttl"
    for given, number in (((), 5), (("--evidence", "empirical"), 2)):
        assert run("export", "rdf", "-o", out, "-C", mixed.root, *given).code == 0
        assert out.read_text(encoding="utf-8").count("        kg:Study,") == number


def test_a_folder_without_classes_is_not_filtered(make_review: MakeReview) -> None:
    review = make_review({"sheets/studies.csv": "key,title\na,A\n", "sheets/findings.csv": "study,factor,direction\n"})
    for part in (Part(), Part(evidence=("empirical",)), Part(evidence=("all",))):
        with review.graph() as graph:
            assert part.of(graph) is graph


def test_classes_in_an_option() -> None:
    assert classes("Grey, review,grey") == ("grey", "review")
    with pytest.raises(UnknownName, match=r"^no class of evidence is called 'gray'; did you mean grey\?$"):
        classes("gray")
    with pytest.raises(UsageProblem, match=r"^--evidence needs a class: empirical, review, grey, opinion, all$"):
        classes(" , ")


def test_an_unknown_class_in_a_sheet(make_review: MakeReview, run: Run) -> None:
    review = make_review(
        {
            "sheets/studies.csv": "key,evidence\na,gossip\n",
            "sheets/findings.csv": "study,factor,direction\n",
        }
    )
    ran = run("build", "-C", review.root)
    assert ran.code == 1
    assert ran.err.startswith(
        "sheets/studies.csv, row 2, column 'evidence': 'gossip': no value of evidence is called this; "
        "accepted: empirical; review; grey; opinion\n"
    )


def test_a_facet_of_another_meaning_keeps_its_values(make_review: MakeReview) -> None:
    """Columns evidence_cost and the like, or declared values, are no classes of evidence."""
    marks = make_review(
        {
            "review.toml": 'id = "r"\ntitle = "R"\n[[sheet]]\nfile = "sheets/studies.csv"\n[[sheet.marks]]\n'
            'of = "evidence"\nprefix = "evidence_"\n',
            "sheets/studies.csv": "key,title,evidence_cost,evidence_equity\na,A,yes,no\nb,B,yes,yes\n",
            "sheets/findings.csv": "study,factor,direction\n",
        },
        "marks",
    )
    declared = make_review(
        {
            "review.toml": 'id = "r"\ntitle = "R"\n[[facet]]\nname = "evidence"\nvalues = ["Strong", "Weak"]\n',
            "sheets/studies.csv": "key,title,evidence\na,A,strong\nb,B,weak\n",
            "sheets/findings.csv": "study,factor,direction\n",
        },
        "declared",
    )
    for review, counts in ((marks, [("cost", 2), ("equity", 1)]), (declared, [("Strong", 1), ("Weak", 1)])):
        with Part().of(review.graph()) as graph:
            assert graph.only == ""
            assert [row[:2] for row in graph.counts("evidence").rows][:2] == counts
