"""A real Neo4j Community server for the tests and for trying things out, on 127.0.0.1 only.

Which one, the first that applies:

1. ``NEO4J_URI`` is set: that server, with ``NEO4J_USERNAME`` and ``NEO4J_PASSWORD``. Nothing is started or stopped.
2. A Docker engine runs: the official image.
3. Maven and a JDK are there: the same server from its Maven artifacts (``pom.xml`` beside this file).

What it needs lies in ``.neo4j/`` at the root of the repository: ``lib-VERSION`` (jars), ``home-VERSION`` (data, logs,
``conf/neo4j.conf``, ``server.json``) and, while the server runs, ``env``, to be read by a shell: ``. .neo4j/env``.
"""

from __future__ import annotations

import argparse
import dataclasses
import fcntl
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).parent
STATE = HERE.parent.parent / ".neo4j"
POM = HERE / "pom.xml"

USER = "neo4j"
#: Seconds a server may take to start or to end.
PATIENCE = 90
#: What the server reaches into and the JDK closes; the list of Neo4j's own start script.
OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang", "jdk.internal.misc")
]


class Unavailable(Exception):
    """There is nothing here to run a server with; the message says what is missing."""


class Failed(Exception):
    """There is, and it did not work; the message says what happened."""


@dataclass(frozen=True)
class Server:
    """A Neo4j server: where it answers, who may ask, and how to stop and start it.

    ``home`` is None for a server that is not ours (``NEO4J_URI``) and for one in Docker, ``container`` is the name of
    the container, ``version`` is that of Neo4j. ``user`` and ``password`` are empty where nobody needs to log in.
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
        named = {"NEO4J_URI": self.uri, "NEO4J_USERNAME": self.user, "NEO4J_PASSWORD": self.password}
        return {name: value for name, value in named.items() if value}

    @property
    def pid(self) -> int | None:
        """The process of this server, while it runs. A number that belongs to another program by now is None."""
        if self.home is None:
            return None
        try:
            pid = int(_pid_file(self.home).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return pid if f"--home-dir={self.home} " in _command_line(pid) else None  # numbers are used again

    @property
    def log(self) -> Path:
        """Where the server writes what it does."""
        return self._own() / "logs" / "neo4j.log"

    def running(self) -> bool:
        """Whether the server that we started runs; what ``NEO4J_URI`` names is taken to."""
        if self.container is not None:
            done = _call("docker", "inspect", "--format", "{{.State.Running}}", self.container)
            return done.returncode == 0 and done.stdout.strip() == "true"
        return self.home is None or self.pid is not None

    def start(self) -> None:
        """Start a server that was stopped or killed: same home, same port. Raises Failed, with the end of its log."""
        if self.running():
            return
        if self.container is not None:
            _docker_run(self)
            return
        home = self._own()
        started = time.monotonic()
        console = home / "logs" / "console.log"
        self.log.write_text("", encoding="utf-8")
        command = [
            *_java(self.version),
            "-XX:+UseG1GC",
            "-Xms256m",
            f"-Xmx{os.environ.get('NEO4J_HEAP', '1g')}",
            *_classpath(self.version),
            _main_class(self.version),
            f"--home-dir={home}",
            f"--config-dir={home / 'conf'}",
        ]
        # A shell in between makes it nobody's child: it outlives `make neo4j-start`, and needs no waiting for at the end.
        shell = ["/bin/sh", "-c", 'out=$1; shift; "$@" </dev/null >"$out" 2>&1 & echo $!', "sh", str(console), *command]
        done = subprocess.run(
            shell, stdout=subprocess.PIPE, text=True, check=True, start_new_session=True, env=_environment(home)
        )
        pid = int(done.stdout)
        _pid_file(home).write_text(f"{pid}\n", encoding="ascii")
        while "Started." not in _read(self.log):
            if self.pid is None:
                raise Failed(f"Neo4j {self.version} did not start:\n{_tail(console, self.log)}")
            if time.monotonic() - started > PATIENCE:
                self.kill()
                raise Failed(f"Neo4j {self.version} did not start in {PATIENCE} s:\n{_tail(console, self.log)}")
            time.sleep(0.1)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add lines to ``neo4j.conf``, or replace them; they count from the next start.

        What a database must be made before it can have, e.g. ``server.databases.default_to_read_only``, is set like
        this: start, stop, configure, start.
        """
        path = self._own() / "conf" / "neo4j.conf"
        old = dict(line.split("=", 1) for line in _read(path).splitlines())
        path.write_text("".join(f"{k}={v}\n" for k, v in {**old, **settings}.items()), encoding="utf-8")

    def stop(self) -> None:
        """Ask the server to end, and wait until it has. Does nothing where it does not run or is not ours."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server at once, as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def admin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``neo4j-admin`` on this server's home, e.g. ``admin("database", "import", "full", …)``; the server is
        stopped for what changes a database. Look at ``returncode``; output and errors are captured.
        """
        if self.container is not None:
            return _call("docker", "exec", self.container, "neo4j-admin", *arguments)
        home = self._own()
        return _call(*_admin_command(self.version, arguments), env=_environment(home))

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
        _write_private(folder / "server.json", json.dumps(data, indent=1) + "\n")

    def _own(self) -> Path:
        if self.home is None:
            raise Unavailable(f"{self.uri} is not a server that was started from here by Maven")
        return self.home

    def _end(self, with_signal: signal.Signals) -> None:
        if self.container is not None:
            if with_signal == signal.SIGTERM:
                _call("docker", "stop", self.container)
            _call("docker", "rm", "--force", "--volumes", self.container)
            return
        pid = self.pid
        if pid is None or self.home is None:
            return
        os.kill(pid, with_signal)
        deadline = time.monotonic() + PATIENCE
        while self.pid == pid:
            if time.monotonic() > deadline:
                raise Failed(f"process {pid} still runs {PATIENCE} s after it was told to end; see {self.log}")
            time.sleep(0.05)
        _pid_file(self.home).unlink(missing_ok=True)


# Which server ----------------------------------------------------------------------------------------------------


def pinned() -> str:
    """The version that the project is tested with: that of ``pom.xml``."""
    found = re.search(r"<neo4j\.version>([^<]+)</neo4j\.version>", POM.read_text(encoding="utf-8"))
    assert found, POM
    return found[1]


def wanted() -> str:
    """The version to run: ``NEO4J_VERSION``, else the pinned one."""
    return os.environ.get("NEO4J_VERSION") or pinned()


def image() -> str:
    """The image of that version."""
    return f"neo4j:{wanted()}-community"


def given() -> Server | None:
    """The server that ``NEO4J_URI`` names."""
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        return None
    return Server(uri, os.environ.get("NEO4J_USERNAME", USER), os.environ.get("NEO4J_PASSWORD", ""))


def current() -> Server | None:
    """Our shared server, where it runs, whichever version it is."""
    for path in sorted(STATE.glob("*/server.json")):
        server = load(path.parent)
        if server and server.running():
            if (version := os.environ.get("NEO4J_VERSION", server.version)) != server.version:
                raise Failed(f"Neo4j {server.version} runs, {version} is asked for: stop it first")
            return server
    return None


def load(folder: Path) -> Server | None:
    """The server that ``save`` wrote down in a folder."""
    text = _read(folder / "server.json")
    if not text:
        return None
    data = json.loads(text)
    return Server(**data | {"home": data["home"] and Path(data["home"])})


def shared(*, browser: bool = False) -> Server:
    """The server for everybody, started where it does not run.

    With ``browser`` a server started now also answers HTTP on 127.0.0.1, for Neo4j Browser. Raises Unavailable where
    there is nothing to run a server with, Failed where it does not work.
    """
    if server := given():
        return server
    with _locked():
        return current() or _start_shared(browser=browser)


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
        with _locked():
            server = current()
            if server is None:
                server = _start_shared()
                mark.touch()
        try:
            yield server
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            with _locked():
                if mark.exists() and _is_alone(users):
                    _stop_shared()


def private(home: Path, *, settings: Mapping[str, str] | None = None, auth: bool = True, start: bool = True) -> Server:
    """Make a server of one's own in an empty folder, and start it: to kill, to import into, to set up otherwise.

    It comes from Maven whatever ``NEO4J_URI`` says, shares nothing but the jars, and has a free port. ``settings`` are
    lines of ``neo4j.conf``. Raises Unavailable without a JDK and Maven, Failed where it does not start.
    """
    with _locked():
        _fetch(wanted())
    return _make(home, settings=settings or {}, auth=auth, start=start)


def _start_shared(*, browser: bool = False) -> Server:
    """Start it; the caller holds the lock."""
    port = int(os.environ.get("NEO4J_BOLT_PORT") or free_port())
    web = (7474 if _is_free(7474) else free_port()) if browser else None
    page = f"http://127.0.0.1:{web}/browser/" if web else None
    if docker_runs():
        server = Server(f"bolt://127.0.0.1:{port}", USER, _password(), None, wanted(), "kg-neo4j-tests", page)
        server.save()
        _docker_run(server)
    else:
        _fetch(wanted())
        settings = {"server.http.enabled": "true", "server.http.listen_address": f"127.0.0.1:{web}"} if web else {}
        server = _make(STATE / f"home-{wanted()}", settings=settings, port=port, browser=page)
    _write_private(STATE / "env", "".join(f"export {name}={value}\n" for name, value in server.env().items()))
    return server


def _stop_shared() -> Server | None:
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
        **settings,
    }
    (home / "conf" / "neo4j.conf").unlink(missing_ok=True)
    old = load(home)  # its data is still there, and so is its password
    password = (old.password if old else "") or _password()
    login = (USER, password) if auth else ("", "")
    server = Server(f"bolt://127.0.0.1:{port}", *login, home, wanted(), None, browser)
    server.configure(configuration)
    if auth and not (old and old.password):
        words = home / "conf" / "password"
        _write_private(words, password)  # an argument would be seen by everybody who lists the processes
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


# Docker ----------------------------------------------------------------------------------------------------------


def docker_runs() -> bool:
    """Whether there is a Docker engine, not only the command."""
    return shutil.which("docker") is not None and _call("docker", "info").returncode == 0


def _docker_run(server: Server) -> None:
    settings = {
        "NEO4J_AUTH": f"{server.user}/{server.password}",
        "NEO4J_server_memory_heap_max__size": os.environ.get("NEO4J_HEAP", "1g"),
        "NEO4J_server_memory_pagecache_size": "256m",
        "NEO4J_server_bolt_advertised__address": server.uri.removeprefix("bolt://"),
        "NEO4J_dbms_usage__report_enabled": "false",
        "NEO4J_client_allow__telemetry": "false",
    }
    name = server.container or ""
    ports = ["--publish", f"{server.uri.removeprefix('bolt://')}:7687"]
    if server.browser:
        ports += ["--publish", f"{server.browser.split('/')[2]}:7474"]
    _call("docker", "rm", "--force", "--volumes", name)  # what a crash has left
    # Only the names are in the command line: docker takes the values from its environment.
    passed = [word for variable in settings for word in ("--env", variable)]
    command = ["docker", "run", "--detach", "--name", name, *ports, *passed, f"neo4j:{server.version}-community"]
    done = _call(*command, env={**os.environ, **settings})
    if done.returncode:
        raise Failed(f"docker could not start Neo4j {server.version}:\n{done.stderr}")
    deadline = time.monotonic() + PATIENCE
    while True:
        logs = _call("docker", "logs", name)
        if "Started." in logs.stdout:
            return
        if not server.running() or time.monotonic() > deadline:
            server.kill()
            raise Failed(f"Neo4j {server.version} did not start in Docker:\n{(logs.stdout + logs.stderr)[-3000:]}")
        time.sleep(0.25)


# Maven and the JDK -----------------------------------------------------------------------------------------------


def java(version: str) -> str:
    """The Java that runs a version of Neo4j: ``JAVA``, else ``JAVA_HOME``, else the first installed one that fits.

    Raises Unavailable where there is none, and Failed where all there are do not fit.
    """
    chosen = os.environ.get("JAVA")
    if not chosen and (java_home := os.environ.get("JAVA_HOME")):
        chosen = str(Path(java_home) / "bin" / "java")
    installed = [
        *Path("/usr/lib/jvm").glob("*/bin/java"),
        *Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home/bin/java"),
    ]
    candidates = (
        [chosen] if chosen else [found for found in [shutil.which("java"), *map(str, sorted(installed))] if found]
    )
    seen = []
    for candidate in candidates:
        release = _java_release(candidate)
        if release and _fits(release, version):
            return candidate
        seen.append(f"{candidate} is {'Java ' + str(release) if release else 'no Java'}")
    need = "Java 17 or 21" if version.startswith("5.") else "Java 21 or newer"
    sentence = f"Neo4j {version} runs on {need}"
    if seen:
        raise Failed(f"{sentence}, and {', '.join(seen)}: set JAVA or JAVA_HOME to one that fits")
    raise Unavailable(
        f"no Neo4j: set NEO4J_URI (with NEO4J_USERNAME and NEO4J_PASSWORD), or start Docker, or install a JDK and Maven "
        f"(there is no java; {sentence})"
    )


def _fits(release: int, version: str) -> bool:
    return 17 <= release <= 21 if version.startswith("5.") else release >= 21


def _java_release(command: str) -> int | None:
    try:
        done = _call(command, "-version")
    except OSError:
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def _java(version: str) -> list[str]:
    return [java(version), *OPENS]


def _lib(version: str) -> Path:
    return STATE / f"lib-{version}"


def _classpath(version: str) -> list[str]:
    return ["-cp", f"{_lib(version)}/*"]


def _admin_command(version: str, arguments: Iterable[str]) -> list[str]:
    return [*_java(version), "-Xmx1g", *_classpath(version), "org.neo4j.cli.AdminTool", *arguments]


def _main_class(version: str) -> str:
    return "org.neo4j.server." + ("CommunityEntryPoint" if version.startswith("5.") else "Neo4jCommunity")


def _fetch(version: str) -> None:
    """Fetch the jars, once; the caller holds the lock."""
    java(version)  # first, since Maven would say it less well
    lib = _lib(version)
    if lib.is_dir():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable(
            "no Neo4j: set NEO4J_URI (with NEO4J_USERNAME and NEO4J_PASSWORD), or start Docker, or install Maven (there "
            "is a java, and no mvn)"
        )
    print(f"fetching Neo4j {version} with Maven ...", file=sys.stderr)
    part = lib.with_name(f"{lib.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    done = _call(
        *(maven, "--quiet", "--batch-mode", "-f", str(POM), f"-Dneo4j.version={version}"),
        *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"),
    )
    if done.returncode:
        raise Failed(f"Maven could not fetch Neo4j {version}:\n{(done.stdout + done.stderr)[-3000:]}")
    part.rename(lib)  # whole or not at all


# Small things ----------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _password() -> str:
    return secrets.token_hex(16)


def _call(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)


def _environment(home: Path) -> dict[str, str]:
    """What the server's programs see of the environment: nothing that sets them up otherwise."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return {**ours, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}


def _pid_file(home: Path) -> Path:
    return home / "run" / "pid"


def _command_line(pid: int) -> str:
    """The command line of a process, its arguments ended by NUL or a blank; empty where there is no such process."""
    if Path("/proc/self").exists():
        return _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")
    return _call("ps", "-ww", "-o", "command=", "-p", str(pid)).stdout.replace("\n", " ")  # macOS


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _tail(*paths: Path, lines: int = 30) -> str:
    return "\n".join(line for path in paths for line in _read(path).splitlines()[-lines:])


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # the mode counts for new files only
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def _locked() -> Iterator[None]:
    """One process at a time fetches, starts or stops."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_alone(users: TextIO) -> bool:
    """Whether no other run holds this file, which each holds while it uses the server."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# The command -----------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """``python -m tests.neo4j.server``; the exit code is 1 where there is no server or it does not work."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.neo4j.server",
        description="A Neo4j Community server on 127.0.0.1, from Docker or else from Maven, with its data in .neo4j/.",
        epilog="Environment: NEO4J_URI (a server of your own: nothing is started), NEO4J_VERSION (default "
        f"{pinned()}), NEO4J_BOLT_PORT (default a free port), NEO4J_HEAP (default 1g), JAVA or JAVA_HOME (5.x runs on "
        "Java 17 or 21, newer ones on 21 or newer).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    start = commands.add_parser("start", help="start it; it runs until it is stopped")
    start.add_argument("--browser", action="store_true", help="with Neo4j Browser on 127.0.0.1:7474 or a free port")
    commands.add_parser("stop", help="stop it, and wait until it has ended; its data stays (not in Docker)")
    commands.add_parser("status", help="say whether it runs; exit code 1 where it does not")
    commands.add_parser("env", help='print how to log in, for a shell: eval "$(python -m tests.neo4j.server env)"')
    admin = commands.add_parser("admin", help="run neo4j-admin on its data", prefix_chars="\0")
    admin.add_argument("arguments", nargs="*", metavar="ARGS")
    options = parser.parse_args(arguments)
    try:
        if options.command == "start":
            return _start_command(browser=options.browser)
        if options.command == "stop":
            return _stop_command()
        if options.command == "admin":
            return _admin_tool(options.arguments)
        server = given() or current()
        if server is None:
            print("not running", file=sys.stderr)
            return 1
        if options.command == "env":
            print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in server.env().items()))
        else:
            print(_describe(server))
    except (Unavailable, Failed) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _describe(server: Server) -> str:
    if not server.version:
        return f"{server.uri}, from NEO4J_URI"
    process = f"container {server.container}" if server.container else f"pid {server.pid}"
    return f"{server.uri} (Neo4j {server.version}, {process})" + (f", {server.browser}" if server.browser else "")


def _start_command(*, browser: bool) -> int:
    if server := given():
        print(f"{_describe(server)}: nothing to start")
        return 0
    with _locked():
        if server := current():
            print(f"already running: {_describe(server)}")
        else:
            server = _start_shared(browser=browser)
            print(_describe(server))
        (STATE / "borrowed").unlink(missing_ok=True)  # from now on it is for a person: no run of the tests stops it
    print("to log in:  . .neo4j/env")
    return 0


def _stop_command() -> int:
    if server := given():
        print(f"{_describe(server)}: not ours to stop")
        return 0
    with _locked():
        print("stopped" if _stop_shared() else "not running")
    return 0


def _admin_tool(arguments: list[str]) -> int:
    home = STATE / f"home-{wanted()}"
    server = load(home)
    if server is None:
        raise Unavailable(f"there is no {home}: start the server once")
    return subprocess.run(_admin_command(server.version, arguments), env=_environment(home), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
