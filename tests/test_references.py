"""Exports of databases and reference managers -> records, and into the folder. All entries but the first are made up."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from kg.adding import kind_of
from kg.errors import UsageProblem
from kg.loaders.references import read_references
from kg.model import Record
from kg.problems import Problem
from kg.review import Review
from tests.conftest import MakeReview, Run
from tests.replay import WORKS, real_works

TITLE = "Coping strategies and workplace supports for peers with substance use disorders"
DOI = "10.1080/10826084.2022.2112228"

RIS = f"""TY  - JOUR
AU  - Brady, Lauren A.
AU  - Wozniak, Michelle L.
TI  - Coping strategies and workplace supports for
  peers with substance use disorders
T2  - Substance Use & Misuse
PY  - 2022/08/19/
DO  - https://doi.org/{DOI.upper()}
AB  - An abstract.
LA  - English
DB  - Scopus
ER  -
"""
NBIB = f"""PMID- 35979915
OWN - NLM
STAT- MEDLINE
DP  - 2022 Aug 19
TI  - Coping strategies and workplace supports for peers with
      substance use disorders.
LID - {DOI} [doi]
LID - 1-9 [pii]
AB  - An abstract.
FAU - Brady, Lauren A
AU  - Brady LA
FAU - Wozniak, Michelle L
AU  - Wozniak ML
LA  - eng
PT  - Journal Article
PT  - Review
JT  - Substance use & misuse
PMC - PMC9999999
SO  - Subst Use Misuse. 2022. doi: {DOI}.
"""
WOS = f"""\ufeffFN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Brady, LA
   Wozniak, ML
AF Brady, Lauren A.
   Wozniak, Michelle L.
TI Coping strategies and workplace supports for peers with
   substance use disorders
SO SUBSTANCE USE & MISUSE
LA English
DT Article
AB An abstract.
PY 2022
DI {DOI}
PM 35979915
UT WOS:000000000000001
ER

EF
"""
BIB = f"""% a remark
@string{{sum = "Substance Use \\& Misuse"}}
@article{{brady,
  title = {{Coping strategies and workplace supports for peers with {{Substance}} Use Disorders}},
  author = {{Brady, Lauren A. and Wozniak, Mich{{\\`e}}le L. and others}},
  journal = sum,
  year = 2022,
  doi = {{{DOI}}},
  abstract = {{An abstract.}},
}}
"""
ENDNOTE = f"""<?xml version="1.0" encoding="UTF-8"?>
<xml><records><record><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Brady, Lauren A.</style></author>
<author><style>Wozniak, Michelle L.</style></author></authors></contributors>
<titles><title><style>Coping strategies and </style><style face="italic">workplace</style><style> supports for peers with
substance use disorders</style></title><secondary-title><style>Substance Use &amp; Misuse</style></secondary-title></titles>
<dates><year><style>2022</style></year></dates><abstract><style>An abstract.</style></abstract>
<electronic-resource-num><style>{DOI}</style></electronic-resource-num></record></records></xml>
"""
PUBMED = f"""PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI
35979915,{TITLE}.,"Brady LA, Wozniak ML.",Subst Use Misuse. 2022.,Brady LA,Subst Use Misuse,2022,2022/08/18,PMC9999999,,{DOI}
"""
SCOPUS = f"""Authors,Author full names,Author(s) ID,Title,Year,Source title,Volume,DOI,Link,Abstract,PubMed ID,Language of Original Document,Document Type,EID
"Brady L.A.; Wozniak M.L.","Brady, Lauren A. (1); Wozniak, Michelle L. (2)",1; 2,{TITLE},2022,Substance Use and Misuse,57,{DOI},https://www.scopus.com/x,An abstract.,35979915,English,Article,2-s2.0-1
"""
WOS_CSV = f"""Publication Type,Authors,Author Full Names,Article Title,Source Title,Language,Document Type,Abstract,Publication Year,DOI,Pubmed Id,UT (Unique WOS ID)
J,"Brady, LA; Wozniak, ML","Brady, Lauren A.; Wozniak, Michelle L.",{TITLE},SUBSTANCE USE & MISUSE,English,Article,An abstract.,2022,{DOI},35979915,WOS:1
"""
WOS_TAB = (
    "PT\tAU\tAF\tTI\tSO\tLA\tDT\tPY\tDI\tPM\tUT\nJ\tBrady, LA; Wozniak, ML\tBrady, Lauren A.; Wozniak, Michelle L.\t"
    + (f"{TITLE}\tSUBSTANCE USE & MISUSE\tEnglish\tArticle\t2022\t{DOI}\t35979915\tWOS:1\n")
)
PSYCINFO = f"""Article Title,Author,Journal Title,ISSN,Publication Date,Accession Number,DOI,Doctype,Abstract,Language
{TITLE},"Brady, Lauren A.; Wozniak, Michelle L.",Substance Use & Misuse,1082,2022,2022-00000-001,{DOI},Journal Article,An abstract.,English
"""
ZOTERO = f"""Key,Item Type,Publication Year,Author,Title,Publication Title,DOI,Url,Abstract Note,Date,Language,Extra
AAAA,journalArticle,2022,"Brady, Lauren A.; Wozniak, Michelle L.",{TITLE},Substance Use & Misuse,{DOI},,An abstract.,2022-08-19,en,
"""
OPENALEX = f"""id,doi,title,publication_year,publication_date,type,cited_by_count,is_retracted,authorships.author.display_name,primary_location.source.display_name,open_access.oa_url,ids.pmid
https://openalex.org/W4292386300,https://doi.org/{DOI},{TITLE},2022,2022-08-19,article,7,false,Lauren A. Brady|Michelle L. Wozniak,Substance Use & Misuse,https://example.org/a.pdf,https://pubmed.ncbi.nlm.nih.gov/35979915
"""
PROQUEST = f"""Title,Abstract,StoreId,AccessionNumber,Authors,digitalObjectIdentifier,documentType,language,pubdate,pubtitle,year
{TITLE},An abstract.,1,2,"Brady, Lauren A; Wozniak, Michelle L",{DOI},Journal Article,English,Aug 2022,Substance Use & Misuse,2022
"""

#: File, content, database, whether it gives the PMID, and the day where it does.
EXPORTS = [
    ("a.ris", RIS, "Scopus", None, "2022-08-19"),
    ("a.txt", RIS, "Scopus", None, "2022-08-19"),
    ("a.nbib", NBIB, "PubMed", "35979915", "2022-08-19"),
    ("a.txt", NBIB, "PubMed", "35979915", "2022-08-19"),
    ("a.txt", WOS, "Web of Science", "35979915", None),
    ("a.bib", BIB, "BibTeX", None, None),
    ("a.xml", ENDNOTE, "EndNote", None, None),
    ("a.csv", PUBMED, "PubMed", "35979915", "2022-08-18"),
    ("a.csv", SCOPUS, "Scopus", "35979915", None),
    ("a.csv", WOS_CSV, "Web of Science", "35979915", None),
    ("a.txt", WOS_TAB, "Web of Science", "35979915", None),
    ("a.csv", PSYCINFO, "PsycINFO", None, None),
    ("a.csv", ZOTERO, "Zotero", None, "2022-08-19"),
    ("a.csv", OPENALEX, "OpenAlex", "35979915", "2022-08-19"),
    ("a.csv", PROQUEST, "ProQuest", None, None),
]


def read(tmp_path: Path, name: str, text: str | bytes) -> tuple[list[Record], list[Problem]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_references(path, f"references/{name}")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "text", "database", "pmid", "day"), EXPORTS, ids=[f"{e[2]} {e[0]}" for e in EXPORTS])
def test_one_article_from_every_database(
    tmp_path: Path, name: str, text: str, database: str, pmid: str | None, day: str | None, ends: str
) -> None:
    records, problems = read(tmp_path, name, text.replace("\n", ends))
    assert problems == []
    (record,) = records
    assert (record.database, record.doi, record.pmid, record.year, record.date) == (database, DOI, pmid, 2022, day)
    assert str(record.title).rstrip(".").casefold() == TITLE.casefold()
    assert [author.name.replace(".", "").replace(",", "").split()[0] for author in record.authors] in (
        ["Brady", "Wozniak"], ["Lauren", "Michelle"],
    )  # fmt: skip
    assert record.type in ("article", None) and "misuse" in str(record.venue).casefold()
    assert record.id.startswith("openalex:W4292386300" if database == "OpenAlex" else "ref:") and record.row > 0


def test_what_only_some_say(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, "a.nbib", NBIB)
    assert (record.pmcid, record.language, record.has_abstract, record.is_retracted) == (
        "PMC9999999",
        "eng",
        True,
        None,
    )
    (record,), _ = read(tmp_path, "a.nbib", NBIB.replace("PT  - Review", "PT  - Retracted Publication"))
    assert record.is_retracted is True
    (record,), _ = read(tmp_path, "a.csv", OPENALEX)
    assert (record.is_retracted, record.cited_by, record.oa_url) == (False, 7, "https://example.org/a.pdf")
    (record,), _ = read(tmp_path, "a.bib", BIB)
    assert [author.name for author in record.authors] == ["Brady, Lauren A.", "Wozniak, Michèle L."]
    assert record.venue == "Substance Use & Misuse"


def test_an_entry_that_is_exported_again_is_the_same_record(tmp_path: Path) -> None:
    other = "TY  - JOUR\nTI  - Another made-up title\nPY  - 2020\nER  - \n"
    once, _ = read(tmp_path, "a.ris", RIS + other)
    again, _ = read(tmp_path, "b.ris", other + RIS)
    assert [record.id for record in again] == [once[1].id, once[0].id]


def test_encodings(tmp_path: Path) -> None:
    text = RIS.replace("Brady", "Brädy")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (record,), problems = read(tmp_path, "a.ris", text.encode(encoding))
        assert (record.authors[0].name, problems) == ("Brädy, Lauren A.", [])
    records, problems = read(tmp_path, "a.ris", text.encode("cp1252"))
    assert records == [] and str(problems[0]).startswith(
        "references/a.ris, row 2: 'OUR AU - Brädy, Lauren': is not valid UTF-8"
    )


def test_an_entry_without_an_end_does_not_swallow_the_next(tmp_path: Path) -> None:
    records, problems = read(tmp_path, "a.ris", RIS.replace("ER  -\n", "") + RIS.replace(DOI.upper(), "10.1/b"))
    assert [(record.doi, record.row) for record in records] == [(DOI, 1), (None, 12)] and problems == []


WRONG = [
    ("a.ris", "TY  - JOUR\nER  - \n" + RIS, 1,
     "references/a.ris, row 1: 'TY - JOUR': the entry has no title, DOI or PMID to be known by; accepted: an entry with a title"),
    ("a.ris", RIS + "\nAU  - Lost, A.\nTI  - Lost\n", 1,
     "references/a.ris, row 14: 'AU - Lost, A. TI - Lost': these lines stand outside of every entry; "
     "accepted: entries that begin with TY  -"),
    ("a.ris", "nothing here\n", 0,
     "references/a.ris: no entry begins in this file; accepted: lines that begin with TY  - (RIS), PMID- (MEDLINE) or PT (Web of Science)"),
    ("a.bib", BIB + "@article{b,\n  title = {No end\n", 1,
     "references/a.bib, row 11: '@article{b, title = {No end': the entry cannot be read as BibTeX; "
     "accepted: an entry with a title, braces in pairs and a comma after each field"),
    ("a.bib", "@article{b, year = 2020}\n" + BIB, 1,
     "references/a.bib, row 1: '@article{b, year = 2020} % a remark': the entry has no title or DOI to be known by; "
     "accepted: an entry with a title, braces in pairs and a comma after each field"),
    ("a.xml", ENDNOTE.replace("</records></xml>", "<record/></records></xml>"), 1,
     "references/a.xml, row 2: the record has no title or DOI to be known by; accepted: a record with a title"),
    ("a.xml", ENDNOTE[:-20], 0, "references/a.xml, row 1: is not valid XML: unclosed token: line 8, column 95; "
     "accepted: the whole file, as EndNote exports it"),
    ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><xml><records><record>&a;</record></records></xml>', 0,
     "references/a.xml, row 1: holds entities of its own, which can be made to do harm; accepted: the file as EndNote exports it"),
    ("a.csv", PUBMED + ",,,,,,,,,,\n,,No One.,,,,2020,,,,\n", 1,
     "references/a.csv, row 4: the row has no title, DOI or PMID to be known by; accepted: a row with a title"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "sound", "message"), WRONG)
def test_what_cannot_be_read_is_named_and_the_rest_is_read(
    tmp_path: Path, name: str, text: str, sound: int, message: str
) -> None:
    records, problems = read(tmp_path, name, text)
    assert (len(records), [str(problem) for problem in problems]) == (sound, [message])


def test_a_header_that_no_database_writes(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a.csv", "a,b\n1,2\n")
    assert str(problems[0]).startswith(
        "references/a.csv, row 1: 'a, b': no database that is known writes such a header; accepted: PubMed (pmid,"
    )


# --- into the folder ----------------------------------------------------------------------------------------------


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": f"key,doi,year\nbrady,{DOI},2022\n"})


def log(review: Review) -> list[dict[str, str]]:
    with (review.root / "records" / "searches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_exports_are_put_where_they_belong(review: Review, run: Run, tmp_path: Path) -> None:
    files = {"scopus.ris": RIS, "pubmed.nbib": NBIB, "zotero.csv": ZOTERO, "endnote.xml": ENDNOTE}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = ("--date", "2026-11-01", "--query", "peer AND burnout", "--platform", "Elsevier")
    assert run("add", tmp_path / "scopus.ris", *said, "-C", review.root).err == (
        f"added {review.root / 'references' / 'scopus.ris'}: 1 record; next: kg build\n"
    )
    ran = run("add", *(tmp_path / name for name in list(files)[1:]), "-C", review.root)
    assert ran.code == 0 and len(ran.err.splitlines()) == 3
    rows = [(r["id"], r["source"], r["date"], r["query"], r["fetched"], r["file"]) for r in log(review)]
    assert rows == [
        ("search-01", "Scopus", "2026-11-01", "peer AND burnout", "1", "references/scopus.ris"),
        ("search-02", "PubMed", "", "", "1", "references/pubmed.nbib"),
        ("search-03", "Zotero", "", "", "1", "references/zotero.csv"),
        ("search-04", "EndNote", "", "", "1", "references/endnote.xml"),
    ]
    with review.graph() as graph:
        records = list(graph.table("records").dicts())
        counts = {
            r["file"]: (r["records"], r["studies"], r["merged"], r["left"])
            for r in graph.table("sources").dicts()
            if r["records"]
        }
    assert {(r["study_label"], r["reason"]) for r in records} == {("brady", f"same DOI {DOI}")} and len(records) == 4
    assert sorted(counts.values()) == [(1, 0, 1, 0), (1, 0, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0)]
    assert [r["seen"] for r in records if r["database"] == "Scopus"] == ["2026-11-01"]


def test_works_are_added_as_they_are(review: Review, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "updated_date=2026-11-01"
    folder.mkdir()
    (folder / "part_0000.gz").write_bytes(WORKS.read_bytes())
    ran = run("add", folder / "part_0000.gz", "-C", review.root)
    added = review.root / "records" / "updated_date=2026-11-01-part_0000.jsonl.gz"
    assert ran.err == f"added {added}: 45 records; next: kg build\n"
    assert [json.loads(line) for line in gzip.decompress(added.read_bytes()).splitlines()] == real_works()
    assert [(row["source"], row["fetched"]) for row in log(review)] == [("OpenAlex", "45")]
    again = run("add", folder / "part_0000.gz", "-C", review.root)
    assert again.code == 2 and "is already there; use --replace to overwrite it" in again.err
    assert run("add", folder / "part_0000.gz", "--replace", "-C", review.root).code == 0 and len(log(review)) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ris", RIS + "TY  - JOUR\nER  - \n", "Error: 1 problem in a.ris; it was not added"),
        ("a.jsonl", '{"id": "https://openalex.org/W1"}\n{"id": 3}\n', "Error: 1 problem in a.jsonl; it was not added"),
        ("a.jsonl", "\n", "Error: 1 problem in a.jsonl; it was not added"),
        ("a.bib", "% nothing\n", "Error: 1 problem in a.bib; it was not added"),
    ],
)
def test_a_file_with_a_problem_is_not_added(
    review: Review, run: Run, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    before = sorted(path.relative_to(review.root) for path in review.root.rglob("*") if path.is_file())
    ran = run("add", tmp_path / name, "-C", review.root)
    assert ran.code == 1 and ran.err.splitlines()[-1] == message
    assert sorted(path.relative_to(review.root) for path in review.root.rglob("*") if path.is_file()) == before


def test_kinds_are_told_by_content(tmp_path: Path) -> None:
    def kind(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return kind_of(tmp_path / name)

    assert kind("a.csv", "study,factor,direction\n") == "sheet"
    assert kind("a.csv", SCOPUS) == "references"
    assert kind("a.csv", "RetractionNature,OriginalPaperDOI\n") == "notices"
    assert kind("a.json", '{"message": {"DOI": "10.1/a"}}') == "notices"
    assert kind("a.json", '{"id": "https://openalex.org/W1"}') == "records"
    assert kind("a.xlsx", "") == "sheet"
    with pytest.raises(UsageProblem, match=r"files of type '\.docx' are not read"):
        kind("a.docx", "")
    with pytest.raises(UsageProblem, match="is not a file"):
        kind_of(tmp_path / "none.ris")


def test_a_sheet_is_no_search(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("key,title\nx,X\n", encoding="utf-8")
    ran = run("add", tmp_path / "more.csv", "--date", "2026", "-C", review.root)
    assert ran.code == 2 and "a sheet is no search" in ran.err
