"""Queries in a separate process, which can be killed; the engine cannot interrupt every expression.

``Worker`` starts a new Python process, in which ``serve`` opens one graph, reads requests from stdin and answers on
stdout. A query that exceeds its memory, or that the engine does not end in time, ends that process. The next query
starts another one.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeAlias

from kg.errors import KgError, StoreError
from kg.processes import start_python
from kg.store.base import Rows
from kg.store.limits import Limits

if sys.platform != "win32":
    import resource

#: Seconds for which the engine may exceed the timeout of a query before its process is killed.
GRACE = 1.0
#: What the new process runs.
_START = "from kg.store.embedded import work; work()"
#: The engine's allocator reserves a gigabyte at a time by default, which would count as used.
_ENVIRONMENT = {"MIMALLOC_ARENA_RESERVE": "0"}
#: The longest timeout in seconds that every system accepts.
_LONGEST = 1e6

#: Opens the graph of a worker.
Opens: TypeAlias = Callable[..., Any]
#: Runs a statement on that graph.
Answers: TypeAlias = Callable[[Any, str, dict[str, Any], Limits], Rows]


class Worker:
    """A process that has one graph open; ``graph`` is the arguments with which ``serve`` opens it.

    Raises StoreError where the graph cannot be opened.
    """

    def __init__(self, *graph: Any) -> None:
        self._process = start_python(_START, stdin=subprocess.PIPE, env={**os.environ, **_ENVIRONMENT})
        self._requests: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._replies: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        try:
            opened = self._exchange(graph)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise StoreError("cannot start a process for the query") from error
        if isinstance(opened, KgError):
            self.close()
            raise opened

    def ask(self, cypher: str, parameters: Mapping[str, Any], limits: Limits) -> Rows:
        """Return the answer to a query. Raises LimitExceeded or QueryError; the process may have ended then."""
        begun = time.monotonic()
        try:
            answer = self._exchange((cypher, dict(parameters), limits))
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            if time.monotonic() - begun >= limits.timeout:
                raise limits.too_slow() from error
            raise limits.too_large() from error
        if isinstance(answer, KgError):
            raise answer
        rows: Rows = answer
        return rows

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._replies):
            with suppress(OSError):  # part of a request may be unsent
                pipe.close()

    def _exchange(self, request: Any) -> Any:
        """Send a request and return the answer; without an answer, end the process."""
        try:
            pickle.dump(request, self._requests)
            self._requests.flush()
            return pickle.load(self._replies)  # noqa: S301 - written by our own process
        except BaseException:
            self.close()
            raise


def serve(opens: Opens, answers: Answers) -> None:
    """Open a graph and answer queries until stdin ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keep other output of this process out of the replies

    def reply(answer: Any) -> None:
        pickle.dump(answer, replies)
        replies.flush()

    try:
        graph = opens(*pickle.load(sys.stdin.buffer))  # noqa: S301 - written by our own process
    except KgError as error:
        reply(error)
        return
    reply(None)
    while True:
        try:
            cypher, parameters, limits = pickle.load(sys.stdin.buffer)  # noqa: S301
        except EOFError:
            return
        with _bounded(limits):
            try:
                reply(answers(graph, cypher, parameters, limits))
            except KgError as error:
                reply(error)


@contextmanager
def _bounded(limits: Limits) -> Iterator[None]:
    """End this process if the block exceeds its time or, on Linux, its memory."""
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(min(limits.timeout + GRACE, _LONGEST), exit=True, file=nowhere)
        try:
            _limit_memory(limits.memory)
            yield
        finally:
            _limit_memory(None)
            faulthandler.cancel_dump_traceback_later()


def _limit_memory(megabytes: int | None) -> None:
    """Limit the memory that this process may allocate from now on; None removes the limit."""
    if sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = hard
    if megabytes is not None:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        (held,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:")]
        soft = (held << 10) + (megabytes << 20)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
