"""Files of notices: Retraction Watch's table and works of Crossref. All notices here are fictitious."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.errors import KgError
from kg.linkage.retractions import Notice, NoticeFile
from kg.loaders.notices import COLUMNS, is_retraction_watch, read_notices
from kg.model.notices import NATURES
from kg.model.vocabulary import STANDINGS
from kg.problems import Note, Problem

HEAD = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,RetractionDOI,"
    "RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes\n"
)


def watch(*rows: tuple[str, str, str, str, str]) -> str:
    """Return a table of Retraction Watch; each row is the date, DOI, PMID, nature and reason."""
    out = io.StringIO()
    for number, (day, doi, pmid, nature, reason) in enumerate(rows, start=1):
        cells = [number, "Made up", "", "", "", "", "", "", "", "", day, f"10.5555/notice{number}", 0, "", doi, pmid, nature,
                 reason, "No", "two\nlines"]  # fmt: skip
        csv.writer(out, lineterminator="\n").writerow(cells)
    return HEAD + out.getvalue()


def read(tmp_path: Path, text: str | bytes, name: str = "retraction_watch.csv") -> tuple[NoticeFile, list[Problem]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_notices(path, f"standing/{name}")


def test_retraction_watch(tmp_path: Path) -> None:
    rows = (
        ("1/31/2024 0:00", "10.5555/A", "0", "Retraction", "+Error in Data;+Author Unresponsive;"),
        ("12/1/2023 0:00", "unavailable", "123", "Expression of concern", ""),
        ("2/29/2020 0:00", "Unavailable", "0", "Correction", "nothing to be known by"),
    )
    file, problems = read(tmp_path, watch(*rows))
    unnamed = "1 of 3 rows name no work, because they have neither a DOI nor a PMID of one"
    assert problems == [Note("standing/retraction_watch.csv", unnamed)]
    assert file == NoticeFile(
        "Retraction Watch",
        (
            Notice(
                "retraction", "10.5555/a", None, "2024-01-31", "Error in Data; Author Unresponsive", "10.5555/notice1"
            ),
            Notice("expression of concern", None, "123", "2023-12-01", None, "10.5555/notice2"),
        ),
        "2024-01-31",
    )
    assert read(tmp_path, watch(*rows), "rw-2026-11-01.csv")[0].as_of == "2026-11-01"
    assert read(tmp_path, watch(*rows).replace("Author", "Müller").encode("cp1252"))[1] == problems


def test_invalid_values_of_retraction_watch(tmp_path: Path) -> None:
    _, problems = read(tmp_path, watch(("31.1.2024", "10.5555/a", "0", "Vanished", "")))
    assert [str(p)[:95] for p in problems] == [
        "standing/retraction_watch.csv, row 2, column 'RetractionNature': 'Vanished': is not understood;",
        "standing/retraction_watch.csv, row 2, column 'RetractionDate': '31.1.2024': is not understood; ",
    ]
    assert all(isinstance(problem, Note) for problem in problems)
    _, problems = read(tmp_path, "a,b\n1,2\n")
    assert not isinstance(problems[0], Note) and str(problems[0]).startswith(
        "standing/retraction_watch.csv, row 1: 'a, b': columns of Retraction Watch's table are missing: RetractionNature, "
    )


def test_impossible_rows_are_named_and_the_rest_counts(tmp_path: Path) -> None:
    """Such a table used to be read without a word, with cells of a shifted row under the wrong columns."""
    sound = ("1/31/2024 0:00", "10.5555/a", "0", "Retraction", "")
    text = watch(
        sound, ("2/30/2024 0:00", "10.5555/b", "0", "Retraction", ""), sound, sound, ("", "", "0", "Retraction", "")
    )
    lines = list(csv.reader(io.StringIO(text)))
    lines[3].insert(2, "shifted")
    lines[4][HEAD.rstrip().split(",").index("OriginalPaperDate")] = "3/1/2024 0:00"
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    file, problems = read(tmp_path, out.getvalue())
    assert [(n.doi, n.date) for n in file.notices] == [
        ("10.5555/a", "2024-01-31"), ("10.5555/b", None), ("10.5555/a", "2024-01-31"),
    ]  # fmt: skip
    assert [(type(p), p.row, p.reason) for p in problems] == [
        (Note, 3, "is not understood"),
        (Note, 4, "the row has 21 cells, and the header 20"),
        (Note, 5, "is before the date of the work, 2024-03-01"),
        (Note, 0, "1 of 5 rows name no work, because they have neither a DOI nor a PMID of one"),
    ]


def test_crossref(tmp_path: Path) -> None:
    day = {"date-parts": [[2024, 3, 5]]}
    notice = {
        "DOI": "10.5555/n",
        "update-to": [{"DOI": "10.5555/A", "type": "retraction", "updated": day, "label": "Retraction"}],
    }
    article = {"DOI": "10.5555/b", "indexed": {"date-time": "2026-11-02T03:04:05Z"},
               "updated-by": [{"DOI": "10.5555/m", "type": "expression_of_concern", "updated": day}]}  # fmt: skip
    plain = {"DOI": "10.5555/c"}
    wanted = NoticeFile(
        "Crossref",
        (
            Notice("retraction", "10.5555/a", None, "2024-03-05", "Retraction", "10.5555/n"),
            Notice("expression of concern", "10.5555/b", None, "2024-03-05", None, "10.5555/m"),
        ),
        "2026-11-02",
        False,
        frozenset({"10.5555/n", "10.5555/b", "10.5555/c"}),
    )
    works = [notice, article, plain]
    answer = {"status": "ok", "message": {"items": works}}
    assert read(tmp_path, json.dumps(answer), "crossref.json") == (wanted, [])
    assert read(tmp_path, json.dumps(works), "crossref.json") == (wanted, [])
    assert read(tmp_path, "\n".join(map(json.dumps, works)), "crossref.jsonl") == (wanted, [])
    single, _ = read(tmp_path, json.dumps({"message": notice}), "one.json")
    assert single.notices == wanted.notices[:1]
    _, problems = read(
        tmp_path,
        json.dumps([{"DOI": "10.5555/a", "update-to": [{"DOI": "10.5555/b", "type": "vanished"}]}, {}]),
        "x.json",
    )
    assert [str(p).partition("; accepted")[0] for p in problems] == [
        "standing/x.json, row 1, column 'type': 'vanished': is not understood",
        "standing/x.json, row 2, column 'DOI': is no work of Crossref",
    ]
    assert "is not valid JSON" in str(read(tmp_path, "{", "x.json")[1][0])


def test_every_nature_gives_a_standing() -> None:
    assert set(NATURES.values()) <= set(STANDINGS) - {"not checked"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1/31/2020 0:00", "2020-01-31"),
        ("12/1/2020", "2020-12-01"),
        ("2020-01-31", "2020-01-31"),
        ("2020-01-31T00:00:00", "2020-01-31"),
        ("", None),
        ("2/30/2020 0:00", None),
        ("31/1/2020 0:00", None),
        ("2020", None),
    ],
)
def test_days(tmp_path: Path, written: str, expected: str | None) -> None:
    file, problems = read(tmp_path, watch((written, "10.5555/a", "0", "Retraction", "")))
    assert [notice.date for notice in file.notices] == [expected]
    wrong = [
        Note("standing/retraction_watch.csv", "is not understood", "", 2, "RetractionDate", written, "1/31/2020 0:00")
    ]
    assert problems == (wrong if written and expected is None else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rw_2026-11-02.csv", "2026-11-02"),
        ("20261102.csv", "2026-11-02"),
        ("retractions35215.csv", "2024-01-31"),
        ("rw-2026-13-02.csv", "2024-01-31"),
        ("rw-120261102.csv", "2024-01-31"),
    ],
)
def test_a_file_is_as_of_the_date_in_its_name_or_its_newest_notice(tmp_path: Path, name: str, expected: str) -> None:
    rows = watch(
        ("1/31/2024 0:00", "10.5555/a", "0", "Retraction", ""), ("2/1/2020 0:00", "10.5555/b", "0", "Correction", "")
    )
    assert read(tmp_path, rows, name)[0].as_of == expected


def test_rows_are_counted_as_in_a_spreadsheet(tmp_path: Path) -> None:
    text = watch(
        ("1/31/2024 0:00", "10.5555/a", "0", "Retraction", ""), ("1/31/2024 0:00", "10.5555/b", "0", "Gone", "")
    )
    _, problems = read(tmp_path, text.replace("\n", "\n\n", 1))
    assert [problem.row for problem in problems] == [4]


def test_a_truncated_table(tmp_path: Path) -> None:
    text = watch(("1/31/2024 0:00", "10.5555/a", "0", "Retraction", "")) + '2,"' + "x" * 140_000
    file, problems = read(tmp_path, text)
    assert len(file.notices) == 1
    assert [str(problem) for problem in problems] == [
        "standing/retraction_watch.csv, row 3: is no table from here on: field larger than field limit (131072)"
    ]
    assert read(tmp_path, "")[1][0].reason == (
        "columns of Retraction Watch's table are missing: RetractionNature, RetractionDate, RetractionDOI, "
        "OriginalPaperDOI, OriginalPaperPubMedID, Reason"
    )


def test_a_table_with_tabs(tmp_path: Path) -> None:
    cells = ["Retraction", "1/31/2024 0:00", "10.5555/n", "10.5555/a", "0", "+Made up;"]
    file, problems = read(tmp_path, "\t".join(COLUMNS) + "\n" + "\t".join(cells) + "\n", "rw.tsv")
    assert (file.notices, problems) == (
        (Notice("retraction", "10.5555/a", None, "2024-01-31", "Made up", "10.5555/n"),),
        [],
    )


def test_the_header_identifies_the_table() -> None:
    assert is_retraction_watch(COLUMNS) and not is_retraction_watch(["key", "doi"])


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"cannot read .*gone\.csv: No such file or directory"):
        read_notices(tmp_path / "gone.csv", "standing/gone.csv")


@pytest.mark.parametrize(
    ("kind", "nature"),
    [
        ("expression_of_concern", "expression of concern"),
        ("new_version", "new version"),
        ("partial-retraction", "partial retraction"),
        ("Clarification", "clarification"),
    ],
)
def test_types_of_crossref(tmp_path: Path, kind: str, nature: str) -> None:
    work = {"DOI": "10.5555/n", "update-to": [{"DOI": "10.5555/a", "type": kind}]}
    assert read(tmp_path, json.dumps(work), "n.json")[0].notices == (Notice(nature, "10.5555/a", notice="10.5555/n"),)


def test_values_of_unexpected_types_count_as_absent(tmp_path: Path) -> None:
    odd = {"DOI": "10.5555/n", "indexed": "soon", "update-to": "10.5555/a", "updated-by": [7]}
    assert read(tmp_path, json.dumps(odd), "n.json") == (
        NoticeFile("Crossref", complete=False, listed=frozenset({"10.5555/n"})),
        [],
    )
    day = {"date-parts": [[2024, 13, 5]], "date-time": "2024-03-05T00:00:00Z"}
    work = {
        "DOI": "10.5555/n",
        "update-to": [{"DOI": "10.5555/a", "type": "erratum", "updated": day}, {"type": "erratum"}],
    }
    assert [n.date for n in read(tmp_path, json.dumps(work), "n.json")[0].notices] == [None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("10.5555/a"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["DOI", "update-to", "updated-by", "type", "label", "updated", "date-parts"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(works=JSON)
@example(works=[{"DOI": "10.5555/n", "update-to": [{"DOI": "10.5555/a", "type": "erratum", "label": {"a": 1}}]}])
@example(works={"DOI": "10.5555/n", "indexed": {"date-parts": [[10**30, 1, 1]]}})
def test_any_json_gives_notices_or_problems(tmp_path: Path, works: object) -> None:
    file, _ = read(tmp_path, json.dumps(works), "n.json")
    assert hash(file) and all(notice.nature in NATURES and notice.doi for notice in file.notices)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.binary(max_size=200), name=st.sampled_from(["n.csv", "n.tsv", "n.json", "n.jsonl"]))
def test_any_bytes_give_notices_or_problems(tmp_path: Path, rows: bytes, name: str) -> None:
    read(tmp_path, rows, name)
    read(tmp_path, HEAD.encode() + rows, name)
