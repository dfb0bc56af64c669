"""Queries of a user's own read the graph and nothing else, within limits of time, rows and memory."""

from __future__ import annotations

import re
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kglite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cypher import catalogue, tokens
from kg.cypher import readonly as cypher
from kg.errors import LimitExceeded, QueryError, ReadOnlyViolation, UsageProblem
from kg.folder.review import Review
from kg.query.graph import Graph, open_graph
from kg.store import Limits, bolt, embedded
from tests.conftest import MakeReview, Run
from tests.neo4j.server import Server
from tests.paths import ROOT

#: What must not be reached, as the words of a statement; the first word begins a clause.
PAYLOADS = [
    "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line[0] AS x",
    "LOAD CSV WITH HEADERS FROM $url AS line RETURN line.a AS x",
    "CALL dbms.listConfig ( ) YIELD name RETURN name AS x",
    "CALL apoc.load.csv ( 'file:///etc/hostname' ) YIELD list RETURN list AS x",
    "CALL db.createLabel ( 'Intruder' ) RETURN 1 AS x",
    "CREATE ( x : Intruder ) RETURN x",
    "MERGE ( x : Intruder ) RETURN x",
    "DROP CONSTRAINT kg_study_id",
    "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'",
    "FOREACH ( i IN [ 1 ] | CREATE ( : Intruder ) )",
    "SHOW PROCEDURES YIELD name RETURN name AS x",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    "USE system RETURN 1 AS x",
    "EXPLAIN RETURN 1 AS x",
    "PROFILE CREATE ( x : Intruder ) RETURN x",
    "CYPHER runtime = slotted RETURN 1 AS x",
    "START n = node ( * ) RETURN n AS x",
]
#: What may follow a complete reading statement only in disguise.
TAILS = [
    "FORMAT CSV",
    "SET n.year = 1",
    "REMOVE n.title",
    "DETACH DELETE n",
    "DELETE n",
    "SET n : Intruder",
    "CREATE ( : Intruder )",
]
#: Statements in which a payload can stand at the place of PAYLOAD.
FRAMES = [
    "PAYLOAD",
    "MATCH (n:Study) WITH n LIMIT 1 PAYLOAD",
    "MATCH (n:Study) RETURN n.id AS x UNION PAYLOAD",
    "MATCH (n:Study) RETURN n.id AS x UNION ALL PAYLOAD",
    "MATCH (n:Study) RETURN * PAYLOAD",
    "RETURN 1 AS `it's` UNION PAYLOAD",
    'RETURN 1 AS `say "x` UNION PAYLOAD',
    "RETURN 1 AS `a``'` UNION PAYLOAD",
    "RETURN '\\\\' AS x UNION PAYLOAD",
    "RETURN 'it\\'s' AS x UNION PAYLOAD",
    "// '\nPAYLOAD",
    "/* ' */ PAYLOAD",
    "RETURN 1 AS x; PAYLOAD",
    "CALL { PAYLOAD } RETURN x",
    "MATCH (n:Study) CALL (n) { PAYLOAD } RETURN x",
    "MATCH (n:Study) CALL { RETURN 1 AS x UNION PAYLOAD } RETURN x",
    "MATCH (n:Study) WHERE EXISTS { PAYLOAD } RETURN n.id AS x",
    "MATCH (n:Study) WHERE EXISTS { MATCH (n) PAYLOAD } RETURN n.id AS x",
    "MATCH (n:Study) RETURN COUNT { PAYLOAD } AS x",
    "RETURN COLLECT { PAYLOAD } AS x",
    "RETURN [i IN [1] | i] AS x PAYLOAD",
    "RETURN {a: 1} AS x PAYLOAD",
    "MATCH (n:Study) RETURN n.id AS x LIMIT 1 PAYLOAD",
    "MATCH (n:Study) RETURN n.id AS x ORDER BY x DESC PAYLOAD",
    "RETURN CASE WHEN true THEN 1 END AS x PAYLOAD",
]
_GAPS = [" ", "\n", "\t", "  ", "/**/", "/* ' */", "// x\n", "\r\n", "\u00a0", "\u2003", "\x0b"]


@st.composite
def disguised(draw: st.DrawFn, payload: str) -> str:
    """Return a payload with its words in other letters, in backticks or escaped, and other things between them."""
    pieces: list[str] = []
    for word in payload.split():
        if re.fullmatch(r"[A-Z]+", word):
            way = draw(st.sampled_from(["plain", "case", "backticks", "escape"]))
            if way == "case":
                word = "".join(letter.lower() if draw(st.booleans()) else letter for letter in word)
            elif way == "backticks":
                word = f"`{word}`"
            elif way == "escape":
                at = draw(st.integers(0, len(word) - 1))
                word = f"{word[:at]}\\u{ord(word[at]):04x}{word[at + 1 :]}"
        pieces += [word, draw(st.sampled_from(_GAPS))]
    return "".join(pieces)


@st.composite
def attacks(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return f"MATCH (n:Study) RETURN n.id AS x {draw(disguised(draw(st.sampled_from(TAILS))))}"
    frame = draw(st.sampled_from(FRAMES))
    return frame.replace("PAYLOAD", draw(disguised(draw(st.sampled_from(PAYLOADS)))))


class Sent(Exception):
    """A statement reached an engine."""


@pytest.fixture(params=["embedded", "neo4j"])
def unsendable(
    request: pytest.FixtureRequest, make_review: MakeReview, review_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Graph]:
    """A graph in each engine, where a statement that is handed to the engine raises Sent."""

    def sent(*arguments: object) -> None:
        raise Sent(arguments)

    review = make_review({"review.toml": f'id = "{review_prefix}"\ntitle = "R"\n'})
    url = review.store_url if request.param == "embedded" else request.getfixturevalue("neo4j").uri
    review.build(url)
    with open_graph(url, review_prefix) as graph:
        assert graph.review == review_prefix
        monkeypatch.setattr(embedded, "_answer", sent)
        monkeypatch.setattr("kg.store.worker.Worker.ask", sent)
        monkeypatch.setattr(bolt, "ask", sent)
        with pytest.raises(Sent):
            graph.query("MATCH (n:Study {review: $review}) RETURN n.id AS id")
        yield graph


def test_what_could_do_more_than_read_is_never_sent(unsendable: Graph) -> None:
    @settings(max_examples=600)
    @given(attacks())
    def check(text: str) -> None:
        with pytest.raises(QueryError):
            unsendable.query(text)
        with pytest.raises(QueryError):
            unsendable.store.read(text)

    check()


def test_every_payload_is_refused_in_every_frame() -> None:
    for payload in PAYLOADS:
        for frame in FRAMES:
            with pytest.raises(QueryError):
                cypher.read_only(frame.replace("PAYLOAD", payload))
    for tail in TAILS:
        with pytest.raises(QueryError):
            cypher.read_only(f"MATCH (n:Study) RETURN n.id AS x {tail}")


PARTS = [
    "LOAD CSV FROM 'CANARY' AS l",
    "`LOAD` CSV FROM 'CANARY' AS l",
    "RETURN l AS x",
    "RETURN 1 AS x UNION",
    "RETURN 1 AS `'` UNION",
    "MATCH (n:Study) RETURN n.id AS x",
    "MATCH (n:Study) RETURN *",
    "// '\n",
    "/* ' */",
]
WORDS = """LOAD CSV FROM AS l RETURN * 1 , ( ) [ ] { } UNION ALL CALL MATCH (n) (n:Study) WITH n WHERE ORDER BY LIMIT
    UNWIND x CREATE SET DELETE n.x = NOT CASE WHEN END DISTINCT 'CANARY' `LOAD` `CREATE` $p | : . ; YIELD count( IN
/* */ //\n ' " ` EXISTS"""


@settings(max_examples=1500)
@given(
    st.lists(st.one_of(st.sampled_from(PARTS), st.sampled_from(WORDS.split())), max_size=7),
    st.sampled_from(["", "RETURN 1 AS x UNION ", "MATCH (n:Study) RETURN * "]),
)
def test_what_is_accepted_reads_no_file(canary: tuple[Path, kglite.FrozenGraph], words: list[str], start: str) -> None:
    """Whatever words are strewn together: what passes is run, and does not read a file that the words name."""
    path, graph = canary
    try:
        statement = cypher.read_only(start + " ".join(words).replace("CANARY", str(path)))
    except QueryError:
        return
    try:
        rows = [
            tuple(row.values()) for row in graph.cypher(statement, params={"p": 1}, max_work_units=10_000).to_dicts()
        ]
    except kglite.KgError:
        return
    assert "sings" not in str(rows)


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, kglite.FrozenGraph]:
    """A file, and a graph beside it whose engine does read the file where it is let."""
    path = tmp_path_factory.mktemp("canary") / "canary.csv"
    path.write_text("sings\n", encoding="utf-8")
    engine = kglite.KnowledgeGraph()
    engine.cypher("CREATE (:Study {id: 'a'})")
    graph = engine.freeze()
    read = graph.cypher(f"RETURN ['a'] AS l UNION `LOAD` CSV FROM '{path}' AS l RETURN l").to_dicts()
    assert "sings" in str(list(read))
    return path, graph


def test_every_query_of_ours_passes() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "queries" / "read").glob("*.cypher")}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "queries" / "browse").glob("*.cypher")}
    assert len(texts) > 25
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = [
        (path.name, text)
        for path in documents
        for text in re.findall(r"```cypher\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    writing = [name for name, text in shown if "DETACH DELETE" in text]
    assert sorted(writing) == ["neo4j.md", "queries.md"]
    for name, text in [*texts.items(), *((name, text) for name, text in shown if "DETACH DELETE" not in text)]:
        sent = cypher.read_only(text)
        assert tokens.tokenize(sent) == tokens.tokenize(text), f"{name}: the same tokens at the same places"
        assert sent.count("\n") == text.rstrip().count("\n"), name
        assert "//" not in sent, name


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("RETURN 1 // LOAD CSV\n AS x", "RETURN 1            \n AS x"),
        ("/* LOAD\nCSV */ RETURN '/* x */' AS x", "       \n       RETURN '/* x */' AS x"),
        ("RETURN 'LOAD CSV FROM' AS `CREATE`;", "RETURN 'LOAD CSV FROM' AS `CREATE`;"),
        ("RETURN " + "1 + " * 200 + "1 AS x;", None),
        ("MATCH (load:Load {create: 1}) RETURN load.set AS delete", None),
        ("RETURN\u00a01 AS x // a\r, 2 AS y", "RETURN 1 AS x"),
        ("RETURN\t1 AS x", "RETURN 1 AS x"),
        ("MATCH (a)-[:X|Y*1..3]->(b)<-[*]-()-[r*..2]-(c) RETURN *", None),
        ("MATCH (a)-[*1..3]-(b:!X&Y) RETURN a.x * b.x AS x", None),
        ("RETURN " + "(" * 200 + "1" + ")" * 200 + " AS x", None),
        ("MATCH (n) RETURN n {.id, .*, x: count(*)} AS m ORDER BY m.x DESC SKIP 1 LIMIT 2 * 3", None),
        ("MATCH (n) WHERE NOT (n)--() AND n.x IS NOT NULL XOR n.y STARTS WITH 'a' RETURN DISTINCT (n.x) AS x", None),
        ("CALL db.labels() YIELD label WHERE label <> 'x' RETURN label", None),
        ("MATCH (n) CALL (n) { MATCH (n)--(m) RETURN count(m) AS c UNION ALL WITH n RETURN 1 AS c } RETURN c", None),
        ("MATCH (n) CALL { RETURN 1 AS x } CALL { RETURN 2 AS y } RETURN x + y UNION RETURN 3 AS x", None),
        ("MATCH (n) CALL { RETURN 1 AS x } UNION CALL { RETURN 2 AS x }", None),
        ("MATCH p = shortestPath((a)-[*..5]-(b)) WHERE all(x IN nodes(p) WHERE x.id =~ 'a.*') RETURN length(p)", None),
        ("MATCH (n) RETURN CASE n.x WHEN 1 THEN 'a' ELSE null END AS x, COUNT { (n)--() } AS y", None),
        ("RETURN reduce(s = 0, i IN [1, .5, 1e3, 0x1F] | s - -i) AS x, date.truncate('year', date()) AS y", None),
        ("RETURN -date.truncate('year', date()) AS x", None),
        ("MATCH (n) WHERE EXISTS { MATCH (n)--(m) WHERE m.x > 1 } RETURN n.`a b` AS `c``d`, $`p q` AS p", None),
    ],
)
def test_what_reads_is_sent_as_it_is_without_comments(text: str, sent: str | None) -> None:
    assert cypher.read_only(text) == (text if sent is None else sent)


READS = (
    "a query reads the graph with MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, RETURN, UNION, CALL { }, ORDER BY, SKIP "
    "and LIMIT"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("`LOAD` CSV FROM 'x' AS l RETURN l", f"line 1, column 1: `LOAD` cannot stand here; {READS}"),
        ("MATCH (n)\nRETURN n.id FORMAT CSV", f"line 2, column 13: FORMAT cannot stand here; {READS}"),
        ("RETURN 1 AS x 'a'", f"line 1, column 15: 'a' cannot stand here; {READS}"),
        ("MATCH (n) DELETE n", "this query writes; only reading is allowed"),
        ("RETURN 1 AS x; RETURN 2 AS x", "line 1, column 14: one statement at a time"),
        (
            "CALL dbms.components()",
            "line 1, column 6: dbms.components is not among the procedures that a query may use",
        ),
        ("RETURN apoc.x.y(1)", "line 1, column 8: apoc.x.y is not among the functions that a query may use"),
        ("RETURN `count`(1)", "line 1, column 8: `count` is not among the functions that a query may use"),
        (
            "RETURN 'a\\u0027' AS x",
            "line 1, column 10: Unicode escapes are not accepted; write the character itself",
        ),
        ("RETURN 'open AS x", 'line 1, column 8: cannot read "\'open AS x"'),
        ("RETURN 1 /* open", "line 1, column 10: cannot read '/* open'"),
        ("RETURN a\u0301 AS x", "line 1, column 9: cannot read '\u0301 AS x'"),
        ("RETURN 1LOAD", "line 1, column 8: cannot read '1LOAD'"),
        ("RETURN (1))", "line 1, column 11: ) closes nothing"),
        ("RETURN (1]", "line 1, column 10: ] closes nothing"),
        ("RETURN " + "(" * 201, "line 1, column 208: brackets are nested more than 200 deep"),
        ("RETURN " + "1" * 1_000_000, "the query has 1,000,007 characters; at most 1,000,000 are read"),
        ("MATCH (n) ORDER", "the query ends where BY should follow"),
        ("CALL", "the query ends after CALL"),
        ("RETURN 1 AS", "line 1, column 10: AS is not followed by a name"),
        (" // nothing", "the query is empty"),
    ],
)
def test_a_refusal_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        cypher.read_only(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "column", "token"),
    [
        ("WHERE true RETURN 1 AS x", 1, "WHERE"),
        ("UNION RETURN {a: 1}", 1, "UNION"),
        ("(n) RETURN n", 1, "("),
        ("= 1", 1, "="),
        ("RETURN 1 AS x UNION UNION RETURN 2 AS x", 21, "UNION"),
        ("CALL { UNION RETURN 1 AS x }", 8, "UNION"),
        ("CALL { (n) }", 8, "("),
        ("CALL { RETURN 1 AS x } WHERE true", 24, "WHERE"),
        ("CALL { RETURN 1 AS x } ORDER BY x", 24, "ORDER"),
        ("RETURN 1 (1)", 10, "("),
        ("RETURN n 1", 10, "1"),
        ("RETURN (n) 1", 12, "1"),
        ("RETURN * 'a'", 10, "'a'"),
        ("RETURN * é", 10, "é"),
    ],
)
def test_a_refusal_says_what_cannot_stand_where(text: str, column: int, token: str) -> None:
    with pytest.raises(QueryError) as caught:
        cypher.read_only(text)
    assert str(caught.value) == f"line 1, column {column}: {token} cannot stand here; {READS}"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CREATE (n)", ReadOnlyViolation),
        ("LOAD CSV FROM 'x' AS l RETURN l", ReadOnlyViolation),
        ("RETURN 1 AS x; RETURN 2 AS x", ReadOnlyViolation),
        ("RETURN n m", QueryError),
    ],
)
def test_a_refusal_of_what_does_more_than_read_has_its_own_type(text: str, kind: type[QueryError]) -> None:
    with pytest.raises(QueryError) as caught:
        cypher.read_only(text)
    assert type(caught.value) is kind


def test_what_a_statement_uses() -> None:
    text = "MATCH (n:Study {review: $review}) WHERE n.x = '$no' // $none\nRETURN $`a b` AS x"
    assert tokens.parameters(text) == {"review", "a b"}
    assert tokens.names_a_review(text, "review")
    assert not tokens.names_a_review("MATCH (n:Study) RETURN ':Review $review' AS x", "review")
    assert tokens.names_a_review("MATCH (n:Study)--(:`Review`) RETURN n.id AS id", "review")
    assert tokens.names_a_review("RETURN 1 AS x", "review")
    assert tokens.names_a_review("MATCH (n:Study) WHERE n.review IN ['a', 'b'] RETURN n.id AS id", "review")
    assert tokens.names_a_review("MATCH (n:Study {id: $id, `review`: 'a'}) RETURN n.id AS id", "review")
    assert not tokens.names_a_review("MATCH (review:Study) RETURN review.id AS id", "review")
    assert not tokens.names_a_review("MATCH (n:Study) RETURN n.reviewed AS review", "review")


def test_a_server_asks_no_address_and_reads_no_file(neo4j: Server, make_review: MakeReview, review_prefix: str) -> None:
    """Neo4j itself would do both, and reads what is written with escapes."""
    review = make_review({"review.toml": f'id = "{review_prefix}"\ntitle = "R"\n'})
    review.build(neo4j.uri)
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, open_graph(neo4j.uri, review_prefix) as graph:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/rows.csv"

        def listen() -> None:
            while True:
                try:
                    heard.append(listener.accept())
                except OSError:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        for source in (url, "file:///etc/hostname"):
            for word in ("LOAD", "load", "`LOAD`", "L\\u004fAD", "/**/LOAD", "RETURN 1 AS `'` UNION LOAD"):
                with pytest.raises(QueryError):
                    graph.query(f"{word} CSV FROM '{source}' AS line RETURN line[0] AS x")
                with pytest.raises(QueryError):
                    graph.query(f"{word} CSV FROM $url AS line RETURN line[0] AS x", url=source)
        assert heard == []
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_the_format_of_the_engine_is_a_sentence(example: Review, run: Run, tmp_path: Path) -> None:
    """It used to be a traceback: the engine answers a text instead of rows."""
    (tmp_path / "q.cypher").write_text("MATCH (n:Study) RETURN n.id FORMAT CSV\n", encoding="utf-8")
    ran = run("query", tmp_path / "q.cypher", "-C", example.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"Error: line 1, column 29: FORMAT cannot stand here; {READS}\n"


# --- limits ----------------------------------------------------------------------------------------------------------

SLOW = "MATCH (a:Finding) MATCH (b:Finding) MATCH (c:Finding) MATCH (d:Finding) WHERE a.id = 'x' + d.id RETURN count(*) AS n"
#: The engine does not look at the clock in the middle of an expression.
DEAF = "RETURN size([x IN range(1, 100000) WHERE size([y IN range(1, 100000) WHERE x = -y]) > 0]) AS n"
DOUBLING = "RETURN size(reduce(s = 'x', i IN range(1, 40) | s + s)) AS n"
MANY = "MATCH (a:Finding) MATCH (b:Finding) RETURN a.id AS a, b.id AS b"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (SLOW, ("--timeout", "1"), "the query took more than 1 s: narrow it, or allow more with --timeout"),
        (
            DEAF,
            ("--timeout", "1", "--memory", "16000"),
            "the query took more than 1 s: narrow it, or allow more with --timeout",
        ),
        (DOUBLING, ("--memory", "200"), "the query needs more than 200 MB: narrow it, or allow more with --memory"),
        (MANY, ("--memory", "1"), "the query needs more than 1 MB: narrow it, or allow more with --memory"),
        (MANY, ("--rows", "100"), "the answer has more than 100 rows: add LIMIT, or allow more with --rows"),
    ],
)
def test_a_query_that_passes_a_limit_ends_in_a_sentence(
    text: str, options: tuple[str, str], message: str, example: Review, tmp_path: Path
) -> None:
    query = tmp_path / "q.cypher"
    query.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "kg", "query", str(query), "-C", str(example.root), *options]
    begun = time.monotonic()
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"Error: {message}\n")
    assert time.monotonic() - begun < 20, "a second, the start of two processes, and a busy machine"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 << 20


def test_within_the_limits_nothing_changes(graph: Graph) -> None:
    everything = graph.query(MANY, rows=10**6).rows
    assert len(everything) == len(graph.table("findings")) ** 2
    assert graph.query(MANY + " LIMIT 100", rows=100).rows == everything[:100]
    with pytest.raises(LimitExceeded, match=r"^the answer has more than 99 rows"):
        graph.query(MANY + " LIMIT 100", rows=99)
    assert graph.query("RETURN $timeout AS x, $review AS r", {"timeout": 7}).rows == [(7, "bell-2025")]
    assert graph.query("RETURN $a AS x", a=[1, None, {"b": 2.5}]).rows == [([1, None, {"b": 2.5}],)]


def test_a_graph_answers_after_a_query_was_ended(graph: Graph) -> None:
    for _ in range(2):
        with pytest.raises(LimitExceeded, match=r"^the query took more than 0\.5 s"):
            graph.query(DEAF, timeout=0.5)
        assert graph.query("MATCH (s:Study) RETURN count(s) AS n").rows == [(20,)]
    with pytest.raises(LimitExceeded, match=r"^the query needs more than 100 MB"):
        graph.query(DOUBLING, memory=100)
    assert graph.query("MATCH (s:Study) RETURN count(s) AS n").rows == [(20,)]
    with pytest.raises(QueryError, match="the engine refuses the query"):
        graph.query("RETURN missing AS x")


@pytest.mark.parametrize("limit", [{"timeout": 0}, {"rows": 0}, {"memory": -1}, {"timeout": float("nan")}])
def test_a_limit_is_above_zero(graph: Graph, limit: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem, match=r"^\w+ must be above 0, not "):
        graph.query("RETURN 1 AS x", **limit)


def test_a_canned_query_has_a_limit_where_one_is_set(example: Review, run: Run) -> None:
    assert run("query", "findings", "-C", example.root, "--rows", "3").err == (
        "Error: the answer has more than 3 rows: add LIMIT, or allow more with --rows\n"
    )
    assert run("query", "findings", "-C", example.root, "--rows", "1000").code == 0


def test_a_query_runs_no_code_of_the_folder(own_example: Review, tmp_path: Path) -> None:
    """The process of a query is started in the review folder, and must not find modules there."""
    for name in ("kg", "pickle", "faulthandler", "kglite", "re"):
        (own_example.root / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit(9)\n", encoding="utf-8")
    (tmp_path / "q.cypher").write_text("MATCH (s:Study) RETURN count(s) AS n\n", encoding="utf-8")
    script = f"import sys; sys.path[:] = {[p for p in sys.path if p]!r}; from kg.cli import run; run()"
    command = [sys.executable, "-c", script, "query", str(tmp_path / "q.cypher"), "--format", "csv"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=own_example.root, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "n\n20\n", "")
    assert not (own_example.root / "ran").exists()


def test_limits_hold_on_a_server(neo4j: Server, make_review: MakeReview, review_prefix: str) -> None:
    review = make_review({"review.toml": f'id = "{review_prefix}"\ntitle = "R"\n'})
    review.build(neo4j.uri)
    with open_graph(neo4j.uri, review_prefix) as graph:
        assert graph.query("UNWIND range(1, 3) AS i RETURN i", rows=3).rows == [(1,), (2,), (3,)]
        with pytest.raises(LimitExceeded, match=r"^the answer has more than 2 rows"):
            graph.query("UNWIND range(1, 3) AS i RETURN i", rows=2)
        with pytest.raises(LimitExceeded, match=r"^the query took more than 1 s"):
            graph.query(
                "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a + b AS x WHERE x = -1 RETURN x",
                timeout=1,
            )
        with pytest.raises(LimitExceeded, match=r"^the query needs more than 1 MB"):
            graph.query("UNWIND range(1, 100000) AS i RETURN 'some text of a cell ' + i AS x", memory=1)
        assert graph.query("RETURN 1 AS x").rows == [(1,)]


def test_a_server_that_has_no_memory_for_a_query_says_so() -> None:
    """As Neo4j answers ``DOUBLING``; running it would slow the server down for the other tests."""
    from neo4j.exceptions import Neo4jError

    error = Neo4jError._hydrate_neo4j(code="Neo.TransientError.General.OutOfMemoryError", message="Java heap space")
    refusal = bolt._query_error(error, Limits())
    assert isinstance(refusal, LimitExceeded)
    assert str(refusal) == "the query needs more memory than the server gives it: Java heap space"


def test_limits_are_those_that_the_documents_say() -> None:
    text = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    assert f"| `--timeout` | {Limits.timeout:g} seconds |" in text
    assert f"| `--rows` | {Limits.rows:,} rows |" in text
    assert f"| `--memory` | {Limits.memory:,} MB |" in text


def test_refusals_are_usage_errors(example: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.cypher").write_text("MATCH (n:Study) DETACH DELETE n\n", encoding="utf-8")
    assert run("query", tmp_path / "q.cypher", "-C", example.root).code == 2
    assert issubclass(ReadOnlyViolation, QueryError) and catalogue.REVIEW == "review"
