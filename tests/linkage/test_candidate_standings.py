"""Candidates have a standing as well: by their records, and by files of notices that know more than OpenAlex."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kg.fetch.digest import digest
from kg.folder.review import Review
from kg.linkage.retractions import Notice, NoticeFile, candidate_standings
from kg.model.literature import Record, Standing, Work
from kg.model.packed import Records
from tests.conftest import MakeReview, Run
from tests.loaders.test_notices import watch

STUDIES = "key,doi,year,title\na,10.5555/a,2020,A first study of walks\n"
FINDINGS = "study,factor,direction,outcomes\na,Walks,facilitator,Sleep\n"
WORKS = [
    ("W1", "10.5555/a", "A first study of walks", True),
    ("W2", "10.5555/b", "A second study of walks", False),
    ("W3", "10.5555/c", "A third study of walks", True),
    ("W4", "10.5555/d", "A fourth study of walks", None),
    ("W5", "10.5555/e", "A fifth study of walks", False),
]


def work(id_: str, doi: str | None, title: str, retracted: bool | None) -> str:
    link = f"https://doi.org/{doi}" if doi else None
    return json.dumps({"id": f"https://openalex.org/{id_}", "doi": link, "title": title, "is_retracted": retracted})


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({
        "sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS,
        "records/works.jsonl": "".join(f"{work(*one)}\n" for one in WORKS),
        "records/searches.csv": f"id,date,source,file\ns1,{date.today()},OpenAlex,records/works.jsonl\n",
        "standing/retraction_watch_2026-11-01.csv": watch(
            ("1/31/2024 0:00", "10.5555/B", "0", "Retraction", "+Made up;"),
            ("2/1/2024 0:00", "10.5555/d", "0", "Expression of concern", ""),
            ("2/1/2024 0:00", "10.5555/e", "0", "Correction", ""),
            ("2/1/2024 0:00", "", "0", "Retraction", ""),
        ),
    })  # fmt: skip


def test_kg_check_names_the_candidates_and_the_sources(review: Review, run: Run) -> None:
    found = json.loads(run("check", "--kind", "candidate-not-standing", "--format", "json", "-C", review.root).out)
    assert [(f["severity"], f["message"], [(p["place"], p["says"]) for p in f["places"]]) for f in found] == [
        ("note", "candidate doi:10.5555/b is retracted", [("Retraction Watch", "retracted, on 2024-01-31, Made up")]),
        ("note", "candidate doi:10.5555/c is retracted", [("OpenAlex", "retracted, the record says so")]),
        ("note", "candidate doi:10.5555/d is of concern", [("Retraction Watch", "concern, on 2024-02-01")]),
    ]
    (study,) = json.loads(run("check", "--kind", "study-not-standing", "--format", "json", "-C", review.root).out)
    assert study["message"] == "study a is retracted", "a study is no candidate"


def test_the_queue_and_the_digest_say_so(review: Review, run: Run) -> None:
    rows = json.loads(run("queue", "--format", "json", "-C", review.root).out)
    assert {row["work"]: row["reason"].rpartition("; ")[2] for row in rows if "; it is " in row["reason"]} == {
        "doi:10.5555/b": "it is retracted", "doi:10.5555/c": "it is retracted", "doi:10.5555/d": "it is of concern",
    }  # fmt: skip
    assert digest(review, date.today()).retracted == ("doi:10.5555/b", "doi:10.5555/c")


def test_a_candidate_is_looked_up_by_all_of_its_records() -> None:
    records = Records(
        [
            Record("ref:a", "Embase", title="Walks", doi="10.5555/a"),
            Record("ref:b", "PubMed", title="Walks", pmid="7", is_retracted=True),
            Record("ref:c", "PubMed", title="Sleep", pmid="8"),
        ]
    )
    works = [Work("doi:10.5555/a", ("ref:a", "ref:b")), Work("ref:c", ("ref:c",))]
    file = NoticeFile("Retraction Watch", (Notice("retraction", None, "7", "2024-01-31"),), "2026-11-01")
    assert candidate_standings(works, records, [file]) == (
        Standing("doi:10.5555/a", "PubMed", "retracted", reason="the record says so"),
        Standing("doi:10.5555/a", "Retraction Watch", "retracted", "2024-01-31", "2026-11-01"),
    )
    assert candidate_standings(works[1:], records, [file]) == ()
    again = Notice("reinstatement", None, "7", "2024-03-01")
    ended = NoticeFile("Retraction Watch", (*file.notices, again), "2026-11-01")
    assert [s.source for s in candidate_standings(works, records, [ended])] == ["PubMed"]


def test_kg_check_repeats_what_could_not_be_read_when_a_file_was_added(review: Review, run: Run) -> None:
    references = review.root / "references"
    references.mkdir()
    (references / "a.bib").write_text(
        "@article{a,\n  author = {Doe, J.},\n  journal = {Naps},\n  year = {2020},\n}\n", encoding="utf-8"
    )
    found = json.loads(run("check", "--kind", "input", "--format", "json", "-C", review.root).out)
    assert [(f["severity"], f["message"]) for f in found] == [
        ("note", "references/a.bib, row 1, column 'title': is not there; what the entry is from stands for it"),
        ("note", "standing/retraction_watch_2026-11-01.csv: 1 of 4 rows name no work, because they have neither a DOI nor a "
         "PMID of one"),
    ]  # fmt: skip
