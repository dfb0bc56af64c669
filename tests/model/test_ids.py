"""Identifiers: spellings of a DOI, stable ids of findings, slugs in any script."""

from __future__ import annotations

import pytest

from kg.folder.review import Review
from kg.model.ids import expand_numbers, finding_id, normalise_doi, slug, study_id
from tests.conftest import MakeReview

DOI_SPELLINGS = (
    "10.1037/prj0000222",
    "10.1037/PRJ0000222",
    "https://doi.org/10.1037/prj0000222",
    "http://dx.doi.org/10.1037/prj0000222",
    "doi.org/10.1037/prj0000222",
    "doi:10.1037/prj0000222",
    "DOI: 10.1037/PRJ0000222.",
    "DOI 10.1037/prj0000222",
    "info:doi/10.1037/prj0000222",
    "<https://www.doi.org/10.1037%2Fprj0000222>",
)


@pytest.mark.parametrize("text", DOI_SPELLINGS)
def test_a_doi_has_one_spelling(text: str) -> None:
    assert normalise_doi(text) == "10.1037/prj0000222"


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1016/s0140-6736(02)07001-0", "10.1016/s0140-6736(02)07001-0"),
        ("https://doi.org/10.1016/S0140-6736%2802%2907001-0", "10.1016/s0140-6736(02)07001-0"),
        (
            "10.1002/(SICI)1097-0258(19980815)17:15%3C1661::AID-SIM968%3E3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
    ],
)
def test_a_doi_may_contain_brackets_and_escapes(text: str, doi: str) -> None:
    assert normalise_doi(text) == doi


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.1037",
        "10.1037/",
        "10.1037/...",
        "prj0000222",
        "11.1037/prj0000222",
        "10.1037/prj 0000222",
        "https://example.org/10.1037/prj0000222",
        "PMID: 28368179",
    ],
)
def test_other_text_is_not_a_doi(text: str) -> None:
    assert normalise_doi(text) is None


def test_the_id_of_a_study_is_its_best_identifier() -> None:
    assert study_id("10.1/a", "W1", "a") == "doi:10.1/a"
    assert study_id(None, "W1", "a") == "openalex:W1"
    assert study_id(None, None, "a") == "key:a"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Return to uncontrolled use", "return-to-uncontrolled-use"),
        ("  Engaging in self‑care  ", "engaging-in-self-care"),
        ("Größe, Übung & Ærø", "grosse-ubung-aero"),
        ("Łódź", "lodz"),
        ("ﬁdelity²", "fidelity2"),
    ],
)
def test_a_slug_consists_of_ascii_words(text: str, made: str) -> None:
    assert slug(text) == made


def test_different_texts_in_other_scripts_have_different_slugs() -> None:
    """Used to be "1" for both: the letters were dropped and two factors became one."""
    made = [slug("Стресс 1"), slug("Оплата 1"), slug("压力"), slug("薪酬"), slug("!"), slug("?")]
    assert len(set(made)) == 6
    assert made[0] == slug("стресс 1") == "1-f96c6b93fd"
    assert all(name.isascii() and " " not in name for name in made)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,3–11", [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("1, 3—5; 9", [1, 3, 4, 5, 9]),
        (" 7 ", [7]),
        ("5-3", None),
        ("1-5000", None),
        ("1,,2", None),
        ("3a", None),
        ("", None),
        ("04-Mar", None),
    ],
)
def test_printed_numbers_are_expanded(text: str, numbers: list[int] | None) -> None:
    assert expand_numbers(text) == numbers


def test_the_id_of_a_finding_does_not_change_between_versions() -> None:
    """A released finding is cited by this id: another value breaks every reference to it."""
    found = finding_id("doi:10.1037/prj0000222", "role-autonomy", "barrier", ["job-satisfaction", "burnout"], "3.2.1")
    assert found == "e3cde715593e87d0398d"
    assert found == finding_id(
        "doi:10.1037/prj0000222", "role-autonomy", "barrier", ("burnout", "job-satisfaction"), "3.2.1"
    )


@pytest.mark.parametrize(
    "other",
    [
        ("doi:10.1/b", "f", "barrier", ["o", "p"], "1"),
        ("doi:10.1/a", "g", "barrier", ["o", "p"], "1"),
        ("doi:10.1/a", "f", "mixed", ["o", "p"], "1"),
        ("doi:10.1/a", "f", "barrier", ["o"], "1"),
        ("doi:10.1/a", "f", "barrier", ["o", "p"], "2"),
        ("doi:10.1/a", "f", "barrier", [], "1"),
    ],
)
def test_another_claim_has_another_id(other: tuple[str, str, str, list[str], str]) -> None:
    assert finding_id(*other) != finding_id("doi:10.1/a", "f", "barrier", ["o", "p"], "1")


STUDIES = "key,doi,title\na,10.1234/a,A\nb,,B\n"


def ids(review: Review) -> set[str]:
    return {finding.id for finding in review.load().evidence.findings}


def test_a_finding_keeps_its_id_when_it_is_reworded_recoded_or_moved(make_review: MakeReview) -> None:
    head = "study,factor,direction,outcomes,locator,note,coder\n"
    first = make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": head + "a,Pay,barrier,Burnout;Retention,p. 3,low pay,JB\nb,Pay,barrier,,p. 4,,JB\n",
        },
        "one",
    )
    other = make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/x.csv": head
            + "b,Pay,barrier,,p. 4,pay was low,MH\n\ndoi:10.1234/A,Pay,hinders,Retention; Burnout,p. 3,,MH\n",
        },
        "two",
    )
    assert len(ids(first)) == 2
    assert ids(first) == ids(other)


def test_every_spelling_of_a_doi_is_one_study(make_review: MakeReview) -> None:
    rows = "".join(f'"{text}",Pay,barrier,p. {n}\n' for n, text in enumerate(DOI_SPELLINGS))
    review = make_review(
        {
            "sheets/studies.csv": "key,doi,title\nkelly,10.1037/prj0000222,K\n",
            "sheets/findings.csv": "study,factor,direction,locator\n" + rows,
        }
    )
    evidence = review.load().evidence
    assert len(evidence.findings) == len(DOI_SPELLINGS)
    assert {finding.study for finding in evidence.findings} == {"doi:10.1037/prj0000222"}
