"""Bibliographic files of a folder, end to end: records in the graph, citations, counts of merges, differences."""

from __future__ import annotations

import gzip
import json
import shutil

import pytest

from kg.errors import BadInput
from kg.folder.review import Review
from tests.conftest import MakeReview, Run
from tests.paths import DATA

WORKS = DATA / "openalex" / "snowball.jsonl.gz"
#: Three of the works are studies of the sheet: by DOI in another spelling, with another year, and by OpenAlex id alone.
STUDIES = """key,doi,openalex,authors,year,title
oa-types,https://doi.org/10.1145/3383583.3398584,,"A B",2020,"Trends of Publications' Citations and Altmetrics Based on Open Access Types"
news,10.48550/ARXIV.2007.14454,,,2019,Another title altogether
state,,w2741809807,,2018,
"""
FINDINGS = (
    "study,factor,direction,outcomes\noa-types,Openness,facilitator,Citations\nstate,Openness,barrier,Citations\n"
)
LOG = "id,date,source,query,file\ns1,2025-11-17,OpenAlex,cites:W3046863325,records/snowball.jsonl.gz\n"
RIS = """TY  - JOUR
AU  - Nobody, N.
TI  - Trends of publications' citations and altmetrics
PY  - 2020
DO  - 10.1145/3383583.3398584
DB  - Scopus
ER  -

TY  - JOUR
TI  - Erratum to: something that was wrong
PY  - 2021
ER  -
"""


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    made = make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
            "records/searches.csv": LOG,
            "references/scopus.ris": RIS,
        }
    )
    shutil.copyfile(WORKS, made.root / "records" / WORKS.name)
    return made


def works() -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.open(WORKS, "rt", encoding="utf-8")]


def test_records_report_studies_and_candidates(review: Review) -> None:
    with review.graph() as graph:
        rows = list(graph.table("records").dicts())
    assert len(rows) == len(works()) + 2 == 47
    assert {r["id"]: (r["reports"], r["study_label"], r["reason"]) for r in rows if r["study_label"]} == {
        "openalex:W3046863325": ("doi:10.1145/3383583.3398584", "oa-types", "same DOI 10.1145/3383583.3398584"),
        "openalex:W3045921891": ("doi:10.48550/arxiv.2007.14454", "news", "same DOI 10.48550/arxiv.2007.14454"),
        "openalex:W2741809807": ("openalex:W2741809807", "state", "same OpenAlex id W2741809807"),
        "ref:" + rows[-2]["id"][4:]: ("doi:10.1145/3383583.3398584", "oa-types", "same DOI 10.1145/3383583.3398584"),
    }
    assert [r["reports"] for r in rows if r["title"] and r["title"].startswith("Erratum")] == [None]


def test_a_record_has_the_values_of_its_source(review: Review) -> None:
    raw = next(w for w in works() if str(w["id"]).endswith("W3046863325"))
    with review.graph() as graph:
        row = next(r for r in graph.table("records").dicts() if r["id"] == "openalex:W3046863325")
        people = graph.query(
            "MATCH (r:Record {review: $review, id: 'openalex:W3046863325'})-[a:AUTHORED_BY]->(p:Author) "
            "RETURN a.position AS position, p.name AS name, p.orcid AS orcid ORDER BY position"
        ).rows
    authorships = raw["authorships"]
    assert isinstance(authorships, list)
    assert [p[1] for p in people] == [a["author"]["display_name"] for a in authorships]
    assert [p[2] for p in people] == [(a["author"]["orcid"] or "").rpartition("/")[2] or None for a in authorships]
    assert (row["database"], row["year"], row["file"]) == ("OpenAlex", raw["publication_year"], f"records/{WORKS.name}")
    assert (row["publication_type"], row["cited_by"]) == (raw["type"], raw["cited_by_count"])
    assert row["references"] == len(raw["referenced_works"])  # type: ignore[arg-type]
    assert row["topics"] == sorted(t["display_name"] for t in raw["topics"])  # type: ignore[attr-defined]
    assert row["countries"] == sorted({i["country_code"] for a in authorships for i in a["institutions"]})
    assert (row["retracted"], row["seen"]) == (False, "2025-11-17")


def test_record_counts_add_up_to_studies_merged_and_left(review: Review) -> None:
    with review.graph() as graph:
        rows = {r["file"]: r for r in graph.table("sources").dicts() if r["records"] is not None}
    counts = {file: (r["records"], r["studies"], r["merged"], r["left"]) for file, r in rows.items()}
    assert counts == {"records/snowball.jsonl.gz": (45, 45, 0, 0), "references/scopus.ris": (2, 0, 1, 1)}


def test_citations_between_works(review: Review) -> None:
    cited = {str(w["id"])[21:]: [str(r)[21:] for r in w["referenced_works"]] for w in works()}  # type: ignore[attr-defined]
    included = {"W3046863325": "oa-types", "W3045921891": "news", "W2741809807": "state"}
    with review.graph() as graph:
        pairs = [(r["study_label"], r["cites_label"]) for r in graph.table("citations").dicts()]
        citing = {r["id"]: r["cites"] for r in graph.table("citing").dicts()}
        least_two = [r["cites"] for r in graph.table("citing", least=2).dicts()]
        known = {r["id"]: r["cited_by"] for r in graph.table("cited").dicts()}
    assert pairs == [(a, b) for s, a in included.items() for t, b in included.items() if t in cited[s]]
    assert ("oa-types", "state") in pairs
    numbers = {work: sum(i in refs for i in included) for work, refs in cited.items() if work not in included}
    assert sorted(citing.values()) == sorted(n for n in numbers.values() if n)
    assert least_two == sorted((n for n in numbers.values() if n >= 2), reverse=True)
    everything = {ref for study in included for ref in cited[study]} - set(included)
    assert len(known) == len(everything)
    assert sum(known.values()) == sum(ref not in included for study in included for ref in cited[study])


def test_a_coding_is_never_overwritten_and_the_difference_is_shown(review: Review, run: Run) -> None:
    with review.graph() as graph:
        coded = {r["label"]: (r["year"], r["title"]) for r in graph.table("characteristics").dicts()}
    assert coded["news"] == (2019, "Another title altogether")
    assert coded["state"] == (2018, None)
    found = json.loads(run("check", "--kind", "record-differs", "--format", "json", "-C", review.root).out)
    title = "Measuring prominence of scientific work in online news as a proxy for impact"
    assert [f["message"] for f in found] == [
        "study news: the year is coded as 2019, OpenAlex says 2020",
        f"study news: the title is coded as Another title altogether, OpenAlex says {title}",
    ]


def test_a_retraction_prefix_does_not_make_a_title_differ(make_review: MakeReview, run: Run) -> None:
    work = {"id": "https://openalex.org/W1", "doi": "10.5555/a", "title": "RETRACTED ARTICLE: What peers say of work"}
    made = make_review(
        {
            "sheets/studies.csv": "key,doi,title\na,10.5555/a,What peers say of work\n",
            "records/works.jsonl": json.dumps(work) + "\n",
        }
    )
    found = json.loads(run("check", "--format", "json", "-C", made.root).out)
    kinds = {f["kind"] for f in found}
    assert "study-not-standing" in kinds and "record-differs" not in kinds


def test_a_changed_finding_does_not_change_the_records(review: Review) -> None:
    """A new build after a change of the findings gives the same tables of records."""
    review.build()
    with review.graph() as graph:
        before = {name: graph.table(name).rows for name in ("records", "citations", "citing", "cited")}
    sheet = review.root / "sheets" / "findings.csv"
    sheet.write_text(FINDINGS.replace("barrier", "mixed"), encoding="utf-8")
    built = review.build()
    with review.graph() as graph:
        assert {name: graph.table(name).rows for name in before} == before
        assert {r["direction"] for r in graph.table("findings").dicts()} == {"facilitator", "mixed"}
    assert built.counts["Record"] == 47


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"id": "https://openalex.org/A1"}',
            "records/more.jsonl, row 2, column 'id': 'https://openalex.org/A1': is no work",
        ),
        ('{"id": ', "records/more.jsonl, row 2: '{\"id\":': is not valid JSON"),
    ],
)
def test_a_line_without_a_work_stops_the_build(review: Review, line: str, message: str) -> None:
    (review.root / "records" / "more.jsonl").write_text('{"id": "https://openalex.org/W1"}\n' + line + "\n", "utf-8")
    with pytest.raises(BadInput) as error:
        review.build()
    assert [str(problem)[: len(message)] for problem in error.value.problems] == [message]
    built = review.build(partial=True)
    assert built.left_out == 1 and built.counts["Record"] == 48


def test_a_decision_merges_or_separates_works(review: Review, run: Run) -> None:
    pair = "a,b,decision,note\n{},{},{},because\n"
    decisions = review.root / "records" / "duplicates.csv"
    decisions.write_text(pair.format("openalex:W4311043552", "state", "same"), encoding="utf-8")
    with review.graph() as graph:
        row = next(r for r in graph.table("records").dicts() if r["id"] == "openalex:W4311043552")
    assert (row["study_label"], row["reason"]) == ("state", "decided in records/duplicates.csv")
    merges = json.loads(run("check", "--merges", "--format", "json", "-C", review.root).out)
    assert [m["into"] for m in merges] == ["doi:10.1145/3383583.3398584", "openalex:W2741809807"]

    decisions.write_text(pair.format("openalex:W3046863325", "oa-types", "different"), encoding="utf-8")
    with review.graph() as graph:
        row = next(r for r in graph.table("records").dicts() if r["id"] == "openalex:W3046863325")
    assert (row["study_label"], row["reports"]) == (None, "openalex:W3046863325")

    decisions.write_text(pair.format("state", "news", "perhaps"), encoding="utf-8")
    assert run("build", "-C", review.root).err.splitlines()[0] == (
        "records/duplicates.csv, row 2, column 'decision': 'perhaps': is no decision; accepted: same, different, or blank"
    )


def test_a_decision_on_a_missing_work_is_a_note(review: Review, run: Run) -> None:
    (review.root / "records" / "duplicates.csv").write_text("a,b,decision\nopenalex:W999,news,same\n", encoding="utf-8")
    assert run("build", "-C", review.root).code == 0
    found = json.loads(run("check", "--kind", "decision-without-work", "--format", "json", "-C", review.root).out)
    assert [(f["severity"], f["message"]) for f in found] == [
        ("note", "openalex:W999 of a decision (same) is not there")
    ]


def test_a_contradicted_key_is_shown_until_a_person_decides(make_review: MakeReview, run: Run) -> None:
    entry = "TY  - JOUR\nAU  - {}\nTI  - {}\nPY  - 2017\nDO  - 10.1000/s\nDB  - Embase\nER  -\n\n"
    one = entry.format("Arnold, S.", "Patterns of glucose-lowering medication use in heart failure")
    other = entry.format("Heymans, S.", "Linagliptin prevents heart failure with preserved ejection")
    review = make_review({"references/a.ris": one + other})
    ids = [record.id for record in review.load().library.resolution.records]
    reason = "same DOI 10.1000/s, but title and first author differ"
    (row,) = json.loads(run("check", "--kind", "key-contradicted", "--format", "json", "-C", review.root).out)
    assert row["message"] == f"2 works are not merged: {reason}; kg check --duplicates lists them"
    assert [place["says"] for place in row["places"]] == ["doi:10.1000/s", ids[1]]
    (pair,) = json.loads(run("check", "--duplicates", "--format", "json", "-C", review.root).out)
    assert pair["evidence"] == (
        f"{reason}; titles differ; both 2017; first authors differ (Heymans, Arnold); no author in common; same DOI"
    )
    decisions = review.root / "records" / "duplicates.csv"
    decisions.parent.mkdir(exist_ok=True)
    for decision, works in (("different", 2), ("same", 1)):
        decisions.write_text(f"a,b,decision\n{ids[0]},{ids[1]},{decision}\n", encoding="utf-8")
        assert json.loads(run("check", "--kind", "key-contradicted", "--format", "json", "-C", review.root).out) == []
        assert json.loads(run("check", "--duplicates", "--format", "json", "-C", review.root).out)[1:] == []
        assert len(review.load().library.resolution.works) == works


def test_a_merge_that_a_person_undid_says_so(make_review: MakeReview, run: Run) -> None:
    entry = "TY  - JOUR\nAU  - Arnold, S.\nTI  - Patterns of medication use\nPY  - {}\nDO  - 10.1000/s\nER  -\n\n"
    review = make_review({"references/a.ris": entry.format(2017) + entry.format(2018)})
    (merge,) = json.loads(run("check", "--merges", "--format", "json", "-C", review.root).out)
    decisions = review.root / "records" / "duplicates.csv"
    decisions.parent.mkdir(exist_ok=True)
    decisions.write_text(f"a,b,decision\n{merge['record']},{merge['into']},different\n", encoding="utf-8")
    assert json.loads(run("check", "--merges", "--format", "json", "-C", review.root).out) == []
    (row,) = json.loads(run("check", "--kind", "key-not-followed", "--format", "json", "-C", review.root).out)
    first, second = (record.id for record in review.load().library.resolution.records)
    assert row["message"] == f"{second} and {first} stay two by decision (same DOI 10.1000/s in {second})"
