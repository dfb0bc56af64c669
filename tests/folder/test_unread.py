"""Nothing is lost in silence: every file of the folder and every column of it is read or named."""

from __future__ import annotations

import datetime

import openpyxl
import pytest

from kg.errors import KgError
from kg.folder.review import Review
from kg.folder.searchlog import append_search
from kg.folder.unread import unread
from tests.conftest import MakeReview, Run

SOUND = {
    "sheets/studies.csv": "key,title,design\na,A,survey\n",
    "sheets/findings.csv": "study,factor,direction\na,Pay,barrier\n",
}


def lines(review: Review) -> list[str]:
    return [str(problem) for problem in unread(review.root, review.config, review.load().evidence.facets)]


def test_the_bundled_review_is_read_as_a_whole(example: Review) -> None:
    assert lines(example) == []


FILES = {
    "notes/tables.tsv": (
        "notes/tables.tsv: is not read; accepted: kg add notes/tables.tsv, if it holds studies or findings; other "
        "tables may be kept anywhere"
    ),
    "old.xlsx": (
        "old.xlsx: is not read; accepted: kg add old.xlsx, if it holds studies or findings; other tables may be kept "
        "anywhere"
    ),
    "pasted.txt": (
        "pasted.txt: is not read; accepted: kg add pasted.txt, if it holds studies or findings; other tables may be "
        "kept anywhere"
    ),
    "search/pubmed.nbib": (
        "search/pubmed.nbib: is not read; accepted: kg add search/pubmed.nbib, which puts an export of a database into "
        "references/"
    ),
    "published/table-4.csv": (
        'published/table-4.csv: is not read; accepted: "published/table-4.csv" = "…" under [published] in review.toml, '
        "which compares it with a table of kg"
    ),
    "published/fact.csv": (
        "published/fact.csv: is not read; did you mean published/facts.csv?; accepted: "
        '"published/fact.csv" = "…" under [published] in review.toml, which compares it with a table of kg'
    ),
    "screening/flows.csv": (
        "screening/flows.csv: is not read; did you mean screening/flow.csv?; accepted: screening/eligibility.csv, "
        "screening/flow.csv; other tables may be kept, and nothing is taken from them"
    ),
    "records/excluded.csv": (
        "records/excluded.csv: is not read; accepted: records/searches.csv, records/duplicates.csv; other tables may "
        "be kept, and nothing is taken from them"
    ),
    "protocol.pdf": "protocol.pdf: is not read: notes may be kept anywhere",
    "sheets/README.md": "sheets/README.md: is not read: notes may be kept anywhere",
    "vocabulary/desing.csv": (
        "vocabulary/desing.csv: no column of a sheet is called this, so that nothing is coded with its values; did you "
        "mean design?; accepted: the name of a column, such as design"
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_read_is_named(make_review: MakeReview, name: str) -> None:
    text = "label\nx\n" if name.startswith("vocabulary") else "a\tb\n"
    assert lines(make_review({**SOUND, name: text})) == [FILES[name]]


@pytest.mark.parametrize(
    "name",
    [
        "coding/second/coder.csv",
        "screening/agreement.csv",
        ".hidden/a.csv",
        "~$open.xlsx",
        ".gitignore",
        "vocabulary/design.csv",
    ],
)
def test_what_is_known_is_not_named(make_review: MakeReview, name: str) -> None:
    text = "label\nsurvey\n" if name.startswith("vocabulary") else "a,b\n"
    assert lines(make_review({**SOUND, name: text})) == []


def test_notes_share_a_line_for_each_folder(make_review: MakeReview) -> None:
    review = make_review({**SOUND, **{f"talk/slide-{n:02d}.md": "" for n in range(10)}, "a.md": "", "b.R": ""})
    assert lines(review) == [
        "a.md, b.R: are not read: notes may be kept anywhere",
        "talk/slide-00.md, talk/slide-01.md, talk/slide-02.md, talk/slide-03.md, talk/slide-04.md, talk/slide-05.md, "
        "talk/slide-06.md, talk/slide-07.md and 2 more: are not read: notes may be kept anywhere",
    ]


def test_kg_check_lists_them_as_notes(make_review: MakeReview, run: Run) -> None:
    review = make_review({**SOUND, "screening/flows.tsv": "stage\tn\n", "a.md": ""})
    ran = run("check", "-C", review.root, "--kind", "input", "--format", "csv")
    assert (ran.code, ran.err) == (0, "0 errors, 0 conflicts, 2 notes\n")
    assert [line.split(",")[0:2] for line in ran.out.splitlines()[1:]] == [["note", "input"]] * 2


LOG = (
    "Date searched,Database,Interface,Search string,Limits,Results,Searcher,Days\n"
    '2024-03-01,MEDLINE,Ovid,"peer* AND (work OR job)",English,"1,234",JB,3\n'
    "March 2024,Google Scholar,,peer workers,,100,,\n"
)


def test_a_search_log_under_its_own_names_keeps_dates_and_hits(make_review: MakeReview) -> None:
    review = make_review({**SOUND, "records/searches.csv": LOG})
    searches = review.load().evidence.searches
    assert [(s.id, s.date, s.source, s.platform, s.query, s.filters, s.hits) for s in searches] == [
        ("search-01", "2024-03-01", "MEDLINE", "Ovid", "peer* AND (work OR job)", "English", 1234),
        ("search-02", "March 2024", "Google Scholar", None, "peer workers", None, 100),
    ]
    assert lines(review) == [
        "records/searches.csv: 'Searcher; Days': columns are not read; accepted: id, date, source, platform, query, "
        "filters, hits, locator, corpus, fetched, missing, credits, file"
    ]


def test_a_search_is_added_to_a_log_under_its_own_names(make_review: MakeReview) -> None:
    """The columns that the log has under other names are not added a second time."""
    review = make_review({**SOUND, "records/searches.csv": LOG})
    row = {"date": "2026-01-02", "source": "Scopus", "query": "peers", "hits": 7, "file": "references/a.ris"}
    assert append_search(review.root, row) == "search-03"
    text = (review.root / "records" / "searches.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == LOG.splitlines()[0] + ",id,file"
    assert text.splitlines()[-1] == "2026-01-02,Scopus,,peers,,7,,,search-03,references/a.ris"
    assert [s.hits for s in review.load().evidence.searches] == [1234, 100, 7]
    assert append_search(review.root, row) == "search-03"


def test_a_search_log_may_be_a_workbook(make_review: MakeReview) -> None:
    review = make_review(SOUND)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Search date", "Databases", "No. of results"])
    sheet.append([datetime.date(2024, 3, 1), "CINAHL", 12])
    (review.root / "records").mkdir()
    book.save(review.root / "records" / "searches.xlsx")
    (search,) = review.load().evidence.searches
    assert (search.date, search.source, search.hits) == ("2024-03-01", "CINAHL", 12)
    assert lines(review) == []
    with pytest.raises(KgError, match=r"searches\.xlsx: it is a workbook; save it as searches\.csv$"):
        append_search(review.root, {"source": "Scopus"})


def test_a_study_flow_may_be_tab_separated(make_review: MakeReview, run: Run) -> None:
    flow = "stage\tn\tlocator\nidentified\t10\tp. 3\nincluded\t7\tp. 3\n"
    review = make_review({**SOUND, "screening/flow.tsv": flow})
    assert lines(review) == []
    ran = run("check", "-C", review.root, "--kind", "flow")
    assert "1 conflict" in ran.err


def test_a_second_file_of_the_same_name_is_named(make_review: MakeReview) -> None:
    review = make_review({**SOUND, "records/searches.csv": LOG, "records/searches.tsv": LOG})
    assert any(line.startswith("records/searches.tsv: is not read;") for line in lines(review))
