"""The embedded store: idempotent, safe for readers, read-only where it must be."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kg.errors import KgError, QueryError, ReadOnlyViolation, StoreError, UsageProblem
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.query.graph import Graph, open_graph
from kg.store import open_store
from kg.store.embedded import GRAPH, SUMMARY, EmbeddedStore
from tests.conftest import MakeReview, Run

STUDIES = "key,title\na,Alpha\nb,Beta\n"
FINDINGS = "study,factor,direction,outcomes\na,Pay,barrier,Retention\nb,Pay,facilitator,Retention\n"


@pytest.fixture
def small(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def counts(graph: Graph) -> list[tuple[object, ...]]:
    return graph.table("evidence-counts").only("factor", "direction", "studies").rows


def test_building_twice_does_nothing_the_second_time(small: Review) -> None:
    first, second = small.build(), small.build()
    assert (first.changed, second.changed) == (True, False)
    assert first.counts == second.counts == {
        "Review": 1, "Study": 2, "Factor": 1, "Outcome": 1, "Finding": 2, "Source": 2, "Tally": 7,
    }  # fmt: skip


def test_the_same_files_give_the_same_bytes(example: Review, tmp_path: Path, run: Run) -> None:
    """Two builds of the same files in two places, and every export of both, byte for byte."""
    import shutil

    digests = []
    for name in ("one", "two"):
        root = tmp_path / name / "review"
        shutil.copytree(example.root, root, ignore=shutil.ignore_patterns(".kg"))
        run("build", "-C", root)
        run("export", "html", "-o", root / "map.html", "-C", root)
        run("export", "csv", "-o", root / "csv", "-C", root)
        made = [root / "map.html", *sorted((root / "csv").iterdir())]
        digests.append([(p.name, hashlib.sha256(p.read_bytes()).hexdigest()) for p in made])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 13


def test_studies_without_a_title(make_review: MakeReview) -> None:
    """The engine would answer a study's id where no study has a title, and once refused to load such a sheet."""
    review = make_review({"sheets/studies.csv": "key,year\na,2001\nb,\n", "sheets/findings.csv": FINDINGS})
    with review.graph() as graph:
        assert graph.table("characteristics").only("label", "title", "year").rows == [
            ("a", None, 2001),
            ("b", None, None),
        ]


def test_a_graph_of_another_shape_is_built_again(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph from before a change of the model used to be taken as up to date, and its gaps were empty."""
    small.build()
    monkeypatch.setattr("kg.folder.review.model", lambda: "0.0.9/00000000")
    assert small.build().changed
    assert not small.build().changed


def test_new_file_times_do_not_rebuild(small: Review) -> None:
    small.build()
    before = sorted(p.name for p in (small.root / ".kg" / "graph").iterdir())
    os.utime(small.root / "sheets" / "findings.csv", (1, 1))
    assert not small.build().changed
    assert sorted(p.name for p in (small.root / ".kg" / "graph").iterdir()) == before


def test_a_file_that_changes_while_it_is_read(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph of the one content was said to be of the other, and was up to date as soon as that was back."""
    sheet = small.root / "sheets" / "findings.csv"
    real = Review.load
    seen: list[Loaded] = []

    def load(review: Review, **given: Any) -> Loaded:
        if not seen:  # changed after it was hashed
            sheet.write_text(FINDINGS.replace("barrier", "mixed"), encoding="utf-8")
        seen.append(real(review, **given))
        return seen[-1]

    monkeypatch.setattr(Review, "load", load)
    small.build()
    assert len(seen) == 2
    sheet.write_text(FINDINGS, encoding="utf-8")
    assert small.build().changed
    with small.graph() as graph:
        assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]


def test_a_file_that_never_rests(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    real, sheet = Review.load, small.root / "sheets" / "findings.csv"

    def load(review: Review, **given: Any) -> Loaded:
        with sheet.open("a", encoding="utf-8") as file:
            file.write("\n")
        return real(review, **given)

    monkeypatch.setattr(Review, "load", load)
    with pytest.raises(KgError, match=r"the files in .* are being changed while they are read: build again when"):
        small.build()
    with pytest.raises(StoreError, match="no graph in"):
        open_graph(small.store_url)


def test_rows_that_left_a_sheet_leave_the_graph(small: Review) -> None:
    small.build()
    (small.root / "sheets" / "findings.csv").write_text(
        FINDINGS.replace("b,Pay,facilitator,Retention\n", ""), encoding="utf-8"
    )
    with small.graph() as graph:
        assert counts(graph) == [("Pay", "facilitator", 0), ("Pay", "barrier", 1)]
        assert graph.query("MATCH (x:Finding) RETURN count(x) AS n").rows == [(1,)]


def test_a_file_that_left_the_folder_leaves_the_graph(small: Review) -> None:
    (small.root / "sheets" / "more.csv").write_text("study,factor,direction\na,Stigma,barrier\n", encoding="utf-8")
    with small.graph() as graph:
        assert ("Stigma", "barrier", 1) in counts(graph)
    (small.root / "sheets" / "more.csv").unlink()
    with small.graph() as graph:
        assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]


def test_a_failed_build_leaves_the_old_graph(small: Review, run: Run) -> None:
    small.build()
    (small.root / "sheets" / "findings.csv").write_text(FINDINGS + "a,Pay,sideways,Retention\n", encoding="utf-8")
    assert run("build", "-C", small.root).code == 1
    with open_graph(small.store_url) as graph:
        assert counts(graph) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]


def test_a_reader_keeps_the_graph_it_opened(small: Review) -> None:
    small.build()
    with small.graph() as old:
        assert counts(old) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]
        (small.root / "sheets" / "findings.csv").write_text(FINDINGS.replace("barrier", "mixed"), encoding="utf-8")
        small.build()
        assert counts(old) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]
    with small.graph() as new:
        assert ("Pay", "mixed", 1) in counts(new)


def build_folders(review: Review) -> set[str]:
    return {path.name for path in (review.root / ".kg" / "graph").glob("build-*")}


@pytest.mark.parametrize("lock_file", [True, False], ids=["killed", "of an older version"])
@pytest.mark.parametrize("age", [0, 10**9, -(10**9)], ids=["new", "old", "in the future"])
def test_an_interrupted_build_is_invisible_and_removed_by_the_next(small: Review, lock_file: bool, age: int) -> None:
    """They used to stay for an hour, and for ever where their time was in the future."""
    small.build()
    left = small.root / ".kg" / "graph" / "build-killed"
    left.mkdir()
    (left / "graph.kgl").write_bytes(b"half")
    (left / "current").write_text("build-killed")
    if lock_file:
        (left / "lock").touch()
    os.utime(left, (time.time() - age, time.time() - age))
    with small.graph() as graph:
        assert len(counts(graph)) == 2
    assert left.exists()
    small.build(force=True)
    assert build_folders(small) == {(small.root / ".kg" / "graph" / "current").read_text()}


def test_what_is_left_is_removed_before_a_build_that_fails(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a full disk makes every build fail, this makes room."""
    small.build()
    before = build_folders(small)
    (small.root / ".kg" / "graph" / "build-killed").mkdir()

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("kg.store.embedded._save", full)
    with pytest.raises(StoreError, match=r"cannot write the graph into .*: No space left on device"):
        small.build(force=True)
    assert build_folders(small) == before


def test_a_build_of_a_running_process_is_never_removed(small: Review) -> None:
    small.build()
    before = build_folders(small)
    program = (
        "import sys, time, kg\n"
        "from kg.store import embedded\n"
        "def save(graph, path):\n"
        "    if path.name == embedded.GRAPH:\n"
        "        print(path.parent.name, flush=True)\n"
        "    time.sleep(600)\n"
        "embedded._save = save\n"
        "kg.open_review(sys.argv[1]).build(force=True)\n"
    )
    builder = subprocess.Popen([sys.executable, "-c", program, str(small.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert builder.stdout
        building = builder.stdout.readline().strip()
        assert build_folders(small) == before | {building}
        os.utime(small.root / ".kg" / "graph" / building, (1, 1))  # its age does not matter
        small.build(force=True)
        current = (small.root / ".kg" / "graph" / "current").read_text()
        assert build_folders(small) == {current, building}
    finally:
        builder.kill()
        builder.communicate()
    small.build(force=True)
    assert build_folders(small) == {(small.root / ".kg" / "graph" / "current").read_text()}


def test_a_file_system_without_locks(small: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, as on Windows, only time tells whether a build was interrupted."""
    small.build()
    graph = small.root / ".kg" / "graph"
    for name, modified in (("build-new", time.time()), ("build-old", 1), ("build-future", time.time() + 10**6)):
        (graph / name).mkdir()
        os.utime(graph / name, (modified, modified))

    def refused(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    superseded = (graph / "current").read_text()
    monkeypatch.setattr("fcntl.flock", refused)
    small.build(force=True)
    assert build_folders(small) == {"build-new", superseded, (graph / "current").read_text()}


def test_readers_and_builders_at_the_same_time(small: Review, tmp_path: Path) -> None:
    """Six processes build and read at once; every reader sees a whole graph, and one build folder is left."""
    small.build()
    script = tmp_path / "work.py"
    script.write_text(
        "import sys, kg\n"
        "review = kg.open_review(sys.argv[1])\n"
        "for n in range(8):\n"
        "    if sys.argv[2] == 'build':\n"
        "        review.build(force=True)\n"
        "    with review.graph() as graph:\n"
        "        assert len(graph.table('evidence-counts')) == 2\n"
        "        assert graph.query('MATCH (x:Finding) RETURN count(x) AS n').rows == [(2,)]\n",
        encoding="utf-8",
    )
    work = [
        subprocess.Popen([sys.executable, str(script), str(small.root), kind], stderr=subprocess.PIPE)
        for kind in ("build", "read") * 3
    ]
    errors = [process.communicate()[1].decode() for process in work]
    assert errors == [""] * 6
    small.build(force=True)
    assert len(build_folders(small)) == 1


def test_writing_is_refused(small: Review, run: Run) -> None:
    with small.graph() as graph:
        for cypher in ("CREATE (:X)", "MATCH (s:Study) SET s.year = 1", "MATCH (s:Study) DETACH DELETE s"):
            with pytest.raises(ReadOnlyViolation, match="only reading is allowed"):
                graph.query(cypher)
    (small.root / "write.cypher").write_text("MATCH (s:Study) REMOVE s.title", encoding="utf-8")
    ran = run("query", small.root / "write.cypher", "-C", small.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Error: this query writes; only reading is allowed\n"


def test_a_query_reads_the_graph_and_nothing_else(small: Review, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with small.graph() as graph:
        with pytest.raises(
            ReadOnlyViolation, match=r"^line 1, column 1: load cannot stand here; a query reads the graph with MATCH"
        ):
            graph.query(f"load /* */ csv WITH HEADERS FROM 'file://{tmp_path}/secret.csv' AS row RETURN row.a AS a")
        assert graph.query("RETURN 'LOAD CSV' AS words").rows == [("LOAD CSV",)]


def test_a_query_that_does_not_parse_says_where(small: Review) -> None:
    with small.graph() as graph, pytest.raises(QueryError, match="line 1, col"):
        graph.query("MATCH (s:Study RETURN s")


def test_ids_are_unique_in_the_graph(small: Review) -> None:
    """The constraints are declared in the saved graph, so that no later writer doubles a node."""
    import kglite

    small.build()
    build = (small.root / ".kg" / "graph" / "current").read_text()
    engine = kglite.load(str(small.root / ".kg" / "graph" / build / "graph.kgl"))
    engine.cypher("CREATE (:Study {review: 'r', id: 'key:c'})")
    with pytest.raises(kglite.ConstraintViolationError, match="already exists"):
        engine.cypher("CREATE (:Study {review: 'r', id: 'key:a'})")


def test_the_summary_is_not_kept_beside_the_whole_graph(small: Review) -> None:
    """A review with many studies needs the memory; a later question opens it again."""
    small.build()
    store = EmbeddedStore(small.store_url)
    asked = "MATCH (f:Factor) RETURN count(f) AS n"
    answers = []
    for summary, held in ((True, {SUMMARY}), (False, {GRAPH}), (True, {GRAPH, SUMMARY})):
        answers.append(store.read(asked, summary=summary).values)
        assert set(store._open) == held
    assert answers == [answers[0]] * 3
    store.close()


def test_another_store_is_named_by_url(small: Review, tmp_path: Path, run: Run) -> None:
    url = f"embedded:{tmp_path / 'elsewhere'}"
    assert run("build", "-C", small.root, "--store", url).code == 0
    assert (
        run("table", "outcomes", "--store", url, "--format", "csv").out
        == 'outcome,studies,study_labels\nRetention,2,"a, b"\n'
    )
    assert run("table", "evidence-counts", "--store", url, "--format", "csv").out.count("\n") == 3


def test_a_graph_is_dropped_and_the_files_stay(small: Review, tmp_path: Path, run: Run) -> None:
    url = f"embedded:{tmp_path / 'elsewhere'}"
    small.build(url)
    with open_graph(url) as reading:
        assert run("drop", "--store", url, "-C", small.root).err == f"dropped: r from {url}\n"
        assert counts(reading) == [("Pay", "facilitator", 1), ("Pay", "barrier", 1)]
    small.build(url)
    assert run("drop", "--store", url, "-C", tmp_path).code == 0  # from anywhere
    assert not (tmp_path / "elsewhere").exists()
    ran = run("drop", "--store", url)
    assert (ran.code, ran.err) == (1, f"Error: no graph in {url}: there is nothing to drop\n")
    assert run("drop").code == 2, "the store has to be named"
    assert (small.root / "sheets" / "findings.csv").read_text(encoding="utf-8") == FINDINGS


def test_what_is_not_ours_is_not_dropped(small: Review, tmp_path: Path, run: Run) -> None:
    url = f"embedded:{tmp_path / 'elsewhere'}"
    small.build(url)
    (tmp_path / "elsewhere" / "notes.txt").write_text("mine", encoding="utf-8")
    assert run("drop", "--store", url).code == 0
    assert [p.name for p in (tmp_path / "elsewhere").iterdir()] == ["notes.txt"]


def test_a_store_without_a_graph(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no graph in embedded:.*/nothing: run kg build --store"):
        open_graph(f"embedded:{tmp_path}/nothing")


def test_an_unknown_scheme(run: Run) -> None:
    with pytest.raises(UsageProblem, match="known are embedded:…"):
        open_store("mysql://localhost")
    assert run("table", "outcomes", "--store", "graph.db").code == 2


def test_a_damaged_graph_file(small: Review) -> None:
    small.build()
    build = (small.root / ".kg" / "graph" / "current").read_text()
    (small.root / ".kg" / "graph" / build / "summary.kgl").write_bytes(b"not a graph")
    with open_graph(small.store_url) as graph, pytest.raises(StoreError, match="run kg build --force"):
        graph.table("evidence-counts")
    with small.graph() as graph:  # the folder's own graph is built once more
        assert graph.table("evidence-counts").rows


def test_the_summary_answers_as_the_graph_does(example: Review) -> None:
    """Queries that read the summary must not need more than it holds."""
    from kg.cypher import catalogue

    with example.graph() as graph:
        for name in catalogue.names():
            query = catalogue.canned(name)
            if query.summary:
                bound = {"review": graph.review, **query.bind({})}
                assert graph.store.read(query.text, bound, summary=True) == graph.store.read(query.text, bound), name


def test_assembling_does_not_depend_on_hash_seeds(example: Review) -> None:
    code = (
        "import sys, json, hashlib, kg\nfrom kg.graph.build import assemble\n"
        "g = assemble(kg.open_review(sys.argv[1]).load().evidence)\n"
        "print(hashlib.sha256(json.dumps([[[k, *v] for k, v in g.nodes.items()], [[list(k), *v] for k, v in g.edges.items()]]).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(example.root)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
    assert len(assemble(example.load().evidence).nodes["Study"]) == 20


def test_a_store_of_another_review_is_refused(small: Review, tmp_path: Path, make_review: MakeReview, run: Run) -> None:
    """It used to be replaced without a word, and the first folder then printed the figures of the second."""
    url = f"embedded:{tmp_path / 'shared'}"
    assert run("build", "-C", small.root, "--store", url).code == 0
    other = make_review({
        "review.toml": 'id = "other"\ntitle = "Other"\n',
        "sheets/studies.csv": "key,title\nz,Zeta\n",
        "sheets/findings.csv": "study,factor,direction\n",
    }, "other")  # fmt: skip
    own = small.config.review.id
    refused = run("build", "-C", other.root, "--store", url, "--force")
    assert (refused.code, refused.err) == (
        1,
        f"Error: {url} holds the graph of the review {own!r}, and the folder is the review 'other': name another store, "
        "or replace that graph with kg build --replace\n",
    )
    read = run("table", "review", "-C", other.root, "--store", url, "--format", "csv")
    assert read.err == f"note: {url} holds the review {own!r}; this folder is 'other'\n"
    assert run("build", "-C", other.root, "--store", url, "--replace").code == 0
    with other.graph(url) as graph:
        assert graph.review == "other"


def test_the_own_store_takes_a_new_id(small: Review) -> None:
    small.build()
    (small.root / "review.toml").write_text('id = "renamed"\ntitle = "R"\n', encoding="utf-8")
    assert small.build().changed


def test_a_folder_of_review_folders_is_built_one_by_one(make_review: MakeReview, tmp_path: Path, run: Run) -> None:
    for name in ("one", "two"):
        make_review(
            {
                "review.toml": f'id = "{name}"\ntitle = "R"\n',
                "sheets/studies.csv": "key,title\na,A\n",
                "sheets/findings.csv": "study,factor,direction\n",
            },
            f"space/{name}",
        )
    built = run("build", "-C", tmp_path / "space")
    says = "built: 1 study, 0 findings, 0 factors, 0 outcomes in embedded:"
    assert (built.code, built.err) == (
        0,
        "".join(f"{says}{tmp_path / 'space' / name / '.kg' / 'graph'}\n" for name in ("one", "two")),
    )
    both = run("build", "-C", tmp_path / "space", "--store", f"embedded:{tmp_path / 'both'}")
    assert both.code == 2 and "holds one review, and the folder has 2" in both.err
    assert run("build", "-C", tmp_path / "none").code == 2
