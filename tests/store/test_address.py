"""The URL of a server, and where the user name and password come from: never from the URL, never shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from kg.errors import UsageProblem
from kg.store.address import Address, Credentials, ask_credentials, find_credentials, parse_address
from kg.store.neo4j import Neo4jStore
from tests.conftest import Run

SECRET = " ".join(("correct", "horse"))


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE", "NEO4J_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "uri", "shown", "database", "review"),
    [
        ("neo4j://localhost", "neo4j://localhost", "neo4j://localhost", None, None),
        ("bolt://127.0.0.1:7687/", "bolt://127.0.0.1:7687", "bolt://127.0.0.1:7687", None, None),
        ("neo4j+s://ab.databases.neo4j.io", "neo4j+s://ab.databases.neo4j.io", "neo4j+s://ab.databases.neo4j.io", None, None),
        ("neo4j://h:1/reviews#peer-workforce", "neo4j://h:1", "neo4j://h:1", "reviews", "peer-workforce"),
        ("neo4j://h/a%20b?policy=eu&x=1#r%201", "neo4j://h?policy=eu&x=1", "neo4j://h", "a b", "r 1"),
        ("bolt+ssc://[::1]:7687/db", "bolt+ssc://[::1]:7687", "bolt+ssc://[::1]:7687", "db", None),
    ],
)  # fmt: skip
def test_a_url_taken_apart(url: str, uri: str, shown: str, database: str | None, review: str | None) -> None:
    """Scheme and routing reach the driver as they are; the database and the review do not."""
    assert parse_address(url) == Address(uri, shown, database, review)


def test_the_database_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_DATABASE", "reviews")
    assert parse_address("neo4j://h").database == "reviews"
    assert parse_address("neo4j://h/other").database == "other"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("neo4j://", r"'neo4j://' names no server, for example neo4j://localhost:7687"),
        ("neo4j:///db", "names no server"),
        ("neo4j://h:port", "the URL of the store cannot be read: Port could not be cast"),
        ("neo4j://h:99999", "the URL of the store cannot be read: Port out of range"),
        ("neo4j://h/a/b", "'a/b' cannot be the name of a database"),
    ],
)
def test_a_url_that_names_no_server(url: str, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        parse_address(url)


@pytest.mark.parametrize("url", [f"neo4j://neo4j:{SECRET}@h", f"bolt://{SECRET}@h:1/db"])
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str, run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_address(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert str(caught.value) == (
        "a user name or password in the URL would stay in the history of the shell: leave it out, and set "
        "NEO4J_USERNAME and NEO4J_PASSWORD in the environment, or name a file that has both, as NAME=value lines, in "
        "NEO4J_CREDENTIALS"
    )
    ran = run("table", "outcomes", "--store", url, "-C", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert SECRET not in ran.err


def test_nobody_says_who_asks() -> None:
    assert find_credentials() is None


def test_credentials_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", SECRET)
    assert find_credentials() == Credentials("neo4j", SECRET, "the environment")
    monkeypatch.setenv("NEO4J_USERNAME", "ada")
    assert find_credentials() == Credentials("ada", SECRET, "the environment")
    assert SECRET not in repr(find_credentials())


def test_a_user_name_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", "ada")
    with pytest.raises(UsageProblem, match="the environment has NEO4J_USERNAME and no NEO4J_PASSWORD"):
        find_credentials()


def test_credentials_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As Aura hands it out, with a URI that is not read, and as people write such files."""
    file = tmp_path / "aura.txt"
    file.write_text(
        "\ufeff# Wait 60 seconds before connecting\n\nNEO4J_URI=neo4j+s://ab.databases.neo4j.io\n"
        f"export NEO4J_USERNAME = ada\nNEO4J_PASSWORD='{SECRET}=#'\nNEO4J_DATABASE=\"reviews\"\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("NEO4J_CREDENTIALS", str(file))
    assert find_credentials() == Credentials("ada", SECRET + "=#", "the file named in NEO4J_CREDENTIALS")
    assert parse_address("neo4j://h").database == "reviews"
    monkeypatch.setenv("NEO4J_PASSWORD", "another")
    assert find_credentials() == Credentials("neo4j", "another", "the environment")


def test_a_file_that_is_no_list_of_names_and_values(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "password.txt"
    file.write_text(f"# mine\n{SECRET}\n", encoding="utf-8")
    monkeypatch.setenv("NEO4J_CREDENTIALS", str(file))
    with pytest.raises(UsageProblem) as caught:
        find_credentials()
    assert str(caught.value) == f"{file}, line 2: is not a NAME=value line"


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEO4J_CREDENTIALS", str(tmp_path / "none"))
    with pytest.raises(UsageProblem, match=r"cannot read .*none, the file named in NEO4J_CREDENTIALS: No such file"):
        find_credentials()


def test_nobody_is_asked_without_a_terminal() -> None:
    assert ask_credentials("neo4j://h") is None


def test_a_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("ada\n"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: SECRET if prompt == "Password: " else "")
    assert ask_credentials("neo4j://h") == Credentials("ada", SECRET, "the terminal")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "neo4j://h asks for a user name and a password.\nUser name [neo4j]: ")


def test_another_review_than_the_url_says() -> None:
    """The mismatch is seen before anything is sent."""
    from kg.graph.rows import GraphData
    from kg.store import Manifest

    store = Neo4jStore("neo4j://127.0.0.1:1#a")
    with pytest.raises(UsageProblem, match="the URL of the store says #a, and the folder is the review 'b'"):
        store.write(GraphData(), Manifest("b", "1"))
