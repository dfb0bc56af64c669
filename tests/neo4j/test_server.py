"""The server for the tests: which one, who may ask it, and that nothing else is touched."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import neo4j as driver
import pytest

from tests.conftest import MakeReview, PrivateServer, Run, _no_neo4j
from tests.neo4j import __main__ as command
from tests.neo4j import docker, maven, server
from tests.neo4j.common import STATE, Failed, Unavailable, free_port, is_free
from tests.neo4j.server import Server

NOTHING = "no Neo4j: set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD, or start Docker, or install a JDK and Maven "


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A `.neo4j/` of the test's own, and nothing in the environment that says otherwise."""
    folder = tmp_path / ".neo4j"
    folder.mkdir()
    for module in (maven, server, command):
        monkeypatch.setattr(module, "STATE", folder)
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(docker, "available", lambda: False)
    yield folder
    if left := server.current():  # of a test that failed
        left.kill()


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a program: ``program("java", "echo hello")``."""

    def write(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def jars() -> Path:
    """The jars, in the place where all tests share them; comes before ``state``, which has none."""
    version = maven.wanted()
    try:
        with server.locked():
            maven.fetch(version)
    except Unavailable as reason:
        _no_neo4j(reason)
    return STATE / f"lib-{version}"


def ask(asked: Server, query: str, **values: object) -> list[object]:
    login = (asked.user, asked.password) if asked.password else None
    with driver.GraphDatabase.driver(asked.uri, auth=login) as connection:
        return [record[0] for record in connection.execute_query(query, parameters_=values).records]


def test_a_server_is_started_found_killed_started_and_stopped(
    jars: Path,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    make_review: MakeReview,
    run: Run,
) -> None:
    """One long walk, since a server takes seconds to start."""
    (state / jars.name).symlink_to(jars)
    assert command.main(["status"]) == 1
    assert capsys.readouterr().err == "not running\n"

    port = free_port()
    monkeypatch.setenv("NEO4J_BOLT_PORT", str(port))
    assert command.main(["start"]) == 0
    found = server.current()
    assert found and found.home
    says = f"bolt://127.0.0.1:{port} (Neo4j {maven.wanted()}, pid {found.pid})\n"
    assert capsys.readouterr().out == f"{says}to log in:  . .neo4j/env\n"
    assert command.main(["start"]) == 0
    assert capsys.readouterr().out == f"already running: {says}to log in:  . .neo4j/env\n"
    assert command.main(["status"]) == 0
    assert capsys.readouterr().out == says

    # Who may ask: those who can read the file.
    login = "".join(f"export {name}={value}\n" for name, value in found.env().items())
    assert list(found.env()) == ["NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD"]
    assert command.main(["env"]) == 0
    assert capsys.readouterr().out == login == (state / "env").read_text(encoding="utf-8")
    for path in (state / "env", found.home / "server.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found.pid and found.password not in maven.command_line(found.pid)
    with (
        driver.GraphDatabase.driver(found.uri, auth=("neo4j", "neo4j")) as stranger,
        pytest.raises(driver.exceptions.AuthError),
    ):
        stranger.verify_connectivity()

    # From where: this machine. All of 127.0.0.0/8 is this machine, so a server that listens everywhere would answer.
    with socket.socket() as elsewhere:
        assert elsewhere.connect_ex(("127.0.0.2", port)) != 0
    assert not is_free(port)

    # What was written survives a crash. A database that may only be read from now on says so to a build.
    assert ask(found, "CREATE (n:Thing {name: 'kept'}) RETURN n.name") == ["kept"]
    first = found.pid
    found.kill()
    assert not found.running() and is_free(port) and server.current() is None
    found.configure({"server.databases.read_only": "neo4j"})
    found.start()
    assert found.pid not in (None, first)
    assert ask(found, "MATCH (n:Thing) RETURN n.name") == ["kept"]
    review = make_review({"sheets/studies.csv": "key,title\na,Alpha\n"})
    with monkeypatch.context() as environment:
        environment.setenv("NEO4J_USERNAME", found.user)
        environment.setenv("NEO4J_PASSWORD", found.password)
        ran = run("build", "--store", found.uri, "-C", review.root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: {found.uri} does not allow this: ")

    assert command.main(["stop"]) == 0
    assert capsys.readouterr().out == "stopped\n"
    assert not found.running() and is_free(port) and not (state / "env").exists()
    assert command.main(["stop"]) == 0
    assert capsys.readouterr().out == "not running\n"
    done = found.admin("--version")
    assert (done.returncode, done.stdout.strip()) == (0, maven.wanted())


def test_a_pid_that_belongs_to_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    stale = Server("bolt://127.0.0.1:1", "neo4j", "secret", tmp_path, "5.26.30")
    for text in (f"{os.getpid()}\n", "4194304999\n", "", "-1\n", "nonsense\n"):
        (tmp_path / "run" / "pid").write_text(text, encoding="ascii")
        assert not stale.running()
        stale.stop()
        stale.kill()  # would end this test


def test_a_server_that_cannot_start_says_why(private_server: PrivateServer) -> None:
    with pytest.raises(Failed, match=r"(?s)^Neo4j [\d.]+ did not start:\n.*Unrecognized setting.*server\.no\.such"):
        private_server(settings={"server.no.such": "1", "server.config.strict_validation.enabled": "true"}, auth=False)


@pytest.mark.parametrize(
    ("version", "release", "fits"),
    [
        ("5.26.30", 11, False),
        ("5.26.30", 17, True),
        ("5.26.30", 21, True),
        ("5.26.30", 25, False),
        ("2026.01.3", 17, False),
        ("2026.01.3", 21, True),
        ("2026.01.3", 25, True),
    ],
)
def test_a_java_that_does_not_fit_is_a_sentence(
    version: str,
    release: int,
    fits: bool,
    program: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    java = program("java", f"echo 'openjdk version \"{release}.0.2\" 2020-01-01' >&2")
    monkeypatch.delenv("JAVA", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(java.parent.parent))
    if fits:
        assert maven.java(version) == str(java)
        return
    with pytest.raises(Failed) as told:
        maven.java(version)
    need = "Java 17 or 21" if version.startswith("5.") else "Java 21 or newer"
    assert str(told.value) == (
        f"Neo4j {version} runs on {need}, and {java} is Java {release}: set JAVA or JAVA_HOME to one that fits"
    )


def test_what_is_missing_is_a_sentence(
    state: Path, program: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA", "/no/such/java")
    with pytest.raises(
        Failed, match=r"^Neo4j 5\.26\.30 runs on Java 17 or 21, and /no/such/java is no Java: set JAVA or"
    ):
        maven.java("5.26.30")
    monkeypatch.setenv("JAVA", str(program("java", "echo 'openjdk version \"21\"' >&2")))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Unavailable) as told:
        server.shared()
    assert str(told.value) == f"{NOTHING}(there is a java, and no mvn)"
    monkeypatch.delenv("JAVA")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(maven, "_installed", lambda: [])
    with pytest.raises(Unavailable) as told:
        server.shared()
    assert str(told.value) == f"{NOTHING}(there is no java; Neo4j {maven.pinned()} runs on Java 17 or 21)"


def test_only_where_there_is_nothing_to_run_it_with_are_tests_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(BaseException, match="nothing here") as told:
        _no_neo4j(Unavailable("nothing here"))
    assert told.type is pytest.skip.Exception
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BaseException, match="nothing here") as told:
        _no_neo4j(Unavailable("nothing here"))
    assert told.type is pytest.fail.Exception


def test_a_server_of_somebody_is_used_and_neither_started_nor_stopped(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEO4J_URI", "neo4j+s://graph.example")
    monkeypatch.setenv("NEO4J_USERNAME", "ada")
    monkeypatch.setenv("NEO4J_PASSWORD", "secret word")
    theirs = Server("neo4j+s://graph.example", "ada", "secret word")
    assert server.shared() == theirs
    with server.borrowed() as borrowed:
        assert borrowed == theirs and borrowed.running()
    for arguments, says in (
        ("start", "neo4j+s://graph.example, from NEO4J_URI: nothing to start\n"),
        ("status", "neo4j+s://graph.example, from NEO4J_URI\n"),
        ("stop", "neo4j+s://graph.example, from NEO4J_URI: not ours to stop\n"),
    ):
        assert command.main([arguments]) == 0
        assert capsys.readouterr().out == says
    command.main(["env"])
    assert capsys.readouterr().out.endswith("export NEO4J_PASSWORD='secret word'\n")
    assert list(state.iterdir()) == []


@pytest.fixture
def starts(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What would have been started and stopped."""
    seen: list[str] = []
    running: list[Server] = []

    def start(*, browser: bool) -> Server:
        seen.append("start")
        running.append(Server("bolt://127.0.0.1:1", "neo4j", "secret", state, "5.26.30"))
        return running[0]

    monkeypatch.setattr(server, "_start_shared", start)
    monkeypatch.setattr(server, "current", lambda: running[0] if running else None)
    monkeypatch.setattr(Server, "stop", lambda self: seen.append("stop"))
    yield seen


def test_the_last_run_of_the_tests_stops_what_one_of_them_started(starts: list[str]) -> None:
    with server.borrowed():
        with server.borrowed():
            assert starts == ["start"]
        assert starts == ["start"]
    assert starts == ["start", "stop"]


def test_what_a_person_started_goes_on(starts: list[str]) -> None:
    assert command.main(["start"]) == 0
    with server.borrowed():
        pass
    assert starts == ["start"]


def test_what_a_run_of_the_tests_started_goes_on_when_a_person_wants_it_too(starts: list[str]) -> None:
    with server.borrowed():
        assert command.main(["start"]) == 0
    assert starts == ["start"]


def test_another_version_is_not_taken_for_the_one_asked_for(starts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    server.shared()
    monkeypatch.setenv("NEO4J_VERSION", "2026.01.3")
    with pytest.raises(Failed, match=r"^Neo4j 5\.26\.30 runs, 2026\.01\.3 is asked for: stop it first$"):
        server.shared()
    assert command.main(["stop"]) == 0


def test_in_docker_the_server_is_published_on_this_machine_only(
    state: Path,
    program: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is said to Docker; no engine is needed to see that."""
    calls = state / "calls"
    script = (
        f'echo "$@" >> {calls}\n'
        f'case $1 in inspect) echo true;; logs) echo Started.;; run) echo "$NEO4J_AUTH" > {state}/auth;; esac'
    )
    monkeypatch.setenv("PATH", str(program("docker", script).parent), prepend=":")
    monkeypatch.setenv("NEO4J_BOLT_PORT", "17000")
    monkeypatch.setattr(docker, "available", lambda: True)
    started = server.shared(browser=True)
    run = next(line for line in calls.read_text(encoding="utf-8").splitlines() if line.startswith("run "))
    assert started.browser
    page = started.browser.removeprefix("http://").removesuffix("/browser/")
    assert page.startswith("127.0.0.1:")
    assert run == (
        f"run --detach --name kg-neo4j-tests-17000 --publish 127.0.0.1:17000:7687 --publish {page}:7474 --env NEO4J_AUTH "
        "--env NEO4J_server_memory_heap_max__size --env NEO4J_server_memory_pagecache_size "
        "--env NEO4J_server_bolt_advertised__address --env NEO4J_dbms_usage__report_enabled "
        f"--env NEO4J_client_allow__telemetry neo4j:{maven.pinned()}-community"
    )
    assert (state / "auth").read_text(encoding="utf-8") == f"neo4j/{started.password}\n"
    assert server.current() == started
    assert command.main(["stop"]) == 0
    assert calls.read_text(encoding="utf-8").splitlines()[-2:] == [
        "stop kg-neo4j-tests-17000",
        "rm --force --volumes kg-neo4j-tests-17000",
    ]


def test_a_test_takes_away_its_own_reviews_and_nothing_else(neo4j: Server, review_prefix: str) -> None:
    other = f"x-{review_prefix}"
    ask(neo4j, "CREATE (:A {review: $id})-[:R]->(:B {review: $id})", id=f"{review_prefix}carers")
    ask(neo4j, "CREATE (:A {review: $id})-[:R]->(:B {name: $id}), (:A {review: 7, name: $id})", id=other)
    neo4j.forget_reviews(review_prefix)
    assert ask(neo4j, "MATCH (n) WHERE n.review STARTS WITH $prefix RETURN n", prefix=review_prefix) == []
    here = "MATCH (n) WHERE $id IN [n.review, n.name]"
    assert ask(neo4j, f"{here} RETURN coalesce(n.name, 'named') ORDER BY labels(n), n.name", id=other) == [
        other,
        "named",
        other,
    ]
    ask(neo4j, f"{here} DETACH DELETE n", id=other)
