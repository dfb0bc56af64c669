"""Neo4j servers, Aura and clusters: a store in a database that may hold other data.

``read`` answers from complete graphs only: it reads the state of the review after each query, and before it where it
does not know the version of the graph yet. A query during which a build changed the graph is repeated, for up to WAIT
seconds. Other clients, such as Neo4j Browser, see a small change at once (one transaction) and a large one in steps.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from kg.cypher.catalogue import REVIEW
from kg.cypher.readonly import read_only
from kg.cypher.tokens import names_a_review
from kg.errors import QueryError, StoreError, UsageProblem
from kg.graph.diff import difference
from kg.graph.rows import GraphData
from kg.store import bolt, server
from kg.store.address import parse_address
from kg.store.base import Manifest, Progress, Rows, silent
from kg.store.limits import Limits

if TYPE_CHECKING:
    from kg.graph.diff import Change

T = TypeVar("T")

#: Seconds that a reader waits for a build that is under way.
WAIT = 8.0
#: Seconds after which a build that reads back a graph renews its registration.
BEAT = 2.0


class Neo4jStore:
    """The graph of one review in a database: ``neo4j://HOST[:PORT][/DATABASE][#REVIEW]``, or another Bolt scheme.

    Without ``#REVIEW`` it is the review ``review`` or, if that is None, the only review in the database.
    """

    def __init__(self, url: str, review: str | None = None) -> None:
        self.url = url
        self.address = parse_address(url)
        self._wanted = self.address.review or review
        self._connection = bolt.Connection(self.address)
        self._opened: tuple[server.State, Manifest] | None = None

    def manifest(self) -> Manifest | None:
        """Return the manifest of the graph, or None. Raises StoreError where a build was interrupted."""
        if self._opened is None:
            with self._connection.translated_errors():
                found = self._connection.read(lambda tx: self._on_complete_graph(tx, server.read_manifest))
            if found is None:
                return None
            state, manifest = found
            if manifest is None:
                return None
            self._opened = state, manifest
        return self._opened[1]

    def touch(self, manifest: Manifest) -> None:
        """Replace the file times of the manifest."""
        if self._opened and self._opened[0].version:
            version = self._opened[0].version
            with self._connection.translated_errors():
                self._connection.write(lambda tx: server.touch(tx, manifest, version))
        self._opened = None

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Replace the review's graph: read back what the server holds, and write the difference.

        This also repairs the graph after an interrupted build or a change by others.
        """
        self._check_review(manifest.review)
        with self._connection.translated_errors(), self._building(manifest.review) as builder:
            self._write_schema()
            held = self._connection.read(lambda tx: self._read_back(tx, manifest.review, builder))
            self._apply(difference(held, graph), manifest, builder, progress)

    def drop(self) -> str:
        """Remove the review from the database: first the graph, by writing an empty one, then the manifest."""
        with self._connection.translated_errors():
            found = self._connection.read(lambda tx: self._chosen(server.states(tx)))
        if found is None:
            raise StoreError(f"no graph in {self.url}: there is nothing to drop")
        self.write(GraphData(), Manifest(found.review, ""))
        with self._connection.translated_errors():
            self._connection.write(lambda tx: server.forget(tx, found.review))
        return found.review

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        """Run a read-only query, in a session in which the server refuses writes.

        The memory of a query is limited on the server (``db.memory.transaction.max``).
        """
        statement = read_only(cypher)

        def ask(tx: bolt.Runs, review: str) -> Rows:
            return bolt.ask(tx, statement, parameters or {}, limits)

        with self._connection.translated_errors():
            found = self._connection.read(
                lambda tx: self._on_complete_graph(tx, ask, statement), timeout=limits.timeout if limits else None
            )
        if found is None:
            raise self._nothing()
        return found[1]

    def rows(self, review: str) -> GraphData:
        """Return all nodes and relationships of a review."""
        with self._connection.translated_errors():
            found = self._connection.read(lambda tx: self._on_complete_graph(tx, _whole))
        if found is None:
            raise self._nothing()
        return found[1]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._opened = None

    def _nothing(self) -> StoreError:
        return StoreError(f"no graph in {self.url}: run kg build --store {self.url}")

    # --- reading -----------------------------------------------------------------------------------------------------

    def _on_complete_graph(
        self, tx: bolt.Runs, ask: Callable[[bolt.Runs, str], T], cypher: str = ""
    ) -> tuple[server.State, T] | None:
        """Run ``ask`` on a complete graph, again where a build changed it meanwhile; return None without a graph."""
        if self._opened:  # every build gives the graph another version: one look, after the answer, is enough
            opened = self._opened[0]
            answer = ask(tx, opened.review)
            found = server.states(tx)
            if self._is_unchanged(found, opened):
                _check_names_a_review(found, cypher)
                return opened, answer
        until = time.monotonic() + WAIT
        while True:
            found = server.states(tx)
            state = self._chosen(found)
            if state is None:
                return None
            self._check_version(state)
            if not state.writing and state.version is not None:
                _check_names_a_review(found, cypher)
                answer = ask(tx, state.review)
                if self._is_unchanged(server.states(tx), state):
                    return state, answer
            elif state.interrupted:
                raise StoreError(f"a build of {state.review!r} into {self.url} was interrupted: run kg build again")
            if time.monotonic() > until:
                raise StoreError(f"{state.review!r} is being written into {self.url}: ask again when that is done")
            time.sleep(0.1)

    def _is_unchanged(self, found: Mapping[str, server.State], before: server.State) -> bool:
        after = found.get(before.review)
        return after is not None and (after.version, after.writing) == (before.version, before.writing)

    def _check_version(self, state: server.State) -> None:
        """Raise StoreError where another graph has replaced the opened one: answers of both must not be mixed."""
        if self._opened and self._opened[0].version != state.version and not state.writing:
            raise StoreError(f"{state.review!r} was built anew in {self.url} while it was being read: open it again")

    def _chosen(self, found: Mapping[str, server.State]) -> server.State | None:
        if self._wanted is not None:
            if self._wanted not in found and found:
                raise StoreError(
                    f"{self.url} holds no graph of {self._wanted!r} but of {', '.join(map(repr, found))}; "
                    "build it with kg build --store, or name another one with #ID at the end of the URL"
                )
            return found.get(self._wanted)
        if len(found) > 1:
            raise StoreError(
                f"{self.url} holds several reviews: name one with #ID at the end of the URL ({', '.join(found)})"
            )
        return next(iter(found.values()), None)

    # --- writing -----------------------------------------------------------------------------------------------------

    def _check_review(self, review: str) -> None:
        if self.address.review not in (None, review):
            raise UsageProblem(
                f"the URL of the store says #{self.address.review}, and the folder is the review {review!r}"
            )

    @contextmanager
    def _building(self, review: str) -> Iterator[str]:
        """Register as the only build of a review; unregister if the block fails."""
        builder = uuid.uuid4().hex
        self._opened = None
        until = time.monotonic() + server.PATIENCE / 1000 + 2
        while self._connection.write(lambda tx: server.begin(tx, review, builder)) is None:
            if time.monotonic() > until:
                raise StoreError(f"another build of {review!r} into {self.url} is under way: wait until it is done")
            time.sleep(0.5)
        try:
            yield builder
        except BaseException:
            # So the next build can begin at once; if this fails, it begins after PATIENCE.
            self._connection.try_once(lambda tx: server.abandon(tx, review, builder))
            raise

    def _write_schema(self) -> None:
        def work(tx: bolt.Runs) -> None:
            for statement in missing:
                tx.run(statement)

        if missing := self._connection.read(server.missing_schema):
            self._connection.write(work)

    def _beat(self, tx: bolt.Runs, review: str, builder: str) -> None:
        """Renew the registration of this build, as every step of a build does first."""
        if not server.beat(tx, review, builder):
            raise StoreError(f"another build of {review!r} into {self.url} has taken over")

    def _read_back(self, tx: bolt.Runs, review: str, builder: str) -> GraphData:
        """Return what the server holds, in one transaction, and renew the registration of this build now and then."""
        beaten = time.monotonic()

        def ask(text: str) -> list[Any]:
            nonlocal beaten
            if time.monotonic() > beaten + BEAT:
                self._connection.write(lambda other: self._beat(other, review, builder))
                beaten = time.monotonic()
            return list(tx.run(text, {"review": review}))

        return server.read_back(ask)

    def _apply(self, change: Change, manifest: Manifest, builder: str, progress: Progress) -> None:
        """Write a change and the manifest: in one transaction, or in several if the change is large."""
        total, done, version = len(change), 0, uuid.uuid4().hex
        whole = total <= server.ATOMIC

        def mark(tx: bolt.Runs) -> None:
            self._beat(tx, manifest.review, builder)
            server.mark(tx, manifest.review, whole=whole)

        def run(tx: bolt.Runs, *, steps: list[server.Batch], last: bool) -> None:
            self._beat(tx, manifest.review, builder)
            for text, rows in steps:
                tx.run(text, {"review": manifest.review, "rows": rows}).consume()
            if last:
                server.end(tx, manifest, version)

        steps = list(server.batches(change))
        self._connection.write(mark)
        if not whole:
            for text, rows in steps:
                self._connection.write(partial(run, steps=[(text, rows)], last=False))
                done += len(rows)
                progress(min(done, total), total)
            steps = []
        self._connection.write(partial(run, steps=steps, last=True))
        progress(total, total)


def _whole(tx: bolt.Runs, review: str) -> GraphData:
    return server.read_back(lambda text: list(tx.run(text, {"review": review})))


def _check_names_a_review(found: Mapping[str, server.State], cypher: str) -> None:
    """Raise QueryError for a query of a database with several reviews that would mix them."""
    if len(found) > 1 and cypher and not names_a_review(cypher, REVIEW):
        raise QueryError(
            f"{len(found)} reviews share this database, and the query does not say which it is about: "
            "let it start from nodes of one, such as (s:Study {review: $review})"
        )
