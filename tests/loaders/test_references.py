"""Exports of databases and reference managers -> records."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from msgspec.structs import replace

from kg.loaders.references.entries import database_named, doi_in
from kg.loaders.references.formats import read_references
from kg.model.literature import Author, Record
from kg.problems import Problem
from tests import exports as an
from tests.exports import DOI, TITLE


def read(tmp_path: Path, name: str, text: str | bytes) -> tuple[list[Record], list[Problem]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_references(path, f"references/{name}")


def made(database: str, authors: str, venue: str | None, row: int, **fields: object) -> Record:
    """Return the record of the article as one database exports it."""
    return replace(
        Record("", database, doi=DOI, title=TITLE, year=2022, type="article", has_abstract=True),
        authors=tuple(Author(name) for name in authors.split("; ")),
        venue=venue,
        row=row,
        **fields,
    )


SUM = "Substance Use & Misuse"
CALLED, SHORT, SHORTER = "Brady, Lauren A.; Wozniak, Michelle L.", "Brady, LA; Wozniak, ML", "Brady LA; Wozniak ML"
FIRST_LAST, NO_DOT = "Lauren A. Brady; Michelle L. Wozniak", "Brady, Lauren A; Wozniak, Michelle L"
DAY, PMID, PMC = "2022-08-19", "35979915", "PMC9999999"

#: File name, content, and the expected record without its source.
EXPORTS = [
    ("a.ris", an.RIS, made("RIS", CALLED, SUM, 1, date=DAY, language="English")),
    ("scopus.ris", an.SCOPUS_RIS,
     made("Scopus", "Brady, L.A.; Wozniak, M.L.", "Substance Use and Misuse", 1, pmid=PMID, language="English",
          volume="57")),
    ("wos.ris", an.WOS_RIS, made("Web of Science", SHORT, SUM.upper(), 1, date=DAY, language="English")),
    ("ebsco.ris", an.EBSCO_RIS, made("PsycINFO", CALLED, SUM, 1, title=TITLE + ".", date=DAY)),
    ("ovid.ris", an.OVID_RIS, made("PsycINFO", NO_DOT, SUM, 2, title=TITLE + ".", language="English")),
    ("embase.ris", an.EMBASE_RIS, made(
        "Embase", "Brady L.A.; Wozniak M.L.", "Substance Use and Misuse", 1, pmid=PMID, language="English")),
    ("central.ris", an.COCHRANE_RIS, made("Cochrane Library", SHORT, "Substance use & misuse", 5, pmid=PMID)),
    ("endnote.ris", an.ENDNOTE_RIS,
     made("Embase", "Brady, L. A.; Wozniak, M. L.", SUM, 1, date=DAY, language="English")),
    ("a.txt", an.RIS, made("RIS", CALLED, SUM, 1, date=DAY, language="English")),
    *((name, an.NBIB, made("PubMed", NO_DOT, "Substance use & misuse", 1, title=TITLE + ".", pmid=PMID, pmcid=PMC,
                           date=DAY, language="eng")) for name in ("a.nbib", "pubmed.txt")),
    ("savedrecs.txt", an.WOS,
     made("Web of Science", CALLED, SUM.upper(), 3, pmid=PMID, date=DAY, language="English")),
    ("a.bib", an.BIB, made("BibTeX", "Brady, Lauren A.; Wozniak, Michèle L.; Peers and Friends", SUM, 3, date=DAY,
                           title=TITLE.replace("substance", "Substance"))),
    ("a.xml", an.ENDNOTE,
     made("EndNote", CALLED, SUM, 1, pmid=PMID, pmcid=PMC, date=DAY, language="eng")),
    ("pubmed.csv", an.PUBMED,
     made("PubMed", SHORTER, "Subst Use Misuse", 2, pmid=PMID, pmcid=PMC, type=None, has_abstract=False)),
    ("scopus.csv", an.SCOPUS, made("Scopus", CALLED, "Substance Use and Misuse", 2, pmid=PMID, language="English", volume="57")),
    ("wos.csv", an.WOS_CSV, made("Web of Science", CALLED, SUM.upper(), 2, pmid=PMID, date=DAY, language="English",
                                 is_retracted=True)),
    *((name, an.WOS_TAB, made("Web of Science", CALLED, SUM.upper(), 2, pmid=PMID, language="English",
                              title='"Coping" strategies', has_abstract=False)) for name in ("wos.txt", "wos.tsv")),
    ("ebsco.csv", an.EBSCO, made("PsycINFO", CALLED, SUM, 2, volume="57", issue="12", pages="1")),
    ("aph.csv", an.EBSCO.replace("db=psyh", "db=aph"), made("EBSCOhost", CALLED, SUM, 2, volume="57", issue="12", pages="1")),
    ("ovid.csv", an.OVID, made("PsycINFO", NO_DOT, SUM, 2, type=None, language="English", has_abstract=False)),
    ("proquest.csv", an.PROQUEST, made("PsycINFO", NO_DOT, SUM, 2, language="English")),
    ("central.csv", an.COCHRANE, made("Cochrane Library", SHORT, "Substance use & misuse", 2, pmid=PMID,
                                        volume="57")),
    ("embase.csv", an.EMBASE, made(
        "Embase", "Brady L.A.; Wozniak M.L.", "Substance Use and Misuse", 5, pmid=PMID, language="English")),
    ("lens.csv", an.LENS, made("The Lens", FIRST_LAST, "Substance use & misuse", 2, pmid=PMID, pmcid=PMC, date=DAY)),
    ("zotero.csv", an.ZOTERO, made("Zotero", CALLED, SUM, 2, pmid=PMID, pmcid=PMC, date=DAY, language="en")),
    ("openalex.csv", an.OPENALEX, made(
        "OpenAlex", FIRST_LAST, SUM, 2, openalex="W4292386300", pmid=PMID, date=DAY, language="en", cited_by=7,
        oa_url="https://example.org/a.pdf", is_retracted=False)),
    ("openalex-short.csv", an.OPENALEX_SHORT,
     made("OpenAlex", FIRST_LAST, SUM, 2, openalex="W4292386300", cited_by=7)),
    ("rayyan.csv", an.RAYYAN, made("Rayyan", CALLED, SUM, 2, pmid=PMID, pmcid=PMC, type=None, language="English",
                                     volume="57", issue="12", pages="1-9")),
    ("embase-plain.csv", an.EMBASE_PLAIN, made(
        "Embase", "Brady L.A.; Wozniak M.L.", "Substance Use and Misuse (2022) 57:12 (1-9)", 2, pmid=PMID)),
    ("embase-lines.csv", an.EMBASE_LINES, made(
        "Embase", "Brady L.A.; Wozniak M.L.", "Substance Use and Misuse", 3, pmid=PMID, language="English")),
    ("covidence.csv", an.COVIDENCE, made("Covidence", CALLED, SUM, 2, type=None, volume="57", issue="12", pages="1-9")),
    ("revtools.csv", an.REVTOOLS, made("revtools", CALLED, SUM, 2, volume="57")),
    ("asreview.csv", an.ASREVIEW, made("ASReview", CALLED, SUM, 2, type=None)),
    ("pop.csv", an.POP, made("Publish or Perish", "LA Brady; ML Wozniak", SUM, 2, type=None, cited_by=7)),
    ("ovid-short.csv", an.OVID_SHORT, made("Embase", "Brady L.A.; Wozniak M.L.", SUM, 2, pmid=PMID, type=None)),
    ("wos-frame.csv", an.WOS_FRAME, made(
        "Web of Science", "BRADY LA; WOZNIAK ML", SUM.upper(), 2, title=TITLE + ", AGAIN")),
    ("savedrecs.ciw", an.WOS,
     made("Web of Science", CALLED, SUM.upper(), 3, pmid=PMID, date=DAY, language="English")),
]  # fmt: skip


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "text", "expected"), EXPORTS, ids=[export[0] for export in EXPORTS])
def test_one_article_from_every_database(tmp_path: Path, name: str, text: str, expected: Record, ends: str) -> None:
    records, problems = read(tmp_path, name, text.replace("\n", ends))
    assert problems == []
    (record,) = records
    assert replace(record, id="") == replace(expected, source=f"references/{name}")
    assert record.id.startswith("openalex:W4292386300" if expected.openalex else "ref:")


@pytest.mark.parametrize("cited", ["9" * 19, "9" * 5000, "²", "-7", "seven"])
def test_a_count_of_citations_that_no_store_can_hold_is_absent(tmp_path: Path, cited: str) -> None:
    (record,), problems = read(tmp_path, "pop.csv", an.POP.replace("\n7,", f"\n{cited},"))
    assert record.cited_by is None and record.title is not None and problems == []


def test_an_entry_that_is_exported_again_is_the_same_record(tmp_path: Path) -> None:
    other = "TY  - JOUR\nTI  - Another made-up title\nPY  - 2020\nER  - \n"
    once, _ = read(tmp_path, "a.ris", an.RIS + other)
    again, _ = read(tmp_path, "b.ris", other + an.RIS.replace("An abstract.", "The abstract."))
    assert [record.id for record in once] == ["ref:527f1121cbd775f9", "ref:7f35a01e881d564b"]
    assert [record.id for record in again] == [once[1].id, once[0].id]


def test_the_entry_number_of_a_reference_manager_does_not_change_the_id(tmp_path: Path) -> None:
    (once,), _ = read(tmp_path, "a.ris", an.ENDNOTE_RIS)
    (again,), _ = read(tmp_path, "a.ris", an.ENDNOTE_RIS.replace("ID  - 889", "ID  - 890"))
    assert once.id == again.id
    (other,), _ = read(tmp_path, "a.ris", an.ENDNOTE_RIS.replace("ID  - 889", "AN  - 890"))
    assert other.id != once.id


def test_two_editorials_without_a_number_are_two_records(tmp_path: Path) -> None:
    entry = "TY  - JOUR\nTI  - Editorial\nPY  - 2020\nJF  - {}\nER  - \n"
    records, _ = read(tmp_path, "a.ris", entry.format("One journal") + entry.format("Another"))
    assert len({record.id for record in records}) == 2


def test_encodings(tmp_path: Path) -> None:
    text = an.RIS.replace("Brady", "Brädy")
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (record,), problems = read(tmp_path, "a.ris", text.encode(encoding))
        assert (record.authors[0].name, problems) == ("Brädy, Lauren A.", [])
    (record,), problems = read(tmp_path, "a.txt", an.WOS_TAB.encode("utf-16"))
    assert (record.pmid, problems) == (PMID, [])


@pytest.mark.parametrize("damage", [b"\xff", b"\xc3"])
def test_damaged_utf_8_is_not_decoded_in_another_encoding(tmp_path: Path, damage: bytes) -> None:
    text = an.RIS.replace("Brady", "Brädy").encode().replace(b"English", b"English" + damage)
    records, (problem,) = read(tmp_path, "a.ris", text)
    assert records == [] and problem.row == 10 and problem.reason == "is not valid UTF-8"


def test_bytes_that_are_invalid_in_every_encoding(tmp_path: Path) -> None:
    records, (problem,) = read(tmp_path, "a.ris", an.RIS.encode().replace(b"Brady", b"Br\x8fdy"))
    assert records == [] and str(problem) == (
        "references/a.ris, row 2: 'OUR AU - Br�dy, Lauren': is not valid UTF-8; "
        'accepted: UTF-8 (Excel: save as type "CSV UTF-8")'
    )


def test_an_entry_without_an_end_does_not_swallow_the_next(tmp_path: Path) -> None:
    records, problems = read(tmp_path, "a.ris", an.RIS.replace("ER  -\n", "") + an.RIS.replace(DOI.upper(), "10.1/b"))
    assert [(record.doi, record.row) for record in records] == [(DOI, 1), (None, 11)] and problems == []
    records, problems = read(tmp_path, "a.nbib", an.NBIB + an.NBIB.replace(PMID, "2"))
    assert [(record.pmid, record.row) for record in records] == [(PMID, 1), ("2", 21)] and problems == []


def test_retractions_are_read_from_every_format(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, "a.nbib", an.NBIB.replace("PT  - Review", "PT  - Retracted Publication"))
    assert (record.is_retracted, record.type) == (True, "article")
    (record,), _ = read(tmp_path, "a.nbib", an.NBIB + "RIN - Subst Use Misuse. 2023\n")
    assert record.is_retracted is True
    (record,), _ = read(tmp_path, "a.ris", an.SCOPUS_RIS.replace("M3  - Article", "M3  - Retracted"))
    assert record.is_retracted is True
    (record,), _ = read(tmp_path, "a.ris", an.SCOPUS_RIS.replace("M3  - Article", "M3  - Erratum"))
    assert (record.is_retracted, record.type) == (None, "erratum")


def test_identifiers_of_other_publications_are_ignored(tmp_path: Path) -> None:
    """Scopus lists references in the notes; EndNote puts its entry number where Ovid puts the PMID."""
    (record,), _ = read(tmp_path, "a.ris", an.SCOPUS_RIS.replace(f"DO  - {DOI}\n", "").replace("doi=", "x="))
    assert (record.doi, record.pmcid) == (DOI, None), "of the address, not of the references"
    (record,), _ = read(tmp_path, "a.ris", an.ENDNOTE_RIS.replace("Embase\nMedline", "Medline"))
    assert (record.database, record.pmid) == ("MEDLINE", None)
    ovid = an.OVID_RIS.replace("APA PsycInfo <2022>", "Ovid MEDLINE(R) ALL <1946 to 2022>").replace(
        "2022-00000-001", PMID
    )
    (record,), _ = read(tmp_path, "a.ris", ovid)
    assert (record.database, record.pmid) == ("MEDLINE", PMID)
    (record,), _ = read(tmp_path, "a.ris", an.COCHRANE_RIS.replace(f"DO  -  {DOI}\n", ""))
    assert record.doi is None


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/A [doi]", "10.1000/a"),
        ("https://doi-org.proxy.example.org/10.1000/a", "10.1000/a"),
        ("https://example.org/doi/full/10.1000/a?journalCode=x", "10.1000/a"),
        ("https://example.org/articles/10.3389/fx.2020.1/full", "10.3389/fx.2020.1"),
        ("https://example.org/content/pdf/10.1007%2Fs1-2.pdf", "10.1007/s1-2"),
        ("https://example.org/article/10.1007/s1-2/fulltext.html", "10.1007/s1-2"),
        ("https://example.org/record?doi=10.1000%2fa&md5=1", "10.1000/a"),
        ("https://example.org/10.1002/central/CN-1/full", None),
        ("https://example.org/a", None),
    ],
)
def test_dois_in_fields_and_urls(text: str, doi: str | None) -> None:
    assert doi_in(text) == doi


@pytest.mark.parametrize(
    ("text", "database"),
    [("APA PsycInfo®", "PsycINFO"), ("CINAHL Complete", "CINAHL"), ("Embase Medline", "Embase"), ("American", None)],
)
def test_databases_by_name(text: str, database: str | None) -> None:
    assert database_named(text) == database


def test_an_unknown_database_keeps_its_name(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, "a.ris", an.RIS.replace("ER  -", "DB  - Social Services Abstracts\nER  -"))
    assert record.database == "Social Services Abstracts"


def test_bibtex_with_latex_and_strings(tmp_path: Path) -> None:
    text = r"""@article{a, title={{\"U}ber {\o}re \& \textit{it} -- $\beta$ \ss{}}, year=2020, month=sept, journal = jcp}
  @book(b, title="B \'{\i}", date={2020-02-30}, note={10.1000/b}, pmcid=7) @misc{c, title={C}, note={see 10.1000/other}}
"""
    records, problems = read(tmp_path, "a.bib", text)
    assert problems == []
    assert [(r.title, r.type, r.venue, r.year, r.date, r.doi, r.pmcid, r.row) for r in records] == [
        ("Über øre & it – β ß", "article", "jcp", 2020, None, None, None, 1),
        ("B í", "book", None, 2020, None, "10.1000/b", "PMC7", 2),
        ("C", "misc", None, None, None, None, None, 2),
    ]


def test_cells_may_be_longer_than_in_a_spreadsheet(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    (record,), problems = read(tmp_path, "a.csv", an.SCOPUS.replace("An abstract.", "word " * 60_000))
    assert (record.pmid, problems, csv.field_size_limit()) == (PMID, [], limit)


ACCEPTED_BIB = "accepted: an entry with a title or DOI, between braces in pairs"
WRONG = [
    ("a.ris", "TY  - JOUR\nER  - \n" + an.RIS, 1,
     "references/a.ris, row 1: 'TY - JOUR': the entry has no title, DOI or PMID to be known by; "
     "accepted: an entry with a title"),
    ("a.ris", an.RIS + "\nAU  - Brady, A.\nTI  - A title\n" + an.RIS, 2,
     "references/a.ris, row 13: 'AU - Brady, A. TI - A title': these lines stand outside of every entry; "
     "accepted: entries that begin with TY  -"),
    ("a.ris", "nothing here\n", 0,
     "references/a.ris: no entry begins in this file; "
     "accepted: lines that begin with TY  - (RIS), PMID- (MEDLINE) or PT (Web of Science)"),
    ("a.bib", "@article{b, year = 2020}\n" + an.BIB, 1,
     "references/a.bib, row 1: '@article{b, year = 2020}': the entry has no title or DOI to be known by; "
     + ACCEPTED_BIB),
    ("a.bib", "% nothing\n", 0,
     "references/a.bib: no entry begins in this file; accepted: BibTeX entries, such as @article{key, title = {…}}"),
    ("a.xml", an.ENDNOTE.replace("</records></xml>", "<record/></records></xml>"), 1,
     "references/a.xml, row 2: the record has no title or DOI to be known by; accepted: a record with a title"),
    ("a.xml", an.ENDNOTE.replace("</records></xml>", "<record><titles>"), 1,
     "references/a.xml, row 2: is not valid XML: no element found: line 13, column 0; "
     "accepted: the whole file, as EndNote exports it"),
    ("a.xml", "<a/>", 0, "references/a.xml: no <record> is in this file; accepted: EndNote: File, Export, as type XML"),
    ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><xml><records><record>&a;</record></records></xml>', 0,
     "references/a.xml, row 1: holds entities of its own, which can be made to do harm; "
     "accepted: the file as EndNote exports it"),
    ("a.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><records/></xml>', 0,
     "references/a.xml, row 1: holds entities of its own, which can be made to do harm; "
     "accepted: the file as EndNote exports it"),
    ("a.csv", an.PUBMED + ",,,,,,,,,,\n,,No One.,,,,2020,,,,\n", 1,
     "references/a.csv, row 4: the row has no title, DOI or PMID to be known by; accepted: a row with a title"),
    ("a.csv", an.PUBMED + "1,A title,,,,,,,,,,one more\n", 1,
     "references/a.csv, row 3: 'one more': the row has more cells than the header; "
     "accepted: 11 cells, as the header has"),
    ("a.csv", an.PUBMED + '1,"A title\n2,Another,\n', 1,
     "references/a.csv, row 3: '1,\"A title': a quotation mark opens a cell in this row and does not end it: "
     "nothing from here on can be read; accepted: quotation marks in pairs around a cell, and doubled inside one: "
     '"the ""helper"" role"'),
    ("a.csv", "\n", 0,
     "references/a.csv: the file is empty; accepted: an export with a header and at least one row under it"),
    ("a.ris", "", 0, "references/a.ris: no entry begins in this file; "
     "accepted: lines that begin with TY  - (RIS), PMID- (MEDLINE) or PT (Web of Science)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "sound", "message"), WRONG)
def test_an_unreadable_entry_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, name: str, text: str, sound: int, message: str
) -> None:
    records, problems = read(tmp_path, name, text)
    assert (len(records), [str(problem) for problem in problems]) == (sound, [message])


def test_an_unknown_header(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a.csv", "a,b\n1,2\n")
    assert [str(problem) for problem in problems] == [
        "references/a.csv, row 1: 'a,b': no column of a title, DOI or PMID is in the header; accepted: a column called "
        'title, doi or pmid; or columns = { title = "…" } under [[references]] in review.toml'
    ]
