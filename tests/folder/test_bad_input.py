"""Input that cannot be loaded is reported with file, sheet, row, column, value, reason and accepted values.

The exact messages are in ``data/bad_input.txt``. Regenerate them with KG_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import datetime
import errno
import io
import os
import random
import re
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import BadInput
from kg.export.tables import to_csv, to_tsv
from kg.export.tables import write_xlsx as export_xlsx
from kg.folder.files import input_files
from kg.folder.review import Review
from kg.loaders.sheets.cells import looks_like_date, turned_into_date
from kg.model.ids import slug
from kg.model.published import PRINTED_TABLES, PrintedAs
from kg.model.vocabulary import DIRECTIONS
from kg.problems import Problem, group_problems, nearest, shorten
from tests.conftest import MakeReview, Run
from tests.paths import DATA
from tests.spreadsheets import Rows, write_ods, write_xlsx

MESSAGES = DATA / "bad_input.txt"

Content: TypeAlias = str | bytes | Callable[[Path], None] | None

TOML = 'id = "r"\ntitle = "R"\n'
STUDIES = "key,label,doi,title\na,1,10.1234/a,A\nb,2,,B\nc,3,,C\n"
HEAD = "study,factor,direction,outcomes,locator,note\n"
TERMS = "id,label,broader,definition,synonyms\n"
FACTORS = {
    "vocabulary/factors.csv": TERMS + "org,Organisational,,,\npay,Pay,org,,Salary\nsup,Supervisory support,org,,\n"
}
H = ["study", "factor", "direction"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def folder(root: Path, files: Mapping[str, Content]) -> Review:
    """Write a review folder; None leaves a file out."""
    for name, content in {"review.toml": TOML, "sheets/studies.csv": STUDIES, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        elif content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return Review(root)


def findings(rows: str | bytes) -> dict[str, Content]:
    return {"sheets/findings.csv": HEAD + rows if isinstance(rows, str) else HEAD.encode() + rows}


def toml(text: str) -> dict[str, Content]:
    return {"review.toml": TOML + text}


def xlsx(sheets: Mapping[str, Rows], merge: Mapping[str, list[str]] | None = None) -> Callable[[Path], None]:
    return lambda path: write_xlsx(path, sheets, merge)


def ods(sheets: Mapping[str, Rows], merge: Mapping[str, list[str]] | None = None) -> Callable[[Path], None]:
    return lambda path: write_ods(path, sheets, merge)


def cut(content: Callable[[Path], None]) -> Callable[[Path], None]:
    """Remove the last third of a file, as in an incomplete copy."""

    def write(path: Path) -> None:
        content(path)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])

    return write


def drop_down(path: Path) -> None:
    """Write a workbook that has a cell with an error value."""
    write_xlsx(path, {"F": [H, ["a", "x", "barrier"]]})
    book = openpyxl.load_workbook(path)
    cell = book["F"]["B2"]
    cell.value, cell.data_type = "#N/A", "e"
    book.save(path)


BOOK: Rows = [H, ["a", "Pay", "barrier"]]
DAY = datetime.datetime(2024, 3, 4)

CASES: dict[str, Mapping[str, Content]] = {
    # columns
    "a column is missing": {"sheets/f.csv": "study,factor,outcomes\na,Pay,\n"},
    "a column that must be there is misspelt": {"sheets/f.csv": "study,facter,direction\na,Pay,barrier\n"},
    "a synonym is misspelt": {"sheets/f.csv": "study,interventon,direction\na,Pay,barrier\n"},
    "nothing tells what the sheet holds": {"sheets/f.csv": "x,y\n1,2\n"},
    "nothing tells what the workbook holds": {"sheets/f.xlsx": xlsx({"One": [["u"], ["v"]], "Two": [["x"]]})},
    "merged header cells": {
        "sheets/f.xlsx": xlsx(
            {"F": [["study", "factor", None, "direction"], ["a", "Pay", "more", "barrier"]]}, {"F": ["B1:C1"]}
        )
    },
    "merged header cells below blank rows": {
        "sheets/f.xlsx": xlsx(
            {"F": [[], [], ["study", "factor", None, "direction"], ["a", "Pay", "more", "barrier"]]}, {"F": ["B3:C3"]}
        )
    },
    "a merged title above the header": {
        "sheets/f.xlsx": xlsx({"F": [["Who", "What", None], H, ["a", "Pay", "barrier"]]}, {"F": ["B1:C1"]})
    },
    "merged header cells in ods": {
        "sheets/f.ods": ods(
            {"F": [["study", "factor", None, "direction"], ["a", "Pay", "more", "barrier"]]}, {"F": ["B1:C1"]}
        )
    },
    # values
    "an unknown direction": findings("a,Pay,facilitater,,,\na,Pay,upwards,,,\n"),
    "other values": {
        "sheets/studies.csv": "key,title,methods\na,A,quantitativ\n",
        "sheets/f.csv": "study,factor,direction,tabulated,approach,certainty\na,Pay,barrier,maybe,numbers,sure\n",
    },
    "an unknown factor": {**FACTORS, **findings("a,Supervisry suport,barrier,,,\na,Zzz,barrier,,,\n")},
    "an unknown outcome": {
        "vocabulary/outcomes.csv": TERMS + "".join(f"o{n},Outcome {n},,,\n" for n in range(1, 11)),
        "sheets/studies.csv": "key,title,outcomes\na,A,Outcome 3; Burnot\n",
        **findings("a,Pay,barrier,Outcome 1;Outcom 2,,\n"),
    },
    "blank cells": {**FACTORS, **findings(",Pay,,,,\nzz,,barrier,,,\n")},
    "a study that no sheet defines": findings('Felton 2023,Pay,barrier,,,\n"1,3-5",Pay,barrier,,,\nbb,Pay,mixed,,,\n'),
    "no studies sheet": {
        "sheets/studies.csv": None,
        "sheets/f.csv": HEAD + "a,Pay,barrier,,,\n",
        **findings("a,Pay,barrier,,,\nb,Pay,up,,,\n04-Mar,Pay,barrier,,,\n"),
    },
    "a studies sheet without a study": {"sheets/studies.csv": "key,title\n", **findings("a,Pay,barrier,,,\n" * 3)},
    "a finding twice": findings("a,Pay,barrier,,p. 3,x\na,Pay,hinders,,p. 3,y\n"),
    "a finding twice in two files": {"sheets/f.csv": HEAD + "a,Pay,barrier,,,\n", "sheets/g.xlsx": xlsx({"G": BOOK})},
    "an invalid doi": {"sheets/studies.csv": "key,doi,title\na,PMID: 28368179,A\n"},
    "an invalid openalex id": {"sheets/studies.csv": "key,openalex,title\na,123,A\n"},
    "an invalid year": {"sheets/studies.csv": "key,year,title\na,20l9,A\nb,3019,B\nc,2019.5,C\nd,Mar-04,D\n"},
    "an invalid sample size": {"sheets/studies.csv": "key,n,title\na,about 20,A\nb,12345678901234567890,B\n"},
    "a row names no study": {"sheets/studies.csv": "key,title,country\n,,Chile\n"},
    # duplicate studies
    "one doi": {"sheets/studies.csv": STUDIES + "d,4,https://doi.org/10.1234/A,D\n"},
    "one key": {"sheets/studies.csv": STUDIES + "A,4,,D\n"},
    "one article number": {"sheets/studies.csv": STUDIES + "d,1,,D\n"},
    "one openalex id": {"sheets/studies.csv": "key,openalex,title\na,W1,A\nb,https://openalex.org/W1,B\n"},
    # changes that spreadsheets make to cells
    "a date for a range in xlsx": {
        "sheets/f.xlsx": xlsx(
            {"F": [[*H, "locator"], [DAY, "Pay", "barrier", DAY.date()], [DAY.replace(hour=9), "Pay", "barrier", None]]}
        )
    },
    "a date for a range in ods": {"sheets/f.ods": ods({"F": [H, [DAY.date(), "Pay", "barrier"]]})},
    "a date for a range in csv": findings(
        "04-Mar,Pay,barrier,,,\nMar-04,Pay,barrier,,,\n2024-03-04 00:00:00,Pay,barrier,,,\n1;04-Mar,Pay,barrier,,,\n"
        "a,Pay,barrier,,04-Mar,\na,Pay,barrier,,Mar-04,\na,Pay,barrier,,diary of May 2020,\n"
    ),
    "formulas": {"sheets/f.xlsx": xlsx({"F": [[*H, "note"], ["a", "=B1", "barrier", "=SUM(A1:A2)"]]})},
    "an error value": {"sheets/f.xlsx": drop_down},
    "merged cells below the header": {
        "sheets/f.xlsx": xlsx(
            {"F": [[*H, "note"], ["a", "Pay", "barrier", "x"], [None, None, "barrier", None]]},
            {"F": ["A2:B3", "C3:D3"]},
        )
    },
    "more cells than the header": findings("a,Pay,barrier,,p. 3, 4,said so\nb,Pay,barrier,,p. 3, 4, 5,\n"),
    "more columns than are read": {
        "sheets/f.xlsx": xlsx({"F": [H, ["a", "Pay", "barrier"], ["b", "Pay", "barrier", *[None] * 2000, "remark"]]})
    },
    # files
    "empty files": {
        "sheets/f.csv": "",
        "sheets/g.csv": "\n \n",
        "sheets/h.csv": ",,,\n,,\n",
        "sheets/i.csv": b"\xff\xfe",
        "sheets/j.csv": b"\xef\xbb\xbf",
        "sheets/k.xlsx": b"",
        "sheets/l.ods": b"",
        "sheets/m.xlsx": xlsx({"A": [], "B": [[" "]]}),
        "sheets/n.ods": ods({"A": [[None]]}),
    },
    "text called a workbook": {"sheets/f.xlsx": HEAD, "sheets/g.ods": HEAD, "sheets/h.xlsx": "Müller".encode("cp1252")},
    "an old or locked workbook": {"sheets/f.xlsx": OLE, "sheets/g.ods": OLE, "sheets/h.xls": OLE, "sheets/i.xlsm": OLE},
    "a workbook cut off": {"sheets/f.xlsx": cut(xlsx({"F": BOOK})), "sheets/g.ods": cut(ods({"F": BOOK}))},
    "a workbook of the other kind": {"sheets/f.xlsx": ods({"F": BOOK}), "sheets/g.ods": xlsx({"F": BOOK})},
    "cp1252 without saying so": {
        **findings("a,Pay,barrier,,,\na,Pay,mixed,,p. 2,Müller\n".encode("cp1252")),
        "vocabulary/factors.csv": "id,label\npay,Löhne\n".encode("cp1252"),
    },
    "utf-16 without saying so": {
        "sheets/f.csv": (HEAD + "a,Pay,barrier,,,Müller\n").encode("utf-16-le"),
        "sheets/g.csv": (HEAD + "b,Pay,barrier,,,\n").encode("utf-16-be"),
        "vocabulary/factors.csv": TERMS.encode("utf-16-le"),
    },
    "a wrong encoding declared": {
        **toml(
            "".join(
                f'[[sheet]]\nfile = "sheets/{file}"\nencoding = "{encoding}"\n'
                for file, encoding in (("f.csv", "utf8x"), ("g.csv", "undefined"), ("h.csv", "ascii"), ("i.csv", "hex"))
            )
        ),
        **{f"sheets/{name}.csv": HEAD + "a,Pay,barrier,,,ü\n" for name in "fghi"},
    },
    "nul bytes": findings("a,Pay,barrier,,,\na,Pay,mixed,,,x\0y\n"),
    "a cell that is too long": findings("a,Pay,barrier,,," + "x" * 40_000 + "\n"),
    "a quote without an end": findings('a,Pay,barrier,,,\na,Pay,mixed,,,"said so\na,Pay,no_effect,,,\n'),
    "a quote that ends in another row": findings(
        'a,Pay,barrier,,,"said so\na,Pay,mixed,,,\na,Pay,no_effect,,"p. 3, 4",x\n'
    ),
    "a quote that swallows very much": findings('a,Pay,barrier,,,"' + "x" * 200_000 + "\n"),
    "a quote that is not doubled": findings('a,Pay,barrier,,,"Smith" says\n'),
    # vocabularies
    "circles of terms": {"vocabulary/factors.csv": TERMS + "a,A,b,,\nb,B,c,,\nc,C,a,,\nd,D,d,,\ne,E,a,,\n"},
    "terms that are not apart": {
        "vocabulary/factors.csv": TERMS
        + ("a,Pay,,,\nb,pay,,,\nc,C,,,Salary\nd,D,,,x; salary\na,E,,,\nf,  PAY ,,,\ng,a,,,\n")
    },
    "unknown broader terms": {
        "vocabulary/factors.csv": TERMS + "pay,Pay,orgs,,\norg,Organisational,,,\nsup,S,organisational,,\n"
    },
    "a term without a label": {
        "vocabulary/factors.csv": TERMS + "a,,,x,\n",
        "vocabulary/outcomes.csv": "id,what\na,A\n",
    },
    "an unknown end of the scale": {"vocabulary/outcomes.csv": "id,label,favorable\na,A,upp\n"},
    "two vocabularies for one": {**FACTORS, "vocabulary/factors.ttl": ""},
    "vocabularies by other names": {
        **FACTORS,
        **findings("a,Pay,barrier,Any,,\n"),
        **dict.fromkeys(("vocabulary/factor.csv", "vocabulary/designs.csv", "vocabulary/outcomes.xlsx"), ""),
        **dict.fromkeys(("vocabulary/Outcome.CSV", "vocabulary/outcomes.rdf"), ""),
    },
    "sheets in sub-folders": {"sheets/inner/studies.csv": "", "sheets/inner/more/f.xlsx": "", "sheets/a.csv/b.xls": ""},
    "a sheet saved as tab delimited text": {"sheets/coding.txt": HEAD.replace(",", "\t")},
    # review.toml
    "unknown and missing keys": {"review.toml": 'titel = "R"\n[[sheet]]\nfiles = "x"\n'},
    "wrong types": {"review.toml": 'id = 3\ntitle = ""\nyear = "2020"\nwords = "a"\nsheet = "x"\n[colours]\npay = 3\n'},
    "what cannot be said of a review": toml(
        'authors = ["Doe J"]\nlicense = "CC0"\ninclusion_criteria = "Carers"\nexclusion_criteria = [1]\nversion = 2\n'
        'update_every = 0\nsearch_date = "spring 2025"\n'
    ),
    "months that are no number": toml('update_every = "12"\nsearch_date = "2025-02-30"\ncontact = true\n'),
    "a search on a day that no month has": toml('update_every = 12\nsearch_date = "2025-02-30"\n'),
    "unknown words and colours": toml(
        '[words]\nfaktor = "Theme"\nup = "more"\n[colours]\nbarier = "#000000"\nbarrier = "red"\nmixed = "#12345"\n'
        'no_effect = "#00723B"\nfacilitator = "#00723b;"\n'
    ),
    "a table where a list is meant": toml('[sheet]\nfile = "sheets/studies.csv"\n'),
    "wrong values for a sheet": toml(
        '[[sheet]]\nfile = "sheets/studies.csv"\nkind = "study"\nheader_row = 0\nencoding = 8\n'
        '[[sheet]]\nfile = "sheets/studies.csv"\nheader_row = "2"\ncolumns = { title = 3 }\n'
        'values = { direction = { up = "facilitater" }, factor = { x = "y" }, approach = "x" }\n'
    ),
    "sheets that are not there": {
        **toml(
            '[[sheet]]\nfile = "sheets/findngs.csv"\n[[sheet]]\nfile = "x.csv"\n'
            '[[sheet]]\nfile = "sheets/studies.csv"\nsheet = "S"\n[[sheet]]\nfile = "sheets/b.xlsx"\nsheet = "Finding"\n'
        ),
        "x.csv": HEAD,
        "sheets/b.xlsx": xlsx({"Findings": [H], "Other": [["x"]]}),
    },
    "mapped columns that are not there": {
        **toml('[[sheet]]\nfile = "sheets/f.csv"\ncolumns = { factor = "Was", dirction = "Wie" }\n'),
        "sheets/f.csv": "study,Wass,direction\na,Pay,barrier\n",
    },
    "a header row beyond the end": {**toml('[[sheet]]\nfile = "sheets/f.csv"\nheader_row = 9\n'), "sheets/f.csv": HEAD},
    "wrong published tables": {
        **toml('[published]\n"published/table2.csv" = "evidence-count"\n"published/table-2.csv" = 2\n'),
        "published/table-2.csv": "factor\n",
    },
    "wrong declarations of marks and facets": toml(
        '[[sheet]]\nfile = "sheets/studies.csv"\nkey = "id"\nnumbered = { outcomes = "Outcome", study = "S{n}" }\n'
        'directions = { Barriers = "barier" }\n[[sheet.marks]]\nof = "state"\n[[sheet.marks]]\nprefix = "a"\ngroup = "b"\n'
        'yes = "x"\ndirection = "up"\n[[sheet]]\nfile = "sheets/b.csv"\nkind = "links"\nmarks = "x"\n'
        '[[facet]]\nkind = "list"\nof = "reports"\ncolours = { a = "red" }\nnot_reported = "NR"\nvalue = ["a"]\n'
    ),
    "two declarations of one sheet": {
        **toml(
            '[[sheet]]\nfile = "sheets/all.csv"\nkind = "studies"\n[[sheet]]\nfile = "sheets/all.csv"\nkind = "findings"\n'
            '[[sheet]]\nfile = "sheets/b.xlsx"\nsheet = "S"\n[[sheet]]\nfile = "sheets/b.xlsx"\nsheet = "S"\n'
        ),
        "sheets/all.csv": "key,title,factor,direction\na,A,Pay,barrier\n",
    },
    "declared columns that are not there": {
        **toml(
            '[[sheet]]\nfile = "sheets/w.csv"\nkey = ["id", "arms"]\nignore = ["User"]\ndirections = { Barrier = "barrier" }\n'
            'numbered = { outcomes = "Outcome{n}" }\n[[sheet.marks]]\nof = "state"\nprefix = "land_"\n'
            '[[sheet.marks]]\nof = "grade"\ncolumns = ["grade_1", "…", "grade_9"]\n'
        ),
        "sheets/w.csv": "id,arm,title,state_ohio,state_utah,grade_1,grade_2,Barriers\na,1,A,x,,x,,Pay\n",
    },
    # layouts
    "terms of marks that are not in the vocabulary": {
        **FACTORS,
        **toml('[[sheet]]\nfile = "sheets/w.csv"\n[[sheet.marks]]\nof = "factor"\nprefix = "f_"\n'),
        "sheets/w.csv": "id,title,f_pay,f_supervisory_suport,f_salary\nx,X,1,1,\n",
    },
    "rows that may be studies or findings": {
        "sheets/w.csv": "item id,title,wave,design,country,tool,n,setting,mode,lead,aim\n"
        + "".join(f"i{n // 2 if n < 8 else n},T{n // 2 if n < 8 else n},{n},d{n},c,t,1,s,m,l,a\n" for n in range(20))
    },
    "rows of one study that differ": {
        "sheets/w.csv": "id,title,year,factor,direction,design\nx,X,2020,Pay,barrier,survey\nx,X,2021,Hours,barrier,diary\n"
        "x,Y,2020,Time,mixed,survey\n"
    },
    "studies of one key that were charted differently": {
        "sheets/studies.csv": "key,title,design,mode\na,A,survey,phone\na,A,diary,phone\nb,B,survey,post\n",
        "sheets/more.csv": "refid,mode\nb,post\nb,phone\n",
    },
    "rows below the name of their study": {
        **findings("a,Pay,barrier,,,\n,Hours,barrier,,,\n,Time,mixed,,,\nb,Pay,barrier,,,\n,Home,mixed,,,\n"),
        "sheets/w.csv": "Study ID,Title,Year,Factor,Effect\nx,X,2020,Pay,helps\n,,,Hours,helps\ny,Y,2021,Pay,hinders\n"
        ",,,Time,helps\n",
    },
    "a column to be filled down that is not there": {
        **toml('[[sheet]]\nfile = "sheets/findings.csv"\nfill_down = ["studdy"]\n'),
        **findings("a,Pay,barrier,,,\n"),
    },
    "a list of excluded studies": {
        "sheets/excluded.csv": "title,year,reason for exclusion\nX,2020,wrong topic\nY,2021,no data\n"
    },
    "a sheet with some excluded studies": {
        "sheets/all.xlsx": xlsx(
            {
                "All": [
                    ["Author", "Year", "Title", "Why excluded"],
                    ["Ng", 2020, "X", None],
                    ["Lee", 2021, "Y", "no data"],
                ]
            }
        )
    },
    "marks with remarks": {
        **toml('[[sheet]]\nfile = "sheets/w.csv"\n[[sheet.marks]]\nof = "factor"\ncolumns = ["pay", "time"]\n'),
        "sheets/w.csv": "id,title,pay,time\n"
        + "".join(f"w{n},W{n},yes (reader {n}),{'perhaps' if n % 2 else 'x'}\n" for n in range(8)),
    },
    "numbers with remarks": {
        **toml('[[facet]]\nname = "score"\nkind = "number"\n'),
        "sheets/w.csv": "id,title,score\n" + "".join(f"w{n},W{n},about {n}\n" for n in range(5)),
    },
    "links to what is not there": {
        **toml(
            '[[sheet]]\nfile = "sheets/t.csv"\nkind = "terms"\nof = "outcome"\n'
            '[[sheet]]\nfile = "sheets/l.csv"\nkind = "links"\nof = "outcome"\ncolumns = { term = "oid" }\n'
        ),
        "sheets/t.csv": "id,name\n1,Retention\n2,\n",
        "sheets/l.csv": "refid,oid\na,1\nzz,1\na,7\n,1\n",
    },
    "links and terms that are not declared": {
        "sheets/l.csv": "refid,synd_id\n3,1\n3,2\n",
        "sheets/t.csv": "condition_name,category\nDepression,mental health\n",
    },
    "a workbook of only legends": {
        "sheets/f.xlsx": xlsx({"Codebook": [H, ["a", "Pay", "barrier"]], "Legend": [["x"], ["yes"]]})
    },
    "cells of facets that cannot be read": {
        **toml('[[facet]]\nname = "age"\nkind = "number"\n'),
        "vocabulary/mode.csv": "label\nphone\nonline\n",
        "sheets/w.xlsx": xlsx(
            {"S": [["key", "title", "age", "mode", "aim", "seen"], ["x", "X", "old", "onlin", "=A1", DAY]]}
        ),
    },
    # one cause, one message
    "a rejected study is not told again for its findings": {
        "sheets/studies.csv": STUDIES + "d,4,bad,D\ne,5,,Pay, and more\nf,6,10.1234/a,F\n",
        **findings("d,Pay,barrier,,,\n5,Pay,mixed,,,\nf,Pay,barrier,,,\n10.1234/A,Pay,barrier,,,\nq,Pay,barrier,,,\n"),
    },
    "an unreadable studies sheet is not told again": {
        "sheets/studies.csv": STUDIES.encode() + b"\xff\n",
        **findings("d,Pay,barrier,,,\na,Pay,up,,,\n"),
    },
    "all files at once": {
        **FACTORS,
        "sheets/studies.csv": STUDIES + "d,4,x,D\n",
        "sheets/f.xlsx": b"",
        **findings("a,Pey,barrier,,,\na,Pay,bar,,,\n"),
        "vocabulary/outcomes.csv": TERMS + "x,X,y,,\n",
        "records/searches.csv": "id,source,hits\ns,X,many\nt,X,3\nt,Y,4\n",
        "published/gaps.csv": "id,statement,factors\ng,x,Zzz\nh,y,\nh,z,\n",
    },
}


def problems_of(review: Review) -> Sequence[Problem]:
    """Return the problems of a review that cannot be loaded."""
    with pytest.raises(BadInput) as caught:
        review.load()
    return caught.value.problems


def messages_of(review: Review) -> list[str]:
    """Return the messages of a review that cannot be loaded, one for each row."""
    return [str(problem) for problem in problems_of(review)]


def lines_of(review: Review) -> list[str]:
    """Return the same as the command prints them, with the rows of one problem in one line."""
    return [str(group) for group in group_problems(problems_of(review))]


def written_messages() -> dict[str, list[str]]:
    text = MESSAGES.read_text(encoding="utf-8").replace("{latest}", str(datetime.date.today().year + 2))
    parts = re.split(r"^# (.+)\n", text, flags=re.MULTILINE)
    return {name: body.strip("\n").split("\n") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.skipif("KG_UPDATE_GOLDEN" not in os.environ, reason="the messages are compared")
def test_write_the_messages(tmp_path: Path) -> None:
    latest = f"to {datetime.date.today().year + 2}"
    parts = [
        f"# {name}\n" + "\n".join(lines_of(folder(tmp_path / str(n), files))).replace(latest, "to {latest}") + "\n"
        for n, (name, files) in enumerate(CASES.items())
    ]
    MESSAGES.write_text("\n".join(parts), encoding="utf-8", newline="\n")


def test_every_case_has_its_messages() -> None:
    assert list(written_messages()) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_exact_messages(tmp_path: Path, name: str) -> None:
    assert lines_of(folder(tmp_path, CASES[name])) == written_messages()[name]


@pytest.mark.parametrize("name", CASES)
def test_the_command_prints_the_messages_and_exits_with_1(tmp_path: Path, name: str, run: Run) -> None:
    review = folder(tmp_path, CASES[name])
    ran = run("build", "-C", review.root)
    lines = ran.err.splitlines()
    assert (ran.code, ran.out) == (1, "")
    assert lines[:-1] == written_messages()[name]
    number = len(problems_of(review))
    assert lines[-1].startswith(f"Error: {number} problem{'s' if number > 1 else ''} in ")
    assert lines[-1].endswith("; nothing was loaded")
    assert not (review.root / ".kg" / "graph" / "current").exists()


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (
            {
                "sheets/w.csv": "id,title,state_ohio,state_utah,state_iowa\n"
                + "".join(f"s{n},T{n},{'maybe' if n in (3, 9) else 'x'},,x\n" for n in range(12))
            },
            [
                "sheets/w.csv, rows 5, 11, column 'state_ohio': 'maybe': is no mark of state; accepted: x, yes, 1, … or "
                'no, 0, …, with notes in a column of their own; or yes = ["maybe"], no = […] or missing = […] under '
                '[[sheet.marks]] of = "state" in review.toml'
            ],
        ),
        (
            {
                "sheets/studies.csv": "key,title\n" + "".join(f"k{n},T{n}\n" for n in range(13)),
                "sheets/f.csv": HEAD + "".join(f"k{n},Pay,went {n},,,\n" for n in range(13)),
            },
            [
                "sheets/f.csv, rows 2-14, column 'direction': is not a direction: 'went 0', 'went 1', 'went 2' and 10 other "
                "values in 13 rows; accepted: facilitator, barrier, mixed, no_effect, unspecified; or values = { … } or other columns "
                "under [[sheet]] in review.toml"
            ],
        ),
        (
            {
                "sheets/studies.csv": "key,title\n" + "".join(f"k{n},T{n}\n" for n in range(24)),
                "sheets/f.csv": HEAD + "".join(f"k{n},Pay,went {n // 2},,,\n" for n in range(24)),
            },
            [
                f"sheets/f.csv, rows {2 * n + 2}-{2 * n + 3}, column 'direction': 'went {n}': is not a direction; accepted: "
                "facilitator, barrier, mixed, no_effect, unspecified"
                for n in range(12)
            ],
        ),
        (
            {
                "sheets/studies.csv": "key,title\n" + "".join(f"k{n},T{n}\n" for n in range(12)),
                "sheets/f.csv": HEAD + "".join(f"k{n},Pay,facilitator{n},,,\n" for n in range(12)),
            },
            [
                f"sheets/f.csv, row {n + 2}, column 'direction': 'facilitator{n}': is not a direction; did you mean "
                "facilitator?; accepted: facilitator, barrier, mixed, no_effect, unspecified"
                for n in range(12)
            ],
        ),
        (
            {
                "review.toml": TOML + '[[sheet]]\nfile = "sheets/w.csv"\n[[sheet.marks]]\nof = "factor"\n'
                'columns = ["a", "…", "d"]\n',
                "sheets/w.csv": "id,title,a,b,c,d\nw,W,yes (p),no (q),yes (p),(r)\n",
            },
            [
                "sheets/w.csv, row 2: is no mark of factor: 'yes (p)', 'no (q)', '(r)' in 1 row of 4 columns, 'a', 'b', 'c', "
                "…; accepted: x, yes, 1, … or no, 0, …, with notes in a column of their own; or yes = […], no = […] or "
                'missing = […] under [[sheet.marks]] of = "factor" in review.toml'
            ],
        ),
        (
            findings("a,Pay,up,,,\nb,Pay,down,,,\nc,Pay,down,,,\nc,Hours,left,,,\n"),
            [
                f"sheets/findings.csv, {rows}, column 'direction': '{word}': is not a direction; accepted: facilitator, "
                "barrier, mixed, no_effect, unspecified"
                for rows, word in (("row 2", "up"), ("rows 3-4", "down"), ("row 5", "left"))
            ],
        ),
    ],
    ids=["marks", "many words", "some words", "suggestions", "one row", "few words"],
)
def test_one_cause_is_one_line(tmp_path: Path, files: Mapping[str, Content], lines: list[str], run: Run) -> None:
    review = folder(tmp_path, files)
    assert run("build", "-C", review.root).err.splitlines()[:-1] == lines


def test_a_column_like_one_of_kg_is_a_facet_and_a_note_says_so(tmp_path: Path) -> None:
    """It used to be an error, so that a column called outcome_STI stopped a sheet with a column called outcomes."""
    review = folder(tmp_path, {"sheets/f.csv": "study,factor,direction,locater,my own\na,Pay,barrier,p. 3,x\n"})
    loaded = review.load()
    assert dict(loaded.evidence.findings[0].facets) == {"locater": ("p-3",), "my_own": ("yes",)}
    assert loaded.readings[0].notes == (
        "'locater' is a facet; if it is meant as 'locator', declare columns = { locator = \"locater\" }",
    )


def test_a_problem_has_separate_fields() -> None:
    problem = Problem(
        "sheets/f.xlsx", "is not a direction", "F", 3, "Effect", "facilitater", "facilitator, barrier", "facilitator"
    )
    assert str(problem) == (
        "sheets/f.xlsx [F], row 3, column 'Effect': 'facilitater': is not a direction; did you mean facilitator?; "
        "accepted: facilitator, barrier"
    )
    assert problem.to_dict() == {
        "file": "sheets/f.xlsx",
        "sheet": "F",
        "row": 3,
        "column": "Effect",
        "value": "facilitater",
        "reason": "is not a direction",
        "accepted": "facilitator, barrier",
        "suggestion": "facilitator",
    }


def test_a_message_is_one_short_line_whatever_the_value_holds() -> None:
    message = str(Problem("f.csv", "is odd", value="a\n\x1b[31mb\r" + "c" * 500))
    assert message == "f.csv: " + repr("a \x1b[31mb " + "c" * 50 + "…") + ": is odd"
    assert "\x1b" not in message
    assert shorten("a \n b", 3) == "a b"
    assert shorten("abcd", 3) == "ab…"


def test_nearest_words() -> None:
    assert nearest("Facilitater", ["barrier", "Facilitator"]) == ["Facilitator"]
    assert nearest("autonomy", ["Role autonomy", "Pay"]) == ["Role autonomy"]
    assert nearest("zzz", ["Pay"]) == []
    assert nearest("", ["Pay"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "04-Mar",
        "4-Mar",
        "Mar-04",
        "2024-03-04 00:00:00",
        "2024-03-04",
        "4/3/2024",
        "04.Mär",
        "12-Dez",
        "1-Okt",
        "May-11",
    ],
)
def test_texts_that_look_like_dates(text: str) -> None:
    assert looks_like_date(text)


@pytest.mark.parametrize("text", ["3-4", "1,3–11", "marsh-2022", "2022", "p. 3-4", "a-11", "Table 3", "3.2.1"])
def test_texts_that_do_not_look_like_dates(text: str) -> None:
    assert not looks_like_date(text)
    assert not turned_into_date(text)


def test_a_locator_may_hold_a_date_typed_by_a_person() -> None:
    assert [
        t
        for t in ("04-Mar", "Mar-04", "2024-03-04 00:00:00", "4 March", "May 2020", "2024-03-04", "10-abc")
        if turned_into_date(t)
    ] == ["04-Mar", "Mar-04", "2024-03-04 00:00:00"]


# Two messages with text from other libraries.


def test_invalid_toml(tmp_path: Path) -> None:
    for number, text in enumerate(('id = "r"\ntitle = R\n', "id = ", "=", "x" * 10)):
        (message,) = messages_of(folder(tmp_path / str(number), {"review.toml": text}))
        assert message.startswith("review.toml: is not valid TOML: ")
    (message,) = messages_of(folder(tmp_path / "latin", {"review.toml": 'title = "Müller"'.encode("cp1252")}))
    assert message == "review.toml: is not valid UTF-8; accepted: text saved as UTF-8"


def test_review_toml_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Notepad writes a byte order mark, which used to be invalid TOML."""
    assert folder(tmp_path, {"review.toml": TOML.encode("utf-8-sig")}).load().evidence.review.title == "R"


# The folder.


def test_no_review_toml(tmp_path: Path, run: Run) -> None:
    ran = run("build", "-C", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"Error: no review.toml in {tmp_path} or above it: make a review folder with kg init DIR, or name "
        "one with -C DIR\n"
    )


def test_header_only_is_an_empty_review(tmp_path: Path, run: Run) -> None:
    review = folder(tmp_path, {"sheets/studies.csv": "key,title\n", "sheets/findings.csv": HEAD})
    ran = run("build", "-C", review.root)
    assert ran.code == 0
    assert ran.err.startswith("built: 0 studies, 0 findings, 0 factors, 0 outcomes in ")


def test_a_folder_that_cannot_be_written(tmp_path: Path, run: Run) -> None:
    review = folder(tmp_path, {".kg": "in the way"})
    ran = run("build", "-C", review.root)
    assert ran.code == 1
    assert ran.err == f"Error: cannot write the graph into {review.root / '.kg' / 'graph'}: Not a directory\n"


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission(tmp_path: Path, run: Run) -> None:
    review = folder(tmp_path, {})
    review.root.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        ran = run("build", "-C", review.root)
    finally:
        review.root.chmod(stat.S_IRWXU)
    assert ran.code == 1
    assert ran.err == f"Error: cannot write the graph into {review.root / '.kg' / 'graph'}: Permission denied\n"


def test_an_unreadable_folder_is_not_taken_as_empty(make_review: MakeReview, run: Run) -> None:
    """An unreadable folder used to give 0 studies and 0 findings without an error."""
    for name in ("sheets", "vocabulary"):
        review = make_review({name: "in the way"}, f"review of {name}")
        ran = run("build", "-C", review.root)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == f"Error: cannot read {review.root / name}: Not a directory\n"


def test_a_broken_link_is_not_taken_as_an_empty_folder(make_review: MakeReview, run: Run) -> None:
    for name in ("sheets", "sheets/findings.csv"):
        review = make_review({}, f"review of {slug(name)}")
        (review.root / name).parent.mkdir(exist_ok=True)
        (review.root / name).symlink_to(review.root / "moved")
        ran = run("build", "-C", review.root)
        assert ran.code == 1
        assert ran.err == f"Error: cannot read {review.root / name}: No such file or directory\n"


@pytest.mark.parametrize("name", ["sheets", "sheets/inner", "vocabulary", "records"])
def test_a_folder_without_permission_to_read_it(
    tmp_path: Path, name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = folder(tmp_path, {f"{name}/README.md": "", "records/searches.csv": "id,source\n"})

    def refusing(call: Callable[..., Any], of: Callable[[Path], Path]) -> Callable[..., Any]:
        def called(path: Any = ".", **how: Any) -> Any:
            if of(Path(path)) == review.root / name:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return call(path, **how)

        return called

    (review.root / name).chmod(0)
    try:
        with monkeypatch.context() as patched:
            if os.access(review.root / name, os.R_OK):  # root: make listing and stat fail as for other users
                for call in ("listdir", "scandir"):
                    patched.setattr(os, call, refusing(getattr(os, call), lambda path: path))
                patched.setattr(Path, "stat", refusing(Path.stat, lambda path: path.parent))
            ran = run("build", "-C", review.root)
    finally:
        (review.root / name).chmod(stat.S_IRWXU)
    assert (ran.code, ran.out) == (1, "")
    place = "records/searches.csv" if name == "records" else name
    assert ran.err == f"Error: cannot read {review.root / place}: Permission denied\n"


@pytest.mark.parametrize("name", ["vocabulary/factor.csv", "sheets/inner/f.csv", "sheets/f.xlsm"])
def test_an_unread_file_makes_the_graph_stale_when_it_appears_and_disappears(
    tmp_path: Path, name: str, run: Run
) -> None:
    review = folder(tmp_path, findings("a,Pay,barrier,,,\n"))
    assert run("build", "-C", review.root).code == 0
    folder(tmp_path, {name: "x"})
    for command in (("build",), ("table", "outcomes")):
        ran = run(*command, "-C", review.root)
        assert ran.code == 1
        assert ran.err.startswith(f"{name}: ")
    (review.root / name).unlink()
    assert run("build", "-C", review.root).err.startswith("up to date: 3 studies, 1 finding")


def test_notes_and_hidden_files_are_ignored(tmp_path: Path) -> None:
    names = ("README.md", "notes.txt", "codebook.pdf", ".factor.csv", "~$f.xlsx", ".ipynb_checkpoints/f.csv")
    files: dict[str, Content] = {f"{part}/{name}": "words" for part in ("sheets", "vocabulary") for name in names}
    review = folder(tmp_path, {**files, "sheets/inner/.git/f.csv": "x", "sheets/inner/notes.md": "x"})
    assert [source.path for source in review.load().evidence.sources] == ["sheets/studies.csv"]
    assert [path.name for path in input_files(review.root)] == ["review.toml", "studies.csv"]


def test_known_words_and_colours(tmp_path: Path) -> None:
    words = ("factor", "factors", "outcome", "outcomes", *DIRECTIONS)
    text = "[words]\n" + "".join(f'{name} = "x"\n' for name in words)
    text += "[colours]\n" + "".join(f'{name} = "#00Ff9a"\n' for name in DIRECTIONS)
    review = folder(tmp_path, toml(text)).load().evidence.review
    assert (tuple(review.words), tuple(review.colours)) == (words, DIRECTIONS)


@pytest.mark.parametrize("name", PRINTED_TABLES)
def test_every_table_that_can_be_compared_may_be_declared(tmp_path: Path, name: str) -> None:
    review = folder(tmp_path, {**toml(f'[published]\n"published/t.csv" = "{name}"\n'), "published/t.csv": "x\n"})
    assert review.config.published == {"published/t.csv": PrintedAs(name)}


# --partial

MIXED: dict[str, Content] = {
    "sheets/studies.csv": STUDIES + "d,4,bad,D\n",
    **findings("a,Pay,barrier,,,sound\nb,Pay,bad,,,\nd,Pay,barrier,,,of a rejected study\nc,Pay,mixed,,,sound\n"),
    "records/searches.csv": "id,source,hits\ns,X,many\nt,X,3\n",
    "published/gaps.csv": "id,statement\ng,x\ng,y\n",
}


def test_partial_loads_the_sound_rows_and_names_the_others(tmp_path: Path, run: Run) -> None:
    review = folder(tmp_path, MIXED)
    ran = run("build", "--partial", "-C", review.root)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[:-1] == [
        "left out: sheets/findings.csv, row 3, column 'direction': 'bad': is not a direction; "
        "accepted: facilitator, barrier, mixed, no_effect, unspecified",
        "left out: sheets/studies.csv, row 5, column 'doi': 'bad': is not a DOI; "
        "accepted: 10.…/…, with or without https://doi.org/, or blank",
        "left out: records/searches.csv, row 2, column 'hits': 'many': is not a whole number; "
        "accepted: 0 to 1,000,000,000, or blank",
        "left out: published/gaps.csv, row 3, column 'id': 'g': two gaps have this id; "
        "accepted: an id of its own for each, or blank",
        "left out: sheets/findings.csv, row 4, column 'study': 'd': the row of this study was rejected "
        "(sheets/studies.csv, row 5)",
    ]
    assert ran.err.splitlines()[-1].startswith("built: 3 studies, 2 findings, 1 factor, 0 outcomes in ")
    evidence = review.load(partial=True).evidence
    assert [f.note for f in evidence.findings] == ["sound", "sound"]
    assert [(s.id, s.hits) for s in evidence.searches] == [("t", 3)]
    assert [(g.id, g.statement) for g in evidence.gaps] == [("g", "x")]


def test_partial_does_not_skip_a_whole_file_or_a_vocabulary(tmp_path: Path, run: Run) -> None:
    wrong: list[dict[str, Content]] = [{"sheets/f.xlsx": b""}, {"vocabulary/factors.csv": TERMS + "a,A,b,,\n"}]
    for number, files in enumerate(wrong):
        review = folder(tmp_path / str(number), {**MIXED, **files})
        ran = run("build", "--partial", "-C", review.root)
        assert ran.code == 1
        assert ran.err.endswith("; nothing was loaded\n")


def test_without_partial_nothing_is_loaded_and_the_old_graph_stays(tmp_path: Path, run: Run) -> None:
    review = folder(tmp_path, findings("a,Pay,barrier,,,\n"))
    assert run("build", "-C", review.root).code == 0
    before = run("query", "findings", "--format", "csv", "--store", review.store_url, "-C", review.root)
    assert before.code == 0
    assert before.out.count("\n") == 2
    folder(tmp_path, MIXED)
    ran = run("build", "-C", review.root)
    assert ran.code == 1
    assert ran.err.endswith(
        "Error: 4 problems in published/gaps.csv, records/searches.csv, sheets/findings.csv, "
        "sheets/studies.csv; nothing was loaded\n"
    )
    after = run("query", "findings", "--format", "csv", "--store", review.store_url, "-C", review.root)
    assert after == before


def test_a_sheet_with_only_bad_rows_is_rejected_in_reasonable_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest names used to be searched for every row, which took minutes with the wrong studies sheet."""
    asked: list[str] = []

    def counted(value: str, known: object) -> list[str]:
        asked.append(value)
        return []

    monkeypatch.setattr("kg.loaders.sheets.suggestions.nearest", counted)
    rows = "".join(f"study {n},Factor {n},barrier,,,\n" for n in range(400))
    messages = set(messages_of(folder(tmp_path, {**FACTORS, **findings(rows)})))
    assert {re.sub("row [0-9]+", "row", message) for message in messages} == {
        "sheets/findings.csv, row, column 'study': no sheet defines this study: 'study 0', 'study 1', 'study 2' and 397 "
        "other values in 400 rows; accepted: a key, article number or DOI of the studies sheet; several with ; between them",
        "sheets/findings.csv, row, column 'factor': no factor of the vocabulary is called this: 'Factor 0', 'Factor 1', "
        "'Factor 2' and 397 other values in 400 rows; accepted: Organisational; Pay; Supervisory support",
    }
    assert len(asked) == 200


# Text that a spreadsheet would run as a formula.

EVIL = "=cmd|' /C calc'!A0"


def test_formulas_are_read_as_text_and_guarded_on_output(make_review: MakeReview, tmp_path: Path, run: Run) -> None:
    review = make_review(
        {
            "sheets/studies.csv": f'key,title\na,"{EVIL}"\n',
            "sheets/findings.csv": HEAD + f'a,Pay,barrier,,+1,"{EVIL}"\n',
        }
    )
    assert [(f.note, f.locator) for f in review.load().evidence.findings] == [(EVIL, "+1")]
    with review.graph() as graph:
        table = graph.table("findings")
    assert table.column("note") == [EVIL]
    for text, separator in ((to_csv(table), ","), (to_tsv(table), "\t")):
        assert f"{separator}'{EVIL}{separator}" in text
        assert f"{separator}'+1{separator}" in text
        assert f"{separator}{EVIL}" not in text
    export_xlsx(table, tmp_path / "out.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == EVIL] == ["s", "s"]  # title and note
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert run("export", "csv", "-o", tmp_path / "out", "-C", review.root).code == 0
    for file in (tmp_path / "out").iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r'(^|,)"?=cmd', line), file.name
    assert f"'{EVIL}" in (tmp_path / "out" / "findings.csv").read_text(encoding="utf-8")
    assert f"'{EVIL}" in (tmp_path / "out" / "studies.csv").read_text(encoding="utf-8")


# No traceback reaches the user.

WRONG: Rows = [H, *(["a", f"Pay {number}", "up"] for number in range(30))]


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 8, 60))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def damaged_inside(data: bytes, chance: random.Random) -> bytes:
    """Damage one part of a workbook and pack it again, so that the archive itself is valid."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([n for n in parts if "sheet" in n or n == "content.xml" or n.endswith(".rels")])
    parts[name] = chance.choice((b"", parts[name][: len(parts[name]) // 2], damaged(parts[name], chance)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in parts.items():
            archive.writestr(member, content)
    return out.getvalue()


def mangled(scratch: Path) -> list[tuple[str, bytes]]:
    """Return names and contents: noise, real files cut off, real files damaged.

    The real ones hold a value that is not accepted: what survives the damage must not be loaded either.
    """
    chance = random.Random(20250124)  # noqa: S311 - the same noise on every run
    write_xlsx(scratch / "real.xlsx", {"F": WRONG})
    write_ods(scratch / "real.ods", {"F": WRONG})
    (scratch / "real.csv").write_text(HEAD + "a,Pay,up,,p. 3,Müller\n" * 30, encoding="utf-8")
    (scratch / "real.ttl").write_text("@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<#a> a skos:Concept .\n")
    (scratch / "real.toml").write_text('id = "r"\ntitle = "R"\nyear = "x"\n[[sheet]]\nfile = "sheets/studies.csv"\n')
    places = {".ttl": "vocabulary/factors.ttl", ".toml": "review.toml"}
    files: list[tuple[str, bytes]] = []
    for suffix in (".xlsx", ".ods", ".csv", ".ttl", ".toml"):
        data, place = (scratch / f"real{suffix}").read_bytes(), places.get(suffix, f"sheets/mangled{suffix}")
        files += [(place, chance.randbytes(size)) for size in (1, 40, 3000)]
        files += [(place, data[: chance.randrange(1, len(data))]) for _ in range(3)]
        files += [(place, damaged(data, chance)) for _ in range(5)]
        if zipfile.is_zipfile(scratch / f"real{suffix}"):
            files += [(place, damaged_inside(data, chance)) for _ in range(12)]
    return files


def test_no_damaged_file_causes_a_traceback(tmp_path: Path) -> None:
    files = mangled(tmp_path)
    assert len(files) == 79
    for number, (place, content) in enumerate(files):
        review = folder(tmp_path / str(number), {**findings("a,Pay,up,,,\n"), place: content})
        result = CliRunner().invoke(main, ["build", "-C", str(review.root)])
        assert isinstance(result.exception, SystemExit), (number, place, result.exception)
        assert result.exit_code == 1, (number, place)
        assert result.stderr.splitlines()[-1].startswith("Error: "), (number, place)
        assert "Traceback" not in result.stderr
