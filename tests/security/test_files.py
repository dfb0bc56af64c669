"""Files that describe far more than they hold are refused with one sentence, soon and with little memory."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kg.limits import LIMITS
from tests.conftest import MakeReview
from tests.paths import ROOT
from tests.replay import WORKS, served_at_loopback
from tests.security.probe import Ended, kg, sheet_xml, write_gzip, write_ods, write_xlsx

#: The memory that a command may take that refuses a file.
MEGABYTES = 500


@cache
def most_seconds() -> float:
    """Return the seconds that it may compute: more on a machine that counts slower than the reference."""
    start, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number
    return 10 * max(1.0, (time.process_time() - start) / 0.1)


@pytest.fixture
def root(make_review: MakeReview) -> Path:
    return make_review({"sheets/studies.csv": "key,title,year\nng,Hours,2021\n"}).root


def build(root: Path, *more: object, **env: str) -> Ended:
    return kg("build", "-C", root, *more, scratch=root.parent, env=env)


def refused(ran: Ended, *lines: str) -> None:
    """Check that a command ended with these lines, within the limits."""
    assert ran.err.splitlines() == list(lines)
    assert ran.code in (1, 2)
    assert ran.seconds < most_seconds()
    assert ran.megabytes < MEGABYTES


def raised(most: str, variable: str) -> str:
    return f"accepted: at most {most}; the environment variable {variable} raises the limit"


def loads_nothing(file: str) -> str:
    return f"Error: 1 problem in {file}; nothing was loaded"


CELLS = raised("1,000,000 cells", "KG_MAX_WORKBOOK_CELLS")
WORKBOOK = raised("100 MB", "KG_MAX_WORKBOOK_MB")
FILE = raised("100 MB", "KG_MAX_FILE_MB")
FIELD = raised("1,000,000 characters", "KG_MAX_FIELD")
BIBTEX = raised("200,000 characters", "KG_MAX_BIBTEX")
DEPTH = raised("100 levels", "KG_MAX_DEPTH")
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>study</t></is></c></row>'


@pytest.mark.parametrize(
    "after",
    [
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        "<mergeCells><mergeCell ref='&#65;1:$XFD$1048576'/></mergeCells>",
        '<hyperlinks><hyperlink tooltip="a>b" ref="A1:XFD1048576" location="x"/></hyperlinks>',
    ],
)
def test_a_workbook_that_merges_all_cells(root: Path, after: str) -> None:
    write_xlsx(root / "sheets" / "merged.xlsx", sheet_xml(HEADER, after=after))
    refused(
        build(root), f"sheets/merged.xlsx: has more than 1,000,000 cells; {CELLS}", loads_nothing("sheets/merged.xlsx")
    )


@pytest.mark.parametrize("block", ["<row><c><v>1</v></c></row>", "<row/>"])
def test_a_workbook_of_millions_of_rows(root: Path, block: str) -> None:
    write_xlsx(root / "sheets" / "rows.xlsx", sheet_xml(HEADER, block, 3_000_000))
    refused(build(root), f"sheets/rows.xlsx: has more than 1,000,000 cells; {CELLS}", loads_nothing("sheets/rows.xlsx"))


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
@pytest.mark.parametrize("declared", [None, 1000])
def test_a_workbook_with_a_cell_of_400_mb(root: Path, write: Callable[..., None], declared: int | None) -> None:
    name = "big.xlsx" if write is write_xlsx else "big.ods"
    start, end = '<row r="1"><c r="A1" t="inlineStr"><is><t>', "</t></is></c></row>"
    if write is write_xlsx:
        write_xlsx(root / "sheets" / name, sheet_xml(start, "a", 400_000_000, end), declared)
    else:
        cell = "<table:table-row><table:table-cell office:value-type='string'><text:p>"
        after = "</text:p></table:table-cell></table:table-row>"
        write_ods(root / "sheets" / name, (cell, "a", 400_000_000, after), declared)
    refused(
        build(root),
        f"sheets/{name}: has more than 100 MB when decompressed; {WORKBOOK}",
        loads_nothing(f"sheets/{name}"),
    )


def test_a_workbook_whose_parts_are_larger_than_it_says(root: Path) -> None:
    write_xlsx(root / "sheets" / "lies.xlsx", sheet_xml(HEADER, "<row/>", 1000), declared=100)
    refused(
        build(root),
        "sheets/lies.xlsx: the workbook is damaged: xl/worksheets/sheet1.xml is not as large as it says; "
        "accepted: a workbook saved again in a spreadsheet program",
        loads_nothing("sheets/lies.xlsx"),
    )


def test_a_workbook_with_a_cell_far_to_the_right_of_every_row(root: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 50_000))
    write_xlsx(root / "sheets" / "wide.xlsx", sheet_xml(HEADER + rows))
    refused(
        build(root),
        f"sheets/wide.xlsx [Coding]: has more than 1,000,000 cells; {CELLS}",
        loads_nothing("sheets/wide.xlsx"),
    )


FILLED = "<table:table-cell office:value-type='string'{}><text:p>a</text:p></table:table-cell>"


@pytest.mark.parametrize(
    "rows",
    [
        "<table:table-row table:number-rows-repeated='1048576'>"
        + FILLED.format(" table:number-columns-repeated='16384'")
        + "</table:table-row>",
        "<table:table-row>" + FILLED.format("") + "</table:table-row>"
        "<table:table-row table:number-rows-repeated='1048574'><table:table-cell/></table:table-row>"
        "<table:table-row><table:table-cell table:number-columns-repeated='16383'/>"
        + FILLED.format("")
        + "</table:table-row>",
    ],
)
def test_an_ods_workbook_that_repeats_cells(root: Path, rows: str) -> None:
    write_ods(root / "sheets" / "repeated.ods", rows)
    refused(
        build(root),
        f"sheets/repeated.ods: has more than 1,000,000 cells; {CELLS}",
        loads_nothing("sheets/repeated.ods"),
    )


def test_an_ods_workbook_that_repeats_a_long_text(root: Path) -> None:
    cell = FILLED.format(" table:number-columns-repeated='1000'").replace(">a<", f">{'a' * 1_000_000}<")
    write_ods(root / "sheets" / "long.ods", f"<table:table-row>{cell}</table:table-row>")
    refused(
        build(root),
        f"sheets/long.ods: has more than 100 MB when decompressed; {WORKBOOK}",
        loads_nothing("sheets/long.ods"),
    )


@pytest.mark.parametrize("block", [b"a" * 1000, b"\n" * 1000, b'{"id": "https://openalex.org/W1"}\n' * 30, b"[],"])
def test_a_gzip_file_of_two_gb(root: Path, block: bytes) -> None:
    start = b'{"id": "https://openalex.org/W2"}\n' + (b"[" if block == b"[]," else b"")
    (root / "records").mkdir()
    write_gzip(root / "records" / "works.jsonl.gz", start, block, 2_000_000_000 // len(block))
    expands = "accepted: at most 100 times its size; the environment variable KG_MAX_RATIO raises the limit"
    reason = f"records/works.jsonl.gz: expands to more than 100 times its size; {expands}"
    refused(build(root), reason, loads_nothing("records/works.jsonl.gz"))
    shutil.move(root / "records" / "works.jsonl.gz", root.parent / "works.jsonl.gz")
    refused(
        kg("add", root.parent / "works.jsonl.gz", "-C", root, scratch=root.parent),
        reason.removeprefix("records/"),
        "Error: 1 problem in works.jsonl.gz; nothing was loaded",
    )
    assert list((root / "records").iterdir()) == []


def test_a_record_file_with_a_line_of_100_mb(root: Path) -> None:
    (root / "records").mkdir()
    (root / "records" / "works.jsonl").write_bytes(b'{"id": "https://openalex.org/W2"}\n{"id": "' + b"a" * 100_000_000)
    json = raised("32 MB", "KG_MAX_JSON_MB")
    refused(
        build(root),
        f"records/works.jsonl, row 2: the line is longer than 32 MB; {json}",
        loads_nothing("records/works.jsonl"),
    )


def test_bibtex_whose_strings_double(root: Path) -> None:
    strings = ['@string{s0 = "aaaaaaaaaa"}', *(f"@string{{s{n} = s{n - 1} # s{n - 1}}}" for n in range(1, 31))]
    (root / "references").mkdir()
    (root / "references" / "a.bib").write_text("\n".join([*strings, "@article{a, title = s30}"]))
    refused(
        build(root),
        f"references/a.bib, row 16, column 'string': 's15': stands for more than 200,000 characters; {BIBTEX}",
        loads_nothing("references/a.bib"),
    )


def test_bibtex_with_a_long_title_of_many_strings(root: Path) -> None:
    string = f'@string{{s = "{"a" * 20_000}"}}\n'
    (root / "references").mkdir()
    (root / "references" / "a.bib").write_text(f"{string}@article{{a, title = {' # '.join(['s'] * 500)}}}")
    refused(
        build(root),
        f"references/a.bib, row 2: the entry with its strings is longer than 200,000 characters; {BIBTEX}",
        loads_nothing("references/a.bib"),
    )


@pytest.mark.parametrize("inside", ["", "<record>"])
def test_xml_that_is_nested_deep(root: Path, inside: str) -> None:
    (root / "references").mkdir()
    (root / "references" / "a.xml").write_text("<xml><records>" + inside + "<a>" * 1_000_000)
    refused(
        build(root),
        f"references/a.xml, row 1: is nested deeper than 100 levels; {DEPTH}",
        loads_nothing("references/a.xml"),
    )


def test_a_csv_of_a_million_columns(root: Path) -> None:
    (root / "sheets" / "wide.csv").write_text(",".join(f"c{n}" for n in range(1_000_000)) + "\n1\n")
    refused(
        build(root),
        f"sheets/wide.csv, row 1: the header has 1,000,000 columns; {raised('2,000 columns', 'KG_MAX_COLUMNS')}",
        loads_nothing("sheets/wide.csv"),
    )


def test_a_csv_of_bad_rows(root: Path) -> None:
    (root / "vocabulary").mkdir()
    for kind in ("factors", "outcomes"):
        (root / "vocabulary" / f"{kind}.csv").write_text("label\n" + "".join(f"Term {n}\n" for n in range(500)))
    rows = "".join(f"study {n},Factor {n},direction {n},Outcome {n}\n" for n in range(300_000))
    (root / "sheets" / "bad.csv").write_text("study,factor,direction,outcomes\n" + rows)
    ran = build(root)
    lines = ran.err.splitlines()
    assert len(lines) == 1002
    assert lines[0].startswith("sheets/bad.csv, row 2, column 'study': 'study 0': no sheet defines this study")
    assert lines[-2:] == [
        "sheets/bad.csv: 99,001 further problems are not shown",
        "Error: reading stopped at row 25002 of sheets/bad.csv, with more than 100,000 problems; nothing was loaded",
    ]
    assert (ran.code, ran.seconds < most_seconds(), ran.megabytes < MEGABYTES) == (1, True, True)


@pytest.mark.parametrize("row", ["ng,Hours,directoin", "ng,Hours,helps,too,many", "nobody,Hours,helps", ",Hours,helps"])
def test_a_csv_whose_rows_have_the_same_problem(root: Path, row: str) -> None:
    (root / "sheets" / "bad.csv").write_text("study,factor,direction\n" + f"{row}\n" * 20_000)
    ran = build(root)
    grouped, total = ran.err.splitlines()
    assert grouped.startswith("sheets/bad.csv, rows 2-20001")
    assert total == "Error: 20,000 problems in sheets/bad.csv; nothing was loaded"
    assert (ran.code, ran.seconds < most_seconds(), ran.megabytes < MEGABYTES) == (1, True, True)
    ran = build(root, "--partial")
    lines = ran.err.splitlines()
    assert (len(lines), ran.code) == (2, 0)
    assert lines[0].startswith("left out: sheets/bad.csv, rows 2-20001")
    assert lines[-1].endswith("; 20,000 rows left out")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"id": "https://openalex.org/W2", "a": ' + "[" * 100_000 + "]" * 100_000 + "}"],
    ids=["lists", "objects", "a work"],
)
@pytest.mark.parametrize("name", ["records/a.jsonl", "records/a.json", "standing/a.json"])
def test_json_that_is_nested_deep(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir()
    path.write_text(text)
    ran = build(root)
    assert ran.err.splitlines()[-1] == loads_nothing(name)
    assert "Traceback" not in ran.err and ran.err.startswith(name)
    path.rename(root.parent / path.name)
    ran = kg("add", root.parent / path.name, "-C", root, scratch=root.parent)
    assert "Traceback" not in ran.err and ran.err.startswith(path.name)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (100_000, "OpenAlex's answer is nested too deep; " + raised("100 levels", "KG_MAX_DEPTH")),
        (0, "OpenAlex's answer is too long; " + raised("32 MB", "KG_MAX_JSON_MB")),
    ],
)
def test_an_answer_of_openalex_that_is_nested_deep_or_long(root: Path, depth: int, said: str) -> None:
    start, end = '{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/W2", "a": ', "}]}"
    opened, block, times, closed = ("[" * depth, b"x", 0, "]" * depth) if depth else ('"', b"a" * 1000, 400_000, '"')
    write_gzip(root.parent / "answer", (start + opened).encode(), block, times, (closed + end).encode())
    packed = (root.parent / "answer").read_bytes()
    with served_at_loopback() as server:
        server.expect_request(re.compile("/.*")).respond_with_data(
            packed, headers={"Content-Encoding": "gzip"}, content_type="application/json"
        )
        env = {"KG_OPENALEX_URL": server.url_for("/"), "NO_PROXY": "127.0.0.1"}
        ran = kg("fetch", "--search", "peers", "-C", root, scratch=root.parent, env=env)
    refused(ran, f"Error: {said}")


@pytest.mark.parametrize(
    ("depth", "form", "added"),
    [
        (200, "{}", True), (900, "{}", True), (1100, "{}", False),
        (200, "[{}]", True), (300, "[{}]", False),  # what is not lines is written again
    ],
)  # fmt: skip
def test_a_work_that_is_nested_deep_is_added_or_refused(root: Path, depth: int, form: str, added: bool) -> None:
    work = '{"id": "https://openalex.org/W2", "a": ' + "[" * depth + "]" * depth + "}"
    (root.parent / "a.jsonl").write_text(form.replace("{}", work))
    ran = kg("add", root.parent / "a.jsonl", "-C", root, scratch=root.parent)
    assert ran.err.startswith("added" if added else "a.jsonl, row 1")
    assert len(ran.err.splitlines()) == (1 if added else 2)
    if added:
        assert build(root).code == 0


@pytest.mark.parametrize(
    "name",
    [
        "sheets/a.csv", "sheets/a.xlsx", "sheets/a.txt", "sheets/sub/a.csv", "records/a.jsonl", "records/a.jsonl.gz",
        "records/searches.csv", "records/duplicates.csv", "references/a.ris", "references/a.xml", "vocabulary/factors.csv",
        "vocabulary/factors.ttl", "standing/a.csv", "published/gaps.csv",
    ],
)  # fmt: skip
def test_a_named_pipe_in_the_folder(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(root / name)
    ran = build(root)
    refused(ran, f"{name}: is a named pipe; accepted: an ordinary file", loads_nothing(name))


def test_a_device_or_socket_in_the_folder(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        path = root / "sheets" / "a.csv"
        cwd = Path.cwd()
        os.chdir(path.parent)
        try:
            listening.bind("a.csv")
        finally:
            os.chdir(cwd)
        refused(build(root), "sheets/a.csv: is a socket; accepted: an ordinary file", loads_nothing("sheets/a.csv"))
        path.unlink()
    path.symlink_to("/dev/zero")
    refused(
        build(root),
        "sheets/a.csv: is a link to something outside of the review folder; accepted: the file itself, or a link within the folder",
        loads_nothing("sheets/a.csv"),
    )


@pytest.mark.parametrize("name", ["published/statements.csv", "published/facts.csv", "screening/flow.csv"])
def test_a_named_pipe_among_what_check_reads(root: Path, name: str) -> None:
    (root / name).parent.mkdir()
    os.mkfifo(root / name)
    ran = kg("check", "-C", root, "--format", "csv", scratch=root.parent, timeout=20)
    assert f"{name}: is a named pipe; accepted: an ordinary file" in ran.out
    assert ran.code == 1


@pytest.mark.parametrize("name", ["a.csv", "a.ris", "a.json", "a.jsonl", "a.xlsx"])
def test_a_named_pipe_that_is_added(root: Path, name: str) -> None:
    os.mkfifo(root.parent / name)
    ran = kg("add", root.parent / name, "-C", root, scratch=root.parent, timeout=20)
    refused(ran, f"Error: {root.parent / name} is not a file")
    ran = kg("add", "/dev/zero", "--as", "sheet", "-C", root, scratch=root.parent, timeout=20)
    refused(ran, "Error: /dev/zero is not a file")


OUTSIDE = "is a link to something outside of the review folder; accepted: the file itself, or a link within the folder"


@pytest.mark.parametrize(
    "name",
    [
        "sheets/a.csv", "sheets/a.xls", "sheets/sub/a.csv", "records/a.jsonl", "records/searches.csv", "references/a.ris", "vocabulary/factors.csv",
        "vocabulary/factors.ttl", "standing/a.csv", "published/gaps.csv",
    ],
)  # fmt: skip
def test_a_link_out_of_the_folder(root: Path, name: str) -> None:
    secret = root.parent / "secret.txt"
    secret.write_text("top secret\tline\nanother secret\n")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(secret)
    refused(build(root), f"{name}: {OUTSIDE}", loads_nothing(name))


@pytest.mark.parametrize("folder", ["sheets", "records", "references", "vocabulary", "standing", "published"])
def test_a_folder_that_is_a_link_out_of_the_folder(root: Path, folder: str) -> None:
    there = root.parent / "elsewhere"
    there.mkdir()
    for name in ("a.csv", "gaps.csv", "factors.csv"):
        (there / name).write_text("top secret,line\nanother,secret\n")
    shutil.rmtree(root / folder, ignore_errors=True)
    (root / folder).symlink_to(there)
    name = "published/gaps.csv" if folder == "published" else folder
    refused(build(root), f"{name}: {OUTSIDE}", loads_nothing(name))


def test_review_toml_that_is_a_link_out_of_the_folder(root: Path) -> None:
    secret = root.parent / "secret.txt"
    secret.write_text("top secret\n")
    (root / "review.toml").unlink()
    (root / "review.toml").symlink_to(secret)
    refused(build(root), f"review.toml: {OUTSIDE}", loads_nothing("review.toml"))


@pytest.mark.parametrize("file", ["../secret.csv", "{parent}/secret.csv", "published/link.csv"])
def test_a_published_table_outside_of_the_folder(root: Path, file: str) -> None:
    secret = root.parent / "secret.csv"
    secret.write_text("top secret,line\nanother,secret\n")
    (root / "published").mkdir()
    (root / "published" / "link.csv").symlink_to(secret)
    file = file.format(parent=root.parent)
    config = f'id = "r"\ntitle = "R"\n[published]\n"{file}" = "outcomes"\n'
    (root / "review.toml").write_text(config)
    refused(
        build(root),
        f"review.toml, key '[published] \"{file}\"': the file is outside of the review folder; "
        "accepted: a file in the folder",
        loads_nothing("review.toml"),
    )


@pytest.mark.parametrize("name", ["published/statements.csv", "screening/eligibility.csv"])
def test_a_link_among_what_check_reads(root: Path, name: str) -> None:
    secret = root.parent / "secret.csv"
    secret.write_text("top secret,line\nanother,secret\n")
    (root / name).parent.mkdir()
    (root / name).symlink_to(secret)
    ran = kg("check", "-C", root, "--format", "csv", scratch=root.parent)
    assert f"{name}: {OUTSIDE}" in ran.out and "another" not in ran.out + ran.err


def test_links_within_the_folder_and_of_what_is_added_are_followed(root: Path) -> None:
    (root / "kept").mkdir()
    (root / "kept" / "findings.csv").write_text("study,factor,direction\nng,Hours,helps\n")
    (root / "sheets" / "findings.csv").symlink_to("../kept/findings.csv")
    assert build(root).code == 0
    link = root.parent / "more.csv"
    (root.parent / "elsewhere.csv").write_text("study,factor,direction\nng,Pay,helps\n")
    link.symlink_to("elsewhere.csv")
    assert kg("add", link, "-C", root, scratch=root.parent).code == 0
    assert not (root / "sheets" / "more.csv").is_symlink()


def test_a_cell_of_50_mb_in_a_csv(root: Path) -> None:
    (root / "sheets" / "cell.csv").write_text('study,factor,direction\nng,"' + "a" * 50_000_000 + '",helps\n')
    refused(
        build(root),
        f"sheets/cell.csv, row 2: 'ng,\"{'a' * 55}…': the cell has more than 131,072 characters: is a quotation mark "
        "missing its end?; accepted: at most 32,767 characters, as in a spreadsheet",
        loads_nothing("sheets/cell.csv"),
    )


@pytest.mark.parametrize("name", ["references/a.ris", "references/a.nbib"])
@pytest.mark.parametrize("lines", [1, 1_000_000])
def test_an_entry_with_a_field_of_95_mb(root: Path, name: str, lines: int) -> None:
    start = "TY  - JOUR\nTI  - A\nAB  - " if name.endswith("ris") else "PMID- 1\nTI  - A\nAB  - "
    (root / "references").mkdir()
    text = "a" * 95_000_000 if lines == 1 else ("      " + "a" * 88 + "\n") * lines
    (root / name).write_text(start + text + "\nER  - \n")
    refused(build(root), f"{name}, row 1: the entry is longer than 1,000,000 characters; {FIELD}", loads_nothing(name))


@pytest.mark.parametrize(
    ("name", "size", "most"),
    [
        ("sheets/a.csv", 1_000_000_000, FILE),
        ("sheets/a.xlsx", 1_000_000_000, FILE),
        ("references/a.ris", 1_000_000_000, FILE),
        ("references/a.xml", 1_000_000_000, FILE),
        ("standing/a.csv", 1_000_000_000, FILE),
        ("standing/a.json", 1_000_000_000, raised("32 MB", "KG_MAX_JSON_MB")),
        ("vocabulary/factors.ttl", 100_000_000, raised("8 MB", "KG_MAX_TURTLE_MB")),
        ("vocabulary/factors.csv", 1_000_000_000, FILE),
        ("review.toml", 100_000_000, raised("1 MB", "KG_MAX_CONFIG_MB")),
    ],
)
def test_a_file_that_is_too_large_to_be_read_whole(root: Path, name: str, size: int, most: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    with (root / name).open("wb") as file:
        file.truncate(size)
    refused(build(root), f"{name}: has {size / 1_000_000:,.1f} MB; {most}", loads_nothing(name))
    if name.startswith(("sheets", "references")) or name == "standing/a.csv":
        path = root.parent / Path(name).name
        (root / name).rename(path)
        refused(
            kg("add", path, "-C", root, scratch=root.parent),
            f"{path.name}: has {size / 1_000_000:,.1f} MB; {most}",
            loads_nothing(path.name),
        )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("references/a.bib", "@article{a, title={T}, author={A" + " " * 190_000 + "B}}"),
        ("references/a.bib", "@article{a, title={T}, abstract={" + "\\'e" * 60_000 + "}}"),
        ("references/a.bib", "@article{a, title= " + " # ".join(f"u{n}" for n in range(5000)) + "}"),
        ("references/a.bib", "@article{a, title={T}" + "}, a={b}" * 24_000),
        ("references/a.bib", "@article{a,\n title={T},\n" + "a = {{\n" * 24_000),
        ("references/a.bib", "@comment{ a\n" * 100_000 + "@article{a, title={T}}"),
        ("references/a.ris", "TY  - JOUR\nTI  - A\nUR  - https://x/10.1000/a" + "/full" * 190_000 + "x\nER  - \n"),
        ("references/a.xml", "<xml>" + "<a/>" * 10_000_000 + "</xml>"),
        ("sheets/a.csv", "key,title,design\n" + "".join(f"a{n},T,a{' ' * 30_000}b\n" for n in range(50))),
        ("sheets/a.csv", "study,factor,direction\n" + f"a{' ' * 30_000}b,F,helps\n" * 50),
        ("vocabulary/factors.csv", "id,label,broader\n" + "".join(f"t{n},T{n},t{n + 1}\n" for n in range(20_000))),
        ("vocabulary/factors.csv", "id,label,broader\n" + "".join(f"t{n},T{n},u{n}\n" for n in range(20_000))),
        ("review.toml", 'id = "r"\ntitle = "R"\n' + "a." * 200_000 + "b = 1"),
    ],
    ids=[
        "spaces",
        "latex",
        "strings",
        "early",
        "open",
        "comments",
        "doi",
        "elements",
        "list",
        "study",
        "chain",
        "broader",
        "key",
    ],
)
def test_what_takes_time_that_grows_with_the_square(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text)
    ran = build(root)
    assert (ran.code in (0, 1), ran.seconds < most_seconds(), ran.megabytes < MEGABYTES) == (True, True, True), ran


def test_a_limit_can_be_raised(root: Path) -> None:
    (root / "sheets" / "wide.csv").write_text("key,title," + ",".join(f"c{n}" for n in range(9)) + "\na,A,1\n")
    columns = "sheets/wide.csv, row 1: the header has 11 columns; " + raised("10 columns", "KG_MAX_COLUMNS")
    refused(build(root, KG_MAX_COLUMNS="10"), columns, loads_nothing("sheets/wide.csv"))
    assert build(root, KG_MAX_COLUMNS="11").code == 0
    refused(
        build(root, "--force", KG_MAX_COLUMNS="many"),
        "Error: KG_MAX_COLUMNS is 'many'; accepted: a whole number above 0",
    )


def test_the_documents_list_the_limits() -> None:
    text = (ROOT / "docs" / "review-folder.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| `KG_MAX_")]
    assert table == [f"| `{limit.variable}` | {limit.default:,} {limit.unit} | {limit.what} |" for limit in LIMITS]


def test_real_works_are_within_the_limits(root: Path) -> None:
    (root / "records").mkdir()
    shutil.copy(WORKS, root / "records")
    assert build(root).code == 0
