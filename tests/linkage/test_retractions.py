"""The standing of studies: from records, Retraction Watch and Crossref to every table and the map."""

from __future__ import annotations

import json

import pytest

from kg.export.page.data import page_data
from kg.folder.review import Review
from kg.linkage.retractions import Notice, NoticeFile, standings
from kg.model.literature import Record, Standing
from kg.model.records import Study
from kg.table import Table
from tests.conftest import MakeReview, Run
from tests.loaders.test_notices import watch
from tests.stores import Engine


def study(name: str = "a", **more: object) -> Study:
    return Study(f"doi:10.5555/{name}", name, doi=f"10.5555/{name}", **more)  # type: ignore[arg-type]


def record(**more: object) -> Record:
    return Record("openalex:W1", "OpenAlex", "W1", **more)  # type: ignore[arg-type]


def said(*records: Record, files: tuple[NoticeFile, ...] = (), of: Study | None = None) -> list[tuple[str, str]]:
    one = of or study()
    return [(s.source, s.status) for s in standings([one], {one.id: records} if records else {}, files)]


# --- what sources say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record(is_retracted=True)], "retracted"),
        ([record(is_retracted=False)], "current"),
        ([record(is_retracted=None)], "not checked"),
        ([record(is_retracted=False, title="RETRACTED: A study of peers")], "retracted"),
        ([record(is_retracted=False, title="[Retracted] A study of peers")], "retracted"),
        ([record(is_retracted=False, title="WITHDRAWN: A study of peers")], "retracted"),
        ([record(is_retracted=False, title="Expression of Concern: A study of peers")], "concern"),
        ([record(is_retracted=None, title="RETRACTED ARTICLE: A study of peers")], "retracted"),
        ([record(is_retracted=None, title="Retracted Article A study of peers")], "retracted"),
        ([record(is_retracted=None, title="Withdrawn \u2013 A study of peers")], "retracted"),
        (
            [record(is_retracted=None, title="A study of peers (Retracted article. See vol. 12, pg 3, 2024)")],
            "retracted",
        ),
        ([record(is_retracted=None, title="A study of peers [Retracted]")], "retracted"),
        ([record(is_retracted=False, title="Retracted and reinstated: what authors remember")], "current"),
        ([record(is_retracted=False, title="Withdrawn-looking children: a study")], "current"),
        ([record(is_retracted=False, title="Who reads retracted articles (a survey)")], "current"),
        ([record(is_retracted=False), record(is_retracted=True)], "retracted"),
    ],
)
def test_the_standing_by_openalex(records: list[Record], expected: str) -> None:
    assert said(*records) == [("OpenAlex", expected)]


def test_a_study_without_a_record_is_not_checked_where_others_have_one() -> None:
    found = standings([study("a"), study("b")], {"doi:10.5555/a": [record(is_retracted=False)]}, [])
    assert [(s.study, s.status) for s in found] == [("doi:10.5555/a", "current"), ("doi:10.5555/b", "not checked")]
    assert standings([study("a")], {}, []) == ()


def test_a_preprint_that_was_extracted_is_superseded_by_its_article() -> None:
    preprint = record(doi="10.5555/a", type="preprint", is_retracted=False)
    article = Record(
        "openalex:W2", "OpenAlex", "W2", "10.5555/art", type="article", is_retracted=False, date="2024-05-06"
    )
    assert said(preprint, article) == [("OpenAlex", "superseded")]
    (standing,) = standings([study()], {study().id: [preprint, article]}, [])
    assert (standing.date, standing.notice) == ("2024-05-06", "10.5555/art")
    extracted = study("art")
    assert said(preprint, article, of=extracted) == [("OpenAlex", "current")], "the article was extracted"
    assert said(preprint) == [("OpenAlex", "current")]
    for other in ("dataset", "peer-review", "preprint", None):
        beside = Record("openalex:W2", "OpenAlex", "W2", "10.5555/art", type=other, is_retracted=False)
        assert said(preprint, beside) == [("OpenAlex", "current")], other


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        ("10.48550/arxiv.0000.00000", "superseded"),
        ("10.1101/0000.00.00.000000", "superseded"),
        ("10.31234/osf.io/xxxxx", "superseded"),
        ("10.1101/gr.000000", "current"),
        ("10.5281/zenodo.0", "current"),
    ],
)
def test_a_preprint_that_is_one_work_with_its_article(doi: str, expected: str) -> None:
    """OpenAlex gives such a work the DOI of the article; the preprint's is that of a location, like a copy's."""
    of = Study(f"doi:{doi}", "a", doi=doi)
    work = record(
        doi="10.5555/art", type="article", is_retracted=False, locations=("doi:10.5555/art", "doi:" + doi.upper())
    )
    assert said(work, of=of) == [("OpenAlex", expected)]
    assert said(work, of=study("art")) == [("OpenAlex", "current")], "the article was extracted"


WATCH = NoticeFile("Retraction Watch", (), "2026-11-01")


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ((), "current"),
        ((Notice("retraction", "10.5555/a"),), "retracted"),
        ((Notice("retraction", None, "77"),), "retracted"),
        ((Notice("correction", "10.5555/a", date="2023-01-01"), Notice("retraction", "10.5555/a", date="2022-01-01")), "retracted"),
        ((Notice("expression of concern", "10.5555/a"), Notice("erratum", "10.5555/a")), "concern"),
        ((Notice("retraction", "10.5555/a", date="2022-01-01"), Notice("reinstatement", "10.5555/a", date="2023-01-01")), "current"),
        ((Notice("retraction", "10.5555/a", date="2024-01-01"), Notice("reinstatement", "10.5555/a", date="2023-01-01")), "retracted"),
        ((Notice("retraction", "10.5555/b"),), "current"),
    ],
)  # fmt: skip
def test_the_standing_by_a_file_of_notices(notices: tuple[Notice, ...], expected: str) -> None:
    file = NoticeFile("Retraction Watch", notices, "2026-11-01")
    found = said(record(pmid="77", is_retracted=False), files=(file,))
    assert found == [("OpenAlex", "current"), ("Retraction Watch", expected)], "sources stand side by side"


def test_a_study_without_identifiers_is_not_checked() -> None:
    assert said(files=(WATCH,), of=Study("key:a", "a")) == [("Retraction Watch", "not checked")]


def test_an_answer_of_crossref_covers_only_its_works() -> None:
    file = NoticeFile("Crossref", (), "2026-11-01", complete=False, listed=frozenset({"10.5555/a"}))
    found = standings([study("a"), study("b")], {}, [file])
    assert [(s.status, s.seen) for s in found] == [("current", "2026-11-01"), ("not checked", None)]


def test_files_of_one_source_count_as_one() -> None:
    old = NoticeFile("Retraction Watch", (Notice("retraction", "10.5555/a", date="2024-01-01"),), "2025-01-01")
    assert standings([study()], {}, [old, WATCH]) == (
        Standing(study().id, "Retraction Watch", "retracted", "2024-01-01", "2026-11-01"),
    ), "a notice that is gone from the newer file is not taken back by that"
    back = NoticeFile("Retraction Watch", (Notice("reinstatement", "10.5555/a", date="2026-02-03"),), "2026-11-01")
    expected = (Standing(study().id, "Retraction Watch", "current", "2026-02-03", "2026-11-01"),)
    assert standings([study()], {}, [old, back]) == standings([study()], {}, [back, old]) == expected


def test_seen_is_the_day_of_the_files_that_cover_the_study() -> None:
    one = NoticeFile("Crossref", (), "2026-11-01", False, frozenset({"10.5555/a"}))
    two = NoticeFile("Crossref", (), "2026-11-20", False, frozenset({"10.5555/b"}))
    found = standings([study("a"), study("b"), study("c")], {}, [one, two])
    assert [(s.status, s.seen) for s in found] == [
        ("current", "2026-11-01"),
        ("current", "2026-11-20"),
        ("not checked", None),
    ]


def test_the_reason_states_that_a_notice_matched_by_pmid_alone() -> None:
    file = NoticeFile("Retraction Watch", (Notice("retraction", "10.5555/other", "77", "2024-01-01", "Made up"),))
    (found,) = standings([study()], {study().id: [Record("ref:1", "PubMed", pmid="77")]}, [file])
    assert found.reason == "Made up; known by PMID 77, the DOI there is 10.5555/other"
    assert found.status == "retracted"


def test_databases_that_do_not_record_retractions_give_no_standing() -> None:
    scopus = Record("ref:1", "Scopus", doi="10.5555/a", title="A study")
    pubmed = Record("ref:2", "PubMed", doi="10.5555/a", title="A study", is_retracted=True)
    assert said(scopus) == []
    assert said(scopus, pubmed) == [("PubMed", "retracted")]


# --- tables and the map -------------------------------------------------------------------------------------------

STUDIES = "key,label,doi,year,title\na,1,10.5555/a,2020,A\nb,2,10.5555/b,2021,B\nc,3,10.5555/c,2022,C\nd,4,,2022,D\n"
FINDINGS = (
    "study,factor,direction,outcomes\n1,Support,facilitator,Stay\n2,Support,facilitator,Stay\n2,Support,barrier,Stay\n"
    "3,Pay,facilitator,Stay\n4,Pay,facilitator,\n"
)
NOTICES = watch(
    ("1/31/2024 0:00", "10.5555/b", "0", "Retraction", "+Made up;"),
    ("2/1/2024 0:00", "10.5555/c", "0", "Correction", ""),
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(
        {
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
            "standing/retraction_watch_2026-11-01.csv": NOTICES,
        }
    )


@pytest.fixture
def clean(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}, "clean")


def test_the_graph_has_a_standing_for_each_study_and_source(review: Review) -> None:
    with review.graph() as graph:
        rows = [tuple(r.values()) for r in graph.table("standing").dicts()]
        assert graph.flags == {2: "retracted", 3: "corrected"}
    assert rows == [
        ("A 2020", 1, "current", "Retraction Watch", None, "2026-11-01", None, None),
        ("B 2021", 2, "retracted", "Retraction Watch", "2024-01-31", "2026-11-01", "Made up", "10.5555/notice1"),
        ("C 2022", 3, "corrected", "Retraction Watch", "2024-02-01", "2026-11-01", None, "10.5555/notice2"),
        ("D 2022", 4, "not checked", "Retraction Watch", None, None, None, None),
    ]


#: Tables that name studies; every one has to say which of them do not stand.
NAMING = ("evidence-counts", "gap-map", "outcomes", "characteristics", "findings", "contested", "single-study")


@pytest.mark.parametrize("name", NAMING)
def test_every_table_with_studies_marks_them(review: Review, run: Run, name: str) -> None:
    shown = run("table", name, "-C", review.root).out
    assert shown.endswith("† retracted: study 2\n§ corrected: study 3\n")
    mark = "3§" if name == "single-study" else "2†"
    assert mark in shown and "1†" not in shown
    markdown = run("table", name, "--format", "md", "-C", review.root).out
    assert mark in markdown and markdown.endswith("\n\n† retracted: study 2\n\n§ corrected: study 3\n")
    latex = run("table", name, "--format", "latex", "-C", review.root).out
    assert mark in latex and latex.endswith("{tabular}\n\n† retracted: study 2\n\n§ corrected: study 3\n")
    rows = json.loads(run("table", name, "--format", "json", "-C", review.root).out)
    assert any(str(row["standing"]).strip("['") for row in rows if row["standing"])
    assert not any("†" in str(row) for row in rows), "programs get the labels as they are"


def test_other_tables_have_a_note(review: Review, run: Run) -> None:
    assert run("table", "designs", "-C", review.root).out.endswith("† retracted: study 2\n§ corrected: study 3\n")
    assert "2+† 1−†" in run("table", "matrix", "-C", review.root).out
    assert run("gaps", "-C", review.root).out.endswith("§ corrected: study 3\n")
    assert "2†" in run("why", "Support", "Stay", "-C", review.root).out


def test_tables_have_no_marks_where_no_study_is_flagged(clean: Review, run: Run) -> None:
    ran = run("table", "evidence-counts", "--format", "csv", "-C", clean.root)
    assert ran.out.splitlines()[0] == "level,factor,direction,studies,study_labels,outcomes"
    assert "†" not in run("table", "evidence-counts", "-C", clean.root).out


def test_counts_without_retracted_studies(review: Review, run: Run) -> None:
    ran = run("table", "evidence-counts", "--without-retracted", "--format", "csv", "-C", review.root)
    assert ran.out == (
        "level,factor,direction,studies,study_labels,all_studies,left_out,standing\n"
        ",Support,facilitator,1,1,2,2,\n"
        ",Support,barrier,0,,1,2,\n"
        ',Pay,facilitator,2,"3, 4",2,,3 corrected\n'
        ",Pay,barrier,0,,0,,\n"
    )
    assert ran.err == "without 1 retracted study, 2 rows are other than with\n"
    refused = run("table", "outcomes", "--without-retracted", "-C", review.root)
    assert (refused.code, refused.err) == (2, "Error: --without-retracted belongs to evidence-counts\n")


def test_counts_without_retracted_studies_for_one_level(review: Review, run: Run) -> None:
    both = ("--without-retracted", "--all")
    ran = run("table", "evidence-counts", *both, "--format", "csv", "-C", review.root)
    assert ran.out.splitlines()[:2] == [
        "level,factor,direction,studies,study_labels,all_studies,left_out,standing",
        ",Support,facilitator,1,1,2,2,",
    ]
    shown = run("table", "evidence-counts", "--without-retracted", "-C", review.root).out
    assert "2†" in shown and shown.endswith("† retracted: study 2\n§ corrected: study 3\n")
    filtered = run("table", "evidence-counts", "--without-retracted", "--where", "year>=1500", "-C", review.root)
    assert filtered.code == 0 and "(year >= 1500: 4 of 4 studies)" in filtered.out
    refused = run("table", "evidence-counts", "--without-retracted", "--level", "Nowhere", "-C", review.root)
    assert refused.code == 2 and "no level is called 'Nowhere'" in refused.err


def test_without_retracted_studies_the_note_has_the_number_checked(make_review: MakeReview, run: Run) -> None:
    files = {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}
    none = make_review(files, "none")
    ran = run("table", "evidence-counts", "--without-retracted", "-C", none.root)
    assert ran.err == "no study is known to be retracted; 0 of 4 studies were checked\n"
    fine = make_review(
        {**files, "standing/rw.csv": watch(("2/1/2024 0:00", "10.5555/x", "0", "Retraction", ""))}, "fine"
    )
    ran = run("table", "evidence-counts", "--without-retracted", "-C", fine.root)
    assert ran.err == "no study is known to be retracted; 3 of 4 studies were checked\n"


def test_the_table_of_standing_has_columns_of_its_own(review: Review, run: Run) -> None:
    ran = run("table", "standing", "--format", "csv", "-C", review.root)
    assert ran.out.splitlines()[::2] == [
        "study,study_label,status,source,date,seen,reason,notice",
        "B 2021,2,retracted,Retraction Watch,2024-01-31,2026-11-01,Made up,10.5555/notice1",
        "D 2022,4,not checked,Retraction Watch,,,,",
    ]
    assert run("table", "characteristics", "--format", "csv", "-C", review.root).out.count("standing") == 1
    assert "†" not in run("table", "sources", "-C", review.root).out


def test_sources_that_differ_are_both_listed(make_review: MakeReview, run: Run) -> None:
    work = {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.5555/b", "title": "B", "is_retracted": False}
    files = {
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": FINDINGS,
        "records/works.jsonl": json.dumps(work) + "\n",
        "standing/rw_2026-11-01.csv": NOTICES,
    }
    both = make_review(files, "both")
    rows = run("query", "standing", "--format", "csv", "-C", both.root).out.splitlines()[3:5]
    assert rows == [
        "B 2021,2,current,OpenAlex,,,,",
        "B 2021,2,retracted,Retraction Watch,2024-01-31,2026-11-01,Made up,10.5555/notice1",
    ]
    with both.graph() as graph:
        assert graph.flags == {2: "retracted", 3: "corrected"}
        studies = page_data(graph)["studies"]
    assert studies["standing_said"] == [
        "current",
        "OpenAlex: current; Retraction Watch: retracted 2024-01-31",
        "OpenAlex: not checked; Retraction Watch: corrected 2024-02-01",
        "not checked",
    ]
    assert studies["standing"] == [None, "retracted", "corrected", None]


def test_check_lists_every_source(review: Review, run: Run) -> None:
    found = json.loads(run("check", "--kind", "study-not-standing", "--format", "json", "-C", review.root).out)
    assert [(f["message"], f["places"][0]["says"]) for f in found] == [
        ("study 2 is retracted", "retracted, on 2024-01-31, Made up"),
        ("study 3 is corrected", "corrected, on 2024-02-01"),
    ]


def test_the_page_has_standings_only_where_a_study_has_one(review: Review, clean: Review) -> None:
    with review.graph() as graph:
        assert page_data(graph)["studies"]["standing_said"][1] == "Retraction Watch: retracted 2024-01-31"
    with clean.graph() as graph:
        assert "standing" not in page_data(graph)["studies"]


def test_every_store_gives_the_same_standings(engine: Engine, review: Review) -> None:
    config = review.root / "review.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('id = "', f'id = "{engine.prefix}', 1), encoding="utf-8")
    url = engine.url("standing")
    review.build(url)
    names = ("standing", "cautions", "evidence-counts", "evidence-counts-without-retracted", "characteristics")
    with review.graph() as own, review.graph(url) as graph:
        assert graph.flags == own.flags == {2: "retracted", 3: "corrected"}
        for name in names:
            assert graph.table(name) == own.table(name)
        for everything, level in ((True, None), (False, "None such")):
            asked = {"all": everything, "level": level}
            found = graph.table("evidence-counts-without-retracted", **asked)
            assert found == own.table("evidence-counts-without-retracted", **asked)
            assert len(found) == (4 if everything else 0)
        assert page_data(graph)["studies"] == page_data(own)["studies"]


def test_a_changed_finding_does_not_change_cautions(review: Review) -> None:
    review.build()
    sheet = review.root / "sheets" / "findings.csv"
    sheet.write_text(FINDINGS.replace("1,Support,facilitator", "1,Support,mixed"), encoding="utf-8")
    built = review.build()
    assert built.changed
    with review.graph() as graph:
        assert graph.flags == {2: "retracted", 3: "corrected"}


def test_a_table_keeps_its_flags_through_its_methods() -> None:
    table = Table(
        "evidence-counts", ("factor", "study_labels"), [("F", ["a", "b"]), ("G", ["c"])], flags={"b": "retracted"}
    )
    assert table.marked().rows == [("F", ["a", "b†"]), ("G", ["c"])]
    assert table.only("study_labels").with_standing().rows == [(["a", "b"], ["b retracted"]), (["c"], [])]
    assert table.head(1).notes() == ["† retracted: study b"]
    assert list(table.to_pandas()["standing"]) == [["b retracted"], []]


def test_a_standing_belongs_to_a_study_and_a_source() -> None:
    found = standings([study()], {study().id: [record(is_retracted=True, seen="2026-11-25")]}, [WATCH])
    assert found == (
        Standing(study().id, "OpenAlex", "retracted", None, "2026-11-25", "the record says so"),
        Standing(study().id, "Retraction Watch", "current", None, "2026-11-01"),
    )
