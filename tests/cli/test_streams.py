"""Standard streams that are closed, or that have no room left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.folder.review import Review
from tests.conftest import Ran

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the redirections are those of a POSIX shell")
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")

CLOSED = "Error: cannot write to standard output: Bad file descriptor\n"
FULL = "Error: cannot write to standard output: No space left on device\n"

#: Commands that write to stdout, also those that click itself answers.
WRITES = {
    "table": "table outcomes",
    "workbook": "table outcomes --format xlsx",
    "json": "check --format json",
    "help": "--help",
    "help of a command": "table --help",
    "version": "--version",
    "list": "query",
    "text of a query": "query --show why",
}


def shell(redirection: str, command: str, root: Path) -> Ran:
    """Run ``kg COMMAND`` with the redirection of a shell; stdout and stderr are what arrives nevertheless."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m kg {command} {redirection}', sys.executable],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", WRITES.values(), ids=WRITES)
def test_stdout_is_closed(example: Review, command: str) -> None:
    """It was a traceback."""
    assert shell(">&-", command, example.root) == Ran(1, "", CLOSED)
    assert shell(">&- 2>&-", command, example.root) == Ran(1, "", "")


@needs_full
@pytest.mark.parametrize("command", WRITES.values(), ids=WRITES)
def test_there_is_no_room_for_stdout(example: Review, command: str) -> None:
    assert shell("> /dev/full", command, example.root) == Ran(1, "", FULL)
    assert shell("> /dev/full 2>&1", command, example.root) == Ran(1, "", "")


def test_stdout_is_closed_and_not_needed(example: Review, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    assert shell(">&-", f"table outcomes -o {file}", example.root) == Ran(0, "", f"wrote {file}\n")
    assert file.read_text(encoding="utf-8").startswith("outcome,studies,study_labels\n")
    ran = shell(">&-", "table evidence", example.root)
    assert ran.code == 2 and ran.err.startswith("Error: no table is called 'evidence'")


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2> /dev/full", marks=needs_full)])
def test_nothing_can_be_written_to_stderr(example: Review, tmp_path: Path, redirection: str) -> None:
    """The command does its work. The exit code tells that messages were lost, where there were any."""
    whole = shell("", "table outcomes", example.root)
    assert whole.code == 0 and whole.out.startswith("Studies by")
    assert shell(redirection, "table outcomes", example.root) == whole
    assert shell(redirection, f"export csv -o {tmp_path / 'csv'}", example.root) == Ran(1, "", "")
    assert len(list((tmp_path / "csv").iterdir())) == 12
    assert shell(redirection, "table evidence", example.root) == Ran(2, "", "")
    assert shell(redirection, "build --store mysql://x", example.root) == Ran(2, "", "")


def test_no_file_takes_the_number_of_a_closed_stream(own_example: Review, tmp_path: Path) -> None:
    """Whatever a library prints would be written into that file."""
    program = (
        "import sys\n"
        "from kg.cli.streams import reserve_descriptors\n"
        "reserve_descriptors()\n"
        "with open(sys.argv[1], 'w') as file:\n"
        "    file.write(str(file.fileno() > 2))\n"
    )
    subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -c "$1" "$2" <&- >&- 2>&-', sys.executable, program, tmp_path / "file"], check=True
    )
    assert (tmp_path / "file").read_text() == "True"
    assert shell("<&- >&- 2>&-", "build", own_example.root) == Ran(1, "", "")
    assert shell("", "build", own_example.root).err.startswith("up to date: 20 studies")
