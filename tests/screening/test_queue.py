"""The queue of a folder: who is in it, why, and where abstracts, citations and decisions come in."""

from __future__ import annotations

import json
import shutil

import pytest

from kg.folder.review import Review
from kg.query.maps import find_map
from kg.screening.decisions import Decision, append_decision
from kg.screening.queue import map_of, queue
from kg.screening.ranking import Cell
from tests.conftest import MakeReview, Run
from tests.folder.test_library import STUDIES, WORKS
from tests.replay import real_works

FINDINGS = """study,factor,direction,outcomes
oa-types,Open access,facilitator,Citations
state,Open access,facilitator,Citations
news,Preprint,facilitator,Citations
news,Open access,barrier,News
"""
FACTORS = "id,label,synonyms,definition\nopen-access,Open access,OA,\npreprint,Preprint,,\nother,Other,,\n"
RIS = "TY  - JOUR\nTI  - Preprints in the news\nPY  - 2024\nDO  - 10.5555/1\nER  -\n"
IN_RIS = "doi:10.5555/1"


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    files = {
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": FINDINGS,
        "vocabulary/factors.csv": FACTORS,
        "references/scopus.ris": RIS,
    }
    made = make_review(files)  # fmt: skip
    (made.root / "records").mkdir()
    shutil.copyfile(WORKS, made.root / "records" / WORKS.name)
    return made


def say(review: Review, work: str, decision: str, stage: str = "abstract", by: str = "A") -> None:
    append_decision(review.root, Decision(work, stage, decision, by, "2026-11-30", "no outcome"))


def test_every_candidate_is_there_once_with_its_reason(review: Review) -> None:
    table = queue(review)
    assert len(table) == len(real_works()) - 3 + 1 and table.column("rank") == list(range(1, len(table) + 1))
    assert {"awaiting a decision"} == set(table.column("state"))
    reasons = dict(zip(table.column("work"), table.column("reason"), strict=True))
    cells = dict(zip(table.column("work"), table.column("cells"), strict=True))
    assert reasons[IN_RIS].startswith("could fill a cell without a study: it names Preprint (title) and News (title)")
    assert cells[IN_RIS] == ["Preprint × News"]
    contested = [
        reason
        for reason in reasons.values()
        if reason.startswith("could contest a cell of 2 studies that all say facilitator")
    ]
    second = [reason for reason in reasons.values() if reason.startswith("could be the second study of a cell")]
    assert contested and second
    assert any("(abstract)" in reason for reason in reasons.values())
    assert any("citation from or to included studies" in reason for reason in reasons.values())


def test_a_decision_takes_a_work_out_of_the_queue(review: Review) -> None:
    first, second, third = queue(review).column("work")[:3]
    say(review, first, "exclude")
    say(review, second, "include")
    say(review, third, "maybe")
    table = queue(review)
    states = dict(zip(table.column("work"), table.column("state"), strict=True))
    assert first not in states and second not in states and states[third] == "maybe (A)"
    assert queue(review, "full-text").column("work") == [second]
    say(review, second, "exclude", "full-text")
    assert len(queue(review, "full-text")) == 0
    say(review, third, "include", by="B")
    assert dict(zip(queue(review).column("work"), queue(review).column("state"), strict=True))[third] == "maybe (A; B)"


def test_the_queue_on_the_command_line(review: Review, run: Run) -> None:
    ran = run("queue", "--most", "2", "--format", "json", "-C", review.root)
    assert ran.code == 0
    rows = json.loads(ran.out)
    assert [row["rank"] for row in rows] == [1, 2]
    assert ran.out == run("queue", "--most", "2", "--format", "json", "-C", review.root).out


def test_a_retracted_candidate_is_called_so(review: Review) -> None:
    works = [
        {**work, "is_retracted": work["doi"] == "https://doi.org/10.1609/icwsm.v12i1.14999"} for work in real_works()
    ]
    (review.root / "records" / WORKS.name).unlink()
    (review.root / "records" / "works.jsonl").write_text("".join(json.dumps(work) + "\n" for work in works), "utf-8")
    rows = queue(review).dicts()
    assert [row["work"] for row in rows if row["reason"].endswith("; it is retracted")] == [
        "doi:10.1609/icwsm.v12i1.14999"
    ]


def test_citations_are_counted_both_ways(review: Review) -> None:
    """Each included study counts once, whether it cites the candidate or is cited by it."""
    studies = {"W3046863325", "W3045921891", "W2741809807"}
    cited = {work["id"][21:]: {other[21:] for other in work["referenced_works"]} for work in real_works()}
    wanted = {}
    for work in real_works():
        name = work["id"][21:]
        linked = (cited[name] & studies) | {study for study in studies if name in cited[study]}
        if name not in studies and linked:
            wanted[name] = len(linked)
    assert any(name in cited[study] for name in wanted for study in studies)
    table = queue(review)
    said = dict(zip(table.column("work"), table.column("reason"), strict=True))
    by_id = {
        work["id"][21:]: f"doi:{work['doi'][16:]}" if work["doi"] else f"openalex:{work['id'][21:]}"
        for work in real_works()
    }
    for name, number in wanted.items():
        assert f"{number} citation{'s' if number > 1 else ''} from or to included studies" in said[by_id[name]]
    assert sum("from or to included studies" in reason for reason in said.values()) == len(wanted)


def test_the_map_has_the_terms_that_studies_have_and_the_direction_that_all_share(review: Review) -> None:
    more = "state,Other,facilitator,Citations\nnews,Preprint,barrier,News\noa-types,Preprint,facilitator,News\n"
    (review.root / "sheets" / "findings.csv").write_text(FINDINGS + more, encoding="utf-8")
    with (review.root / "vocabulary" / "factors.csv").open("a", encoding="utf-8") as file:
        file.write("embargo,Embargo,,\n")
    with review.graph() as graph:
        of = map_of(graph)
    assert [term.label for term in of.factors] == ["Open access", "Preprint"], "not Other, and not what no study has"
    assert of.factors[0].names == (("open", "access"), ("oa",))
    assert of.cells["Open access", "Citations"] == Cell(2, "facilitator")
    assert of.cells["Preprint", "News"] == Cell(2, None)
    assert of.cells["Open access", "News"] == Cell(1, "barrier")


def test_a_folder_without_candidates(example: Review) -> None:
    assert len(queue(example)) == 0


def test_a_declared_map_ranks_by_its_own_cells(make_review: MakeReview, run: Run) -> None:
    """A review of tags: topics by outcomes, without findings."""
    review = make_review(
        {
            "review.toml": 'id = "r"\ntitle = "R"\n[[map]]\nname = "Topics"\nrows = "design"\ncolumns = "setting"\n'
            '[[facet]]\nname = "design"\nkind = "category"\n',
            "sheets/studies.csv": "key,title,design,setting\na,A,survey,hospital\nb,B,survey,hospital\nc,C,trial,school\n",
            "sheets/findings.csv": "study,factor,direction\n",
            "references/one.ris": "TY  - JOUR\nTI  - A survey in a school\nDO  - 10.5555/1\nER  -\n"
            "TY  - JOUR\nTI  - A trial in a school\nDO  - 10.5555/2\nER  -\n"
            "TY  - JOUR\nTI  - On survey weights in hospital data\nDO  - 10.5555/3\nER  -\n",
        }
    )
    with review.graph() as graph:
        found = map_of(graph, find_map(graph.maps, "topics"))
    assert [term.label for term in (*found.factors, *found.outcomes)] == ["survey", "trial", "hospital", "school"]
    assert found.cells == {("survey", "hospital"): Cell(2), ("trial", "school"): Cell(1)}
    rows = {row["work"]: (row["reason"].partition(":")[0], row["cells"]) for row in queue(review, map="Topics").dicts()}
    assert rows == {
        "doi:10.5555/1": ("could fill a cell without a study", ["survey × school"]),
        "doi:10.5555/2": ("could be the second study of a cell", ["trial × school"]),
        "doi:10.5555/3": ("could add to a cell of 2 studies", ["survey × hospital"]),
    }
    assert run("queue", "--map", "none", "-C", review.root).err.startswith("Error: no map is called 'none'")


def test_a_declared_map_with_directions_is_contested(make_review: MakeReview) -> None:
    review = make_review(
        {
            "review.toml": 'id = "r"\ntitle = "R"\n[[map]]\nname = "Designs"\nrows = "design"\ncolumns = "outcome"\n',
            "sheets/studies.csv": "key,title,design\na,A,survey\nb,B,survey\nc,C,trial\n",
            "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Joy\nb,Pay,barrier,Joy\n"
            "a,Pay,barrier,Rest\nb,Pay,facilitator,Rest\n",
        }
    )
    with review.graph() as graph:
        cells = map_of(graph, find_map(graph.maps, "Designs")).cells
    assert cells == {("survey", "Joy"): Cell(2, "barrier"), ("survey", "Rest"): Cell(2)}
