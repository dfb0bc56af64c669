"""A connection to a Neo4j server: signing in, transactions, and messages for failures.

The only module that imports the driver, neo4j.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kg.errors import LimitExceeded, QueryError, ReadOnlyViolation, StoreError
from kg.store.address import DATABASE, HOW_TO_SIGN_IN, Address, Credentials, ask_credentials, find_credentials
from kg.store.base import Rows
from kg.version import __version__

if TYPE_CHECKING:
    from neo4j import Driver
    from neo4j.exceptions import Neo4jError

    from kg.store.limits import Limits

T = TypeVar("T")

#: Seconds: the timeout of a connection, and for how long a transaction with a transient failure is retried.
CONNECT, RETRY = 5.0, 10.0
#: The number of rows that the server sends at once.
FETCH = 10_000
#: The same for queries that a user wrote, whose rows may be large: the limits are checked as rows arrive.
FETCH_OWN = 100

_PLAIN = (str, int, float, bool, type(None))


class Runs(Protocol):
    """A transaction."""

    def run(self, query: Any, parameters: dict[str, Any] | None = None) -> Any:
        """Run a statement and return its result, an iterable of mappings."""


class Connection:
    """A connection to one database, opened on first use."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connected: Driver | None = None

    def read(self, work: Callable[[Any], T], timeout: float | None = None) -> T:
        """Run a unit of work in a read-only transaction, and retry transient failures.

        With a ``timeout`` in seconds, it is run once, and the server ends it after that time.
        """
        from neo4j import READ_ACCESS

        with self._driver.session(
            database=self.address.database,
            default_access_mode=READ_ACCESS,
            fetch_size=FETCH if timeout is None else FETCH_OWN,
        ) as session:
            if timeout is None:
                return session.execute_read(work)
            with session.begin_transaction(timeout=timeout) as tx:
                return work(tx)

    def write(self, work: Callable[[Any], T]) -> T:
        """Run a unit of work in a transaction, and retry transient failures: it must be idempotent."""
        with self._driver.session(database=self.address.database) as session:
            return session.execute_write(work)

    def try_once(self, work: Callable[[Any], object]) -> None:
        """Run a unit of work in a transaction without retries; ignore failures."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            with self._driver.session(database=self.address.database) as session, session.begin_transaction() as tx:
                work(tx)
                tx.commit()
        except (DriverError, Neo4jError, OSError):
            pass

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn errors of the driver into StoreError, without the parameters or credentials that they may quote."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            lost = self._connected is not None
            raise StoreError(_message(error, self.address.shown, self.address.database, lost=lost)) from None

    def close(self) -> None:
        """Close the connection."""
        if self._connected is not None:
            self._connected.close()
            self._connected = None

    @property
    def _driver(self) -> Driver:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _connect(self) -> Driver:
        """Connect with the configured credentials; without any, ask at the terminal if the server requires them."""
        from neo4j.exceptions import AuthError

        credentials = find_credentials()
        try:
            return self._open(credentials)
        except AuthError as error:
            if credentials is not None:
                raise
            credentials = ask_credentials(self.address.shown)
            if credentials is None:
                raise StoreError(
                    f"{self.address.shown} asks for a user name and a password: {HOW_TO_SIGN_IN}"
                ) from error
            return self._open(credentials)

    def _open(self, credentials: Credentials | None) -> Driver:
        import logging

        from neo4j import GraphDatabase, NotificationDisabledClassification, NotificationMinimumSeverity

        # Warnings of the server are returned with the rows and failures become errors. Without a logging configuration,
        # the driver would print both as well.
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


def ask(tx: Runs, cypher: str, parameters: Mapping[str, Any], limits: Limits | None) -> Rows:
    """Return the answer to a query. Raises QueryError, ReadOnlyViolation or LimitExceeded for a fault of the
    query."""
    from neo4j.exceptions import ClientError, TransientError

    try:
        result = tx.run(cypher, dict(parameters))
        columns = tuple(result.keys())
        values: list[tuple[Any, ...]] = []
        held = 0
        for record in result:
            row = tuple(map(_plain, record.values()))
            if limits is not None:
                held += _size(row)
                if len(values) == limits.rows:
                    raise limits.too_long()
                if held > limits.memory << 20:
                    raise limits.too_large()
            values.append(row)
        return Rows(columns, values, tuple(_warnings(result.consume())))
    except (ClientError, TransientError) as error:
        if fault := _query_error(error, limits):
            raise fault from error
        raise


def _size(value: Any) -> int:
    """Return the approximate size of a value in bytes."""
    if isinstance(value, list | tuple):
        return 56 + sum(map(_size, value))
    if isinstance(value, dict):
        return 64 + sum(len(key) + _size(item) for key, item in value.items())
    return 50 + (len(value) if isinstance(value, str | bytes) else 0)


def _message(error: Exception, where: str, database: str | None, *, lost: bool) -> str:
    """Return the message for a failure between client and server; ``lost`` means that there had been a connection."""
    from neo4j.exceptions import AuthError, ConfigurationError, Neo4jError, ServiceUnavailable, SessionExpired

    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    text = (error.message if isinstance(error, Neo4jError) else None) or str(error) or type(error).__name__
    system = re.search(r"\[Errno -?\d+\] ([^\]()]+)", text)
    text = system[1].strip() if system else " ".join(text.split())
    if code.endswith(".CredentialsExpired"):
        return f"the password for {where} has expired and must be changed first, for example in Neo4j Browser"
    if code.endswith(".AuthenticationRateLimit"):
        return f"{where} refuses to be asked again so soon after wrong passwords: wait some seconds"
    if isinstance(error, AuthError):
        return f"{where} does not accept the user name and password: {HOW_TO_SIGN_IN}"
    if code.endswith(".DatabaseNotFound"):
        return f"{where} has no database {database!r}: name another one at the end of the URL, or in {DATABASE}"
    if ".Security." in code or "ReadOnly" in code:
        return f"{where} does not allow this: {text}"
    if isinstance(error, ServiceUnavailable | SessionExpired | OSError):
        if lost:
            return f"the connection to {where} was lost ({text}); the next build repairs one that it interrupted"
        return (
            f"no Neo4j server answers at {where} ({text}): is it running there, and does it speak "
            f"{'TLS' if '+' in where.partition(':')[0] else 'without TLS'}, as the URL says?"
        )
    if isinstance(error, ConfigurationError | ValueError):
        return f"cannot connect to {where}: {text}"
    return f"{where} reports {code or type(error).__name__}: {text}"


def _query_error(error: Neo4jError, limits: Limits | None) -> QueryError | None:
    """Return the error for a query that the server refuses or ends; None for a failure that is not the query's."""
    code = error.code or ""
    if limits is not None and "TransactionTimedOut" in code:
        return limits.too_slow()
    if "OutOfMemory" in code:
        return LimitExceeded(f"the query needs more memory than the server gives it: {error.message}")
    if code.endswith((".AccessMode", ".ForbiddenDueToTransactionType")):
        return ReadOnlyViolation("this query writes; only reading is allowed")
    if ".Statement." in code or ".Procedure." in code or ".Schema." in code:
        return QueryError(f"the engine refuses the query: {error.message}")
    return None


def _warnings(summary: Any) -> Iterator[str]:
    """Yield the server's warnings about names that are not in the database."""
    for status in summary.gql_status_objects:
        if status.is_notification and status.raw_classification == "UNRECOGNIZED":
            yield status.status_description.removeprefix("warn: ")


def _plain(value: Any) -> Any:
    """Return a value as text, numbers, lists and dictionaries; of nodes and relationships, the properties."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):  # maps, nodes and relationships
        return {key: _plain(item) for key, item in value.items()}
    return value.iso_format() if hasattr(value, "iso_format") else str(value)
