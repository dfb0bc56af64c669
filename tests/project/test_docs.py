"""The documents hold: every transcript is run, and everything that they list is what the code has.

``python -m tests.project.test_docs --update [FILE...]`` runs the transcripts and rewrites what they expect, keeping every ``...``.

A ``console`` block holds commands after ``$ ``, each followed by what it prints. A ``python`` block prints what the
``text`` block right below it holds, or nothing. ``...`` stands for any lines, or at the end of a line for the rest of
it. In front of a block ``<!-- file: NAME -->`` writes the block to that file, ``<!-- exit code: N -->`` says how its
last command ends (0 otherwise), and ``<!-- not run: why -->`` leaves it out, if NOT_RUN has it as well.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from kg.check.audit import AUDIT_KINDS
from kg.check.records import RECORD_KINDS
from kg.check.terms import TERM_KINDS
from kg.cli import COMMANDS, main
from kg.cypher import catalogue
from kg.errors import StoreError
from kg.folder import published, searchlog
from kg.folder.config import _BOUND, _KEYS, _REVIEW, _TABLES
from kg.folder.declarations import _FACET, _MARKS, _SHEET
from kg.loaders.sheets import columns, migrations, recode
from kg.model.fields import VALUES
from kg.model.vocabulary import DIRECTIONS, LABELS, PROPERTIES, RELATIONSHIPS
from kg.query.gaps import GAP_KINDS
from kg.query.graph import open_graph
from kg.store import drop_graph
from tests.neo4j.server import Server
from tests.paths import ROOT
from tests.replay import real_works, replaying
from tests.warm import shared_kg

RUN = ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
DECISIONS = sorted(f"decisions/{p.name}" for p in (ROOT / "decisions").glob("*.md"))
ALL = [*RUN, "CONTRIBUTING.md", "CHANGELOG.md", *DECISIONS]

#: Document -> the first commands of the blocks that install something or need a server, and are therefore not run.
NOT_RUN = {
    "README.md": [
        "make demo    # the five-minute tour",
        "python3 -m venv .venv",
        ".venv/bin/pip install '.[figures,graph]'",
    ],
    "CONTRIBUTING.md": ["make quick"],
    "docs/neo4j.md": ["export NEO4J_USERNAME=neo4j NEO4J_PASSWORD=..."],
    "docs/serve.md": ["kg serve --open"],
    "docs/tutorial.md": ["python3 -m venv .venv"],
    "docs/neo4j-browser.md": [
        "python -m tests.neo4j start --browser",
        "kg build --store neo4j://localhost",
        "neo4j stop",
    ],
}
#: The server of the documents; the transcripts are run with the tests' server in its place.
SERVER = "neo4j://localhost"
#: The reviews that the transcripts build there.
ON_THE_SERVER = ("bell-2025", "carers")
#: What a block that is run may not do: it would change the machine, or need the network.
INSTALLS = re.compile(r"\b(make|pip|venv|git clone)\b")

_FENCE = re.compile(r"(`{3,})(\w*)\s*")
_NOTE = re.compile(r"<!-- (file|exit code|not run): (.+?) -->")
_PATH = re.compile(
    r"(?:kg|loaders|queries|ontology|tests|docs|decisions|docker|examples|benchmarks)/[\w./*-]*"
    r"|[A-Z]+\.md|Makefile|pyproject\.toml"
)
_REVIEW_FILE = re.compile(r"(?:records|published|screening)/[\w-]+\.csv")


@dataclass
class Block:
    """A fenced block; ``line`` is the number of its first line of content."""

    language: str
    line: int
    lines: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    printed_by_last: bool = False


@dataclass(frozen=True)
class Call:
    """Something to run, what it is expected to print, and where that stands: ``first`` and ``end`` are line numbers."""

    kind: str
    text: str
    line: int
    expected: list[str]
    first: int
    code: int = 0


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a document, with the notes right in front of them."""
    found: list[Block] = []
    notes: dict[str, str] = {}
    fence = ""
    since: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            if line.strip() == fence:
                fence, since = "", []
            else:
                found[-1].lines.append(line)
        elif opening := _FENCE.fullmatch(line):
            fence = opening[1]
            below = bool(found) and found[-1].language == "python" and not any(since)
            found.append(Block(opening[2], number + 1, notes=notes, printed_by_last=below and opening[2] == "text"))
            notes = {}
        else:
            since.append(line.strip())
            note = _NOTE.fullmatch(line.strip())
            notes = {**notes, note[1]: note[2]} if note else {} if line.strip() else notes
    return found


def calls(found: list[Block]) -> Iterator[Call | Block]:
    """Yield what there is to do, in order: calls to make, and blocks to write to a file."""
    for place, block in enumerate(found):
        if "file" in block.notes:
            yield block
        elif "not run" in block.notes:
            continue
        elif block.language == "python":
            below = found[place + 1 : place + 2]
            after = below[0] if below and below[0].printed_by_last else Block("text", 0)
            yield Call("python", "\n".join(block.lines), block.line, after.lines, after.line)
        elif block.language == "console":
            at = [n for n, line in enumerate(block.lines) if line.startswith("$ ")]
            for n, following in zip(at, [*at[1:], len(block.lines)], strict=True):
                code = int(block.notes.get("exit code", "0")) if n == at[-1] else 0
                expected = block.lines[n + 1 : following]
                yield Call("console", block.lines[n][2:], block.line + n, expected, block.line + n + 1, code)


class Reader:
    """One document's folder, where its commands run one after the other as a reader would run them."""

    def __init__(self, scratch: Path, kg: str, server: Server | None = None, openalex: str = "") -> None:
        self.server = re.sub("^[a-z]+", "neo4j", server.uri) if server else SERVER
        self.here = scratch / "work"
        self.state, tools = scratch / "pwd", scratch / "bin"
        for folder_ in (self.here, tools, scratch / "home", scratch / "tmp"):
            folder_.mkdir()
        command = tools / "kg"
        command.write_text(f'#!/bin/sh\nexec {kg} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        self.environment = {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "HOME": str(scratch / "home"),
            "TMPDIR": str(scratch / "tmp"), "COLUMNS": "100", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1",
            "KG_OPENALEX_URL": openalex or "http://127.0.0.1:9",  # never the real one
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
            **(server.env() if server else {}),
        }  # fmt: skip

    def run(self, call: Call) -> tuple[int, list[str]]:
        """Return the exit code and the lines, stdout and stderr as they come."""
        text = call.text.replace(SERVER, self.server)
        if call.kind == "python":
            argv = [sys.executable, "-W", "error", "-c", text]
        else:
            shell = shutil.which("sh")
            assert shell, "transcripts need a POSIX shell"
            argv = [shell, "-c", f"{text}\nstatus=$?\npwd > {shlex.quote(str(self.state))}\nexit $status"]
        ran = subprocess.run(
            argv, cwd=self.here, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        if call.kind == "console":
            self.here = Path(self.state.read_text(encoding="utf-8").strip())
        return ran.returncode, trimmed(ran.stdout.replace(self.server, SERVER).splitlines())

    def write(self, block: Block) -> None:
        """Write a block to the file it is said to be."""
        path = self.here / block.notes["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(block.lines) + "\n", encoding="utf-8")


def trimmed(lines: list[str]) -> list[str]:
    """Return lines without trailing spaces and without blank lines at either end."""
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    while kept and not kept[0]:
        kept.pop(0)
    return kept


def matches(expected: list[str], actual: list[str]) -> bool:
    """Return whether lines are what is expected, ``...`` standing for any."""
    pattern = ""
    for line in trimmed(expected):
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            whole = not line.endswith("...")
            pattern += re.escape(line if whole else line[:-3]) + (r"\n" if whole else r".*\n")
    return re.fullmatch(pattern, "".join(line + "\n" for line in trimmed(actual))) is not None


def rewritten(expected: list[str], actual: list[str]) -> list[str]:
    """Return what was printed, shortened where ``expected`` is.

    Between two ``...`` there are as many lines as before, taken where they are most like those.
    """
    parts: list[list[str]] = [[]]
    for line in trimmed(expected):
        if line.strip() == "...":
            parts.append([])
        else:
            parts[-1].append(line)
    made: list[str] = []
    at = 0
    for n, part in enumerate(parts):
        if len(parts) == 1:
            taken = actual
        elif n == 0:
            taken = actual[: len(part)]
            at = len(taken)
        elif n == len(parts) - 1:
            taken = actual[max(at, len(actual) - len(part)) :] if part else []
        else:
            last = max(at, len(actual) - len(part))
            start = max(range(at, last + 1), key=lambda s: (_likeness(part, actual[s : s + len(part)]), -s))
            taken = actual[start : start + len(part)]
            at = start + len(taken)
        made += ([] if n == 0 else ["..."]) + [_cut(line, part) for line in taken]
    return made


def _likeness(a: list[str], b: list[str]) -> float:
    return sum(difflib.SequenceMatcher(None, x, y, autojunk=False).ratio() for x, y in zip(a, b, strict=False))


def _cut(line: str, expected: list[str]) -> str:
    """Cut a line where the expected one that it fits is cut, or else after as many words as the nearest one has."""
    cuts = [known[:-3] for known in expected if known.endswith("...")]
    for start in cuts:
        if line.startswith(start):
            return start + "..."
    near = difflib.get_close_matches(line, [known.removesuffix("...") for known in expected], n=1, cutoff=0.3)
    if near and near[0] in cuts:
        words = re.findall(r"\s*\S+", line)[: len(near[0].split())]
        return "".join(words) + " ..."
    return line


def failures(name: str, scratch: Path, text: str, server: Server | None = None, kg: str = "kg") -> list[str]:
    """Run a document; return what does not hold, each led by file and line. ``kg`` is the shell command that is kg."""
    wrong = []
    with openalex(text) as url:
        reader = Reader(scratch, kg, server, url)
        for item in calls(blocks(text)):
            if isinstance(item, Block):
                reader.write(item)
                continue
            code, actual = reader.run(item)
            shown = item.text.splitlines()[0]
            if code != item.code:
                wrong.append(f"{name}:{item.line}: {shown}: ends with {code}, not {item.code}:\n" + "\n".join(actual))
            elif not matches(item.expected, actual):
                diff = difflib.unified_diff(trimmed(item.expected), actual, "document", "printed", lineterm="")
                wrong.append(f"{name}:{item.line}: {shown}: prints something else:\n" + "\n".join(diff))
    return wrong


@contextmanager
def openalex(text: str) -> Iterator[str]:
    """Yield the address of an OpenAlex on this machine, with a few real works, for a document that fetches some."""
    if not any("kg fetch" in item.text for item in calls(blocks(text)) if isinstance(item, Call)):
        yield ""
        return
    with replaying(real_works()) as replay:
        yield replay.url


def updated(text: str, scratch: Path, kg: str = "kg") -> str:
    """Return a document with the expectations that do not hold rewritten."""
    lines = text.splitlines()
    edits: list[tuple[int, int, list[str]]] = []
    with openalex(text) as url:
        reader = Reader(scratch, kg, openalex=url)
        for item in calls(blocks(text)):
            if isinstance(item, Block):
                reader.write(item)
                continue
            code, actual = reader.run(item)
            ends = f"line {item.line}: {item.text} ends with {code}, not {item.code}"
            assert code == item.code, "\n".join([ends, *actual])
            if not matches(item.expected, actual):
                assert item.first, f"line {item.line}: the Python block needs a text block below it"
                blank = [""] if item.kind == "console" and item.expected and not item.expected[-1].strip() else []
                edits.append((item.first - 1, len(item.expected), rewritten(item.expected, actual) + blank))
    for start, length, new in reversed(edits):
        lines[start : start + length] = new
    return "\n".join(lines) + "\n"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- the transcripts ---


@pytest.fixture
def kg() -> str:
    """The shell command that is kg in the transcripts."""
    return shlex.join(shared_kg())


@pytest.fixture
def reviews_on_the_server(neo4j: Server) -> Iterator[Server]:
    """The tests' server without the reviews of the documents, before and after."""
    for review in ON_THE_SERVER:
        with pytest.raises(StoreError, match=r"holds no graph of|no graph in"):  # else the transcripts would replace it
            open_graph(f"{neo4j.uri}#{review}")
    yield neo4j
    for review in ON_THE_SERVER:
        with suppress(StoreError):
            drop_graph(f"{neo4j.uri}#{review}")


def needs_a_server(text: str) -> bool:
    return any(SERVER in item.text for item in calls(blocks(text)) if isinstance(item, Call))


@pytest.mark.parametrize("name", RUN)
def test_the_transcripts_of_a_document_hold(name: str, kg: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = read(name)
    server = request.getfixturevalue("reviews_on_the_server") if needs_a_server(text) else None
    wrong = failures(name, tmp_path, text, server, kg)
    assert not wrong, "\n\n".join(wrong) + "\n\npython -m tests.project.test_docs --update rewrites what is expected"


def test_only_what_installs_is_not_run() -> None:
    left_out: dict[str, list[str]] = {}
    installing = []
    for name in ALL:
        for block in blocks(read(name)):
            first = next((line.removeprefix("$ ") for line in block.lines), "")
            if "not run" in block.notes:
                left_out.setdefault(name, []).append(first)
            elif block.language in ("console", "sh", "bash", "shell") and INSTALLS.search("\n".join(block.lines)):
                installing.append(f"{name}:{block.line}: {first}")
    assert left_out == NOT_RUN
    assert installing == []


def test_commands_stand_in_console_blocks_and_say_something() -> None:
    """A block in another language would look like a transcript and never be run; one of dots alone could not fail."""
    wrong = []
    for name in ALL:
        for block in blocks(read(name)):
            if block.language not in ("console", "python", "text", "csv", "toml", "cypher", "make"):
                wrong.append(f"{name}:{block.line}: a block in {block.language or 'no language'}")
            if block.language == "console" and not block.lines[0].startswith("$ "):
                wrong.append(f"{name}:{block.line}: a console block starts with a command")
        for item in calls(blocks(read(name))):
            if isinstance(item, Call) and item.expected and {line.strip() for line in item.expected} <= {"", "..."}:
                wrong.append(f"{name}:{item.line}: nothing but dots is expected")
    assert wrong == []


# --- the tool itself ---


def test_a_wrong_transcript_is_named_by_file_and_line(tmp_path: Path) -> None:
    text = (
        "# A\n\n```console\n$ echo one; echo two\none\n...\n$ echo three\nfour\n```\n\n"
        "```console\n$ sh -c 'exit 3'\n```\n"
    )
    assert failures("docs/a.md", tmp_path, text) == [
        "docs/a.md:7: echo three: prints something else:\n--- document\n+++ printed\n@@ -1 +1 @@\n-four\n+three",
        "docs/a.md:12: sh -c 'exit 3': ends with 3, not 0:\n",
    ]


def test_python_and_files_are_run_in_the_document_s_folder(tmp_path: Path) -> None:
    text = (
        "<!-- file: sub/a.txt -->\n```text\nhello\n```\n\n```console\n$ cd sub\n```\n\n"
        "```python\nprint(open('a.txt').read(), end='')\n```\n\n```text\nhello\n```\n\n"
        "<!-- exit code: 1 -->\n```console\n$ grep bye a.txt\n```\n"
    ).replace("open('a.txt').read()", "__import__('pathlib').Path('a.txt').read_text()")
    assert failures("a.md", tmp_path, text) == []


def test_an_update_keeps_the_dots(tmp_path: Path) -> None:
    text = "```console\n$ printf 'a\\nb\\nc\\nd 12 x\\n'\nA\n...\nd 11 ...\n```\n"
    assert updated(text, tmp_path) == text.replace("A\n...\nd 11 ...", "a\n...\nd 12 ...")


@pytest.mark.parametrize(("expected", "actual", "same"), [
    (["a", "...", "c"], ["a", "b", "b", "c"], True),
    (["a", "...", "c"], ["a", "c"], True),
    (["a", "..."], ["b", "c"], False),
    (["took ..."], ["took 3 s"], True),
    (["took ..."], ["it took 3 s"], False),
    ([], ["something"], False),
    (["a"], ["a", "b"], False),
])  # fmt: skip
def test_dots_stand_for_any_lines_or_the_rest_of_one(expected: list[str], actual: list[str], same: bool) -> None:
    assert matches(expected, actual) is same


# --- what the documents list ---


def section(name: str, heading: str) -> str:
    """Return the text under a heading, up to the next one of the same or a higher level."""
    lines = read(name).splitlines()
    start = next((n for n, line in enumerate(lines) if re.fullmatch(r"#+ " + re.escape(heading), line)), None)
    assert start is not None, f"{name} has no heading {heading!r}"
    level = len(lines[start]) - len(lines[start].lstrip("#"))
    end = next((n for n in range(start + 1, len(lines)) if re.match(rf"#{{1,{level}}} ", lines[n])), len(lines))
    return "\n".join(lines[start + 1 : end])


def cells(text: str) -> list[list[str]]:
    """Return the rows of the Markdown tables in a text, headers and rules left out."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    rows = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {n - 1 for n, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", c) for c in row)}
    return [row for n, row in enumerate(rows) if n not in heads and n - 1 not in heads]


def code(text: str) -> list[str]:
    """Return the code spans of a text."""
    return re.findall(r"`([^`]+)`", text)


def listed(name: str, heading: str) -> list[str]:
    """Return the code spans in the first column of the tables right under a heading, brackets of TOML left out."""
    own = re.split(r"^#+ ", section(name, heading), maxsplit=1, flags=re.MULTILINE)[0]
    return [span.strip("[]") for row in cells(own) for span in code(row[0])]


def leaf_commands() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        if isinstance(command, click.Group):
            found.update({f"{name} {sub}": command.commands[sub] for sub in command.commands})
        else:
            found[name] = command
    return found


LEAVES = leaf_commands()


def test_the_command_line_page_has_every_command_and_no_other() -> None:
    headings = re.findall(r"^## kg (.+)$", read("docs/command-line.md"), re.MULTILINE)
    assert headings == list(LEAVES)


@pytest.mark.parametrize("name", LEAVES)
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    options = {opt for p in LEAVES[name].params if isinstance(p, click.Option) for opt in (*p.opts, *p.secondary_opts)}
    shared = {"-C", "--store", "--format", "-o", "--output", "--evidence", "--review"}
    text = "\n".join(code(section("docs/command-line.md", f"kg {name}")))
    said = set(re.findall(r"(?<![\w-])-(?:-[a-z][a-z-]+|[a-zA-Z])(?![\w-])", text))
    assert said - shared == options - shared
    for option in sorted(options & shared):
        assert f"`{option}" in section("docs/command-line.md", "What all commands share")


@pytest.mark.parametrize("name", LEAVES)
def test_the_help_of_a_command_ends_with_an_example_that_parses(name: str) -> None:
    command = LEAVES[name]
    assert command.help
    assert command.epilog and command.epilog.startswith(f"Example: kg {name}"), "the help ends with an example"
    words = shlex.split(command.epilog.removeprefix("Example: kg "))[len(name.split()) :]
    assert command.make_context(name, words).params
    assert command.epilog.removeprefix("Example: ") in section("docs/command-line.md", f"kg {name}")


def test_every_canned_query_is_documented_with_its_columns_and_parameters() -> None:
    text = section("docs/queries.md", "The canned queries")
    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == catalogue.names()
    for name in catalogue.names():
        query = catalogue.canned(name)
        entry = section("docs/queries.md", name)
        lines = (line for line in entry.splitlines() if line.startswith(("Columns:", "Parameters:")))
        said = {line.split(":")[0]: code(line) for line in lines}
        declared = re.findall(r"^// param (.*?)(?: - .*)?$", query.text, re.MULTILINE)
        assert said == {"Columns": list(query.returns), **({"Parameters": declared} if declared else {})}, name


def test_the_tables_of_the_command_line_are_documented() -> None:
    from kg.cli.table import TABLES

    assert listed("docs/command-line.md", "kg table") == list(TABLES)


def test_every_key_of_review_toml_is_documented() -> None:
    page = "docs/review-folder.md"
    assert listed(page, "review.toml") == [*_REVIEW, _BOUND, *_TABLES]
    assert listed(page, "[words]") == list(_KEYS["words"])
    assert listed(page, "[colours]") == list(DIRECTIONS)
    assert listed(page, "[[sheet]]") == list(_SHEET)
    assert listed(page, "[[sheet.marks]]") == list(_MARKS)
    assert listed(page, "[[facet]]") == list(_FACET)


@pytest.mark.parametrize(("heading", "layout"), [
    ("Findings", columns.FINDINGS), ("Studies", columns.STUDIES), ("Vocabularies", columns.VOCABULARY),
])  # fmt: skip
def test_every_sheet_column_is_documented_with_its_other_names(heading: str, layout: columns.Layout) -> None:
    rows = cells(section("docs/sheets.md", heading))
    said = {code(row[0])[0]: (tuple(code(row[1])), row[2] == "yes") for row in rows}
    assert said == {name: (others, name in layout.required) for name, others in layout.columns.items()}


def test_every_value_is_documented_with_its_other_spellings() -> None:
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    for column, value, others, _ in cells(section("docs/sheets.md", "Values")):
        for name in code(column):
            said.setdefault(name, {})[code(value)[0]] = tuple(code(others))
    assert said == {column: dict(values) for column, values in VALUES.items()}


@pytest.mark.parametrize(("heading", "layout"), [
    ("records/searches.csv", searchlog.LAYOUT),
    ("published/gaps.csv", published.STATED_GAPS),
    ("vocabulary/changes/migrations.csv", migrations.LAYOUT),
    ("vocabulary/changes/recode.csv", recode.LAYOUT),
    ("published/statements.csv", published.STATEMENTS),
    ("published/facts.csv", published.FACTS),
    ("published/references.csv", published.REFERENCES),
    ("screening/eligibility.csv", published.CRITERIA),
])  # fmt: skip
def test_every_column_of_the_other_files_is_documented(heading: str, layout: columns.Layout) -> None:
    assert listed("docs/review-folder.md", heading) == list(layout.columns)


def test_every_scope_of_a_statement_is_documented() -> None:
    rows = cells(section("docs/review-folder.md", "published/statements.csv"))
    row = next(row for row in rows if row[0] == "`scope`")
    assert tuple(code(row[1])) == published.SCOPES


def test_every_file_that_is_read_from_a_review_folder_is_documented_and_no_other() -> None:
    """Paths stand as constants in the code that reads them."""
    sources = [*(ROOT / "loaders").rglob("*.py"), *(ROOT / "kg").rglob("*.py")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    read_by_code = {text for text in texts if _REVIEW_FILE.fullmatch(text)}
    headings = re.findall(r"^### (.+)$", section("docs/review-folder.md", "The files"), re.MULTILINE)
    assert {h for h in headings if _REVIEW_FILE.fullmatch(h)} == read_by_code


def test_every_kind_of_gap_is_documented() -> None:
    assert listed("docs/gaps-and-checks.md", "Kinds of gap") == list(GAP_KINDS)


def test_the_help_of_gaps_names_every_kind() -> None:
    option = next(p for p in LEAVES["gaps"].params if p.name == "kind")
    assert isinstance(option, click.Option) and option.help
    assert re.findall(r"[a-z]+(?:-[a-z]+)+|contested|indirect|stated", option.help) == list(GAP_KINDS)


def test_every_kind_of_check_is_documented_and_no_other() -> None:
    """Kinds of the folder stand where they are found, some put together from a name."""
    sources = [ast.parse(read(f"kg/check/{name}.py")) for name in ("run", "poles", "spelling", "stated")]
    made = [node for source in sources for node in ast.walk(source) if isinstance(node, ast.Call)]
    patterns = {_pattern(node.args[0]) for node in made if getattr(node.func, "id", "") == "Discrepancy"}
    said = listed("docs/gaps-and-checks.md", "Checks of the folder")
    assert {k for k in said if not any(re.fullmatch(p, k) for p in patterns)} == set()
    assert {p for p in patterns if not any(re.fullmatch(p, k) for k in said)} == set()
    assert listed("docs/gaps-and-checks.md", "Checks of the vocabularies") == list(TERM_KINDS)
    assert listed("docs/gaps-and-checks.md", "Checks of the records") == list(RECORD_KINDS)
    assert listed("docs/gaps-and-checks.md", "Checks of the published review") == list(AUDIT_KINDS)


def _pattern(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) for part in node.values)
    return re.escape(str(node.value)) if isinstance(node, ast.Constant) else r"\w+"


def test_the_graph_model_is_documented() -> None:
    rows = {code(row[0])[0]: row for row in cells(section("docs/queries.md", "Nodes"))}
    assert list(rows) == list(LABELS)
    for label, row in rows.items():
        assert tuple(code(row[0])[1:]) == LABELS[label], label
        assert tuple(code(row[1])) == PROPERTIES[label], label
    edges = {code(row[0])[0]: row for row in cells(section("docs/queries.md", "Relationships"))}
    assert list(edges) == list(RELATIONSHIPS)
    for kind, row in edges.items():
        ends = [f"({start})→({end})" for start, end in RELATIONSHIPS[kind]]
        assert code(row[1]) == ends, kind
        assert tuple(code(row[2])) == PROPERTIES.get(kind, ()), kind


# --- links and paths ---


def prose(name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a document outside its fenced blocks."""
    fence = ""
    for number, line in enumerate(read(name).splitlines(), start=1):
        opening = _FENCE.match(line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif opening:
            fence = opening[1]
        else:
            yield number, line


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("name", ALL)
def test_links_and_paths_lead_somewhere(name: str) -> None:
    wrong = []
    for number, line in prose(name):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"https?://", target):
                continue
            path, _, anchor = target.partition("#")
            there = (ROOT / name).parent / path if path else ROOT / name
            if not there.exists() or (anchor and anchor not in anchors(there)):
                wrong.append(f"{name}:{number}: {target} leads nowhere")
        for span in code(line):
            if _PATH.fullmatch(span) and not any(ROOT.glob(span.rstrip("/"))):
                wrong.append(f"{name}:{number}: there is no {span}")
    assert wrong == []


def test_the_map_of_the_repository_names_every_folder() -> None:
    mapped = [span for row in cells(section("README.md", "The repository")) for span in code(row[0])]
    assert [p for p in mapped if not (ROOT / p).is_dir()] == []
    if not (ROOT / ".git").exists():
        return
    git = shutil.which("git")
    assert git
    ran = subprocess.run([git, "-C", str(ROOT), "ls-files"], capture_output=True, encoding="utf-8", check=True)
    tracked = (path for path in ran.stdout.splitlines() if "/" in path and not path.startswith("."))
    folders = {path.split("/")[0] + "/" for path in tracked}
    assert folders - set(mapped) == set()


def test_pages_are_listed_on_the_first_one() -> None:
    said = {target for _, line in prose("docs/index.md") for target in re.findall(r"\]\(([\w-]+\.md)\)", line)}
    assert said == {Path(name).name for name in RUN if name.startswith("docs/")} - {"index.md"}


if __name__ == "__main__":
    if sys.argv[1:2] != ["--update"] or not set(sys.argv[2:]) <= set(RUN):
        sys.exit("usage: python -m tests.project.test_docs --update [README.md docs/NAME.md ...]")
    for document in sys.argv[2:] or RUN:
        with tempfile.TemporaryDirectory() as folder_:
            now = updated(read(document), Path(folder_), shlex.join(shared_kg()))
        if now != read(document):
            (ROOT / document).write_text(now, encoding="utf-8", newline="\n")
            print(f"updated {document}")
