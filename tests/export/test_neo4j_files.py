"""The files for ``neo4j-admin`` are exact, and a database that they are imported into is the graph of the folder.

The tests at the end import with the real tool into a real server.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kg.cypher import catalogue
from kg.errors import KgError, UsageProblem
from kg.export import neo4j as export
from kg.export.browser import browse_files
from kg.export.neo4j import write_import
from kg.export.neo4j_csv import MANIFEST as MANIFEST_LABEL
from kg.export.neo4j_csv import SEPARATORS, edge_group, node_group
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.graph.diff import difference
from kg.graph.rows import GraphData
from kg.model.records import Concept, Evidence, Facet, Finding, ReviewInfo, Search, Source, StatedGap, Study
from kg.model.vocabulary import DIRECTIONS, LABELS, RELATIONSHIPS
from kg.query import rows as pages
from kg.query.gaps import GAP_KINDS
from kg.query.graph import Graph, open_graph
from kg.store import Manifest, open_store, server
from tests.conftest import MakeReview, Run
from tests.neo4j import server as servers
from tests.paths import ROOT

MANIFEST = Manifest("r", "0/0", {"review.toml": (3, 5, "ab")}, 0, {"Study": 1})

#: What has a meaning to CSV, to the importer or to the shell, or looks like something else than text.
TEXTS = (
    'say "hi"', 'a \\', 'x\\"y', "it's; two", "a,b", "line\nbreak", "cr\r\nlf\rcr", "\U0001f600 \u2028\u0085\ufeff", "  spaces  ",
    "007", "1.0", "true", "NULL", "[]", "$HOME `id`", "\x1f", "\x1e;\x1d", '""', "'", ",", "\t", "#", "U+001F", "é",
)  # fmt: skip
VALUES_OF_TEXTS = tuple(
    Concept(f"d{n}", text, definition=text, residual=n == 3, colour="#00723b" if n % 3 == 0 else None)
    for n, text in enumerate(TEXTS)
)
NASTY = Evidence(
    ReviewInfo("r ü,\"'", 'Why "they"\nstay; or go\\', question="", year=2024),
    studies=tuple(
        Study(
            f"key:{n}{text}",
            text,
            label=text,
            title=None if n % 3 == 0 else text,
            authors="" if n % 3 == 1 else text,
            year=2000 + n if n % 2 else None,
            reports=(text, f"report {n % 3}") if n % 2 else (),
            facets={
                "design": (f"d{n}", "cohort") if n % 2 else (),
                "country": (f"d{n}",),
                "sample_size": (str(n),),
                "age": (f"{n}.5",),
            },
            not_coded={"funding": "not reported"} if n % 4 == 0 else {},
        )
        for n, text in enumerate(TEXTS)
    ),
    facets=(
        Facet("design", "design", "study", "categories", (*VALUES_OF_TEXTS, Concept("cohort", "cohort"))),
        Facet("country", "country", "study", "categories", VALUES_OF_TEXTS),
        Facet("sample_size", "n", "study", "number", tuple(Concept(str(n), str(n)) for n, _ in enumerate(TEXTS))),
        Facet("age", "Mean age", "study", "number", tuple(Concept(f"{n}.5", f"{n}.5") for n, _ in enumerate(TEXTS))),
        Facet("funding", "Funding, \"public\"", "study", "category"),
    ),
    factors=(
        *(Concept(f"t{text}", text, definition=text, synonyms=(text,)) for text in TEXTS),
        Concept("below", "Below", broader=f"t{TEXTS[0]}"),
        Concept("unused", "Unused"),
    ),
    outcomes=(*(Concept(f"t{text}", text, favourable="higher") for text in TEXTS), Concept("none", "None")),
    findings=tuple(
        Finding(
            f"f{n}-{m}",
            f"key:{n}{text}",
            f"t{TEXTS[(n + m) % 7]}",
            DIRECTIONS[(n * m) % 5],
            () if m == 2 else tuple({f"t{TEXTS[(n * 5 + m) % len(TEXTS)]}": 0, f"t{TEXTS[m]}": 0}),
            tabulated=bool((n + m) % 3),
            locator=text,
            note="" if m else text,
            source="sheets/a;\"b\".csv",
            row=n + 2,
        )
        for n, text in enumerate(TEXTS)
        for m in range(3)
    ),
    searches=tuple(Search(f"s{n}", text, query=text, hits=n) for n, text in enumerate(TEXTS)),
    gaps=(StatedGap("g", TEXTS[1], TEXTS[5], (f"t{TEXTS[2]}",), (f"t{TEXTS[3]}",)),),
    sources=(Source("sheets/a;\"b\".csv", "0" * 64, 9),),
)  # fmt: skip


@pytest.fixture
def small(make_review: MakeReview) -> Review:
    """Two studies with an article number."""
    return make_review({
        "sheets/studies.csv": 'key,label,title,year,design\na,1,"Say ""hi"", twice",2020,survey\nb,2,,,\n',
        "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Burnout; Role; Burnout\nb,Pay,facilitator,\n",
    })  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    """The content of every file, by its path in the folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def graph_of(**changes: Any) -> GraphData:
    return assemble(replace(NASTY, **changes))


def study(**values: Any) -> GraphData:
    """The graph of one study, which may be coded as a survey."""
    design = Facet("design", "design", "study", "categories", (Concept("survey", "survey"),))
    return assemble(Evidence(ReviewInfo("r", "R"), studies=(Study("key:a", "a", **values),), facets=(design,)))


def write(data: GraphData, folder: Path, manifest: Manifest = MANIFEST) -> None:
    """Store a graph beside the folder, and write the files of its import into the folder."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"embedded:{scratch}/graph")
        store.write(data, replace(manifest, review=data.nodes["Review"][0]["id"]))
        with Graph(store) as graph:
            write_import(graph, folder)


# --- the files -------------------------------------------------------------------------------------------------------


def test_a_label_is_a_header_and_rows(small: Review, run: Run, tmp_path: Path) -> None:
    ran = run("export", "neo4j", tmp_path / "to" / "neo4j", "-C", small.root)
    assert (ran.code, ran.out, ran.err) == (0, "", f"wrote {tmp_path / 'to' / 'neo4j'}\n")
    made = files(tmp_path / "to" / "neo4j")
    assert made["Study-header.csv"] == (
        b"id:ID(Study),review:string,key:string,label:long,reference:string,doi:string,authors:string,year:long,"
        b"title:string,publication_type:string,methods:string,evidence:string,design:string,setting:string,"
        b"population:string,country:string,sample_size:string,sample:string,basis:string,order:long,short:string,"
        b"records:string,standing:string\n"
    )
    assert made["Study.csv"] == (
        b'"key:a","r","a",1,,,,2020,"Say ""hi"", twice",,,,"survey",,,,,,,1,"Say ""hi"", twice 2020",,\n'
        b'"key:b","r","b",2,,,,,,,,,,,,,,,,2,"b",,\n'
    )
    assert made["Finding-header.csv"].startswith(b"id:ID(Finding),review:string,direction:string,")
    assert b",tabulated:boolean," in made["Finding-header.csv"] and b",true," in made["Finding.csv"]


def test_a_type_between_two_labels_is_a_header_and_rows(small: Review, run: Run, tmp_path: Path) -> None:
    run("export", "neo4j", tmp_path / "out", "-C", small.root)
    made = files(tmp_path / "out")
    assert made["INCLUDES-Review-Study-header.csv"] == b":START_ID(Review),:END_ID(Study),label:long\n"
    assert made["INCLUDES-Review-Study.csv"] == b'"r","key:a",1\n"r","key:b",2\n'
    assert made["HINDERS-Factor-Outcome-header.csv"] == (
        b":START_ID(Factor),:END_ID(Outcome),direction:string,pole:string,studies:long,findings:long,study_labels:long[],"
        b"implied_studies:long,indirect_studies:long,one_design:string,one_design_labels:string,one_setting:string,"
        b"one_setting_labels:string\n"
    )
    assert made["HINDERS-Factor-Outcome.csv"] == (
        b'"pay","burnout","barrier","presence",1,1,"1",0,0,,,,\n"pay","role","barrier","presence",1,1,"1",0,0,,,,\n'
    )
    assert made["CODED_AS-Study-Value.csv"] == b'"key:a","design:survey"\n"key:a","year:2020"\n'
    assert made["IN_FACET-Value-Facet.csv"] == b'"design:survey","design"\n"year:2020","year"\n'
    assert b",number:double" in made["Value-header.csv"] and b",2020.0" in made["Value.csv"]
    assert made["OF-Tally-Outcome-header.csv"] == b":START_ID(Tally),:END_ID(Outcome)\n"
    assert "Search.csv" not in made and "RAN-Review-Search.csv" not in made


def test_a_relationship_that_is_there_twice_is_one() -> None:
    """Whatever its properties are; the first counts."""
    ends = [("a", "x"), ("a", "x"), ("a", "y"), ("b", "x")]
    lines = edge_group("INCLUDES", "Review", "Study").lines(
        ({"from": start, "to": end, "label": n} for n, (start, end) in enumerate(ends)), "|"
    )
    assert list(lines) == [b'"a","x",0\n', b'"a","y",2\n', b'"b","x",3\n']


@pytest.mark.parametrize("batch", [1, 7])
def test_pages_of_rows_are_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    write(graph_of(), tmp_path / "whole")
    monkeypatch.setattr(pages, "BATCH", batch)
    write(graph_of(), tmp_path / "out")
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_a_part_is_not_up_to_date_with_the_folder(small: Review, run: Run, tmp_path: Path) -> None:
    """So that a build makes the database whole."""
    assert run("export", "neo4j", tmp_path / "part", "-C", small.root, "--where", "design=survey").code == 0
    header, (row,) = rows(tmp_path / "part", MANIFEST_LABEL)
    assert row[header.index("files:string")] == "{}"
    assert [line[0] for line in rows(tmp_path / "part", "Study")[1]] == ["key:a"]


def test_a_store_is_written_as_it_is(small: Review, run: Run, tmp_path: Path) -> None:
    """Also where the folder was changed since."""
    url = f"embedded:{tmp_path / 'graph'}"
    small.build(url)
    assert run("export", "neo4j", tmp_path / "before", "-C", small.root).code == 0
    with (small.root / "sheets" / "studies.csv").open("a", encoding="utf-8") as sheet:
        sheet.write("c,3,,,\n")
    assert run("export", "neo4j", tmp_path / "store", "-C", small.root, "--store", url).code == 0
    assert files(tmp_path / "store") == files(tmp_path / "before")


def test_the_manifest_is_a_node(small: Review, run: Run, tmp_path: Path) -> None:
    run("export", "neo4j", tmp_path / "out", "-C", small.root)
    small.build()
    with small.graph() as graph:
        held = graph.store.manifest()
    assert held
    header, row = rows(tmp_path / "out", MANIFEST_LABEL)
    assert (
        ",".join(header) == "review:ID(KgManifest),model:string,files:string,rejected:long,counts:string,version:string"
    )
    wanted = server.manifest_properties(held)
    assert {column.split(":")[0]: value for column, value in zip(header, row[0], strict=True)} == {
        **{name: str(value) for name, value in wanted.items()},
        "version": row[0][5],
    }
    assert re.fullmatch("[0-9a-f]{32}", row[0][5])
    for name in ("manifest", "state"):
        assert f":{MANIFEST_LABEL}" in catalogue.statements(f"server/{name}")[0]


def test_another_graph_has_another_version(tmp_path: Path) -> None:
    for name, manifest in (("a", MANIFEST), ("b", replace(MANIFEST, files={})), ("c", MANIFEST)):
        write(study(), tmp_path / name, manifest)
    versions = [rows(tmp_path / name, MANIFEST_LABEL)[1][0][5] for name in "abc"]
    assert versions[0] == versions[2] != versions[1]


def test_the_same_folder_gives_the_same_bytes(small: Review, run: Run, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two", "two"):
        assert run("export", "neo4j", tmp_path / name, "-C", small.root).code == 0
        made.append(files(tmp_path / name))
    assert made[0] == made[1] == made[2]
    assert not [path for name in ("one", "two") for path in (tmp_path / name).rglob(".*")], "nothing is left over"


def rows(folder: Path, name: str) -> tuple[list[str], list[list[str]]]:
    """The columns and rows of a group, as CSV has them."""
    header = (folder / f"{name}-header.csv").read_bytes().decode()
    text = (folder / f"{name}.csv").read_bytes().decode()
    return header.strip().split(","), list(csv.reader(io.StringIO(text, newline=""), strict=True))


def value(text: str, column: str, separator: str) -> Any:
    """A field as its column's type has it; the reader of CSV cannot tell an empty text from an absent one."""
    kind = column.partition(":")[2]
    if kind.endswith("[]"):
        items = text.split(separator) if text else []
        return [int(item) for item in items] if kind == "long[]" else items
    if kind == "boolean":
        return text == "true"
    return int(text) if kind == "long" else float(text) if kind == "double" else text


def test_every_value_is_there_as_it_was(tmp_path: Path) -> None:
    graph = graph_of()
    write(graph, tmp_path / "out")
    separator = chr(
        int(re.findall(r"--array-delimiter=U\+(\w{4}) ", (tmp_path / "out" / "import.sh").read_text())[0], 16)
    )
    assert separator == "\x1c", "the others are in a label"
    groups = {label: held for label, held in graph.nodes.items() if held}
    groups |= {"-".join(key): held for key, held in graph.edges.items()}
    for name, held in groups.items():
        columns, found = rows(tmp_path / "out", name)
        names = [c.partition(":")[0] or {":START_ID": "from", ":END_ID": "to"}[c.partition("(")[0]] for c in columns]
        key = (lambda row: (row["from"], row["to"])) if "-" in name else (lambda row: row["id"])
        got = [
            {n: value(text, c, separator) for n, c, text in zip(names, columns, row, strict=True) if text}
            for row in found
        ]
        wanted = [{n: v for n, v in row.items() if v not in ("", [])} for row in sorted(held, key=key)]
        assert got == wanted, name
    assert b'"t$HOME' in (tmp_path / "out" / "Factor.csv").read_bytes()


def test_an_empty_text_is_a_text(tmp_path: Path) -> None:
    write(study(title=""), tmp_path / "out")
    assert (tmp_path / "out" / "Study.csv").read_bytes() == b'"key:a","r","a","a",,,,,"",,,,,,,,,,,1,"a",,\n'


def test_labels_of_studies_are_numbers_or_text(tmp_path: Path) -> None:
    write(graph_of(), tmp_path / "text")
    assert rows(tmp_path / "text", "Study")[0][3] == "label:string"
    assert rows(tmp_path / "text", "INCLUDES-Review-Study")[0][2] == "label:string"
    assert rows(tmp_path / "text", "Tally")[0][6:] == ["study_labels:string[]", "outcomes:string[]"]
    numbered = tuple(replace(s, label=str(n)) for n, s in enumerate(NASTY.studies, start=1))
    write(graph_of(studies=numbered), tmp_path / "numbers")
    assert rows(tmp_path / "numbers", "Study")[0][3] == "label:long"
    assert rows(tmp_path / "numbers", "INCLUDES-Review-Study")[0][2] == "label:long"
    assert rows(tmp_path / "numbers", "Tally")[0][6:] == ["study_labels:long[]", "outcomes:string[]"]


def test_several_lines_in_a_field_are_asked_for_where_there_are_any(tmp_path: Path) -> None:
    for name, title, wanted in (("a", "one line", "false"), ("b", "two\nlines", "true"), ("c", "two\rlines", "true")):
        write(study(title=title), tmp_path / name)
        assert f" --multiline-fields={wanted} " in (tmp_path / name / "import.sh").read_text()


@pytest.mark.parametrize(("evidence", "message"), [
    (
        {"studies": (Study("key:a", "", outcomes=("none",)),), "findings": ()},
        "Tally 'outcome:all:none:any': study_labels is a list of one empty text, which would arrive as an empty list",
    ),
    (
        {"studies": (Study("key:a", "".join(SEPARATORS), outcomes=("none",)),), "findings": ()},
        r"no character is left to separate the items of lists, after '\\x1f\\x1e",
    ),
])  # fmt: skip
def test_what_would_arrive_as_something_else_is_refused(
    evidence: Mapping[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(KgError, match=message):
        write(graph_of(**evidence), tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists(), "nothing is left that looks like an import"


@pytest.mark.parametrize(("value", "message"), [
    ("half \ud83d", r"is 'half \\ud83d', with a half of a character, which is no text"),
    (2**63, "is 9223372036854775808, which is more than Neo4j's whole numbers hold"),
])  # fmt: skip
def test_a_value_that_neo4j_does_not_hold_is_refused(value: object, message: str) -> None:
    lines = node_group("Study").lines([{"id": "key:a", "title": value}], "|")
    with pytest.raises(KgError, match=f"^Study 'key:a': title {message}; change it in the files of the review$"):
        list(lines)


def test_columns_have_one_type() -> None:
    group = node_group("Study")
    list(group.lines([{"id": "key:a", "label": 1}, {"id": "key:b"}, {"id": "key:c", "label": "C"}], "|"))
    with pytest.raises(KgError, match=r"^Study: label is long and string, where a column has one type$"):
        group.header()


def test_lists_without_items_are_lists() -> None:
    """And a property that no row has is a text."""
    group = node_group("Tally")
    assert [line[:4] for line in group.lines([{"id": "a", "outcomes": []}], "|")] == [b'"a",']
    assert b",study_labels:string,outcomes:string[]\n" in group.header()


# --- the folder ------------------------------------------------------------------------------------------------------


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, small: Review, run: Run) -> None:
    for name, text in (("notes.txt", "mine"), ("README.txt", "mine"), ("Study.csv", "mine"), ("browse/own.cypher", "")):
        folder = tmp_path / name.replace("/", "-")
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
        ran = run("export", "neo4j", folder, "-C", small.root)
        assert ran.code == 2
        assert ran.err == f"Error: {folder} holds {name}, which is not of an import for Neo4j: name a new folder\n"
        assert files(folder) == {name: text.encode()}
    (tmp_path / "file").write_text("mine")
    ran = run("export", "neo4j", tmp_path / "file", "-C", small.root)
    assert (ran.code, ran.err) == (2, f"Error: {tmp_path / 'file'} is a file: name a folder\n")


def test_an_earlier_import_is_replaced(tmp_path: Path) -> None:
    write(graph_of(), tmp_path / "out")
    (tmp_path / "out" / "import.report").write_text("left by neo4j-admin")
    write(study(), tmp_path / "out")
    write(study(), tmp_path / "fresh")
    assert files(tmp_path / "out") == files(tmp_path / "fresh")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(UsageProblem, match=r"holds notes\.txt"):
        write(study(), tmp_path / "out")


def test_what_cannot_be_written_leaves_the_earlier_import(tmp_path: Path) -> None:
    write(graph_of(), tmp_path / "out")
    before = files(tmp_path / "out")
    with pytest.raises(KgError):
        write(graph_of(studies=(Study("key:a", "", outcomes=("none",)),), findings=()), tmp_path / "out")
    assert files(tmp_path / "out") == before


def test_what_was_interrupted_has_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with half of the files must not be imported; the next export takes it over."""
    write(graph_of(), tmp_path / "out")
    replace_ = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == "Study.csv":
            raise KeyboardInterrupt
        return replace_(path, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", interrupted)
        write(study(), tmp_path / "out")
    assert not (tmp_path / "out" / "import.sh").exists()
    (tmp_path / "out" / ".kg-part-killed").mkdir()
    write(study(), tmp_path / "out")
    assert (tmp_path / "out" / "import.sh").exists() and not list((tmp_path / "out").glob(".*"))


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, small: Review, run: Run) -> None:
    (tmp_path / "file").write_text("")
    ran = run("export", "neo4j", tmp_path / "file" / "out", "-C", small.root)
    assert ran.code == 1 and ran.err.startswith(f"Error: cannot write {tmp_path / 'file' / 'out'}: ")


def test_every_name_of_the_model_has_its_files(tmp_path: Path) -> None:
    assert {"Study.csv", "CONCERNS-StatedGap-Outcome-header.csv", "KgManifest.csv"} < export._names()
    pairs = sum(map(len, RELATIONSHIPS.values()))
    assert len(export._names()) == 2 * (len(LABELS) + 1 + pairs) + len(browse_files()) + 5


# --- the script ------------------------------------------------------------------------------------------------------


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """An export, and beside it a command that says how it was called."""
    write(study(), tmp_path / "an export, of mine" / "out")
    stub = tmp_path / "bin" / "neo4j-admin"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    stub.chmod(0o755)
    return tmp_path / "an export, of mine" / "out" / "import.sh"


def called(script: Path, *arguments: str, here: Path, **environment: str) -> list[str]:
    """Run the script; return the folder that the command was run in, and its arguments."""
    path = f"{script.parents[2] / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [str(script), *arguments],
        cwd=here,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()


def test_the_script_calls_neo4j_admin_with_every_file(script: Path, tmp_path: Path) -> None:
    folder, *arguments = called(script, here=tmp_path)
    assert folder == str(script.parent)
    assert arguments[:4] == ["database", "import", "full", "neo4j"]
    assert arguments[4:6] == ["--array-delimiter=U+001F", "--multiline-fields=false"]
    assert arguments[6:8] == [
        "--nodes=Study:Work=./Study-header.csv,./Study.csv",
        "--nodes=Review:Work=./Review-header.csv,./Review.csv",
    ]
    named = [name for argument in arguments[6:] for name in argument.split("=")[-1].split(",")]
    assert sorted(named) == sorted(f"./{p.name}" for p in script.parent.glob("*.csv"))
    kinds = {a.split("=")[1] for a in arguments if a.startswith("--relationships=")}
    assert kinds == {"INCLUDES", "IN_FACET"}


def test_the_script_passes_a_database_and_options(script: Path, tmp_path: Path) -> None:
    whole = called(script, "reviews", "--overwrite-destination", "--threads=1", here=tmp_path)
    assert whole[4] == "reviews" and whole[-2:] == ["--overwrite-destination", "--threads=1"]
    bare = called(script, "--verbose", here=script.parent)
    assert bare[4] == "neo4j" and bare[-1] == "--verbose"
    assert "--overwrite-destination" not in bare


def test_the_script_finds_the_command(script: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "neo4j-admin").rename(tmp_path / "bin" / "admin")
    for admin in ("admin", "bin/admin", "./bin/admin", str(tmp_path / "bin" / "admin")):
        assert called(script, here=tmp_path, NEO4J_ADMIN=admin)[1] == "database"


def test_the_script_finds_its_own_folder(script: Path, tmp_path: Path) -> None:
    """Where CDPATH is exported, cd may lead to a folder of the same name elsewhere."""
    (tmp_path / "other" / "out").mkdir(parents=True)
    here = script.parents[1]
    environment = {"NEO4J_ADMIN": str(tmp_path / "bin" / "neo4j-admin"), "CDPATH": str(tmp_path / "other")}
    shell = "/bin/sh"
    ran = subprocess.run(
        [shell, "out/import.sh"], cwd=here, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[0] == str(script.parent)


def test_the_other_scripts_are_statements(script: Path) -> None:
    constraints = (script.parent / "constraints.cypher").read_text()
    assert constraints.splitlines() == [f"{text};" for text in server.schema()]
    assert (script.parent / "empty-lists.cypher").read_text().count(";\n") == 2
    assert {f"browse/{name}": text.encode() for name, text in browse_files().items()} == {
        name: content for name, content in files(script.parent).items() if name.startswith("browse/")
    }


# --- imported, with the real tool ------------------------------------------------------------------------------------

#: Query -> parameters to ask it with, besides its defaults.
ASKED: dict[str, list[dict[str, Any]]] = {
    "evidence-counts": [{"all": True}],
    "codes": [{"facet": "design"}, {"facet": "factor"}, {"facet": "outcome"}, {"facet": "direction"}],
    "gaps": [{"kind": kind} for kind in GAP_KINDS if kind != "stated"],
}
#: Queries that read lists which may be empty; they must not need the scripts.
WITH_LISTS: list[tuple[str, dict[str, Any]]] = [
    ("evidence-counts", {}),
    ("evidence-counts", {"all": True}),
    ("gaps", {"kind": "factor-without-outcome"}),
    ("outcomes", {}),
]


@dataclass
class Imported:
    """A graph in an embedded store, imported into a server beside the other one.

    ``url`` names the review on the server; ``before`` are its answers before the scripts; ``whole`` are both graphs.
    """

    graph: GraphData
    embedded: Graph
    url: str
    review: Review | None
    before: dict[str, Any] = field(default_factory=dict)
    whole: tuple[GraphData, ...] = ()


@pytest.fixture(scope="module")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A server of our own, never started."""
    home = tmp_path_factory.mktemp("neo4j") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("NEO4J_")]:
            if name not in ("NEO4J_VERSION", "NEO4J_HEAP"):
                patch.delenv(name)
        try:
            server_ = servers.private(home, auth=False, start=False)
        except servers.Unavailable as reason:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))
        try:
            yield server_
        finally:
            server_.kill()


@pytest.fixture(scope="module")
def both(
    example: Review, empty_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Imported]]:
    """The example and the nasty review in one database: a server takes seconds to start and to make its plans.

    First the example alone, with its script as it is; then the nasty review with its script, to which the groups of the
    example are added.
    """
    room = tmp_path_factory.mktemp("imported")
    nasty = graph_of()
    store = open_store(f"embedded:{room / 'graph'}")
    store.write(nasty, replace(MANIFEST, review=NASTY.review.id))
    with example.graph() as graph, Graph(store) as other:
        found = {
            "example": Imported(example.assembled(), graph, f"{empty_server.uri}#{graph.review}", example),
            "nasty": Imported(nasty, other, f"{empty_server.uri}#{quote(other.review, safe='')}", None),
        }
        whole = tuple(each.graph for each in found.values())
        for name, each in found.items():
            write_import(each.embedded, room / name)
            each.whole = whole
        assert "--multiline-fields=false" in (room / "example" / "import.sh").read_text()
        assert "--multiline-fields=true" in (room / "nasty" / "import.sh").read_text()
        admin = admin_of(empty_server, room / "admin")
        alone = load(admin, room / "example")
        assert alone.returncode == 0, alone.stdout + alone.stderr
        for number, what in zip(sizes(whole[0]), ("nodes", "relationships"), strict=True):
            assert f"\n  {number} {what}\n" in alone.stdout
        beside = groups_of(room / "example", room / "beside", joined_by=separator(room / "nasty"))
        refused = load(admin, room / "nasty", *beside)
        assert refused.returncode and "--overwrite-destination" in refused.stderr, refused.stderr
        done = load(admin, room / "nasty", "neo4j", "--overwrite-destination", *beside)
        assert done.returncode == 0, done.stdout + done.stderr
        empty_server.start()
        for each in found.values():
            with open_graph(each.url) as served:
                each.before.update({f"{name} {given}": ask(served, name, given) for name, given in WITH_LISTS})
        run_scripts(empty_server.uri, room / "nasty")
        yield found
    empty_server.stop()


@pytest.fixture(params=["example", "nasty"])
def imported(request: pytest.FixtureRequest, both: dict[str, Imported]) -> Imported:
    return both[request.param]


def sizes(graph: GraphData) -> tuple[int, int]:
    """The number of nodes and of relationships of an import, which has a manifest."""
    edges = (len({(row["from"], row["to"]) for row in held}) for held in graph.edges.values())
    return 1 + sum(map(len, graph.nodes.values())), sum(edges)


def separator(folder: Path) -> str:
    """What separates the items of lists in the files of an import."""
    return chr(int(re.findall(r"--array-delimiter=U\+(\w{4}) ", (folder / "import.sh").read_text())[0], 16))


def admin_of(server_: servers.Server, path: Path) -> Path:
    """Write a command that is ``neo4j-admin`` for a server."""
    code = (
        "import sys; from pathlib import Path; from tests.neo4j import server; "
        "done = server.load(Path(sys.argv[1])).admin(*sys.argv[2:]); print(done.stdout); "
        "sys.exit(done.stderr or done.stdout if done.returncode else 0)"
    )
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" {server_.home} "$@"\n')
    path.chmod(0o755)
    return path


def load(admin: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import.sh as a person does, with the server stopped."""
    return subprocess.run(
        [str(folder / "import.sh"), *arguments],
        cwd=admin.parent,
        env={**os.environ, "NEO4J_ADMIN": "./admin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def groups_of(folder: Path, copy: Path, *, joined_by: str) -> list[str]:
    """Copy the files of an import; return the options that add them to the import of another review.

    In the copy, ids are in spaces of their own, since both reviews have a design, and lists are as in the other import.
    """
    copy.mkdir()
    for path in folder.glob("*.csv"):
        text = path.read_bytes().decode()
        if path.stem.endswith("-header"):
            text = re.sub(r"ID\((\w+)\)", r"ID(Other\1)", text)
        assert joined_by not in text
        (copy / path.name).write_bytes(text.replace(separator(folder), joined_by).encode())
    options = re.findall(r"--(?:nodes|relationships)=\S+", (folder / "import.sh").read_text())
    return [option.replace("./", f"{copy}/") for option in options]


def run_scripts(uri: str, folder: Path) -> None:
    """Run the two scripts on a database, as a person does after an import."""
    import neo4j

    with neo4j.GraphDatabase.driver(uri) as driver:
        for name in ("constraints.cypher", "empty-lists.cypher"):
            for text in (folder / name).read_text(encoding="utf-8").split(";\n"):
                if text.strip():
                    driver.execute_query(text)


def ask(graph: Graph, name: str, given: Mapping[str, Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    table = graph.table(name, **given)
    return table.columns, table.rows


def answers(graph: Graph) -> dict[str, Any]:
    """Every canned query's answer, with its defaults and with more; why of all factors and of some cells."""
    found: dict[str, Any] = {}
    for name in catalogue.names():
        if name != "why":
            for given in (*([{}] if name != "codes" else []), *ASKED.get(name, [])):
                found[f"{name} {given}"] = ask(graph, name, given)
    for term in graph.table("vocabulary").dicts():
        if term["kind"] == "factor":
            found[f"why {term['id']}"] = graph.table("why", factor=term["id"]).rows
    for outcome in ("burnout", f"t{TEXTS[0]}"):
        for factor in ("role-autonomy", f"t{TEXTS[5]}"):
            found[f"why {factor} {outcome}"] = graph.table("why", factor=factor, outcome=outcome).rows
    return found


def test_an_import_answers_as_the_embedded_graph_does(imported: Imported) -> None:
    wanted = answers(imported.embedded)
    with open_graph(imported.url) as served:
        found = answers(served)
    assert found.keys() == wanted.keys() and len(wanted) > 40
    for name, answer in wanted.items():
        assert found[name] == answer, name
    for name, answer in imported.before.items():
        assert answer == wanted[name], f"{name}, before the scripts"
    assert sum(map(bool, wanted.values())) > 20, "an empty answer shows nothing"


def test_an_import_is_the_graph_to_the_last_property(imported: Imported) -> None:
    """What a store would have to write to make the database be the graph is nothing."""
    import neo4j

    review = imported.embedded.review
    with neo4j.GraphDatabase.driver(imported.url.partition("#")[0]) as driver:

        def told(text: str) -> list[Any]:
            return list(driver.execute_query(text, review=review).records)

        held = server.read_back(told)
        missing = difference(held, imported.graph)
        assert (len(missing), missing) == (0, type(missing)())
        nodes = told("MATCH (n) WHERE n.review = $review RETURN labels(n) AS labels, count(n) AS n")
        assert {frozenset(row["labels"]): row["n"] for row in nodes} == {
            frozenset({"KgManifest"}): 1,
            **{frozenset({label, *LABELS[label]}): len(held) for label, held in imported.graph.nodes.items() if held},
        }
        edges = told("MATCH (a)-[r]->() WHERE a.review = $review RETURN count(r) AS n")[0]["n"]
        assert edges == sum(map(len, held.edges.values())) == sizes(imported.graph)[1]
        everything = told("MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n), count(r)")[0].values()
        assert everything == [sum(numbers) for numbers in zip(*map(sizes, imported.whole), strict=True)]
        names = told("SHOW CONSTRAINTS YIELD name RETURN name")
        assert len(names) == len(server.schema())


def test_an_import_is_up_to_date(imported: Imported, run: Run) -> None:
    if imported.review is None:
        with open_graph(imported.url) as served:
            assert served.review == NASTY.review.id
        return
    ran = run("build", "-C", imported.review.root, "--store", imported.url)
    assert ran.code == 0 and ran.err.startswith("up to date: 20 studies, "), ran.err
    table = run("table", "evidence-counts", "--store", imported.url, "--format", "csv")
    assert table.code == 0
    assert table.out == run("table", "evidence-counts", "-C", imported.review.root, "--format", "csv").out
    forced = run("build", "-C", imported.review.root, "--store", imported.url, "--force")
    assert forced.code == 0 and forced.err.startswith("built: 20 studies, ")


def test_the_queries_of_the_browser_answer_on_a_server(imported: Imported) -> None:
    if imported.review is None:
        return
    from tests.export.test_browser_queries import GIVEN, QUERIES

    with open_graph(imported.url) as served:
        for query in QUERIES:
            given = {p.name: GIVEN[p.name] for p in query.params}
            found = served.run(query, given)
            assert found.rows or query.name == "contested", query.name
            assert len(found.rows) == len(imported.embedded.run(query, given).rows), query.name


def test_a_sample_size_is_a_whole_number(make_review: MakeReview, run: Run) -> None:
    """It is one property of a study; a fraction beside whole numbers would be of another type."""
    sheet = {"sheets/studies.csv": 'key,title,n,mean n\na,A,12.0,12.5\nb,B,"1,234",30\n'}
    review = make_review(sheet)
    assert run("export", "neo4j", review.root / "out", "-C", review.root).code == 0
    assert b",sample_size:long," in (review.root / "out" / "Study-header.csv").read_bytes()
    with review.graph() as graph:
        assert graph.table("characteristics").column("sample_size") == [12, 1234]
        assert [row[0] for row in graph.counts("mean_n").rows] == [12.5, 30, "total"]
    for declared in ("", '[[facet]]\nname = "sample_size"\nkind = "year"\n'):
        toml = f'id = "r"\ntitle = "R"\n{declared}'
        review = make_review(
            {"review.toml": toml, "sheets/studies.csv": "key,title,n\na,A,12.5\nb,B,30\n"}, "r" + declared[-6:-2]
        )
        ran = run("build", "-C", review.root)
        assert (ran.code, ran.out) == (1, "")
        assert "column 'n': '12.5': is not a whole number; accepted: 0 to 1,000,000,000, or blank\n" in ran.err
