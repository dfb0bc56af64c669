"""What reaches a terminal, a pipe or a log holds no control characters, whatever the files of a review hold."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import rdflib
from rdflib.namespace import SKOS

from kg.cli.output import FORMAT_NAMES
from kg.cli.streams import CleanStream, clean_streams, raw
from kg.folder.review import Review
from kg.text import escaped, printable, without_controls
from tests.security.hostile import (
    ATTACKS,
    CONTROL,
    EVIL,
    FORBIDDEN,
    STARTED,
    each_in_terminal,
    hostile_review,
    in_pipe,
    in_terminal,
    toml,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

COMMANDS = {
    "why": ("why", "pay"),
    "why an outcome": ("why", "pay", "burnout"),
    "findings": ("table", "findings"),
    "characteristics": ("table", "characteristics"),
    "matrix": ("table", "matrix"),
    "vocabulary": ("table", "vocabulary"),
    "searches": ("table", "searches"),
    "review": ("table", "review"),
    "gaps": ("gaps",),
    "check": ("check",),
    "own query": ("query", "query.cypher"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = hostile_review(tmp_path_factory.mktemp("hostile"))
    code, sent = in_terminal("build", cwd=root)
    assert (code, FORBIDDEN.findall(sent)) == (0, [])
    assert sent.startswith("built: 2 studies, 2 findings")
    return root


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_is_sent_no_control_characters(root: Path, name: str) -> None:
    formats = [format_ for format_ in FORMAT_NAMES if format_ != "xlsx"]
    ran = each_in_terminal(*([*COMMANDS[name], "--format", format_] for format_ in formats), cwd=root)
    for format_, (code, sent) in zip(formats, ran, strict=True):
        assert (format_, code, FORBIDDEN.findall(sent)) == (format_, 0, [])
        assert "owned" in sent, "the text itself is there"


@pytest.mark.parametrize("format_", ["csv", "tsv", "json"])
def test_data_in_pipes_and_files_keeps_marks_of_direction(root: Path, tmp_path: Path, format_: str) -> None:
    code, out, err = in_pipe("table", "findings", "--format", format_, cwd=root)
    assert (code, err) == (0, b"")
    assert CONTROL.findall(out.decode()) == []
    assert "\u202e" in out.decode()
    assert in_pipe("table", "findings", "--format", format_, "-o", tmp_path / "out", cwd=root)[0] == 0
    assert (tmp_path / "out").read_bytes() == out
    if format_ == "json":
        assert json.loads(out)[0]["note"] == f"Note {EVIL}", "JSON escapes, and so loses nothing"
    else:
        rows = csv.DictReader(io.StringIO(out.decode()), delimiter="," if format_ == "csv" else "\t")
        assert next(rows)["note"] == f"Note {without_controls(EVIL)}"


@pytest.mark.parametrize("format_", ["table", "md"])
def test_text_in_pipes_and_files_has_no_marks_of_direction_either(root: Path, tmp_path: Path, format_: str) -> None:
    code, out, _ = in_pipe("why", "pay", "--format", format_, "-o", tmp_path / "out", cwd=root)
    assert (code, out, FORBIDDEN.findall((tmp_path / "out").read_text(encoding="utf-8"))) == (0, b"", [])
    _, out, _ = in_pipe("why", "pay", "--format", format_, cwd=root)
    assert FORBIDDEN.findall(out.decode()) == []


@pytest.mark.parametrize("format_", ["latex", "xlsx"])
def test_latex_and_workbooks_hold_no_control_characters(root: Path, tmp_path: Path, format_: str) -> None:
    path = tmp_path / ("out.xlsx" if format_ == "xlsx" else "out.tex")
    assert in_pipe("query", "query.cypher", "-o", path, cwd=root)[0] == 0
    if format_ == "latex":
        assert CONTROL.findall(path.read_text(encoding="utf-8")) == []
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert [c.value for c in sheet["A"]] == [
            f"title {without_controls(EVIL)}",
            f"Study {without_controls(EVIL)}",
            "Other",
        ]


def test_what_kg_export_writes_holds_no_control_characters(root: Path, tmp_path: Path) -> None:
    for name, file in (("html", "map.html"), ("rdf", "evidence.ttl"), ("csv", "csv")):
        code, sent = in_terminal("export", name, "-o", tmp_path / file, cwd=root)
        assert (code, FORBIDDEN.findall(sent)) == (0, [])
    assert CONTROL.findall((tmp_path / "map.html").read_text(encoding="utf-8")) == []
    turtle = (tmp_path / "evidence.ttl").read_text(encoding="utf-8")
    assert CONTROL.findall(turtle) == []
    assert f"Pay {EVIL}" in {str(label) for label in rdflib.Graph().parse(data=turtle).objects(None, SKOS.prefLabel)}
    for path in (tmp_path / "csv").iterdir():
        assert CONTROL.findall(path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize("attack", ATTACKS)
def test_problems_of_files_say_what_they_found_and_do_no_harm(tmp_path: Path, attack: str) -> None:
    """Names of files, columns, keys and cells are in the messages; those to a log are the same."""
    evil = ATTACKS[attack]
    root = tmp_path / f"review{evil}"
    for name, text in {
        "review.toml": f'id = "r"\ntitle = {toml("Title " + evil)}\n',
        "vocabulary/factors.csv": "id,label\npay,Pay\n",
        f"sheets/f{evil}.csv": f'study,factor,direction,"note{evil}"\n"a{evil}",pay,"up{evil}",x\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    code, sent = in_terminal("build", "-C", root)
    assert (code, FORBIDDEN.findall(sent)) == (1, [])
    assert f"sheets/f{escaped(evil)}.csv, row 2" in sent
    assert sent.splitlines()[-1].endswith("nothing was loaded")
    code, out, err = in_pipe("build", "-C", root)
    assert (code, out, FORBIDDEN.findall(err.decode())) == (1, b"", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("why", "Pay {}x"),
        ("table", "{}"),
        ("{}",),
        ("table", "outcomes", "--{}"),
        ("query", "-p", "{}", "why"),
        ("query", "{}.cypher"),
        ("add", "{}.csv"),
        ("compare", "{}.csv"),
        ("init", "{}/deep/none", "--example", "{}"),
        ("drop", "--store", "embedded:{}"),
        ("build", "--store", "{}"),
        ("table", "outcomes", "-o", "{}/none/x.csv"),
        ("fetch", "--doi", "{}"),
        ("fetch", "--dois", "{}"),
    ],
    ids=" ".join,
)
def test_errors_about_arguments(root: Path, arguments: tuple[str, ...]) -> None:
    """A shell fills in the names of files that came with somebody's archive."""
    ran = each_in_terminal(*([word.format(text) for word in arguments] for text in ATTACKS.values()), cwd=root)
    for attack, (code, sent) in zip(ATTACKS, ran, strict=True):
        assert (attack, code in (1, 2), FORBIDDEN.findall(sent)) == (attack, True, [])
        assert "Error: " in sent and "Traceback" not in sent


def test_a_new_review_can_be_read_whatever_its_title(tmp_path: Path) -> None:
    title = "Title " + EVIL + "\udcff"
    code, sent = in_terminal("init", tmp_path / "new", "--title", title, program=STARTED)
    assert (code, FORBIDDEN.findall(sent)) == (0, [])
    assert Review(tmp_path / "new").config.review.title == without_controls(title)


def test_the_engine_quotes_the_query(root: Path, tmp_path: Path) -> None:
    (tmp_path / "q.cypher").write_text(f"MATCH (s:Study {EVIL}\r\x1b[31m RETURN s", encoding="utf-8", newline="")
    code, sent = in_terminal("query", tmp_path / "q.cypher", cwd=root)
    assert (code, FORBIDDEN.findall(sent)) == (2, [])
    code, sent = in_terminal("query", tmp_path / "q.cypher", "--show", cwd=root)
    assert FORBIDDEN.findall(sent) == []


def test_a_name_of_a_file_that_is_no_text(root: Path) -> None:
    name = os.fsdecode(b"\xff\x1b[2J.csv")
    code, sent = in_terminal("add", name, cwd=root, program=STARTED)
    assert (code, sent) == (2, "Error: \\udcff\\u001b[2J.csv is not a file\n")


def test_a_traceback_and_a_warning_are_clean_too(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text(
        "import warnings\n"
        "from kg import cli\n"
        "def fail(*args, **kwargs):\n"
        f"    warnings.warn({EVIL!r})\n"
        f"    raise RuntimeError({EVIL!r})\n"
        "cli.LazyGroup.get_command = fail\n"
        "cli.run()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, tmp_path / "fails.py", "table"], capture_output=True, check=False)
    said = done.stderr.decode()
    assert "RuntimeError: \\u001b]0;owned\\u0007" in said and "UserWarning: \\u001b]0;owned" in said
    assert FORBIDDEN.findall(said) == []


def test_a_progress_bar_still_draws() -> None:
    code = (
        "from kg.cli.output import progress_bar\n"
        "from kg.cli.streams import install\n"
        "install()\n"
        f"with progress_bar({'label' + EVIL!r}) as progress:\n"
        "    progress(1, 2)\n"
        "    progress(2, 2)\n"
    )
    ended, sent = in_terminal(program=("-c", code))
    assert (ended, "\r" in sent, "\\u" in sent) == (0, True, False), "what draws the bar is not written out as text"
    assert f"{printable('label' + EVIL)}  [####" in sent and "100%" in sent


def test_streams_are_put_back() -> None:
    before = (sys.stdout, sys.stderr)
    with clean_streams():
        inside = (sys.stdout, sys.stderr)
        assert [type(stream) for stream in inside] == [CleanStream, CleanStream]
        assert tuple(map(raw, inside)) == before
        with clean_streams():
            assert (sys.stdout, sys.stderr) == inside, "one is enough"
    assert (sys.stdout, sys.stderr) == before


def test_a_clean_stream_is_a_stream() -> None:
    under = io.StringIO()
    stream = CleanStream(under, bidi=False)
    assert stream.write("a\x1bb\u202e") == 4
    stream.writelines(["c\n", "\x7f\t"])
    assert under.getvalue() == "a\\u001bb\u202ec\n\\u007f\t"
    assert not stream.isatty() and not hasattr(stream, "buffer") and not hasattr(stream, "fileno")


@pytest.mark.parametrize("name", ATTACKS)
def test_the_three_ways_of_cleaning(name: str) -> None:
    text = ATTACKS[name]
    assert not FORBIDDEN.search(printable(text)) and not FORBIDDEN.search(escaped(text))
    assert not CONTROL.search(without_controls(text)) and not CONTROL.search(escaped(text, bidi=False))
    kept = name in ("override", "isolate", "mark")
    assert (without_controls(text) == text, escaped(text, bidi=False) == text) == (kept, kept)


def test_ordinary_text_stays() -> None:
    text = "Zoë\tמאמר\n中文 <18 👩‍🔬 – “x” \u00a0\u200b"
    assert printable(text) == without_controls(text) == escaped(text) == text
