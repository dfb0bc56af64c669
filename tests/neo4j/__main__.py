"""``python -m tests.neo4j``: start and stop the server for the tests by hand."""

from __future__ import annotations

import argparse
import shlex
import sys

from tests.neo4j import maven
from tests.neo4j.common import STATE, Failed, Unavailable
from tests.neo4j.server import Server, current, current_or_start, given, load, locked, stop_shared


def main(arguments: list[str] | None = None) -> int:
    """``python -m tests.neo4j``; the exit code is 1 where there is no server or it does not work."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.neo4j",
        description="A Neo4j Community server on 127.0.0.1, from Docker or else from Maven, with its data in .neo4j/.",
        epilog="Environment: NEO4J_URI (a server of your own: nothing is started), NEO4J_VERSION (default "
        f"{maven.pinned()}), NEO4J_BOLT_PORT (default a free port), NEO4J_HEAP (default 1g), JAVA or JAVA_HOME (5.x runs on "
        "Java 17 or 21, newer ones on 21 or newer).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    start = commands.add_parser("start", help="start it; it runs until it is stopped")
    start.add_argument("--browser", action="store_true", help="with Neo4j Browser on 127.0.0.1:7474 or a free port")
    commands.add_parser("stop", help="stop it, and wait until it has ended; its data stays (not in Docker)")
    commands.add_parser("status", help="say whether it runs; exit code 1 where it does not")
    commands.add_parser("env", help='print how to log in, for a shell: eval "$(python -m tests.neo4j env)"')
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
    with locked():
        server, ours = current_or_start(browser=browser)
        print(_describe(server) if ours else f"already running: {_describe(server)}")
        (STATE / "borrowed").unlink(missing_ok=True)  # from now on it is for a person: no run of the tests stops it
    print("to log in:  . .neo4j/env")
    return 0


def _stop_command() -> int:
    if server := given():
        print(f"{_describe(server)}: not ours to stop")
        return 0
    with locked():
        print("stopped" if stop_shared() else "not running")
    return 0


def _admin_tool(arguments: list[str]) -> int:
    home = STATE / f"home-{maven.wanted()}"
    server = load(home)
    if server is None:
        raise Unavailable(f"there is no {home}: start the server once")
    return maven.admin(server.version, home, *arguments, show=True).returncode


if __name__ == "__main__":
    sys.exit(main())
