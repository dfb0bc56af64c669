"""Paths, exceptions and helpers that the modules of this folder share."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

STATE = Path(__file__).parent.parent.parent / ".neo4j"
#: Seconds that a server may take to start or stop.
PATIENCE = 90


class Unavailable(Exception):
    """This machine cannot run a server; the message says what is missing."""


class Failed(Exception):
    """There is, and it did not work; the message says what happened."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def call(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)


def read(path: Path) -> str:
    """The text of a file; none where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def tail(*paths: Path, lines: int = 30) -> str:
    """The last lines of some files."""
    return "\n".join(line for path in paths for line in read(path).splitlines()[-lines:])


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read."""
    path.unlink(missing_ok=True)  # the mode counts for new files only
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
