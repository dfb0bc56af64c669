"""The Neo4j store, on a real server: what readers see, what a build touches, and what is said when something is wrong.

That both engines give the same answers is held by ``test_compliance.py``.
"""

from __future__ import annotations

import http.server
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import neo4j as driver
import pytest

from kg.cypher import catalogue
from kg.errors import QueryError, ReadOnlyViolation, StoreError
from kg.folder.create import init_review
from kg.folder.review import Review
from kg.model.vocabulary import LABELS, RELATIONSHIPS
from kg.query.graph import Graph, open_graph
from kg.store import server
from kg.store.neo4j import Neo4jStore
from tests.conftest import EXAMPLE, MakeReview, Run
from tests.cypher.test_catalogue import ARGUMENTS
from tests.neo4j.server import Server

STUDIES = "key,title\na,Alpha\nb,Beta\n"
FINDINGS = "study,factor,direction,outcomes\na,Pay,barrier,Retention\nb,Pay,facilitator,Retention\n"
SECRET = " ".join(("correct", "horse", "battery"))

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def ask(neo4j: Server) -> Iterator[Ask]:
    """Run any statement on the server, as somebody else would."""
    auth = (neo4j.user, neo4j.password) if neo4j.password else None
    with driver.GraphDatabase.driver(neo4j.uri, auth=auth) as opened:

        def call(cypher: str, **parameters: Any) -> list[dict[str, Any]]:
            rows, _, _ = opened.execute_query(cypher, parameters)
            return [row.data() for row in rows]

        yield call


@pytest.fixture
def small(make_review: MakeReview, review_prefix: str) -> Review:
    """Two studies and two findings."""
    return make_review(
        {
            "review.toml": f'id = "{review_prefix}small"\ntitle = "Small"\n',
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
        }
    )


@pytest.fixture
def shared_example(own_example: Review, review_prefix: str) -> Review:
    """The bundled review under an id of the test's own."""
    return renamed(own_example, review_prefix)


@pytest.fixture(scope="module")
def built_example(neo4j_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    """The same, built on the server once for all tests that only read it."""
    prefix = f"test-{secrets.token_hex(6)}-"
    review = renamed(init_review(tmp_path_factory.mktemp("built") / "pw", example=EXAMPLE), prefix)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in neo4j_server.env().items():
            patch.setenv(name, value)
        review.build(neo4j_server.uri)
    yield review
    neo4j_server.forget_reviews(prefix)


def renamed(review: Review, prefix: str) -> Review:
    toml = review.root / "review.toml"
    toml.write_text(re.sub(r'(?m)^id = ".*"', f'id = "{prefix}pw"', toml.read_text(encoding="utf-8")), "utf-8")
    return review


def edit(review: Review, old: str, new: str) -> None:
    sheet = review.root / "sheets" / "findings.csv"
    text = sheet.read_text(encoding="utf-8")
    assert old in text
    sheet.write_text(text.replace(old, new), encoding="utf-8")


def counts(graph: Graph) -> list[tuple[object, ...]]:
    return graph.table("evidence-counts").only("factor", "direction", "studies").rows


def answers(graph: Graph) -> dict[str, list[tuple[Any, ...]]]:
    return {name: graph.table(name, **ARGUMENTS.get(name, {})).rows for name in catalogue.names()}


def url(neo4j: Server, review: Review) -> str:
    return f"{neo4j.uri}#{review.config.review.id}"


# --- building and reading ----------------------------------------------------------------------------------------


def test_the_bundled_review_gives_the_same_answers(shared_example: Review, neo4j: Server) -> None:
    built = shared_example.build(neo4j.uri)
    assert (built.changed, built.counts["Study"], built.counts["Finding"]) == (True, 20, 199)
    with shared_example.graph() as here, open_graph(url(neo4j, shared_example)) as there:
        assert answers(there) == answers(here)
        assert (there.left_out, there.digest) == (here.left_out, here.digest)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_direct_and_routing_schemes(small: Review, neo4j: Server, scheme: str) -> None:
    uri = re.sub("^[a-z0-9+]+", scheme, url(neo4j, small))
    small.build(uri)
    with open_graph(uri) as graph:
        assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]


def test_building_again_does_nothing(small: Review, neo4j: Server) -> None:
    assert [small.build(neo4j.uri).changed for _ in range(2)] == [True, False]
    os.utime(small.root / "sheets" / "findings.csv", (1, 1))
    assert not small.build(neo4j.uri).changed
    assert small.build(neo4j.uri, force=True).changed


def test_rows_that_left_a_sheet_leave_the_graph(small: Review, neo4j: Server, ask: Ask) -> None:
    small.build(neo4j.uri)
    edit(small, "b,Pay,facilitator,Retention\n", "b,Hours,mixed,\n")
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        assert counts(graph) == [
            ("Pay", "facilitator", 0),
            ("Pay", "barrier", 1),
            ("Hours", "facilitator", 0),
            ("Hours", "barrier", 0),
            ("Hours", "mixed", 1),
        ]
    held = ask("MATCH (n {review: $id}) RETURN labels(n)[0] AS label, count(*) AS n", id=small.config.review.id)
    assert {row["label"]: row["n"] for row in held if row["label"] in ("Finding", "Factor")} == {
        "Finding": 2,
        "Factor": 2,
    }


def test_a_property_that_is_no_longer_given_is_gone(small: Review, neo4j: Server) -> None:
    small.build(neo4j.uri)
    (small.root / "sheets" / "studies.csv").write_text("key,title\na,\nb,Beta\n", encoding="utf-8")
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        assert graph.table("characteristics").column("title") == [None, "Beta"]


def test_force_puts_right_what_somebody_changed(small: Review, neo4j: Server, ask: Ask) -> None:
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        before = answers(graph)
    review = small.config.review.id
    ask("MATCH (s:Study {review: $id, id: 'key:a'}) SET s.title = 'Changed', s.label = 7", id=review)
    ask("MATCH (:Factor {review: $id})-[r:HINDERS]->() SET r.studies = 99", id=review)
    ask("MATCH (x:Finding {review: $id, direction: 'barrier'}) DETACH DELETE x", id=review)
    ask("CREATE (:Finding {review: $id, id: 'made up'})", id=review)
    assert not small.build(neo4j.uri).changed
    small.build(neo4j.uri, force=True)
    with open_graph(url(neo4j, small)) as graph:
        assert answers(graph) == before


def test_progress_is_told_to_the_end(shared_example: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ATOMIC", 100)
    monkeypatch.setattr(server, "BATCH", 50)
    told: list[tuple[int, int]] = []
    shared_example.build(neo4j.uri, progress=lambda done, total: told.append((done, total)))
    assert len(told) > 20 and told == sorted(told)
    assert {total for _, total in told} == {told[-1][0]}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_progress_bar_on_a_terminal_and_none_in_a_pipe(shared_example: Review, neo4j: Server) -> None:
    import pty

    command = [sys.executable, "-m", "kg", "build", "--force", "--store", neo4j.uri, "-C", str(shared_example.root)]
    near, far = pty.openpty()
    with os.fdopen(near, "rb") as terminal:
        subprocess.run(command, stderr=far, stdout=subprocess.PIPE, check=True)
        shown = os.read(terminal.fileno(), 1 << 16).decode()
        os.close(far)
    assert "writing" in shown and "100%" in shown
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stderr.startswith("built: 20 studies") and piped.stderr.count("\n") == 1


# --- one database, several reviews and other data ----------------------------------------------------------------


def test_reviews_share_a_database_without_touching(make_review: MakeReview, review_prefix: str, neo4j: Server) -> None:
    """Both have a study a and a factor Pay; building and emptying one leaves the other as it was."""
    reviews = [
        make_review(
            {
                "review.toml": f'id = "{review_prefix}{name}"\ntitle = "{name}"\n',
                "sheets/studies.csv": STUDIES.replace("Alpha", name),
                "sheets/findings.csv": FINDINGS.replace("barrier", direction),
            },
            name,
        )
        for name, direction in (("one", "mixed"), ("two", "no_effect"))
    ]
    expected = []
    for review in reviews:
        review.build(neo4j.uri)
        with review.graph() as graph:
            expected.append(answers(graph))
    for _ in range(2):
        for review, wanted in zip(reviews, expected, strict=True):
            with review.graph(neo4j.uri) as graph:
                assert answers(graph) == wanted
        reviews[0].build(neo4j.uri, force=True)
    (reviews[0].root / "sheets" / "findings.csv").write_text("study,factor,direction\na,Other,mixed\n", "utf-8")
    reviews[0].build(neo4j.uri)
    with reviews[1].graph(neo4j.uri) as graph:
        assert answers(graph) == expected[1]


def test_a_query_must_say_which_of_several_reviews(small: Review, shared_example: Review, neo4j: Server) -> None:
    small.build(neo4j.uri)
    shared_example.build(neo4j.uri)
    with small.graph(neo4j.uri) as graph:
        with pytest.raises(QueryError, match=r"reviews share this database, and the query does not say which"):
            graph.query("MATCH (s:Study) RETURN count(s) AS n")
        assert graph.query("MATCH (s:Study {review: $review}) RETURN count(s) AS n").rows == [(2,)]
        assert graph.query("MATCH (r:Review {id: $id}) RETURN r.title AS t", id=graph.review).rows == [("Small",)]
        assert graph.query("RETURN 1 AS one").rows == [(1,)]
        named = "MATCH (s:Study) WHERE s.review IN $ids RETURN s.review AS review, count(s) AS n ORDER BY n"
        ids = [graph.review, shared_example.config.review.id]
        assert graph.query(named, ids=ids).rows == [(ids[0], 2), (ids[1], 20)]


def test_which_review_is_read(small: Review, shared_example: Review, neo4j: Server, run: Run, tmp_path: Path) -> None:
    """The one of the URL, else the folder's own; without both, a database with several has to be told."""
    small.build(neo4j.uri)
    shared_example.build(neo4j.uri)
    ids = [review.config.review.id for review in (small, shared_example)]
    with pytest.raises(StoreError, match="holds several reviews: name one with #ID at the end of the URL"):
        open_graph(neo4j.uri)
    assert run("table", "review", "--store", neo4j.uri, "-C", tmp_path, "--format", "csv").code == 1
    for where, wanted in ((["-C", small.root], ids[0]), (["-C", shared_example.root], ids[1])):
        assert (
            run("table", "review", "--store", neo4j.uri, *where, "--format", "csv")
            .out.splitlines()[1]
            .startswith(wanted)
        )
    ran = run("table", "review", "--store", f"{neo4j.uri}#{ids[1]}", "-C", small.root, "--format", "csv")
    assert ran.out.splitlines()[1].startswith(ids[1])
    with pytest.raises(StoreError, match="holds no graph of 'nobody' but of "):
        open_graph(f"{neo4j.uri}#nobody")


def test_other_data_is_not_touched(small: Review, review_prefix: str, neo4j: Server, ask: Ask) -> None:
    """Nodes of others with our labels, what they tied to our nodes, and properties that they gave them."""
    mark, review = review_prefix + "foreign", small.config.review.id
    ask("CREATE (:Study {id: 'key:a', mark: $mark})-[:REPORTS]->(:Finding {id: 'x', mark: $mark})", mark=mark)
    small.build(neo4j.uri)
    ask("MATCH (s:Study {review: $id, id: 'key:a'}) SET s.stars = 5, s:Favourite", id=review)
    ask(
        "MATCH (x:Finding {review: $id, direction: 'barrier'}) CREATE (:Note {mark: $mark})-[:ON]->(x)",
        id=review,
        mark=mark,
    )
    edit(small, "a,Pay,barrier,Retention\n", "")
    small.build(neo4j.uri)
    small.build(neo4j.uri, force=True)
    try:
        left = ask(
            "MATCH (a {mark: $mark})-[r]->(b) "
            "RETURN labels(a) AS a, type(r) AS r, labels(b) AS b, b.direction AS direction ORDER BY r",
            mark=mark,
        )
        assert left == [
            {"a": ["Note"], "r": "ON", "b": [], "direction": "barrier"},
            {"a": ["Study"], "r": "REPORTS", "b": ["Finding"], "direction": None},
        ]
        kept = ask("MATCH (s:Favourite {review: $id}) RETURN s.stars AS stars, s.title AS title", id=review)
        assert kept == [{"stars": 5, "title": "Alpha"}]
        with open_graph(url(neo4j, small)) as graph:
            assert graph.query("MATCH (x:Finding {review: $review}) RETURN count(x) AS n").rows == [(1,)]
    finally:
        ask("MATCH (a {mark: $mark})--(b) DETACH DELETE a, b", mark=mark)


def test_a_review_is_dropped_and_nothing_else(
    small: Review, shared_example: Review, neo4j: Server, ask: Ask, run: Run, review_prefix: str
) -> None:
    mark = review_prefix + "foreign"
    for review in (small, shared_example):
        review.build(neo4j.uri)
    id_ = small.config.review.id
    ask("MATCH (s:Study {review: $id, id: 'key:a'}) CREATE (:Note {mark: $mark})-[:ON]->(s)", id=id_, mark=mark)
    ran = run("drop", "--store", neo4j.uri, "-C", small.root)
    assert (ran.code, ran.out, ran.err) == (0, "", f"dropped: {id_} from {neo4j.uri}\n")
    try:
        assert ask("MATCH (n {review: $id}) RETURN count(n) AS n", id=id_) == [{"n": 0}]
        left = ask("MATCH (:Note {mark: $mark})-[:ON]->(s) RETURN labels(s) AS labels, s.title AS title", mark=mark)
        assert left == [{"labels": [], "title": "Alpha"}]
    finally:
        ask("MATCH (a:Note {mark: $mark})-[:ON]->(s) DETACH DELETE a, s", mark=mark)
    with open_graph(url(neo4j, shared_example)) as graph:
        assert len(counts(graph)) == 32
    assert run("drop", "--store", url(neo4j, small)).code == 1
    assert small.build(neo4j.uri).changed


def test_an_interrupted_build_can_be_dropped(small: Review, neo4j: Server, ask: Ask, run: Run) -> None:
    small.build(neo4j.uri)
    ask("MATCH (m:KgManifest {review: $id}) SET m.writing = true REMOVE m.version", id=small.config.review.id)
    assert run("drop", "--store", url(neo4j, small)).code == 0
    assert ask("MATCH (n {review: $id}) RETURN count(n) AS n", id=small.config.review.id) == [{"n": 0}]


# --- reading only ------------------------------------------------------------------------------------------------


def test_the_server_refuses_to_write_in_a_reading_session(
    small: Review, neo4j: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would pass the check of the text does not write either."""
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        for cypher in (
            "CREATE (:X)",
            "MATCH (s:Study {review: $review}) SET s.year = 1",
            "CREATE INDEX x FOR (n:X) ON (n.y)",
        ):
            monkeypatch.setattr("kg.store.neo4j.read_only", lambda text: text)
            with pytest.raises(ReadOnlyViolation, match="this query writes; only reading is allowed") as caught:
                graph.query(cypher)
            assert getattr(caught.value.__cause__, "code", "") == "Neo.ClientError.Statement.AccessMode"
    assert ask("MATCH (x:X) RETURN count(x) AS n") == [{"n": 0}]


def test_a_query_that_does_not_parse_says_where(small: Review, neo4j: Server) -> None:
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph, pytest.raises(QueryError, match="line 1, column 34"):
        graph.query("MATCH (s:Study {review: $review} RETURN s)")


def test_a_misspelt_name_is_remarked_on(small: Review, neo4j: Server, tmp_path: Path) -> None:
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        assert graph.query("MATCH (s:Studdy {review: $review}) RETURN s.label AS label").rows == []
        assert any("`Studdy` does not exist" in remark for remark in graph.warnings)
        graph.table("gap-map")
        assert graph.warnings == ()


def test_whole_nodes_come_as_their_properties(small: Review, neo4j: Server) -> None:
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        ((node, day),) = graph.query("MATCH (o:Outcome {review: $review}) RETURN o, date('2025-01-31') AS day").rows
    assert (node["label"], node["studies"], day) == ("Retention", 2, "2025-01-31")


# --- readers during builds ---------------------------------------------------------------------------------------


def test_readers_see_whole_graphs_only(small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a build in many steps goes back and forth between two graphs, every answer is of one of the two."""
    monkeypatch.setattr(server, "ATOMIC", 0)
    monkeypatch.setattr(server, "BATCH", 1)
    small.build(neo4j.uri)
    seen: list[list[tuple[object, ...]]] = []
    failed: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                with open_graph(url(neo4j, small)) as graph:
                    try:
                        seen.append(counts(graph))
                    except StoreError as error:  # a build ended between opening and asking
                        assert "open it again" in str(error)
        except Exception as error:  # noqa: BLE001 - of any kind: it is shown by the test
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(2):
        edit(small, "a,Pay,barrier,Retention\n", "a,Hours,mixed,Retention\n")
        small.build(neo4j.uri)
        edit(small, "a,Hours,mixed,Retention\n", "a,Pay,barrier,Retention\n")
        small.build(neo4j.uri)
    done.set()
    for reader in readers:
        reader.join()
    assert failed == []
    one = [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]
    other = [
        ("Hours", "facilitator", 0), ("Hours", "barrier", 0), ("Hours", "mixed", 1),
        ("Pay", "facilitator", 1), ("Pay", "barrier", 0),
    ]  # fmt: skip
    assert {str(rows) for rows in seen} == {str(one), str(other)}


def test_an_answer_that_a_build_crossed_is_thrown_away(
    small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The query runs, a build ends, and only then the answer is looked at: it must be asked for again."""
    small.build(neo4j.uri)
    asked: list[int] = []
    real = server.states

    def states(tx: Any) -> dict[str, server.State]:
        asked.append(1)
        if len(asked) == 2:  # after the query, before the second look
            monkeypatch.setattr(server, "states", real)
            edit(small, "a,Pay,barrier", "a,Pay,mixed")
            small.build(neo4j.uri)
        return real(tx)

    store = Neo4jStore(url(neo4j, small))
    monkeypatch.setattr(server, "states", states)
    rows = store.read(
        "MATCH (x:Finding {review: $review}) RETURN x.direction AS d ORDER BY d", {"review": small.config.review.id}
    )
    store.close()
    assert rows.values == [("facilitator",), ("mixed",)]


def test_an_opened_graph_asks_for_its_state_once_a_query(
    small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.build(neo4j.uri)
    real, asked = server.states, []

    def states(tx: Any) -> dict[str, server.State]:
        asked.append(1)
        return real(tx)

    with open_graph(url(neo4j, small)) as graph:
        assert len(graph.table("units")) == 2
        monkeypatch.setattr(server, "states", states)
        assert len(graph.table("units")) == 2
    assert len(asked) == 1


def test_a_graph_that_was_built_anew_must_be_opened_again(small: Review, neo4j: Server) -> None:
    small.build(neo4j.uri)
    with open_graph(url(neo4j, small)) as graph:
        counts(graph)
        edit(small, "a,Pay,barrier", "a,Pay,mixed")
        small.build(neo4j.uri)
        with pytest.raises(StoreError, match=r"was built anew in .* while it was being read: open it again"):
            counts(graph)


def test_a_reader_waits_for_a_build_and_then_says_so(
    small: Review, neo4j: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.neo4j.WAIT", 0.3)
    small.build(neo4j.uri)
    review = small.config.review.id
    ask("MATCH (m:KgManifest {review: $id}) SET m.writing = true, m.builder = 'x', m.beat = timestamp()", id=review)
    with pytest.raises(StoreError, match=f"'{review}' is being written into .*: ask again when that is done"):
        open_graph(url(neo4j, small))
    free = threading.Timer(
        0.1, lambda: ask("MATCH (m:KgManifest {review: $id}) REMOVE m.writing, m.builder", id=review)
    )
    monkeypatch.setattr("kg.store.neo4j.WAIT", 5.0)
    free.start()
    with open_graph(url(neo4j, small)) as graph:
        assert len(counts(graph)) == 2
    free.join()


# --- builds that do not end --------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys, kg
from kg.store import server
server.ATOMIC, server.BATCH = 0, 20
def progress(done, total):
    if done > total / 2:
        os.kill(os.getpid(), signal.SIGKILL)
kg.open_review(sys.argv[1]).build(sys.argv[2], progress=progress)
"""


def test_a_killed_build_is_noticed_and_made_good(
    shared_example: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(shared_example.root), neo4j.uri], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    monkeypatch.setattr("kg.store.neo4j.WAIT", 0.2)
    with pytest.raises(StoreError, match="is being written into"):
        open_graph(url(neo4j, shared_example))
    monkeypatch.setattr(server, "PATIENCE", 10)
    with pytest.raises(StoreError, match=r"a build of '.*' into .* was interrupted: run kg build again"):
        open_graph(url(neo4j, shared_example))
    assert shared_example.build(neo4j.uri).changed
    with shared_example.graph() as here, open_graph(url(neo4j, shared_example)) as there:
        assert answers(there) == answers(here)


@pytest.mark.parametrize("atomic", [0, 20_000])
def test_a_build_that_fails_gives_up_at_once(
    small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch, atomic: int
) -> None:
    """One transaction that fails leaves the graph as it was; several leave it broken, which readers are told."""
    small.build(neo4j.uri)
    monkeypatch.setattr(server, "ATOMIC", atomic)
    edit(small, "a,Pay,barrier", "a,Pay,mixed")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(server, "end", fail)
        small.build(neo4j.uri)
    if atomic:
        with open_graph(url(neo4j, small)) as graph:
            assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]
    else:
        with pytest.raises(StoreError, match="was interrupted: run kg build again"):
            open_graph(url(neo4j, small))
    assert small.build(neo4j.uri).changed
    with open_graph(url(neo4j, small)) as graph:
        assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 0), ("Pay", "mixed", 1)]


def test_one_build_at_a_time(small: Review, neo4j: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    small.build(neo4j.uri)
    review = small.config.review.id
    ask("MATCH (m:KgManifest {review: $id}) SET m.builder = 'x', m.beat = timestamp() + 60000", id=review)
    monkeypatch.setattr(server, "PATIENCE", 100)
    with pytest.raises(StoreError, match=f"another build of '{review}' into .* is under way: wait until it is done"):
        small.build(neo4j.uri, force=True)
    ask("MATCH (m:KgManifest {review: $id}) SET m.beat = timestamp() - 1000", id=review)
    assert small.build(neo4j.uri, force=True).changed


def test_a_build_that_waits_for_another_one_to_begin_sees_it(small: Review, neo4j: Server, review_prefix: str) -> None:
    """It used to look at the manifest, wait for the other to let go of it, and write over what the other had written."""
    small.build(neo4j.uri)
    review, began = small.config.review.id, []
    auth = (neo4j.user, neo4j.password) if neo4j.password else None
    with (
        driver.GraphDatabase.driver(neo4j.uri, auth=auth) as opened,
        opened.session() as one,
        opened.session() as other,
    ):
        first = one.begin_transaction()
        assert server.begin(first, review, "one") is not None
        waiting = threading.Thread(
            target=lambda: began.append(other.execute_write(lambda tx: server.begin(tx, review, "other")))
        )
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "it waits for the first to commit"
        first.commit()
        waiting.join()
        assert began == [None]
        assert one.execute_write(lambda tx: server.beat(tx, review, "one"))
        assert not one.execute_write(lambda tx: server.beat(tx, review, "other"))
        one.execute_write(lambda tx: server.abandon(tx, review, "one"))


def test_a_build_renews_its_registration_now_and_then(
    small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it writes, and while it reads back what is there; but not with every read, of which there are many."""
    beats: list[str] = []
    real = server.beat

    def beat(tx: Any, review: str, builder: str) -> bool:
        beats.append(builder)
        return real(tx, review, builder)

    monkeypatch.setattr(server, "beat", beat)
    monkeypatch.setattr("kg.store.neo4j.BEAT", 60)
    small.build(neo4j.uri)
    writing = len(beats)
    monkeypatch.setattr("kg.store.neo4j.BEAT", 0)
    small.build(neo4j.uri, force=True)
    reads = len(LABELS) + len({start for pairs in RELATIONSHIPS.values() for start, _ in pairs})
    assert (writing, len(beats)) == (2, 2 + reads + 2)


@pytest.mark.parametrize("step", ["read_back", "mark"])
def test_a_build_that_was_taken_over_stops(
    step: str, small: Review, neo4j: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it tells readers that the graph is about to change, and after that."""
    small.build(neo4j.uri)
    review, real = small.config.review.id, getattr(server, step)

    def taken_over(*given: Any, **more: Any) -> Any:
        found = real(*given, **more)
        if step == "mark":
            given[0].run("MATCH (m:KgManifest {review: $review}) SET m.builder = 'another'", {"review": review})
        else:
            ask("MATCH (m:KgManifest {review: $review}) SET m.builder = 'another'", review=review)
        return found

    monkeypatch.setattr(server, step, taken_over)
    edit(small, "a,Pay,barrier", "a,Pay,mixed")
    with pytest.raises(StoreError, match=r"another build of .* has taken over"):
        small.build(neo4j.uri)
    held = ask("MATCH (x:Finding {review: $id}) RETURN x.direction AS d ORDER BY d", id=review)
    assert [row["d"] for row in held] == ["barrier", "facilitator"]
    marked = ask("MATCH (m:KgManifest {review: $id}) RETURN m.writing AS w, m.builder AS b", id=review)
    assert marked == [{"w": True if step == "mark" else None, "b": "another"}]


def test_a_first_build_that_fails_is_no_review(
    small: Review, neo4j: Server, run: Run, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    """What it leaves must not count among the reviews of the database."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(server, "read_back", fail)
        small.build(neo4j.uri)
    assert "no graph" in run("table", "outcomes", "--store", url(neo4j, small), "-C", small.root).err
    assert small.build(neo4j.uri).changed


def test_builders_and_readers_in_processes_of_their_own(small: Review, neo4j: Server, tmp_path: Path) -> None:
    small.build(neo4j.uri)
    script = tmp_path / "work.py"
    script.write_text(
        "import sys, kg\n"
        "review = kg.open_review(sys.argv[1])\n"
        "for n in range(4):\n"
        "    if sys.argv[3] == 'build':\n"
        "        review.build(sys.argv[2], force=True)\n"
        "    with review.graph(sys.argv[2]) as graph:\n"
        "        assert len(graph.table('evidence-counts')) == 2\n",
        encoding="utf-8",
    )
    work = [
        subprocess.Popen([sys.executable, str(script), str(small.root), neo4j.uri, kind], stderr=subprocess.PIPE)
        for kind in ("build", "read", "build")
    ]
    errors = [process.communicate()[1].decode() for process in work]
    # A build by another process may come between opening and asking, and then the reader is told.
    assert [e for e in errors if e and "while it was being read: open it again" not in e] == []
    assert small.build(neo4j.uri).changed is False


# --- no connection, no rights ------------------------------------------------------------------------------------


class Relay:
    """A way to the server through this process, which can be cut after so many bytes."""

    def __init__(self, port: int) -> None:
        self.left: int | None = None
        self._port, self._open = port, list[socket.socket]()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self.left == 0:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._port))
            self._open += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(*pair, pair[0] is near), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(1 << 14):
                if counted and self.left is not None:
                    self.left = max(0, self.left - len(data))
                    if not self.left:
                        break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            hang_up(end)

    def close(self) -> None:
        self._door.close()
        for end in self._open:
            hang_up(end)


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def relayed(neo4j: Server) -> Iterator[Relay]:
    relay = Relay(int(neo4j.uri.rsplit(":", 1)[1]))
    try:
        yield relay
    finally:
        relay.close()


def test_a_connection_that_is_lost_halfway(
    shared_example: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setattr(server, "ATOMIC", 0)
    monkeypatch.setattr(server, "BATCH", 50)
    monkeypatch.setattr("kg.store.bolt.RETRY", 0.2)
    with relayed(neo4j) as relay:
        relay.left = 60_000
        ran = run("build", "--store", f"bolt://127.0.0.1:{relay.port}", "-C", shared_example.root)
        assert relay.left == 0
    assert (ran.code, ran.out) == (1, "")
    assert re.fullmatch(
        r"Error: the connection to bolt://127\.0\.0\.1:\d+ was lost \(.*\); the next build repairs one that it interrupted\n",
        ran.err,
    )
    monkeypatch.setattr(server, "PATIENCE", 10)
    with pytest.raises(StoreError, match="was interrupted: run kg build again"):
        open_graph(url(neo4j, shared_example))
    assert run("build", "--store", neo4j.uri, "-C", shared_example.root).code == 0
    with shared_example.graph() as here, open_graph(url(neo4j, shared_example)) as there:
        assert answers(there) == answers(here)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait as long as a person would."""
    monkeypatch.setattr("kg.store.bolt.CONNECT", 0.5)
    monkeypatch.setattr("kg.store.bolt.RETRY", 0.2)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("scheme", "speaks"), [("bolt", "without TLS"), ("neo4j", "without TLS"), ("neo4j+s", "TLS")])
def test_nothing_answers(small: Review, run: Run, scheme: str, speaks: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for command in (("build",), ("table", "outcomes")):
        ran = run(*command, "--store", f"{scheme}://127.0.0.1:{port}", "-C", small.root)
        assert (ran.code, ran.out) == (1, "")
        assert re.fullmatch(
            rf"Error: no Neo4j server answers at {re.escape(scheme)}://127\.0\.0\.1:{port} \(.+\): is it running there, "
            rf"and does it speak {speaks}, as the URL says\?\n",
            ran.err,
        )


@pytest.mark.usefixtures("quick")
def test_something_else_answers(small: Review, run: Run) -> None:
    """A server that never says anything, and one that speaks HTTP."""

    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with socket.create_server(("127.0.0.1", 0)) as silent, http.server.HTTPServer(("127.0.0.1", 0), Quiet) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        for port in (silent.getsockname()[1], web.server_port):
            ran = run("table", "outcomes", "--store", f"bolt://127.0.0.1:{port}", "-C", small.root)
            assert ran.code == 1
            assert ran.err.startswith(f"Error: no Neo4j server answers at bolt://127.0.0.1:{port} (")
        web.shutdown()
        thread.join()


def test_a_wrong_password(small: Review, neo4j: Server, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if not neo4j.password:
        pytest.skip("the server that NEO4J_URI names asks for no password")
    monkeypatch.setenv("NEO4J_PASSWORD", SECRET)
    ran = run("build", "--store", neo4j.uri, "-C", small.root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: {neo4j.uri} does not accept the user name and password: set NEO4J_USERNAME and NEO4J_PASSWORD in the "
        "environment, or name a file that has both, as NAME=value lines, in NEO4J_CREDENTIALS\n"
    )
    monkeypatch.delenv("NEO4J_PASSWORD")
    monkeypatch.delenv("NEO4J_USERNAME")
    assert run("table", "outcomes", "--store", neo4j.uri, "-C", small.root).err.startswith(
        f"Error: {neo4j.uri} asks for a user name and a password: set NEO4J_USERNAME and"
    )


def test_a_database_that_is_not_there(small: Review, neo4j: Server, run: Run) -> None:
    for command in (("build",), ("gaps",)):
        ran = run(*command, "--store", f"{neo4j.uri}/nowhere", "-C", small.root)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == (
            f"Error: {neo4j.uri} has no database 'nowhere': name another one at the end of the URL, or in NEO4J_DATABASE\n"
        )


def test_a_graph_that_was_never_built(small: Review, neo4j: Server, run: Run) -> None:
    ran = run("table", "outcomes", "--store", url(neo4j, small), "-C", small.root)
    assert ran.code == 1
    assert "no graph" in ran.err


def traceback_of(cypher: str, store: str) -> str:
    """Ask something that fails, and return all there is to see of it, the variables of every frame included."""
    try:
        with open_graph(store) as graph:
            graph.query(cypher)
    except (StoreError, QueryError) as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    raise AssertionError("it did not fail")


def test_the_password_is_shown_and_kept_nowhere(small: Review, neo4j: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a traceback nor in the folder, whether it is right or wrong."""
    small.build(neo4j.uri)
    store = url(neo4j, small)
    texts = [traceback_of("RETURN nothing", store)]
    if neo4j.password:
        monkeypatch.setenv("NEO4J_PASSWORD", SECRET)
        texts.append(traceback_of("RETURN 1 AS one", store))
    kept = "".join(path.read_bytes().decode("latin-1") for path in small.root.rglob("*") if path.is_file())
    for secret in filter(None, (neo4j.password, SECRET)):
        assert not [text for text in (*texts, kept) if secret in text]


# --- every command -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("table", "evidence-counts"),
        ("table", "evidence-counts", "--where", "methods=qualitative", "--all", "--format", "json"),
        ("table", "matrix"),
        ("gaps",),
        ("why", "autonomy", "job satisfaction"),
        ("query", "contested", "--format", "md"),
        ("check",),
        ("compare", "published/table-2.csv", "published/table-3.csv", "published/outcomes.csv"),
    ],
    ids=" ".join,
)
def test_commands_say_the_same(built_example: Review, neo4j: Server, run: Run, command: tuple[str, ...]) -> None:
    here = run(*command, "-C", built_example.root)
    there = run(*command, "-C", built_example.root, "--store", neo4j.uri)
    assert here.out and (there.code, there.out, there.err) == (here.code, here.out, here.err)


def test_exports_are_the_same_bytes(built_example: Review, neo4j: Server, run: Run, tmp_path: Path) -> None:
    made: list[dict[str, bytes]] = []
    for name, store in (("here", ()), ("there", ("--store", neo4j.uri))):
        folder = tmp_path / name
        folder.mkdir()
        assert run("export", "html", "-o", folder / "map.html", "-C", built_example.root, *store).code == 0
        assert run("export", "csv", "-o", folder, "-C", built_example.root, *store).code == 0
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert len(made[0]) == 13 and made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []
