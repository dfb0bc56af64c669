"""Neo4j servers, Aura and clusters: a store among other data on a server. The only module that imports neo4j.

Readers that come through ``read`` see whole graphs only: the manifest is looked at before and after each query, and an
answer that a build may have crossed is thrown away and asked for again, for as long as WAIT. Others, such as Neo4j
Browser, see a small change at once (one transaction) and a large one as it grows.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from kg import __version__
from kg.assemble import GraphData
from kg.catalogue import names_a_review
from kg.change import difference
from kg.errors import QueryError, ReadOnlyViolation, StaleGraph, StoreError, UsageProblem
from kg.store import server
from kg.store.address import DATABASE, HOW_TO_SIGN_IN, Credentials, ask_credentials, find_credentials, parse_address
from kg.store.base import Manifest, Progress, Rows, refuse_files, silent

if TYPE_CHECKING:
    from neo4j import Driver
    from neo4j.exceptions import Neo4jError

    from kg.change import Change

T = TypeVar("T")

#: Seconds: to wait for an answer to a connection, for the server to take a transaction again that failed for a passing
#: reason, and for a build that is under way.
CONNECT, RETRY, WAIT = 5.0, 10.0, 8.0

_PLAIN = (str, int, float, bool, type(None))


class Neo4jStore:
    """The graph of one review in a database: ``neo4j://HOST[:PORT][/DATABASE][#REVIEW]``, or another Bolt scheme.

    Without ``#REVIEW`` it is the review called ``review``, or else the only one that is there.
    """

    def __init__(self, url: str, review: str | None = None) -> None:
        self.url = url
        self.address = parse_address(url)
        self._wanted = self.address.review or review
        self._connected: Driver | None = None
        self._held: tuple[server.State, Manifest] | None = None

    def manifest(self) -> Manifest | None:
        """Return what the graph was built from, or None. Raises StoreError where a build was interrupted."""
        if self._held is None:
            with self._speaking():
                found = self._transact(lambda tx: self._whole(tx, server.read_manifest), write=False)
            if found is None:
                return None
            state, manifest = found
            if manifest is None:
                return None
            self._held = state, manifest
        return self._held[1]

    def touch(self, manifest: Manifest) -> None:
        """Replace the file times of the manifest."""
        if self._held and self._held[0].version:
            version = self._held[0].version
            with self._speaking():
                self._transact(lambda tx: server.touch(tx, manifest, version), write=True)
        self._held = None

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Make the review's graph be ``graph``: what the server holds is read back, and what differs is written.

        So a build that was interrupted, or a node that somebody changed, is put right.
        """
        self._check_review(manifest.review)
        with self._speaking(), self._building(manifest.review) as builder:
            self._write_schema()
            with self._driver.session(database=self.address.database, fetch_size=server.BATCH) as session:

                def rows_of(tx: server.Runs, text: str) -> list[Any]:
                    return list(tx.run(text, {"review": manifest.review}))

                def ask(text: str) -> list[Any]:
                    self._beat(manifest.review, builder)
                    return session.execute_read(rows_of, text)

                old = server.read_back(ask)
            self._apply(difference(old, graph), manifest, builder, progress)

    def change(self, change: Change, before: Manifest, after: Manifest, progress: Progress = silent) -> None:
        """Apply a change to the graph that was built as ``before`` says. Raises StaleGraph where that is not there."""
        known = self._held
        with self._speaking(), self._building(after.review) as builder:
            found = self._transact(lambda tx: (server.states(tx), server.read_manifest(tx, after.review)), write=False)
            state = found[0][after.review]
            if known is None or known[0].version != state.version or state.writing or found[1] != before:
                raise StaleGraph(f"the graph in {self.url} has been built anew in between")
            self._apply(change, after, builder, progress)

    def drop(self) -> str:
        """Take the review out of the database: what differs from no graph at all is removed, and then the manifest."""
        with self._speaking():
            found = self._transact(lambda tx: self._chosen(server.states(tx)), write=False)
        if found is None:
            raise StoreError(f"no graph in {self.url}: there is nothing to drop")
        self.write(GraphData(), Manifest(found.review, ""))
        with self._speaking():
            self._transact(lambda tx: server.forget(tx, found.review), write=True)
        return found.review

    def read(self, cypher: str, parameters: Mapping[str, Any] | None = None, *, summary: bool = False) -> Rows:
        """Run a read-only query, in a session that the server lets read only."""
        from neo4j.exceptions import ClientError

        refuse_files(cypher)

        def ask(tx: server.Runs, review: str) -> Rows:
            result = tx.run(cypher, dict(parameters or {}))
            columns = tuple(result.keys())
            values = [tuple(map(_plain, record.values())) for record in result]
            return Rows(columns, values, tuple(_remarks(result.consume())))

        with self._speaking():
            try:
                found = self._transact(lambda tx: self._whole(tx, ask, cypher), write=False)
            except ClientError as error:
                if refusal := _refusal(error):
                    raise refusal from error
                raise
        if found is None:
            raise StoreError(f"no graph in {self.url}: run kg build --store {self.url}")
        return found[1]

    def close(self) -> None:
        """Let go of the connection."""
        if self._connected is not None:
            self._connected.close()
            self._connected = None
        self._held = None

    # --- reading -----------------------------------------------------------------------------------------------------

    def _whole(
        self, tx: server.Runs, ask: Callable[[server.Runs, str], T], cypher: str = ""
    ) -> tuple[server.State, T] | None:
        """Ask something of a whole graph, again where a build got in between; None where there is no graph."""
        until = time.monotonic() + WAIT
        while True:
            found = server.states(tx)
            state = self._chosen(found)
            if state is None or (state.version is None and not state.writing and state.builder is None):
                return None
            self._is_the_one_opened(state)
            if not state.writing and state.version is not None:
                if len(found) > 1 and cypher and not names_a_review(cypher):
                    raise QueryError(
                        f"{len(found)} reviews share this database, and the query does not say which it is about: "
                        "let it start from nodes of one, such as (s:Study {review: $review})"
                    )
                answer = ask(tx, state.review)
                if server.states(tx).get(state.review) == state or self._same(tx, state):
                    return state, answer
            elif state.interrupted:
                raise StoreError(f"a build of {state.review!r} into {self.url} was interrupted: run kg build again")
            if time.monotonic() > until:
                raise StoreError(f"{state.review!r} is being written into {self.url}: ask again when that is done")
            time.sleep(0.1)

    def _same(self, tx: server.Runs, before: server.State) -> bool:
        after = server.states(tx).get(before.review)
        return after is not None and (after.version, after.writing) == (before.version, before.writing)

    def _is_the_one_opened(self, state: server.State) -> None:
        """Raise StoreError where the graph that was opened is no longer there: its answers must not be mixed."""
        if self._held and self._held[0].version != state.version and not state.writing:
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
        """Be the one build of a review; whatever goes wrong, do not stay it."""
        builder = uuid.uuid4().hex
        self._held = None
        until = time.monotonic() + server.PATIENCE / 1000 + 2
        while self._transact(lambda tx: server.begin(tx, review, builder), write=True) is None:
            if time.monotonic() > until:
                raise StoreError(f"another build of {review!r} into {self.url} is under way: wait until it is done")
            time.sleep(0.5)
        try:
            yield builder
        except BaseException:
            self._abandon(review, builder)
            raise

    def _abandon(self, review: str, builder: str) -> None:
        """Let the next build begin at once; where the server cannot be told, it will find out after PATIENCE."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            with self._driver.session(database=self.address.database) as session, session.begin_transaction() as tx:
                server.abandon(tx, review, builder)
                tx.commit()
        except (DriverError, Neo4jError, OSError):
            pass

    def _write_schema(self) -> None:
        def work(tx: server.Runs) -> None:
            for statement in server.schema():
                tx.run(statement)

        self._transact(work, write=True)

    def _beat(self, review: str, builder: str) -> None:
        if not self._transact(lambda tx: server.beat(tx, review, builder), write=True):
            raise StoreError(f"another build of {review!r} into {self.url} has taken over")

    def _apply(self, change: Change, manifest: Manifest, builder: str, progress: Progress) -> None:
        """Write a change, and what it was built from: in one transaction, or in several if it is large."""
        total, done, version = len(change), 0, uuid.uuid4().hex
        whole = total <= server.ATOMIC

        def run(tx: server.Runs, *, steps: list[server.Batch], last: bool) -> None:
            if not server.beat(tx, manifest.review, builder):
                raise StoreError(f"another build of {manifest.review!r} into {self.url} has taken over")
            for text, rows in steps:
                tx.run(text, {"review": manifest.review, "rows": rows}).consume()
            if last:
                server.end(tx, manifest, version)

        steps = list(server.batches(change))
        self._transact(lambda tx: server.mark(tx, manifest.review, whole=whole), write=True)
        if not whole:
            for text, rows in steps:
                self._transact(partial(run, steps=[(text, rows)], last=False), write=True)
                done += len(rows)
                progress(min(done, total), total)
            steps = []
        self._transact(partial(run, steps=steps, last=True), write=True)
        progress(total, total)

    # --- the connection ----------------------------------------------------------------------------------------------

    @property
    def _driver(self) -> Driver:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _connect(self) -> Driver:
        """Connect with what is known of the user; one who is not known is asked, if the server asks and can be told."""
        from neo4j.exceptions import AuthError

        credentials = find_credentials()
        try:
            return self._open(credentials)
        except AuthError as error:
            if credentials is not None:
                raise
            credentials = ask_credentials(self.address.shown)
            if credentials is None:
                raise StoreError(f"{self.address.shown} asks who you are: {HOW_TO_SIGN_IN}") from error
            return self._open(credentials)

    def _open(self, credentials: Credentials | None) -> Driver:
        import logging

        from neo4j import GraphDatabase, NotificationDisabledClassification, NotificationMinimumSeverity

        # What the server remarks travels with the rows, and what goes wrong becomes a sentence; the driver would print
        # both as well where nobody has set up logging.
        logging.getLogger("neo4j").addHandler(logging.NullHandler())
        wanted = (NotificationDisabledClassification.UNRECOGNIZED,)
        driver = GraphDatabase.driver(
            self.address.uri,
            auth=(credentials.user, credentials.password) if credentials else None,
            connection_timeout=CONNECT,
            connection_acquisition_timeout=CONNECT,
            max_transaction_retry_time=RETRY,
            notifications_disabled_classifications=[c for c in NotificationDisabledClassification if c not in wanted],
            warn_notification_severity=NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
            user_agent=f"evidence-kg/{__version__}",
        )
        try:
            driver.verify_connectivity()
        except BaseException:
            driver.close()
            raise
        return driver

    def _transact(self, work: Callable[[Any], T], *, write: bool) -> T:
        """Run a unit of work in a managed transaction; one that reads is refused writes by the server."""
        from neo4j import READ_ACCESS, WRITE_ACCESS

        mode = WRITE_ACCESS if write else READ_ACCESS
        with self._driver.session(
            database=self.address.database, default_access_mode=mode, fetch_size=server.BATCH
        ) as session:
            return session.execute_write(work) if write else session.execute_read(work)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what the driver raises into a sentence, without the parameters or credentials that it may quote."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            lost = self._connected is not None
            raise StoreError(_sentence(error, self.address.shown, self.address.database, lost=lost)) from None


def _sentence(error: Exception, where: str, database: str | None, *, lost: bool) -> str:
    """Say what went wrong between us and the server; ``lost`` says that there had been a connection."""
    from neo4j.exceptions import AuthError, ConfigurationError, Neo4jError, ServiceUnavailable, SessionExpired

    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    said = (error.message if isinstance(error, Neo4jError) else None) or str(error) or type(error).__name__
    system = re.search(r"\[Errno -?\d+\] ([^\]()]+)", said)
    said = system[1].strip() if system else " ".join(said.split())
    if code.endswith(".CredentialsExpired"):
        return f"the password for {where} has expired and must be changed first, for example in Neo4j Browser"
    if code.endswith(".AuthenticationRateLimit"):
        return f"{where} refuses to be asked again so soon after wrong passwords: wait some seconds"
    if isinstance(error, AuthError):
        return f"{where} does not accept the user name and password: {HOW_TO_SIGN_IN}"
    if code.endswith(".DatabaseNotFound"):
        return f"{where} has no database {database!r}: name another one at the end of the URL, or in {DATABASE}"
    if ".Security." in code or "ReadOnly" in code:
        return f"{where} does not allow this: {said}"
    if isinstance(error, ServiceUnavailable | SessionExpired | OSError):
        if lost:
            return (
                f"the connection to {where} was lost ({said}); a build that it cut short is made good by the next one"
            )
        return (
            f"no Neo4j server answers at {where} ({said}): is it running there, and does it speak "
            f"{'TLS' if '+' in where.partition(':')[0] else 'without TLS'}, as the URL says?"
        )
    if isinstance(error, ConfigurationError | ValueError):
        return f"cannot connect to {where}: {said}"
    return f"{where} reports {code or type(error).__name__}: {said}"


def _refusal(error: Neo4jError) -> QueryError | None:
    """Return what is wrong with a query that the server refuses; None where the query is not to blame."""
    code = error.code or ""
    if code.endswith(".AccessMode"):
        return ReadOnlyViolation("this query writes; only reading is allowed")
    if ".Statement." in code or ".Procedure." in code or ".Schema." in code:
        return QueryError(f"the engine refuses the query: {error.message}")
    return None


def _remarks(summary: Any) -> Iterator[str]:
    """Yield what the server remarks on names that the database does not know."""
    for status in summary.gql_status_objects:
        if status.is_notification and status.raw_classification == "UNRECOGNIZED":
            yield status.status_description.removeprefix("warn: ")


def _plain(value: Any) -> Any:
    """Return a value as text, numbers, lists and dictionaries: nodes and relationships as their properties."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):  # maps, nodes and relationships
        return {key: _plain(item) for key, item in value.items()}
    return value.iso_format() if hasattr(value, "iso_format") else str(value)
