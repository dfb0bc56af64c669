"""The study flow of a folder: every record and every work is counted once, at the stage that it has reached."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from datetime import datetime, timezone

import pytest

from kg.errors import BadInput
from kg.folder.review import Review
from kg.model.records import Search
from kg.screening.decide import decide
from kg.screening.decisions import Decision, append_decision
from kg.screening.flow import ARMS, NO_REASON, Arm, flow_of, unbalanced, verdict
from kg.screening.methods import method_of
from kg.screening.prisma import _ROWS, prisma_csv
from kg.screening.report import report
from tests.conftest import MakeReview, Run
from tests.folder.test_library import FINDINGS, STUDIES, WORKS
from tests.replay import real_works

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
LOG = """id,date,source,query,filters,file
s1,2025-11-17,OpenAlex,,cites:W3046863325,records/citing.jsonl.gz
s2,2025-11-18,Scopus,openness,,references/scopus.ris
s3,2025-11-19,OpenAlex,W3046863325|doi:10.48550/arxiv.2007.14454,,records/named.jsonl.gz
"""
RIS = """TY  - JOUR
AU  - Nobody, N.
TI  - Trends of publications' citations and altmetrics
PY  - 2020
DO  - 10.1145/3383583.3398584
ER  -

TY  - JOUR
TI  - Erratum to: something that was wrong
PY  - 2021
ER  -
""" + "".join(
    f"\nTY  - JOUR\nTI  - Paper number {n} of a made-up kind\nPY  - 2020\nDO  - 10.5555/{n}\nER  -\n" for n in range(6)
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    """Three studies; 43 works by citation, 8 records of Scopus (one study, one notice, six), and a look-up of studies."""
    files = {
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": FINDINGS,
        "records/searches.csv": LOG,
        "references/scopus.ris": RIS,
    }
    made = make_review(files)  # fmt: skip
    shutil.copyfile(WORKS, made.root / "records" / "citing.jsonl.gz")
    shutil.copyfile(WORKS, made.root / "records" / "named.jsonl.gz")
    return made


def say(
    review: Review, work: str, decision: str, stage: str = "abstract", reason: str | None = None, by: str = "A"
) -> None:
    append_decision(review.root, Decision(work, stage, decision, by, "2026-11-30", reason))


def test_every_record_and_work_is_counted_once(review: Review) -> None:
    say(review, "doi:10.5555/0", "exclude")
    say(review, "doi:10.5555/1", "include")
    say(review, "doi:10.5555/1", "exclude", "full-text", "no outcome")
    say(review, "doi:10.5555/2", "include")
    say(review, "doi:10.5555/2", "exclude", "full-text", "Not retrieved")
    say(review, "doi:10.5555/3", "include")
    say(review, "doi:10.5555/3", "include", by="B")
    say(review, "doi:10.5555/4", "include")
    say(review, "doi:10.5555/4", "exclude", by="B")
    say(review, "doi:10.1145/3383583.3398584", "include")
    flow = flow_of(review)
    number = len(real_works())
    first, other = (flow.arms[name] for name in ARMS)
    assert first == Arm(
        Counter({("databases", "Scopus"): 8}), notices=1, works=7, known=0, awaiting=1, undecided=1,
        excluded=Counter({NO_REASON: 1}), awaiting_text=1, not_retrieved=1, not_eligible=Counter({"no outcome": 1}), included=1,
    )  # fmt: skip
    assert (first.duplicates, first.screened, first.sought, first.assessed) == (0, 6, 4, 2)
    assert other.identified == Counter({("citations", "OpenAlex"): number})
    assert (other.works, other.known, other.awaiting, other.duplicates) == (number - 1, 2, number - 3, 1)
    assert (flow.previous, flow.included, flow.problems) == (2, 1, [])


def test_a_folder_without_records_has_studies_only(make_review: MakeReview) -> None:
    flow = flow_of(make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}))
    assert (flow.previous, flow.included, flow.arms) == (3, 0, {name: Arm() for name in ARMS})


def test_what_is_fetched_by_identifier_counts_only_where_nothing_else_found_it(review: Review) -> None:
    (review.root / "records" / "citing.jsonl.gz").unlink()
    other = flow_of(review).arms["other methods"]
    number = len(real_works()) - 3  # the studies, two of which only the look-up has
    assert other.identified == Counter({("by identifier", "OpenAlex"): number}) and other.works == number


def test_a_study_that_was_fetched_by_identifier_and_decided_on_counts(review: Review) -> None:
    (review.root / "records" / "citing.jsonl.gz").unlink()
    say(review, "news", "include")
    flow = flow_of(review)
    other = flow.arms["other methods"]
    assert (other.included, flow.previous, flow.problems) == (1, 2, [])
    assert sum(other.identified.values()) == other.works == len(real_works()) - 2


def test_decisions_that_contradict_the_sheets_and_each_other(review: Review, run: Run) -> None:
    say(review, "doi:10.1145/3383583.3398584", "exclude", reason="no outcome")
    say(review, "doi:10.5555/1", "exclude")
    say(review, "doi:10.5555/1", "include", "full-text", by="B")
    problems = [
        "doi:10.1145/3383583.3398584 was excluded by A (no outcome), and is in the sheets",
        "doi:10.5555/1 was excluded by its abstract by A, and decided on at the full text",
    ]
    assert flow_of(review).problems == problems
    ran = run("flow", "-C", review.root)
    assert ran.code == 1
    assert ran.err.splitlines() == [f"does not add up: {problem}" for problem in problems]


def test_a_decision_on_a_study_that_no_file_found(make_review: MakeReview) -> None:
    review = make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})
    say(review, "news", "include")
    assert flow_of(review).problems == [
        "decided, but in no file of records or references: doi:10.48550/arxiv.2007.14454"
    ]


def test_a_decision_on_an_unknown_work(review: Review, run: Run) -> None:
    say(review, "doi:10.5555/9", "include")
    with pytest.raises(BadInput, match="the flow was not counted"):
        flow_of(review)
    ran = run("flow", "-C", review.root)
    assert ran.code == 1 and ran.err.splitlines()[0] == (
        "screening/decisions.csv, row 2, column 'work': 'doi:10.5555/9': is no work of the folder; did you mean "
        "doi:10.5555/5?; accepted: the id of a candidate or study; or put back the file of records that it came with"
    )


def test_an_arm_that_does_not_add_up() -> None:
    arm = Arm(Counter({("databases", "x"): 2}), works=3, awaiting=2)
    assert unbalanced("a", arm) == [
        "a: 3 works are not 2 placed ones",
        "a: more works and notices than the 2 records identified",
    ]


def test_people_who_differ_are_a_maybe() -> None:
    one, other = (Decision("w", "abstract", choice, by, "2026") for choice, by in (("include", "A"), ("exclude", "B")))
    assert verdict([one], "full-text") is None
    assert verdict([one], "abstract") is one
    found = verdict([one, other], "abstract")
    assert found and (found.decision, found.by, found.reason) == ("maybe", "A; B", "they differ")


@pytest.mark.parametrize(
    ("search", "method"),
    [
        (Search("s", "Scopus", query="peer"), "databases"),
        (Search("s", "Google Scholar", query="peer"), "databases"),
        (Search("s", "OpenAlex", filters="type:article,cites:W1"), "citations"),
        (Search("s", "OpenAlex", query="2 rounds of citations from W1|W2"), "citations"),
        (Search("s", "Scopus", query="backward citation searching"), "citations"),
        (Search("s", "OpenAlex", query="W1|doi:10.1000/x|pmid:3"), "by identifier"),
        (Search("s", "ClinicalTrials.gov", query="peer"), "registers"),
        (Search("s", "Peers for Progress (website)", query="hand search"), "websites"),
    ],
)  # fmt: skip
def test_the_method_of_a_search(search: Search, method: str) -> None:
    assert method_of(search) == method


# --- the table, the command and PRISMA.csv -------------------------------------------------------------------------


def numbers(text: str) -> dict[str, str]:
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["data"] for row in rows] == [data or "NA" for data, *_ in _ROWS]
    return {row["data"]: row["n"] for row in rows if row["n"] not in ("NA", "not reported, NA") and row["data"] != "NA"}


def test_the_flow_of_the_bundled_review(example: Review, run: Run) -> None:
    ran = run("flow", "-C", example.root, "--format", "csv")
    assert (ran.code, ran.out) == (0, (
        "flow,stage,n,how\n"
        "as published,identified,16361,printed in 2.4\n"
        "as published,after removal,4927,printed in 2.4\n"
        "as published,added from grey literature,2,printed in 2.4\n"
        "as published,included,20,printed in 2.4; 3.1\n"
        "as published,removed,11434,computed: identified - after removal\n"
        "as published,screened,4929,computed: after removal + added\n"
        "as published,excluded,4909,computed: screened - included\n"
    ))  # fmt: skip
    assert ran.err == "registration: https://doi.org/10.17605/OSF.IO/C9YNR\nprotocol: 10.1371/journal.pone.0311821\n"
    text = prisma_csv(report(example))
    assert numbers(text) == {
        "database_results": "16361", "excluded_other": "11434", "records_screened": "4927", "website_results": "2",
        "new_studies": "20", "identification": "0", "screening": "0", "included": "0",
    }  # fmt: skip
    assert "Records removed before screening (duplicates included)" in text


def test_the_flow_that_is_counted_as_a_table_and_for_prisma(review: Review, run: Run) -> None:
    say(review, "doi:10.5555/0", "exclude")
    say(review, "doi:10.5555/1", "include")
    say(review, "doi:10.5555/1", "exclude", "full-text", "=no 'outcome', or; two")
    say(review, "doi:10.1145/3383583.3398584", "include")
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('screeners = ["A", "B"]\ntools = ["kg"]\n')
    made = review.root / "PRISMA.csv"
    ran = run("flow", "-C", review.root, "--format", "csv", "--prisma", made)
    assert ran.code == 0 and ran.err == f"screeners: A; B\ntools: kg\nwrote {made}\n"
    number = len(real_works())
    assert ran.out == (
        "flow,stage,n,how\n"
        "databases and registers,identified,8,records of the files\n"
        'databases and registers,"identified: databases, Scopus",8,records of the files\n'
        "databases and registers,duplicates,0,records of the files\n"
        'databases and registers,"notices, which report no study",1,records of the files\n'
        "databases and registers,screened,3,decisions\n"
        "databases and registers,awaiting a decision,4,no decision\n"
        "databases and registers,excluded,1,decisions\n"
        "databases and registers,excluded: no reason given,1,decisions\n"
        "databases and registers,sought,2,decisions\n"
        "databases and registers,assessed,2,decisions\n"
        "databases and registers,not eligible,1,decisions\n"
        "databases and registers,\"not eligible: =no 'outcome', or; two\",1,decisions\n"
        "databases and registers,included,1,decisions\n"
        f"other methods,identified,{number},records of the files\n"
        f'other methods,"identified: citations, OpenAlex",{number},records of the files\n'
        "other methods,duplicates,1,records of the files\n"
        "other methods,in the review already,2,sheets\n"
        "other methods,screened,0,decisions\n"
        f"other methods,awaiting a decision,{number - 3},no decision\n"
        "other methods,excluded,0,decisions\n"
        "other methods,sought,0,decisions\n"
        "other methods,assessed,0,decisions\n"
        "other methods,not eligible,0,decisions\n"
        "other methods,included,0,decisions\n"
        "review,in the review without a decision here,2,sheets\n"
        "review,included by decision,1,decisions\n"
        "review,total,3,computed\n"
    )
    assert numbers(made.read_text(encoding="utf-8")) == {
        "previous_studies": "2", "database_results": "8", "database_specific_results": "Scopus, 8",
        "register_results": "0", "website_results": "0", "organisation_results": "0", "citations_results": str(number),
        "duplicates": "0", "excluded_automatic": "0", "excluded_other": "1", "records_screened": "3",
        "records_excluded": "1", "dbr_sought_reports": "2", "dbr_notretrieved_reports": "0", "dbr_assessed": "2",
        "dbr_excluded": "’=no ’outcome’ / or / two, 1", "other_sought_reports": "0", "other_notretrieved_reports": "0",
        "other_assessed": "0", "other_excluded": "0", "new_studies": "1", "total_studies": "3",
        "identification": "0", "screening": "0", "included": "0",
    }  # fmt: skip


def test_a_printed_flow_that_does_not_add_up(make_review: MakeReview, run: Run) -> None:
    flow = "stage,n,locator\nscreened,1716,p. 3\nexcluded,3,p. 4\nincluded,530,p. 5\n"
    review = make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS, "screening/flow.csv": flow})
    ran = run("flow", "-C", review.root)
    assert ran.code == 1 and ran.err == (
        "does not add up: as published: 1,716 screened is not 3 excluded + 530 included = 533; if a study has several "
        "reports, give the number of reports included as well\n"
    )


def test_a_decision_is_found_again_when_its_work_has_another_id(review: Review) -> None:
    made = decide(review, "10.5555/1", "exclude", by="A", now=NOON)
    assert made.work == "doi:10.5555/1"
    sheet = review.root / "sheets" / "studies.csv"
    sheet.write_text(STUDIES + "mine,10.5555/1,,,2020,Paper number 1 of a made-up kind\n", encoding="utf-8")
    assert flow_of(review).problems == ["doi:10.5555/1 was excluded by A (no reason given), and is in the sheets"]
