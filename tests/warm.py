"""A ``kg`` that starts at once: a process that has imported everything forks one for each command.

Half of the time of a short command is spent on imports, and the transcripts of the documents run hundreds of them.
A command gets the arguments, folder, environment and streams of its caller, as if it had been started there.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import pkgutil
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

#: What ``kg`` imports when it needs it.
_LIBRARIES = (
    "kglite", "matplotlib.backends.backend_svg", "networkx", "openpyxl", "pandas", "pyalex",
    "pyarrow.parquet", "pyvis.network", "rdflib",
)  # fmt: skip
#: The caller: it passes its three streams and what it was called with, and ends as the command ended.
_CALLER = """
import marshal, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    socket.send_fds(server, [b"kg"], [0, 1, 2])
    server.sendall(marshal.dumps((sys.argv[2:], os.getcwd(), dict(os.environ))))
    server.shutdown(socket.SHUT_WR)
    code = server.recv(1)
sys.exit(code[0] if code else "kg was killed")
"""


@contextmanager
def warm_kg(folder: Path) -> Iterator[str]:
    """Yield the shell command that calls a warm ``kg``, without arguments. ``folder`` holds the socket.

    The process ends with the block, which closes its stdin.
    """
    address, caller = folder / "kg.socket", folder / "caller.py"
    caller.write_text(_CALLER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", "from tests.warm import serve; serve()", address],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1"},
    ) as server:  # fmt: skip
        assert server.stdout and server.stdout.readline() == b"ready\n"
        yield shlex.join([sys.executable, "-IS", str(caller), str(address)])


@cache
def shared_kg() -> tuple[str, ...]:
    """The words that call a warm ``kg``, which ends with this process."""
    held = ExitStack()
    atexit.register(held.close)
    folder = held.enter_context(tempfile.TemporaryDirectory())  # the address of a socket must be short
    return tuple(shlex.split(held.enter_context(warm_kg(Path(folder)))))


def serve() -> None:
    """Serve commands at the address in the first argument until stdin ends."""
    import kg

    for module in pkgutil.walk_packages(kg.__path__, "kg."):
        if module.name != "kg.__main__":  # it runs
            importlib.import_module(module.name)
    for library in _LIBRARIES:
        importlib.import_module(library)
    gc.freeze()  # else a collection in a command would copy what all share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the commands
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:
                return
            connection, _ = listener.accept()
            with connection:
                if not os.fork():
                    listener.close()
                    _command(connection)


def _command(connection: socket.socket) -> None:
    """Run one command in this process, which ends with it."""
    import marshal

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 2, 3)
    request = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    arguments, folder, environment = marshal.loads(request)  # noqa: S302 - from our own caller
    end = os._exit

    def told(code: int) -> None:
        with suppress(OSError):  # the caller was killed
            connection.send(bytes([code]))
        end(code)

    os._exit = told  # type: ignore[assignment]
    call(arguments, streams, folder, environment)


def call(arguments: list[str], streams: list[int], folder: str, environment: dict[str, str]) -> NoReturn:
    """Be ``kg`` from here on, with these three streams: this process was forked for it, and ends with it."""
    from kg.cli import run

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["kg", *arguments]
    run()
    os._exit(0)
