"""Records without a common key are merged where enough agrees and nothing speaks against it, under a bound."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from kg.linkage.fields import fields_of
from kg.linkage.match import CALIBRATION, against, expected_errors, least_score, levels, score
from kg.linkage.resolve import resolve
from kg.model.literature import Author, Merge, Pair, Record
from kg.model.records import Study
from tests.conftest import MakeReview, Run

TITLE = "Blood schizonticidal activity and safety of tafenoquine in healthy volunteers"
FIRST = Record(
    "ref:a", "Embase", title=TITLE, authors=(Author("McCarthy, J. S."), Author("Smith, B.")), year=2019,
    venue="Clinical Infectious Diseases", volume="69", issue="3", pages="480-486",
)  # fmt: skip
SECOND = replace(
    FIRST, id="ref:b", database="PubMed", title=f"{TITLE}.", authors=(Author("McCarthy JS"), Author("Smith B")),
    venue="Clin Infect Dis", pages="480-6",
)  # fmt: skip
REASON = "same title, authors, year, container, volume, issue, first page (score 4.5)"


def test_records_that_agree_are_merged_with_the_reason_and_the_score() -> None:
    found = resolve((), [FIRST, SECOND], false_merges=0.001)
    assert found.merges == (Merge("ref:b", "ref:a", REASON),)
    assert [round(one, 2) for one in found.scores] == [4.49]
    assert round(expected_errors(found.scores), 6) == 3.2e-05
    assert resolve((), [SECOND, FIRST], false_merges=0.001) == found
    assert resolve((), [FIRST, SECOND]).merges == ()


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("title", replace(SECOND, title="Malaria in travellers who return from the tropics")),
        ("title", replace(SECOND, title=f"{TITLE} 2", pages=None)),
        ("authors", replace(SECOND, authors=(Author("Nobody, N."),), pages=None)),
        ("year", replace(SECOND, year=2015)),
        ("DOI", replace(SECOND, doi="10.1000/b", pages=None)),
        ("first page", replace(SECOND, pages="12-14", issue="4")),
        ("issue", replace(SECOND, title="Editor's comments on malaria in 2019", pages=None, issue="4")),
        ("container", replace(SECOND, venue="Nature", pages=None)),
        ("volume", replace(SECOND, volume="12", pages=None)),
    ],
)
def test_what_speaks_against_a_merge(field: str, other: Record) -> None:
    first = replace(FIRST, doi="10.1000/a")
    if field == "issue":
        first = replace(first, title=other.title)
    agreed = levels(fields_of(first), fields_of(other))
    assert (against(agreed) if agreed else "title") == field
    assert resolve((), [first, other], false_merges=1.0).merges == ()


@pytest.mark.parametrize(
    "added",
    [
        ".[Erratum appears in Clin Infect Dis. 2019;69(9):2205]",
        ".[Erratum appears in Clin Infect Dis. 2019;69(9):2205 Note: Doe, Ann [added]]",
        ".[Erratum appears in Clin Infect Dis. 2019 Note: Doe, Ann [added]].[Erratum",  # cut off by the database
        " [Review] [33 refs]",
    ],
)
def test_what_a_database_adds_to_a_title_is_no_part_of_it(added: str) -> None:
    found = resolve((), [FIRST, replace(SECOND, title=TITLE + added)], false_merges=0.001)
    assert [merge.reason for merge in found.merges] == [REASON]


def test_a_title_alone_is_no_agreement() -> None:
    bare = [replace(record, authors=(), year=None, venue=None, volume=None, pages=None, issue=None, title="Malaria")
            for record in (FIRST, SECOND)]  # fmt: skip
    agreed = levels(fields_of(bare[0]), fields_of(bare[1]))
    assert agreed is not None
    assert score(agreed) < CALIBRATION[0][0]
    assert resolve((), bare, false_merges=1.0).merges == ()


def test_a_lower_bound_merges_less() -> None:
    assert [least_score(bound) for bound in (0.0, 0.00001, 0.0001, 0.0002, 0.001, 1.0)] == [
        None, None, 3.5, 1.5, 0.0, 0.0,
    ]  # fmt: skip
    few = replace(SECOND, venue=None, volume=None, issue=None, pages=None)
    assert len(resolve((), [FIRST, few], false_merges=0.001).merges) == 1
    assert len(resolve((), [FIRST, few], false_merges=0.00006).merges) == 0


def test_a_person_and_the_sheets_come_before_agreement() -> None:
    decided = resolve((), [FIRST, SECOND], [Pair("ref:a", "ref:b", "", "different")], 0.001)
    assert decided.merges == ()
    assert [(refused.kind, refused.reason) for refused in decided.refused] == [("decided", REASON)]
    studies = [Study("doi:10.1000/a", "a", doi="10.1000/a"), Study("key:b", "b")]
    same = [Pair("key:b", "ref:b", "", "same")]
    found = resolve(studies, [replace(FIRST, doi="10.1000/a"), SECOND], same, 0.001)
    assert found.work_of == {"ref:a": "doi:10.1000/a", "ref:b": "key:b"}
    assert [conflict.reason for conflict in found.conflicts] == [REASON]


def test_a_record_without_doi_does_not_join_works_with_two() -> None:
    one, other = replace(FIRST, doi="10.1000/a", pages=None), replace(SECOND, id="ref:c", doi="10.1000/c", pages=None)
    found = resolve((), [one, replace(SECOND, pages=None), other], false_merges=0.001)
    assert sorted(len(work.records) for work in found.works) == [1, 2]


def test_kg_check_prints_the_merges_and_the_estimate(make_review: MakeReview, run: Run) -> None:
    entry = "TY  - JOUR\n{}TI  - {}\nPY  - 2019\nJF  - {}\nVL  - 69\nIS  - 3\nSP  - 480\nDB  - {}\nER  -\n\n"
    authors = "AU  - McCarthy, J. S.\nAU  - Smith, B.\n"
    text = "".join(entry.format(authors, TITLE, "Clin Infect Dis", database) for database in ("Embase", "PubMed"))
    review = make_review({"references/a.ris": text})
    ran = run("check", "--merges", "--format", "json", "-C", review.root)
    (merge,) = json.loads(ran.out)
    assert merge["reason"] == REASON
    said = "1 merge by agreement without a common key, of which 0.00 are estimated to be false (bound: {} of them)\n"
    assert ran.err == said.format("0.001")
    none = run("check", "--merges", "--false-merges", "0", "--format", "json", "-C", review.root)
    assert (json.loads(none.out), none.err) == ([], said.replace("1 merge", "0 merges").format("0"))
    (pair,) = json.loads(run("check", "--duplicates", "--false-merges", "0", "--format", "json", "-C", review.root).out)
    assert pair["decision"] is None
    config = review.root / "review.toml"
    config.write_text("false_merges = 0\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    assert json.loads(run("check", "--merges", "--format", "json", "-C", review.root).out) == []
    config.write_text(config.read_text(encoding="utf-8").replace("= 0\n", "= 2\n"), encoding="utf-8")
    assert "a share from 0 (only keys merge) to 1, e.g. 0.001" in run("build", "-C", review.root).err
    ran = run("check", "--false-merges", "0.1", "-C", review.root)
    assert (ran.code, ran.err.startswith("Error: --false-merges goes with --merges or --duplicates")) == (2, True)
