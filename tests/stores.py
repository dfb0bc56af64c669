"""The stores that must give the same answers, one class each; ``ENGINES`` lists them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import kglite
import pytest

from kg.cypher import catalogue
from kg.cypher.readonly import read_only
from kg.errors import QueryError, ReadOnlyViolation
from kg.graph.build import assemble
from kg.graph.diff import difference
from kg.graph.rows import GraphData
from kg.model.vocabulary import LABELS, RELATIONSHIPS
from kg.store import SCHEMES, Limits, Manifest, Progress, Rows, Store, silent
from kg.store.loading import load_statements
from kg.store.whole import read_whole
from tests.generated import Folder


class Engine:
    """A kind of store, as the tests use it.

    The ids of all reviews begin with ``prefix``, since the server may hold data of others.
    """

    #: The number of nodes that the store keeps for itself per review.
    own_nodes = 0

    def __init__(self, room: Path, prefix: str) -> None:
        self.room, self.prefix = room, prefix

    def url(self, name: str) -> str:
        """Return the URL to build into; a store that can hold several reviews returns the same one each time."""
        raise NotImplementedError

    def clear(self) -> None:
        """Remove what tests have built."""

    @contextmanager
    def foreign_data(self, root: Path, folder: Folder) -> Iterator[None]:
        """Add data of others to the store, and check at the end that it is unchanged."""
        yield


class Embedded(Engine):
    """The default store: one folder per graph."""

    def url(self, name: str) -> str:
        return f"embedded:{self.room / name}"

    def clear(self) -> None:
        for folder in self.room.iterdir():
            shutil.rmtree(folder)


class Statements(Engine):
    """Nothing but the statements of ``queries/load/``, run one by one in memory, as a server would run them."""

    def url(self, name: str) -> str:
        return f"statements:{name}"

    def clear(self) -> None:
        StatementStore.places.clear()


class Server(Engine):
    """A Neo4j server, whose database may hold other data."""

    own_nodes = 1  # the manifest

    def __init__(self, room: Path, prefix: str, uri: str, user: str, password: str) -> None:
        from neo4j import GraphDatabase

        super().__init__(room, prefix)
        self.uri = uri
        self.driver = GraphDatabase.driver(uri, auth=(user, password) if user else None)

    def url(self, name: str) -> str:
        return self.uri

    def clear(self) -> None:
        self.run("MATCH (n) WHERE n.review STARTS WITH $prefix OR n.mark = $prefix DETACH DELETE n")

    def run(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run Cypher on the server without the store."""
        found = self.driver.execute_query(cypher, prefix=self.prefix, **parameters)
        return [record.data() for record in found.records]

    @contextmanager
    def foreign_data(self, root: Path, folder: Folder) -> Iterator[None]:
        """Add nodes and relationships of others with the labels, ids and types of kg."""
        data = assemble(folder.called(self.prefix).write(root).load().evidence)
        nodes: list[dict[str, Any]] = []
        for label, rows in data.nodes.items():
            held = [{"id": row["id"], "label": "theirs", "order": 0} for row in rows[:3]]
            held = held or [{"id": "key:a", "label": "theirs", "order": 0}]
            other = {"review": f"of {self.prefix}", "id": "key:a", "label": 1}
            nodes += [{"labels": [label, *LABELS[label]], "properties": row} for row in (*held, other)]
        ties = [{"kind": kind, "ends": ends} for kind, pairs in RELATIONSHIPS.items() for ends in pairs]
        # Labels and types as values: a server makes a plan for every text.
        self.run("UNWIND $rows AS row CREATE (n:$(row.labels) {mark: $prefix}) SET n += row.properties", rows=nodes)
        self.run(
            "MATCH (n {mark: $prefix}) WITH collect(n) AS theirs UNWIND $rows AS row "
            "UNWIND [n IN theirs WHERE row.ends[0] IN labels(n)] AS a UNWIND [n IN theirs WHERE row.ends[1] IN labels(n)] AS b "
            "CREATE (a)-[:$(row.kind) {studies: 9, direction: 'barrier', study_labels: ['theirs']}]->(b)",
            rows=ties,
        )
        self.run(
            "MATCH (ours:Review) WHERE ours.review STARTS WITH $prefix "
            "CREATE (:Note {text: 'mine', mark: $prefix})-[:ABOUT {since: date('2024-01-01')}]->(ours)"
        )
        before = self._foreign()
        assert len(before) > 2 * len(LABELS)
        yield
        assert self._foreign() == before

    def _foreign(self) -> list[dict[str, Any]]:
        """Return all nodes and relationships of others."""
        return self.run(
            "MATCH (n {mark: $prefix}) OPTIONAL MATCH (n)-[r]-(m) WITH n, r, m ORDER BY elementId(r) "
            "RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties, "
            "collect([elementId(r), type(r), properties(r), elementId(startNode(r)), elementId(m)]) AS ties ORDER BY id"
        )


@contextmanager
def embedded(request: pytest.FixtureRequest, room: Path, prefix: str) -> Iterator[Engine]:
    yield Embedded(room, prefix)


@contextmanager
def statements(request: pytest.FixtureRequest, room: Path, prefix: str) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCHEMES, "statements", lambda url, review: StatementStore(url))
        yield Statements(room, prefix)


@contextmanager
def neo4j(request: pytest.FixtureRequest, room: Path, prefix: str) -> Iterator[Engine]:
    server = request.getfixturevalue("neo4j")
    engine = Server(room, prefix, server.uri, server.user, server.password)
    try:
        yield engine
    finally:
        engine.driver.close()


Opens = Callable[[pytest.FixtureRequest, Path, str], AbstractContextManager[Engine]]
#: What every test of the compliance suite is run with: what opens a store in a folder of its own, with a prefix of ids.
ENGINES: dict[str, Opens] = {"embedded": embedded, "statements": statements, "neo4j": neo4j}


class AskedOnce:
    """A store whose graph nobody changes: it sends a statement with the same parameters once.

    A filtered graph is made from all rows, so without this the questions of ``tests/answers.py`` read them many times.
    """

    def __init__(self, store: Store) -> None:
        self.url, self._store = store.url, store
        self._answers: dict[str, Rows] = {}

    def manifest(self) -> Manifest | None:
        return self._store.manifest()

    def touch(self, manifest: Manifest) -> None:
        raise NotImplementedError

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        raise NotImplementedError

    def drop(self) -> str:
        raise NotImplementedError

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        key = repr((cypher, parameters, summary, limits))
        if key not in self._answers:
            self._answers[key] = self._store.read(cypher, parameters, summary=summary, limits=limits)
        found = self._answers[key]
        return replace(found, values=list(found.values))

    def rows(self, review: str) -> GraphData:
        return self._store.rows(review)

    def close(self) -> None:
        self._store.close()


@dataclass
class Place:
    """What one StatementStore holds."""

    engine: kglite.KnowledgeGraph = field(default_factory=kglite.KnowledgeGraph)
    graph: GraphData = field(default_factory=GraphData)
    manifest: Manifest | None = None


class StatementStore:
    """A store that only runs the statements of a change."""

    places: ClassVar[dict[str, Place]] = {}

    def __init__(self, url: str) -> None:
        self.url = url

    def manifest(self) -> Manifest | None:
        return self.places[self.url].manifest if self.url in self.places else None

    def touch(self, manifest: Manifest) -> None:
        self.places[self.url].manifest = manifest

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        if self.url not in self.places:
            self.places[self.url] = Place()
            for statement in catalogue.statements("schema/constraints"):
                self.places[self.url].engine.cypher(statement)
        place = self.places[self.url]
        for step in load_statements(difference(place.graph, graph)):
            place.engine.cypher(step.text, params={"review": manifest.review, "rows": step.rows})
        place.graph, place.manifest = graph, manifest

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        statement = read_only(cypher)
        kglite.set_query_warning_policy("silent")
        try:
            result = self.places[self.url].engine.freeze().cypher(statement, params=dict(parameters or {}))
        except kglite.ReadOnlyError as error:
            raise ReadOnlyViolation("this query writes") from error
        except kglite.KgError as error:
            raise QueryError(str(error)) from error
        return Rows(tuple(result.columns), [tuple(row.values()) for row in result.to_dicts()])

    def rows(self, review: str) -> GraphData:
        return read_whole(self.read, review)

    def close(self) -> None:
        pass
