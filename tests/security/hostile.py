"""A review whose every text tries to take over the terminal, and a terminal to show it in."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tty
from pathlib import Path

from tests.warm import shared_kg

#: A kg that is started, for what an interpreter does before its program: arguments that are no text.
STARTED = ("-m", "kg")
#: Sets the title of the window, changes the colour, clears the screen, C1's own escape, goes back to the start of the
#: line, turns what follows around, rings the bell, deletes.
ATTACKS = {
    "title": "\x1b]0;owned\x07",
    "colour": "\x1b[31m",
    "clear": "\x1b[2J",
    "c1": "\x9b2J",
    "return": "\rError: 0 problems",
    "override": "\u202e",
    "isolate": "\u2066",
    "mark": "\u200f",
    "bell": "\x07",
    "delete": "\x7f",
    "backspace": "\b\b\b",
}
EVIL = "".join(ATTACKS.values()).replace("\r", "")
#: What no terminal may be sent; and what no file may hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def toml(text: str) -> str:
    """Return a string of TOML."""
    return '"' + "".join(c if c.isascii() and c.isprintable() else f"\\u{ord(c):04x}" for c in text) + '"'


def hostile_review(root: Path) -> Path:
    """Make a review folder that can be built."""
    files = {
        "review.toml": f"id = {toml('r')}\ntitle = {toml('Title ' + EVIL)}\ncitation = {toml('Cited ' + EVIL)}\n",
        "vocabulary/factors.csv": f"id,label,definition\npay,Pay {EVIL},What {EVIL}\nrest,Rest,\n",
        "vocabulary/outcomes.csv": f"id,label\nburnout,Burnout {EVIL}\n",
        "sheets/studies.csv": f"key,title,authors,year,design\na,Study {EVIL},Ng {EVIL},2020,survey\nb,Other,Li,2021,survey\n",
        f"sheets/findings{EVIL}.csv": (
            "study,factor,direction,outcomes,locator,note\n"
            f"a,pay,facilitator,burnout,p. 1 {EVIL},Note {EVIL}\nb,pay,barrier,burnout,p. 2,\n"
        ),
        "records/searches.csv": f"id,date,source,query\ns1,2024-01-01,PubMed {EVIL},peer {EVIL}\n",
        "query.cypher": f"// {EVIL}\nMATCH (s:Study) RETURN s.title AS `title {EVIL}` ORDER BY s.id\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def in_terminal(*arguments: object, cwd: Path | None = None, program: tuple[str, ...] | None = None) -> tuple[int, str]:
    """Run a warm kg, or another program of Python, with a terminal as stdin, stdout and stderr; return its exit code and what it sent to the terminal."""
    master, slave = pty.openpty()
    tty.setraw(slave)  # line feeds arrive as they were written
    process = subprocess.Popen(
        [*((sys.executable, *program) if program else shared_kg()), *map(str, arguments)],
        stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=_environment(), close_fds=True,
    )  # fmt: skip
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the last process that held the terminal has ended
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    return process.wait(), b"".join(parts).decode("utf-8")


#: Runs commands of kg one after the other, as ``kg.cli.run`` runs one: a start takes longer than most of them.
_EACH = """
import json, sys
from kg.cli import main
from kg.cli.streams import install
install()
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments, prog_name="kg")
    except SystemExit as end:
        print(f"ended with {end.code or 0}", flush=True)
"""


def each_in_terminal(*commands: list[str], cwd: Path) -> list[tuple[int, str]]:
    """Run commands of kg in one process with a terminal; return of each its exit code and what it sent."""
    code, sent = in_terminal(json.dumps(commands), cwd=cwd, program=("-c", _EACH))
    assert code == 0, sent
    *parts, rest = re.split(r"ended with (\d+)\n", sent)
    assert (len(parts), rest) == (2 * len(commands), "")
    return [(int(ended), text) for text, ended in zip(parts[::2], parts[1::2], strict=True)]


def in_pipe(*arguments: object, cwd: Path | None = None) -> tuple[int, bytes, bytes]:
    """Run a warm kg with pipes; return its exit code, stdout and stderr."""
    done = subprocess.run(
        [*shared_kg(), *map(str, arguments)], capture_output=True, check=False, cwd=cwd, env=_environment()
    )
    return done.returncode, done.stdout, done.stderr


def _environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1", "TERM": "xterm"}
