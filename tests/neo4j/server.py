"""A real Neo4j Community server for the tests and for manual use, on 127.0.0.1 only.

The first of these that applies:

1. ``NEO4J_URI`` is set: that server, with ``NEO4J_USERNAME`` and ``NEO4J_PASSWORD``. Nothing is started or stopped.
2. A Docker engine runs: the official image.
3. Maven and a JDK are installed: the same server from its Maven artifacts (``pom.xml`` beside this file).

Its files are in ``.neo4j/`` at the root of the repository: ``lib-VERSION`` (jars), ``home-VERSION`` (data, logs,
``conf/neo4j.conf``, ``server.json``) and, while the server runs, ``env``, to be read by a shell: ``. .neo4j/env``.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.neo4j import docker, maven
from tests.neo4j.common import PATIENCE, STATE, Failed, Unavailable, free_port, is_free, read, tail, write_private
from tests.neo4j.maven import wanted

__all__ = ["Failed", "Server", "Unavailable", "borrowed", "current", "given", "load", "private", "shared"]

USER = "neo4j"
#: Keep release 2026 from looking for other servers in the network. Earlier releases do not know these settings.
QUIET = {
    "server.config.strict_validation.enabled": "false",
    "server.fleet_discovery.enabled": "false",
    "dbms.fleet_manager.enabled": "false",
}


@dataclass(frozen=True)
class Server:
    """A Neo4j server: its address and login, and how to stop and start it.

    ``home`` is None for a server that is not ours (``NEO4J_URI``) and for one in Docker, which ``container`` names;
    ``version`` is that of Neo4j, ``browser`` the address of Neo4j Browser. ``user`` and ``password`` are empty where
    nobody needs to log in.
    """

    uri: str
    user: str
    password: str
    home: Path | None = None
    version: str = ""
    container: str | None = None
    browser: str | None = None

    def env(self) -> dict[str, str]:
        """The server as environment variables; no user and no password where none is needed."""
        login = {"NEO4J_USERNAME": self.user, "NEO4J_PASSWORD": self.password} if self.password else {}
        return {"NEO4J_URI": self.uri, **login}

    @property
    def pid(self) -> int | None:
        """The process id of this server while it runs, else None, also where another program has the id by now."""
        if self.home is None:
            return None
        number = read(_pid_file(self.home)).strip()
        ours = number.isdigit() and f"--home-dir={self.home} " in maven.command_line(int(number))
        return int(number) if ours else None

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 of a server that this module started."""
        return int(self.uri.rsplit(":", 1)[1])

    @property
    def log(self) -> Path:
        """The log of the server."""
        return self._own() / "logs" / "neo4j.log"

    def running(self) -> bool:
        """Whether the server runs; the one in ``NEO4J_URI`` is assumed to."""
        if self.container is not None:
            return docker.running(self.container)
        return self.home is None or self.pid is not None

    def start(self) -> None:
        """Start a server that was stopped or killed: same home, same port. Raises Failed, with the end of its log."""
        if self.running():
            return
        if self.container is not None:
            self._start_container()
            return
        started = time.monotonic()
        home, console = self._own(), self._own() / "logs" / "console.log"
        self.log.write_text("", encoding="utf-8")
        pid = maven.launch(self.version, home, console)
        _pid_file(home).write_text(f"{pid}\n", encoding="ascii")
        while "Started." not in read(self.log):
            if self.pid is None:
                raise Failed(f"Neo4j {self.version} did not start:\n{tail(console, self.log)}")
            if time.monotonic() - started > PATIENCE:
                self.kill()
                raise Failed(f"Neo4j {self.version} did not start in {PATIENCE} s:\n{tail(console, self.log)}")
            time.sleep(0.1)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add lines to ``neo4j.conf``, or replace them; they take effect at the next start.

        What a database must be made before it can have, e.g. ``server.databases.default_to_read_only``, is set like
        this: start, stop, configure, start.
        """
        path = self._own() / "conf" / "neo4j.conf"
        old = dict(line.split("=", 1) for line in read(path).splitlines())
        path.write_text("".join(f"{k}={v}\n" for k, v in {**old, **settings}.items()), encoding="utf-8")

    def stop(self) -> None:
        """Stop the server and wait for its end. Do nothing if it does not run or this module did not start it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server with SIGKILL, like a crash."""
        self._end(signal.SIGKILL)

    def admin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``neo4j-admin`` on this server's home, e.g. ``admin("database", "import", "full", …)``; the server is
        stopped for what changes a database. Look at ``returncode``; output and errors are captured.
        """
        if self.container is not None:
            return docker.admin(self.container, *arguments)
        return maven.admin(self.version, self._own(), *arguments)

    def forget_reviews(self, prefix: str) -> None:
        """Remove every node whose ``review`` starts with a prefix, and nothing else."""
        import neo4j  # not needed to start or stop a server

        assert prefix
        login = (self.user, self.password) if self.password else None
        with neo4j.GraphDatabase.driver(self.uri, auth=login) as driver, driver.session() as session:
            session.run(
                "MATCH (n) WHERE n.review STARTS WITH $prefix CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS",
                prefix=prefix,
            ).consume()

    def save(self) -> None:
        """Write ``server.json`` beside the data, so that another process finds this server; the owner may read it."""
        folder = self.home or STATE / "docker"
        folder.mkdir(parents=True, exist_ok=True)
        data = dataclasses.asdict(self) | {"home": self.home and str(self.home)}
        write_private(folder / "server.json", json.dumps(data, indent=1) + "\n")

    def _own(self) -> Path:
        if self.home is None:
            raise Unavailable(f"{self.uri} is not a server that was started from here by Maven")
        return self.home

    def _start_container(self) -> None:
        assert self.container
        bolt = self.uri.removeprefix("bolt://")
        http = self.browser.split("/")[2] if self.browser else None
        docker.run(self.container, self.version, f"{self.user}/{self.password}", bolt, http)

    def _end(self, with_signal: signal.Signals) -> None:
        if self.container is not None:
            docker.remove(self.container, gently=with_signal == signal.SIGTERM)
            return
        pid = self.pid
        if pid is None or self.home is None:
            return
        os.kill(pid, with_signal)
        deadline = time.monotonic() + PATIENCE
        # A killed process loses its command line before it releases its port.
        while self.pid == pid or not is_free(self.port):
            if time.monotonic() > deadline:
                raise Failed(f"process {pid} still runs {PATIENCE} s after it was told to end; see {self.log}")
            time.sleep(0.05)
        _pid_file(self.home).unlink(missing_ok=True)


def given() -> Server | None:
    """The server that ``NEO4J_URI`` names."""
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        return None
    return Server(uri, os.environ.get("NEO4J_USERNAME", USER), os.environ.get("NEO4J_PASSWORD", ""))


def current() -> Server | None:
    """The shared server of any version, if it runs."""
    for path in sorted(STATE.glob("*/server.json")):
        server = load(path.parent)
        if server and server.running():
            return server
    return None


def current_or_start(*, browser: bool = False) -> tuple[Server, bool]:
    """The shared server, and whether it was started just now; the caller holds the lock."""
    server = current()
    if server is None:
        return _start_shared(browser=browser), True
    if (version := os.environ.get("NEO4J_VERSION") or server.version) != server.version:
        raise Failed(f"Neo4j {server.version} runs, {version} is asked for: stop it first")
    return server, False


def load(folder: Path) -> Server | None:
    """The server that ``save`` recorded in a folder."""
    text = read(folder / "server.json")
    if not text:
        return None
    data = json.loads(text)
    return Server(**data | {"home": data["home"] and Path(data["home"])})


def shared(*, browser: bool = False) -> Server:
    """The shared server, started if it does not run.

    With ``browser`` a server started now also answers HTTP on 127.0.0.1, for Neo4j Browser. Raises Unavailable where
    there is nothing to run a server with, Failed where it does not work.
    """
    if server := given():
        return server
    with locked():
        return current_or_start(browser=browser)[0]


@contextmanager
def borrowed() -> Iterator[Server]:
    """The shared server for one run of the tests.

    Started if nobody has; then stopped by the last run that used it. One that was started by hand goes on running.
    """
    if server := given():
        yield server
        return
    STATE.mkdir(exist_ok=True)
    mark = STATE / "borrowed"
    with (STATE / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with locked():
            server, ours = current_or_start()
            if ours:
                mark.touch()
        try:
            yield server
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            with locked():
                if mark.exists() and _is_alone(users):
                    stop_shared()


def private(home: Path, *, settings: Mapping[str, str] | None = None, auth: bool = True, start: bool = True) -> Server:
    """Make and start a separate server in an empty folder, for example to kill it, import into it or configure it.

    It comes from Maven whatever ``NEO4J_URI`` says, shares nothing but the jars, and has a free port. ``settings`` are
    lines of ``neo4j.conf``. Raises Unavailable without a JDK and Maven, Failed where it does not start.
    """
    with locked():
        maven.fetch(wanted())
    return _make(home, settings=settings or {}, auth=auth, start=start)


def _start_shared(*, browser: bool) -> Server:
    port = int(os.environ.get("NEO4J_BOLT_PORT") or free_port())
    web = (7474 if is_free(7474) else free_port()) if browser else None
    page = f"http://127.0.0.1:{web}/browser/" if web else None
    if docker.available():
        server = Server(f"bolt://127.0.0.1:{port}", USER, _password(), None, wanted(), f"kg-neo4j-tests-{port}", page)
        server.save()
        server._start_container()
    else:
        maven.fetch(wanted())
        settings = {"server.http.enabled": "true", "server.http.listen_address": f"127.0.0.1:{web}"} if web else {}
        server = _make(STATE / f"home-{wanted()}", settings=settings, port=port, browser=page)
    write_private(STATE / "env", "".join(f"export {name}={value}\n" for name, value in server.env().items()))
    return server


def stop_shared() -> Server | None:
    """Stop it; the caller holds the lock."""
    server = current()
    if server:
        server.stop()
    for name in ("env", "borrowed"):
        (STATE / name).unlink(missing_ok=True)
    return server


def _make(
    home: Path,
    *,
    settings: Mapping[str, str],
    auth: bool = True,
    start: bool = True,
    port: int | None = None,
    browser: str | None = None,
) -> Server:
    home = home.resolve()
    for folder in ("conf", "logs", "run", "import"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    configuration = {
        "server.default_listen_address": "127.0.0.1",
        "server.default_advertised_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": "256m",
        "db.tx_log.preallocate": "false",  # half a gigabyte of empty files, otherwise
        "dbms.security.auth_enabled": "true" if auth else "false",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        **(QUIET if maven.is_calendar(wanted()) else {}),
        # Graphs of a few nodes change so much that every plan would be made again every ten seconds.
        "dbms.cypher.min_replan_interval": "1h",
        # Nor is a plan made for each length of a text or list in the parameters: planning is most of what the tests ask of it.
        "internal.cypher.use_parameter_size": "false",
        # The server need not wait five seconds for late messages before it stops.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        **settings,
    }
    (home / "conf" / "neo4j.conf").unlink(missing_ok=True)
    old = load(home)  # its data still exists, and so does its password
    password = (old.password if old else "") or _password()
    login = (USER, password) if auth else ("", "")
    server = Server(f"bolt://127.0.0.1:{port}", *login, home, wanted(), None, browser)
    server.configure(configuration)
    if auth and not (old and old.password):
        words = home / "conf" / "password"
        write_private(words, password)  # an argument would be visible in the list of processes
        try:
            done = server.admin("dbms", "set-initial-password", f"@{words}")
        finally:
            words.unlink()
        if done.returncode:
            raise Failed(f"neo4j-admin could not set the password:\n{done.stdout}{done.stderr}")
    server.save()
    if start:
        server.start()
    return server


def _password() -> str:
    return secrets.token_hex(16)


def _pid_file(home: Path) -> Path:
    return home / "run" / "pid"


@contextmanager
def locked() -> Iterator[None]:
    """Hold the lock for downloading, starting and stopping."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_alone(users: TextIO) -> bool:
    """Whether no other test run has locked this file; each locks it while it uses the server."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
