"""Candidate duplicates: which pairs are found, their evidence, and the file of decisions."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kg.export.tables import to_csv
from kg.linkage.authors import same_person
from kg.linkage.candidates import candidate_pairs, works_by_name
from kg.linkage.resolve import resolve
from kg.linkage.tables import count_table, merge_table, pair_table
from kg.linkage.titles import agreement, plain_title, title_of
from kg.loaders.openalex.files import read_works
from kg.loaders.sheets.decisions import read_decisions
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.tables.read import read_tables
from kg.model.literature import Author, Pair, Record
from kg.model.records import Study
from tests.paths import DATA, ROOT

FILE = "records/duplicates.csv"
LONG = "Peer support and return to uncontrolled use among adults"


@cache
def real() -> tuple[Record, ...]:
    found = read_works(DATA / "openalex" / "pairs.jsonl.gz", "records/pairs.jsonl.gz")
    return tuple(record for record in found if isinstance(record, Record))


def rec(
    number: int, title: str | None = LONG, author: str | None = "Ann Smith", year: int | None = 2020, **said: object
) -> Record:
    names = tuple(map(Author, author.split("; "))) if author else ()
    return Record(f"openalex:W{number}", "OpenAlex", f"W{number}", title=title, authors=names, year=year, **said)  # type: ignore[arg-type]


def asked(
    *records: Record, studies: tuple[Study, ...] = (), decisions: tuple[Pair, ...] = ()
) -> list[tuple[str, str, str]]:
    found = candidate_pairs(studies, resolve(studies, records, decisions), decisions)
    return [(pair.a, pair.b, pair.evidence) for pair in found]


def evidence(one: Record, other: Record) -> str | None:
    found = asked(one, other)
    return found[0][2] if found else None


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (rec(1), rec(2), "same title; both 2020; same first author (Smith); neither has a DOI"),
        (
            rec(1, doi="10.1/a", year=2019, type="preprint", author="Smith, Ann"),
            rec(2, LONG.upper() + ".", doi="10.1/b", type="article"),
            "same title; 2019 and 2020; same first author (Smith); preprint and article; DOIs differ",
        ),
        (
            rec(1, year=2017, type="preprint"),
            rec(2, doi="10.1/b", type="article"),
            "same title; 2020 and 2017; same first author (Smith); preprint and article; one has no DOI",
        ),
        (rec(1, year=None), rec(2), "same title; a year is missing; same first author (Smith); neither has a DOI"),
        (rec(1, author=None), rec(2), "same title; both 2020; authors of one are missing; neither has a DOI"),
        (
            rec(1, author="Bo Jones; Ann Smith"),
            rec(2, author="Ann Smith"),
            "same title; both 2020; first authors differ (Smith, Jones); Smith is an author of both; neither has a DOI",
        ),
        (
            rec(1, "Peer suport and return to uncontroled use among adults"),
            rec(2),
            "titles 98% alike; both 2020; same first author (Smith); neither has a DOI",
        ),
        (
            rec(1, f"{LONG}: a cohort study of 12 months"),
            rec(2),
            "same title but for a subtitle; both 2020; same first author (Smith); neither has a DOI",
        ),
        (
            rec(1, f"Proposed {LONG}"),
            rec(2),
            'same title but for "proposed"; both 2020; same first author (Smith); neither has a DOI',
        ),
        (
            rec(1, f"P05 {LONG}", type="proceedings-article"),
            rec(2, type="article"),
            "same title; both 2020; same first author (Smith); proceedings-article and article; neither has a DOI",
        ),
        (
            rec(1, f"{LONG}: a cohort study", year=2017, type="preprint"),
            rec(2),
            "same title but for a subtitle; 2017 and 2020; same first author (Smith); preprint and article; neither has a DOI",
        ),
        (rec(1, "TNF-α in café workers"), rec(2, "TNF-alpha in cafe workers"), "same title; both 2020; same first author (Smith); neither has a DOI"),
        (rec(1, "Lansoprazole"), rec(2, "Lansoprazole"), "same title; both 2020; same first author (Smith); neither has a DOI"),
    ],
)  # fmt: skip
def test_candidates_and_their_evidence(one: Record, other: Record, said: str) -> None:
    assert evidence(one, other) in (said, said.replace("(Smith, Jones)", "(Jones, Smith)"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rec(1, year=2018), rec(2)),
        (rec(1, year=2016, type="preprint"), rec(2, type="article")),
        (rec(1, author="Bo Jones"), rec(2)),
        (rec(1, f"{LONG}. Part I"), rec(2, f"{LONG}. Part II")),
        (rec(1, f"{LONG}: Part 1"), rec(2, f"{LONG}")),
        (rec(1, f"{LONG} 2"), rec(2, f"{LONG} 3")),
        (rec(1, f"{LONG} in 2016"), rec(2, f"{LONG} in 2017")),
        (rec(1, f"Erratum to: {LONG}"), rec(2)),
        (rec(1, f"Reply to “{LONG}”"), rec(2)),
        (rec(1, f"Comment on: {LONG}"), rec(2)),
        (rec(1, f"{LONG}: authors’ reply"), rec(2)),
        (rec(1, f"Author response: {LONG}"), rec(2)),
        (rec(1, f"{LONG}—Reply"), rec(2)),
        (rec(1, f"{LONG}: comment"), rec(2)),
        (rec(1, f"Letter regarding “{LONG}”"), rec(2)),
        (rec(1, "Introduction"), rec(2, "Introduction")),
        (rec(1, "Letters to the Editor"), rec(2, "Letters to the Editor")),
        (rec(1, "Chapter 3. Discussion and conclusions"), rec(2, "Chapter 3. Discussion and conclusions")),
        (rec(1, "Annual meeting 2018: poster abstracts"), rec(2, "Annual meeting 2018: poster abstracts")),
        (rec(1, "Lansoprazole", None), rec(2, "Lansoprazole")),
        (rec(1, "Short and telling", year=None), rec(2, "Short and telling")),
        (rec(1, "Effects of peer support on women in rural areas"), rec(2, "Effects of peer support on men in rural areas")),
        (rec(1, "Noncardiovascular outcomes of hormone therapy"), rec(2, "Cardiovascular outcomes of hormone therapy")),
        (rec(1, f"Proposed {LONG}", None), rec(2)),
        (rec(1, None), rec(2, None)),
    ],
)  # fmt: skip
def test_pairs_that_are_not_candidates(one: Record, other: Record) -> None:
    assert evidence(one, other) is None


def test_works_without_authors_are_candidates_if_their_titles_have_the_same_beginning_or_end() -> None:
    # The alphabet puts these between the two, read from the front as well as from the back.
    others = [rec(n, f"Quite another matter of {n} which is between t{n}t", f"A{n}", 1900 + n) for n in range(5, 90)]
    one, other = rec(1, author=None, year=None), rec(2, "X" + LONG)
    assert [(a, b) for a, b, _ in asked(one, other, *others)] == [("openalex:W1", "openalex:W2")]
    one, other = rec(1, author=None, year=None), rec(2, LONG + "x")
    assert [(a, b) for a, b, _ in asked(one, other, *others)] == [("openalex:W1", "openalex:W2")]


def test_in_a_pair_with_a_study_of_a_sheet_the_study_comes_first() -> None:
    sheet = Study(
        "key:zed",
        "zed",
        title=LONG,
        year=2020,
        authors="Smith, A., Jones, B., et al.",
        facets={"publication_type": ("article",)},
    )
    found = asked(rec(1, doi="10.1/a", type="article"), studies=(sheet,))
    assert found == [("key:zed", "doi:10.1/a", "same title; both 2020; same first author (Smith); one has no DOI")]
    twice = asked(studies=(sheet, Study("key:two", "two", title=LONG, authors="A. Smith and B. Jones", year=2021)))
    assert twice == [
        (
            "key:two",
            "key:zed",
            "two studies of the sheets; same title; 2021 and 2020; same first author (Smith); neither has a DOI",
        )
    ]


def test_works_with_one_pmid_and_two_dois_are_candidates_whatever_their_titles() -> None:
    hers = [r for r in real() if r.openalex in ("W2113259481", "W4251833922")]
    assert asked(*hers) == [
        (
            "doi:10.1001/jama.288.1.49",
            "doi:10.1001/jama.288.1.58",
            "same PMID 12090863; titles differ; both 2002; same first author (Hulley); DOIs differ",
        )
    ]
    decided = (Pair("openalex:W2113259481", "openalex:W4251833922", "", "different"),)
    assert asked(*hers, decisions=decided) == []


@pytest.mark.parametrize(
    "names", [("openalex:W1", "openalex:W2"), ("doi:10.1/b", "doi:10.1/a"), ("openalex:W1", "doi:10.1/b")]
)
@pytest.mark.parametrize("decision", ["same", "different"])
def test_a_decided_pair_is_not_a_candidate(names: tuple[str, str], decision: str) -> None:
    records = rec(1, doi="10.1/a"), rec(2, doi="10.1/b")
    assert len(asked(*records)) == len(asked(*records, decisions=(Pair(*names, "", None),))) == 1
    assert asked(*records, decisions=(Pair(*names, "", decision),)) == []


def test_real_works_with_the_same_title() -> None:
    wanted = {f"W{n}" for n in (2041234663, 2242043546, 2175230694, 4249693660, 1553022322, 4255507160)}
    assert asked(*(r for r in real() if r.openalex in wanted)) == [
        (
            "doi:10.1016/s0048-9697(99)00312-5",
            "openalex:W2242043546",
            "same title; both 1999; same first author (Mountford); preprint and article; one has no DOI",
        ),
        (
            "doi:10.1579/0044-7447-34.3.205",
            "doi:10.1639/0044-7447(2005)034[0205:icaaca]2.0.co;2",
            "same title; both 2005; same first author (Fjeldså); DOIs differ",
        ),
        (
            "doi:10.1007/978-94-011-4369-1_24",
            "doi:10.1023/a:1005268804246",
            "same title; both 2000; same first author (Waldman); book-chapter and article; DOIs differ",
        ),
    ]


def test_the_real_pairs_of_five_reviews_are_found_as_judged() -> None:
    """The judgement is in benchmarks/dedup-truth.csv, pair by pair, with the reason."""
    with (ROOT / "benchmarks" / "dedup-truth.csv").open(encoding="utf-8", newline="") as file:
        judged = {frozenset((row["a"], row["b"])): row["truth"] for row in csv.DictReader(file)}
    wanted = {name for pair in judged for name in pair}
    found = resolve((), [r for r in real() if r.openalex in wanted])
    assert found.merges == ()
    openalex = {report.work: report.record.removeprefix("openalex:") for report in found.reports}
    said = [judged.get(frozenset((openalex[p.a], openalex[p.b])), "not judged") for p in candidate_pairs((), found)]
    assert Counter(said) == {"one text": 5, "one study": 3, "different": 2, "unclear": 1}


def test_the_most_certain_pair_comes_first() -> None:
    other, third = (
        "Peer support and burnout of nurses in small hospitals",
        "A trial of longer shifts in large hospitals",
    )
    sheet = Study("key:z", "z", title=LONG, authors="Smith, Ann", year=2020)
    records = (
        rec(1, other, "Ed Day", doi="10.1/a"), rec(2, other, "Ed Day", doi="10.1/b"),
        rec(3, third, "Jo Poe", venue="Health", volume="3"), rec(4, third, "Jo Poe", venue="Health", volume="3"),
        rec(5, year=2021), rec(6),
        rec(7, "A diary", "Al Ray", doi="10.1/c"), rec(8, "Errors of thermometers", "Bo Low", doi="10.1/d", pmid="9"),
    )  # fmt: skip
    records = (*records[:-2], replace(records[-2], pmid="9"), records[-1])
    assert [(a, b) for a, b, _ in asked(*records, studies=(sheet,))] == [
        ("openalex:W3", "openalex:W4"),  # the same title, author, year, journal and volume
        ("key:z", "openalex:W6"),
        ("doi:10.1/a", "doi:10.1/b"),  # the DOIs differ
        ("key:z", "openalex:W5"),  # a year apart
        ("openalex:W5", "openalex:W6"),
        ("doi:10.1/c", "doi:10.1/d"),  # a common PMID, and other titles
    ]


@given(st.permutations(range(8)))
def test_the_order_of_records_does_not_matter(order: list[int]) -> None:
    records = [rec(n, year=2020 + n % 2, doi=f"10.1/{n}" if n % 3 else None) for n in range(4)]
    records += [rec(n, author=None, title=LONG + "x") for n in range(4, 8)]
    assert asked(*(records[n] for n in order)) == asked(*records)


def test_agreement_is_symmetric() -> None:
    titles = [title_of(record.title) for record in real()]
    for a in titles[:60]:
        for b in titles[:60]:
            if a and b:
                assert agreement(a, b) == agreement(b, a)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Brady LA", "Lauren A. Brady", True),
        ("van der Berg, L.", "L Berg", True),
        ("García López M", "María García-López", True),
        ("Wei Wang", "Wang Wei", True),
        ("Wei Li", "Li Zhang", False),
        ("Ole Jørgensen", "JORGENSEN O", True),
        ("de Vries, A.", "de Jong, B.", False),
        ("Williams ACDC", "Amanda C. de C Williams", True),
    ],
)
def test_names_of_one_person(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same_person(other, one) is same


def test_titles_in_other_scripts_are_titles() -> None:
    assert plain_title("Étude <i>clinique</i> &amp; 研究：方法") == "etude clinique and amp 研究 方法"
    assert (
        evidence(
            rec(1, "同伴支持与成人药物滥用康复研究中的社会因素分析与展望"),
            rec(2, "同伴支持与成人药物滥用康复研究中的社会因素分析与展望"),
        )
        is not None
    )


def test_works_are_found_by_every_name() -> None:
    sheet = Study("doi:10.1/s", "s", doi="10.1/s")
    found = resolve(
        (sheet,), [rec(1, doi="10.1/s", pmid="5"), rec(2, doi="10.1/b"), rec(3, None, type="erratum", doi="10.1/e")]
    )
    assert works_by_name((sheet,), found) == {
        **dict.fromkeys(("doi:10.1/s", "s", "key:s", "openalex:W1", "pmid:5"), "doi:10.1/s"),
        **dict.fromkeys(("doi:10.1/b", "openalex:W2"), "doi:10.1/b"),
    }


def test_the_tables_of_pairs_merges_and_counts() -> None:
    old = rec(1, doi="10.1/a", source="records/a.jsonl", row=1)
    new = rec(1, doi="10.1/a", updated="2026", source="records/b.jsonl", row=4)
    other = Record(
        "ref:x", "PubMed", doi="10.1/a", title="Something else", year=1990, source="references/c.nbib", row=1
    )
    apart = rec(2, author="Smith A", source="records/b.jsonl", row=5)
    found = resolve((), [old, new, other, apart])
    listed = pair_table(candidate_pairs((), found), (), found)
    assert listed.columns == ("a", "a_title", "b", "b_title", "evidence", "decision", "note")
    assert listed.rows == [
        ("doi:10.1/a", LONG, "openalex:W2", LONG,
         "same title; both 2020; same first author (Smith); one has no DOI", None, None)
    ]  # fmt: skip
    merged = merge_table(found)
    assert merged.columns == ("record", "database", "title", "into", "reason", "differs", "file")
    assert merged.rows == [
        ("ref:x", "PubMed", "Something else", "doi:10.1/a", "same DOI 10.1/a", "title, year", "references/c.nbib"),
        ("openalex:W1", "OpenAlex", LONG, "openalex:W1", "same id, older than row 4 of records/b.jsonl", None,
         "records/a.jsonl"),
    ]  # fmt: skip
    assert count_table(found).rows == [
        ("records/a.jsonl", 1, 0, 1, 0), ("records/b.jsonl", 2, 2, 0, 0), ("references/c.nbib", 1, 0, 1, 0),
        ("all files", 4, 2, 2, 0),
    ]  # fmt: skip


STUDIES = (Study("doi:10.1/s", "smith-2020", doi="10.1/s"), Study("key:w", "W12"))


def decide(folder: Path, text: str, index: StudyIndex | None = None) -> tuple[list[Pair], list[str]]:
    path = folder / "duplicates.csv"
    path.write_text(text, encoding="utf-8")
    tables = read_tables(path, FILE)
    found = read_decisions(tables, index or StudyIndex(STUDIES))
    return found, [str(p) for table in tables for p in (*table.broken, *table.problems, *table.skipped)]


def test_the_completed_table_of_pairs_is_the_file_of_decisions(tmp_path: Path) -> None:
    records = rec(1, doi="10.1234/a"), rec(2, doi="10.1234/b"), rec(3, "=Something quite different and long", "Ed Day"), rec(4, "=Something quite different and long", "Ed Day")  # fmt: skip
    found = resolve((), records)
    text = to_csv(pair_table(candidate_pairs((), found), (), found))
    assert decide(tmp_path, text) == ([], [])
    lines = text.splitlines()
    assert len(lines) == 3
    filled = "\n".join(
        [lines[0] + ",reviewer,date", lines[1] + ",,", lines[2].removesuffix(",,") + ",Same,one text,AB,2026-11-25"]
    )
    decisions, problems = decide(tmp_path, filled)
    evidence = "same title; both 2020; same first author (Smith); DOIs differ"
    assert problems == []
    assert decisions == [Pair("doi:10.1234/a", "doi:10.1234/b", evidence, "same", "one text; AB; 2026-11-25")]
    merged = resolve((), records, decisions)
    assert [merge.reason for merge in merged.merges] == ["decided in records/duplicates.csv"]
    still_open = candidate_pairs((), merged, decisions)
    assert len(still_open) == 1
    again = pair_table(still_open, (), merged, decisions)
    assert again.column("decision") == ["same", None]
    assert again.column("b_title") == [LONG, "=Something quite different and long"]
    assert decide(tmp_path, to_csv(again)) == (decisions, [])


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("https://doi.org/10.1234/ABC", "doi:10.1234/abc"),
        ("doi:10.1234/abc", "doi:10.1234/abc"),
        ("w77", "openalex:W77"),
        ("https://openalex.org/works/W77", "openalex:W77"),
        ("openalex:W77", "openalex:W77"),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", "pmid:123"),
        ("PMID: 123", "pmid:123"),
        ("ref:0a1b", "ref:0a1b"),
        ("record:ref:0a1b", "ref:0a1b"),
        ("Smith-2020", "doi:10.1/s"),
        ("key:smith-2020", "doi:10.1/s"),
        ("doi:10.1/s", "doi:10.1/s"),
        ("W12", "key:w"),
    ],
)
def test_a_decision_accepts_every_spelling_of_an_identifier(tmp_path: Path, cell: str, name: str) -> None:
    found, problems = decide(tmp_path, f"a,b,decision\n{cell},ref:other,different\n")
    assert (found, problems) == ([Pair(name, "ref:other", "", "different")], [])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("W1,W2,sane", "column 'decision': 'sane': is no decision; did you mean same?; accepted: same, different, or blank"),
        ("W1,,same", "column 'b': the cell is blank; accepted: doi:10.…, openalex:W…, pmid:…, ref:…, or the key of a study"),
        ("W1,openalex:w1,same", "column 'b': 'openalex:w1': a work is compared with itself; accepted: two works"),
        (
            "W1,smith-2002,same",
            "column 'b': 'smith-2002': no study or record can be called this; did you mean 'smith-2020'?; "
            "accepted: doi:10.…, openalex:W…, pmid:…, ref:…, or the key of a study",
        ),
        (
            "ref:q,W9,different",
            "column 'decision': 'different': the pair was decided to be same (records/duplicates.csv, row 2); "
            "accepted: one decision a pair",
        ),
    ],
)  # fmt: skip
def test_a_problem_of_a_decision_has_its_row(tmp_path: Path, row: str, problem: str) -> None:
    found, problems = decide(tmp_path, f"a,b,decision\nW9,ref:q,same\n{row}\nref:q,W9,same\nW1,nobody,\n")
    assert found == [Pair("openalex:W9", "ref:q", "", "same")]
    assert problems == [f"{FILE}, row 3, {problem}"]


def test_a_missing_column_is_a_problem(tmp_path: Path) -> None:
    assert decide(tmp_path, "a,b,decison\nW1,W2,same\n")[1] == [
        f"{FILE}, row 1, column 'decision': the column is missing; did you mean 'decison'?; "
        "accepted: a column called 'decision'"
    ]


def test_a_decision_on_a_study_that_was_rejected_follows_its_row(tmp_path: Path) -> None:
    index = StudyIndex(STUDIES, {"lost": "sheets/studies.csv, row 3"})
    assert decide(tmp_path, "a,b,decision\nlost,W2,same\n", index) == (
        [],
        [f"{FILE}, row 2, column 'a': 'lost': the row of this study was rejected (sheets/studies.csv, row 3)"],
    )
