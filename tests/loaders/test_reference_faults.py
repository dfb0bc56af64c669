"""Faults that were seen in exports: each used to lose or to spoil records without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import exports as an
from tests.exports import TITLE
from tests.loaders.test_references import PMID, read


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["Ng, A.", "Li, B.", "Ng, A."], ["Ng, A.", "Li, B."]),
        (["Ng, A.", "ng, a.", "a.ng@example.org", "email: b@example.org"], ["Ng, A."]),
        (["Ng, A.", "IEEE"], ["Ng, A."]),
        (["IEEE"], ["IEEE"]),
    ],
)
def test_authors_are_people_and_each_once(tmp_path: Path, given: list[str], names: list[str]) -> None:
    lines = "".join(f"AU  - {name}\n" for name in given)
    (record,), problems = read(tmp_path, "a.ris", f"TY  - JOUR\n{lines}TI  - A title\nER  - \n")
    assert ([author.name for author in record.authors], problems) == (names, [])


def test_endnote_calls_pubmed_nlm(tmp_path: Path) -> None:
    text = f"TY  - JOUR\nTI  - {TITLE}\nAN  - {PMID}\nDP  - NLM\nER  - \n"
    (record,), problems = read(tmp_path, "a.ris", text)
    assert (record.database, record.pmid, problems) == ("PubMed", PMID, [])
    assert read(tmp_path, "a.xml", an.ENDNOTE.replace(">Medline<", ">NLM<"))[0][0].pmid == PMID
    assert read(tmp_path, "a.xml", an.ENDNOTE.replace(">Medline<", ">Other<"))[0][0].pmid is None


@pytest.mark.parametrize("start", ["PMID -", "PMID  - ", " PMID- ", "PMID-"])
def test_an_entry_of_medline_with_a_damaged_start(tmp_path: Path, start: str) -> None:
    """The entry used to be merged into the one before it, without a word."""
    records, problems = read(tmp_path, "a.nbib", an.NBIB + "\n" + an.NBIB.replace("PMID-", start).replace(PMID, "2"))
    assert ([record.pmid for record in records], problems) == ([PMID, "2"], [])


def test_an_entry_of_medline_without_a_start_is_named(tmp_path: Path) -> None:
    records, problems = read(tmp_path, "a.nbib", an.NBIB + an.NBIB.replace("PMID-", "PNID-"))
    assert records == [] and [str(problem) for problem in problems] == [
        f"references/a.nbib, row 1: 'PMID- {PMID} OWN - NLM': two entries are in these lines, and the second has no "
        "start; accepted: entries that begin with PMID-"
    ]
