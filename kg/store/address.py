"""The URL of a graph server, and the credentials for it, which come from anywhere but the URL."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from kg.errors import UsageProblem

USER, PASSWORD, DATABASE, FILE = "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE", "NEO4J_CREDENTIALS"
_IN_FILE = (USER, PASSWORD, DATABASE)

HOW_TO_SIGN_IN = (
    f"set {USER} and {PASSWORD} in the environment, or name a file that has both, as NAME=value lines, in {FILE}"
)


@dataclass(frozen=True)
class Address:
    """A server, a database on it and a review in that: ``neo4j://HOST[:PORT][/DATABASE][?ROUTING][#REVIEW]``.

    ``uri`` is for the driver, ``shown`` for messages. ``database`` is None for the default database of the server.
    """

    uri: str
    shown: str
    database: str | None = None
    review: str | None = None


@dataclass(frozen=True)
class Credentials:
    """A user name and password; ``origin`` is where they were found, for messages. The password is never shown."""

    user: str
    password: str = field(repr=False)
    origin: str


def parse_address(url: str) -> Address:
    """Parse the URL of a store. Raises UsageProblem; its message does not repeat a URL that contains a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError as error:
        raise UsageProblem(f"the URL of the store cannot be read: {error}") from None
    if "@" in parts.netloc:
        raise UsageProblem(
            "a user name or password in the URL would stay in the history of the shell: leave it out, and "
            + HOW_TO_SIGN_IN
        )
    if not host:
        raise UsageProblem(f"{url!r} names no server, for example {parts.scheme}://localhost:7687")
    database = unquote(parts.path.strip("/"))
    if "/" in database:
        raise UsageProblem(f"{url!r}: {database!r} cannot be the name of a database")
    uri = SplitResult(parts.scheme, parts.netloc, "", parts.query, "").geturl()
    return Address(
        uri, f"{parts.scheme}://{parts.netloc}", database or _setting(DATABASE), unquote(parts.fragment) or None
    )


def find_credentials() -> Credentials | None:
    """Return the credentials in the environment or in the file that it names, or None.

    Raises UsageProblem for a user name without a password.
    """
    for settings, origin in ((os.environ, "the environment"), (_file(), f"the file named in {FILE}")):
        user, password = settings.get(USER), settings.get(PASSWORD)
        if password is not None:
            return Credentials(user or "neo4j", password, origin)
        if user:
            raise UsageProblem(f"{origin} has {USER} and no {PASSWORD}")
    return None


def ask_credentials(server: str) -> Credentials | None:
    """Ask for credentials at the terminal; return None without a terminal."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    import getpass

    sys.stderr.write(f"{server} asks for a user name and a password.\n")
    sys.stderr.write("User name [neo4j]: ")
    sys.stderr.flush()
    user = sys.stdin.readline().strip()
    return Credentials(user or "neo4j", getpass.getpass("Password: "), "the terminal")


def _setting(name: str) -> str | None:
    return os.environ.get(name) or _file().get(name)


def _file() -> Mapping[str, str]:
    """Return the settings in the file that the environment names: NAME=value lines, as in the file from Aura."""
    path = os.environ.get(FILE)
    if not path:
        return {}
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageProblem(f"cannot read {path}, the file named in {FILE}: {reason}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise UsageProblem(f"{path}, line {number}: is not a NAME=value line")  # the line may be a password
        name = name.strip().removeprefix("export ").strip()
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if name in _IN_FILE:
            found[name] = value
    return found
