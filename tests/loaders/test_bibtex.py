"""BibTeX as databases and reference managers write it; entries are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.loaders.references.formats import read_with_notes
from kg.loaders.references.latex import decode_latex, decode_prose
from kg.model.literature import Record
from kg.problems import Note
from tests import exports as an

SCOPUS = """Scopus
EXPORT DATE: 01 November 2026

@ARTICLE{Brady2022,
\tauthor = {Brady, L.A. and Wozniak, M.L.},
\ttitle = {Coping \\textgreater{} strategies},
\tyear = {2022},
\tjournal = {Substance Use and Misuse},
\tdoi = {10.1000/a},
\tcorrespondence\u00a0address = {L.A. Brady; email: a@example.org},
\tabbrev_source_title\u00a0 = {Subst. Use},
\tdocument_type = {Article},
\tsource = {Scopus},
\tpubmed_id = {35979915},
}
"""
WOS = """
@article{ WOS:000000000000001,
Author = {Brady, Lauren A. and Wozniak, Michelle L.
   and IEEE},
Title = {{Coping strategies and
   workplace supports}},
Journal = {{SUBSTANCE USE \\& MISUSE}},
Year = {{2022}},
Month = {{AUG 19}},
Type = {{Article}},
DOI = {{10.1000/a}},
Web of Science Index = {{Social Science Citation Index (SSCI)}},
Times-Cited = {{7}},
Unique-ID = {{WOS:000000000000001}},
}
"""


def read(tmp_path: Path, text: str, name: str = "a.bib") -> tuple[list[Record], list[str], list[str]]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read_with_notes(tmp_path / name, name)
    assert all(isinstance(note, Note) for note in found.notes)
    return found.records, [str(p) for p in found.problems], [f"{n.row} {n.column}: {n.reason}" for n in found.notes]


def test_scopus_has_no_break_spaces_in_names_of_fields(tmp_path: Path) -> None:
    """62 of 79 entries of a real file used to be refused."""
    (record,), problems, notes = read(tmp_path, SCOPUS)
    assert (problems, notes) == ([], [])
    assert (record.database, record.title, record.doi, record.pmid, record.type, record.row) == (
        "Scopus", "Coping > strategies", "10.1000/a", "35979915", "article", 4,
    )  # fmt: skip


def test_web_of_science_has_spaces_in_names_of_fields(tmp_path: Path) -> None:
    (record,), problems, notes = read(tmp_path, WOS)
    assert (problems, notes) == ([], [])
    assert (record.database, record.title, record.venue, record.year, record.date, record.type) == (
        "Web of Science", "Coping strategies and workplace supports", "SUBSTANCE USE & MISUSE", 2022, "2022-08-19",
        "article",
    )  # fmt: skip
    assert [author.name for author in record.authors] == ["Brady, Lauren A.", "Wozniak, Michelle L."]


def test_zotero_and_google_scholar(tmp_path: Path) -> None:
    zotero = """
@article{brady_coping_2022,
	title = {Coping strategies: {A} "new" {\\textless}i{\\textgreater}in vivo{\\textless}/i{\\textgreater} study},
	volume = {57},
	url = {https://example.org/a_b%20c},
	abstract = {100\\% of {\\textasciitilde}5, with an @article\\{inside\\}},
	author = {Brady, Lauren A. and Wo{\\'z}niak, Mich{\\`e}le},
	month = aug,
	year = {2022},
	file = {PDF:C\\:\\\\Users\\\\a.pdf:application/pdf},
}
@article{brady2022coping,
  title={Coping strategies},
  author={Brady, LA and others},
  publisher={Taylor \\& Francis}
}
"""
    (first, second), problems, notes = read(tmp_path, zotero)
    assert (problems, notes, first.row, second.row) == ([], [], 2, 12)
    assert first.title == 'Coping strategies: A "new" in vivo study'
    assert [author.name for author in first.authors] == ["Brady, Lauren A.", "Woźniak, Michèle"]
    assert (second.title, [author.name for author in second.authors]) == ("Coping strategies", ["Brady, LA"])


@pytest.mark.parametrize(
    ("entry", "title", "year", "note"),
    [
        ("@article{b,\n  title = {No end\n", "No end", None, ["1 title: has no end; it is read up to the next field",
                                                              "1 : the entry has no closing brace"]),
        ("@article{b,\n title = {A {B},\n year = {2020}\n}\n", "A B", 2020,
         ["1 title: has no end; it is read up to the next field"]),
        ("@article{b, title = {B}}}, year = {2020}}\n", "B", 2020,
         ["1 : a brace is closed too early; the fields behind it are read"]),
        ("@article{b, title = {B} year = {2020}}\n", "B", 2020, []),
        ("@article{b, title = {B}, 12 !, year = 2020}\n", "B", None, ["1 : text that is no field: '12 !, year = 2020'"]),
        ("@article{b,\n title = {B},\n ???,\n year = 2020\n}\n", "B", 2020, ["1 : text that is no field: '???,'"]),
        ("@article{b, author = {Ng}, journal = {B}, year = 2020}\n", "B", 2020,
         ["1 title: is not there; what the entry is from stands for it"]),
        ('@article{b, title = "The "new" thing", year = 2020}\n', 'The "new" thing', 2020, []),
        ("@article{title = {B}, year = 2020}\n", "B", 2020, []),
        ("@article{ Ng (2020),\n title = {B}, year = 2020}\n", "B", 2020, []),
        ("@article(b, title = {B}, year = 2020)\n", "B", 2020, []),
        (">@article{b, title = {B}, year = 2020}\n", "B", 2020, []),
        ("@comment{ @article{no, title={No}} }\n@preamble{\"x\"}\n% @article{no, title = {No}}\n"
         "@article{b, title = {B}, year = 2020}\n", "B", 2020, []),
    ],
)  # fmt: skip
def test_an_entry_is_read_as_far_as_it_says_something(
    tmp_path: Path, entry: str, title: str, year: int | None, note: list[str]
) -> None:
    records, problems, notes = read(tmp_path, entry + an.BIB)
    assert [record.title for record in records[:-1]] == [title] and records[-1].doi == an.DOI, "the next is whole"
    assert (records[0].year, problems, notes) == (year, [], note)


def test_an_entry_with_a_damaged_start_is_named(tmp_path: Path) -> None:
    records, problems, _ = read(tmp_path, an.BIB + "article{c,\n  title = {C},\n}\n" + an.BIB)
    assert len(records) == 2
    assert problems == [
        "a.bib, row 14: 'title = {C}, } % a remark': fields stand outside of every entry; "
        "accepted: entries that begin with @ and their type, as in @article{key,"
    ]


def test_bibtex_under_another_ending(tmp_path: Path) -> None:
    for name in ("a.txt", "a.ris", "a.bib"):
        assert len(read(tmp_path, WOS, name)[0]) == 1
        (record,), problems, _ = read(tmp_path, an.RIS, name)
        assert (record.doi, problems) == (an.DOI, [])


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\'E}tude \'etude \c{c}a Ha\v{c}ek \v cech {\aa} \AA{} \H{o}", "Étude étude ça Haček čech å Å ő"),
        (r"\'{\i} \textquoteright s \ss{} \o re {\L}", "í ’ s ß øre Ł"),
        (r"5\% \& \$3 \_ \{x\} CO$_{2}$ m$^2$ $\beta$ \alpha{}x", "5% & $3 _ {x} CO2 m2 β αx"),
        (r"\textbf{a} \emph{b} {\it c} \textsuperscript{2} \mathrm{d} \unknown{e} \x", r"a b c 2 d e \x"),
        (r"p \textless 0.05 \textgreater{} 1 \pm 2 \leq 3", "p < 0.05 > 1 ± 2 ≤ 3"),
        ("plain", "plain"),
    ],
)
def test_latex(latex: str, text: str) -> None:
    assert decode_latex(latex) == text


def test_typography() -> None:
    assert decode_prose(r"``a'' -- b---c~d \textasciitilde{}e") == "“a” – b—c d ~e"


ENTRIES = [WOS, SCOPUS.replace("Scopus\nEXPORT DATE: 01 November 2026\n", ""), an.BIB]
NAMES = ["Coping strategies and workplace supports", "Coping > strategies",
         "Coping strategies and workplace supports for peers with Substance use disorders"]  # fmt: skip


@pytest.mark.parametrize("cut", ["line", "brace"])
def test_damage_stays_in_its_entry(tmp_path: Path, cut: str) -> None:
    """Without any one of its lines or braces, an entry is read or named, and the others are as they were."""
    for damaged, entry in enumerate(ENTRIES):
        if cut == "line":
            lines = entry.splitlines(keepends=True)
            variants = ["".join(lines[:i] + lines[i + 1 :]) for i in range(len(lines))]
        else:
            variants = [entry[:i] + entry[i + 1 :] for i, sign in enumerate(entry) if sign in "{}"]
        for variant in variants:
            text = "\n".join(variant if i == damaged else other for i, other in enumerate(ENTRIES))
            records, problems, _ = read(tmp_path, text)
            whole = [name for i, name in enumerate(NAMES) if i != damaged]
            titles = [record.title for record in records]
            assert [title for title in titles if title in whole] == whole, (variant, titles)
            assert len(records) + len(problems) in (3, 4), variant
