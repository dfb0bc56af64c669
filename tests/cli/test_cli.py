"""The command line: help, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import csv
import importlib
import re
from pathlib import Path

import click
import pytest

from kg.cli import COMMANDS, main
from kg.cli.table import TABLES
from kg.folder.review import Review
from tests.conftest import Run


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_their_help_says(name: str) -> None:
    command: click.Command = getattr(importlib.import_module(f"kg.cli.{name}"), name)
    assert command.name == name
    first = (command.help or "").split("\n")[0]
    assert first == COMMANDS[name]
    examples = [c.epilog for c in command.commands.values()] if isinstance(command, click.Group) else [command.epilog]
    assert all(e and e.startswith("Example: kg ") for e in examples)


def test_help_and_version(run: Run) -> None:
    text = run("--help").out
    assert all(re.search(rf"^  {name}\s+\S", text, re.MULTILINE) for name in COMMANDS)
    assert run("--version").out == "kg, version 0.1.0\n"


def test_the_help_of_table_names_every_table(run: Run) -> None:
    text = run("table", "--help").out
    for name, what in TABLES.items():
        assert re.search(rf"^\s+{name}\s+{re.escape(what.split(',')[0][:30])}", text, re.MULTILINE), name


def test_a_misspelt_command(run: Run) -> None:
    ran = run("tabel", "outcomes")
    assert ran.code == 2
    assert "no command 'tabel'; did you mean table?" in ran.err


def test_a_misspelt_table(run: Run) -> None:
    ran = run("table", "evidence")
    assert ran.code == 2
    assert "evidence-counts" in ran.err


def test_no_review_folder(run: Run, tmp_path: Path) -> None:
    ran = run("table", "outcomes", "-C", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"Error: no review.toml in {tmp_path} or above it: make a review folder with kg init DIR, or name one with -C DIR\n"
    )


def test_a_folder_is_found_from_below(example: Review, run: Run) -> None:
    assert run("table", "outcomes", "--format", "csv", "-C", example.root / "sheets").out.splitlines()[1] == (
        'Job satisfaction,13,"2, 3, 5, 6, 7, 8, 9, 10, 13, 15, 17, 19, 20"'
    )


def test_init_and_build_as_promised(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run("init", tmp_path / "r", "--example", "peer-workforce")
    assert (made.code, made.out) == (0, "")
    monkeypatch.chdir(tmp_path / "r")
    built = run("build")
    assert (built.code, built.out) == (0, "")
    assert (
        built.err
        == f"built: 20 studies, 199 findings, 54 factors, 6 outcomes in embedded:{tmp_path / 'r' / '.kg' / 'graph'}\n"
    )
    assert run("build").err.startswith("up to date: 20 studies")
    assert (tmp_path / "r" / ".gitignore").read_text() == ".kg/\nrecords/.fetch-*\nscreening/.*\n"


def test_a_table_builds_what_is_stale(own_example: Review, run: Run) -> None:
    assert run("table", "outcomes", "-C", own_example.root).code == 0, "no kg build was needed"


def test_init_without_an_example_can_be_filled(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert run("init", root, "--title", 'My "own" review').code == 0
    assert run("build", "-C", root).err.startswith("built: 0 studies, 0 findings")
    with (root / "vocabulary" / "factors.csv").open("a") as file:
        file.write("pay,Pay,,,\n")
    with (root / "sheets" / "studies.csv").open("a") as file:
        file.write("a,1,,,,Alpha" + "," * 8 + "\n")
    sheet = tmp_path / "extraction.csv"
    sheet.write_text("Article,Theme,Effect\n1,pay,+\n", encoding="utf-8")
    added = run("add", sheet, "-C", root)
    assert (added.code, added.err) == (
        0,
        "effect on the map: no cell opens, closes or turns\n"
        "sheets/extraction.csv: 1 row read as findings\n"
        "  columns of the finding: 'Article' as study, 'Theme' as factor, 'Effect' as direction\n"
        f"added {root / 'sheets' / 'extraction.csv'}: 1 row; next: kg build\n",
    )
    rows = list(csv.DictReader(run("table", "evidence-counts", "--format", "csv", "-C", root).out.splitlines()))
    assert [(r["factor"], r["direction"], r["studies"]) for r in rows] == [
        ("Pay", "facilitator", "1"),
        ("Pay", "barrier", "0"),
    ]
    assert (
        run("table", "review", "--format", "csv", "-C", root).out.splitlines()[1].startswith('mine,"My ""own"" review"')
    )


def test_init_touches_nothing_that_is_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "notes.txt").write_text("mine")
    ran = run("init", tmp_path / "r")
    assert (ran.code, ran.err) == (2, f"Error: {tmp_path / 'r'} is not empty: name a new folder\n")
    run("init", tmp_path / "s")
    again = run("init", tmp_path / "s")
    assert (again.code, again.err) == (2, f"Error: {tmp_path / 's'} already is a review folder\n")
    unknown = run("init", tmp_path / "t", "--example", "peer-workfroce")
    assert (unknown.code, unknown.err) == (
        2,
        "Error: no example is called 'peer-workfroce'; did you mean peer-workforce?\n",
    )
    assert not (tmp_path / "t").exists()


def test_add_changes_nothing_where_a_row_is_rejected(own_example: Review, run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "more.csv"
    sheet.write_text(
        "study,factor,direction\nbrady-2022,Role autonomy,facilitater\n21,Role autonomy,barrier\n", encoding="utf-8"
    )
    before = sorted(p.name for p in (own_example.root / "sheets").iterdir())
    ran = run("add", sheet, "-C", own_example.root)
    assert ran.code == 1
    assert (
        "sheets/more.csv, row 2, column 'direction': 'facilitater': is not a direction; did you mean facilitator"
        in ran.err
    )
    assert "sheets/more.csv, row 3, column 'study': '21': no sheet defines this study" in ran.err
    assert ran.err.endswith("Error: 2 problems in sheets/more.csv; nothing was loaded\n")
    assert sorted(p.name for p in (own_example.root / "sheets").iterdir()) == before


def test_add_refuses_to_overwrite(own_example: Review, run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "findings.csv"
    sheet.write_text("study,factor,direction\nbrady-2022,Role autonomy,barrier\n", encoding="utf-8")
    ran = run("add", sheet, "-C", own_example.root)
    assert ran.code == 2 and "is already there; use --replace" in ran.err
    assert run("add", sheet, "--replace", "-C", own_example.root).code == 0
    assert run("build", "-C", own_example.root).err.startswith("built: 20 studies, 1 finding")
    assert run("add", tmp_path / "none.csv", "-C", own_example.root).code == 2
    (tmp_path / "refs.docx").write_text("TY  - JOUR\n")
    assert (
        "files of type '.docx' are not read; accepted: .csv, .tsv, .xlsx, .ods, .xls, .xlsb, .ris, .bib, .nbib, .ciw, .xml, .txt, .jsonl"
        in run("add", tmp_path / "refs.docx", "-C", own_example.root).err
    )


def test_all_and_where(example: Review, run: Run) -> None:
    def count(*more: str) -> int:
        rows = csv.DictReader(
            run("table", "evidence-counts", "--format", "csv", "-C", example.root, *more).out.splitlines()
        )
        return sum(int(r["studies"]) for r in rows)

    assert count() == 96
    assert count("--all") > 96
    assert 0 < count("--where", "design=survey") < 96
    assert run("table", "outcomes", "--where", "design=survey", "-C", example.root).code == 0
    assert "is no condition" in run("table", "evidence-counts", "--where", "design", "-C", example.root).err
    assert (
        "no facet is called 'desing'; did you mean design"
        in run("table", "evidence-counts", "--where", "desing=x", "-C", example.root).err
    )


def test_the_demo(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--keep", tmp_path / "demo")
    assert ran.code == 0
    assert "20 studies, 199 findings" in ran.out
    assert re.search(r"Supervisory support\s+facilitator\s+10\s+1, 3, 4, 5", ran.out)
    for name, cells in (("table-2", 66), ("table-3", 30), ("outcomes", 12)):
        assert f"published/{name}.csv: all {cells} cells agree" in ran.out
    assert f"The gap map: {tmp_path / 'demo' / 'map.html'}" in ran.out
    page = (tmp_path / "demo" / "map.html").read_text(encoding="utf-8")
    assert "<title>Workforce outcomes among substance use peer supports</title>" in page
    assert '<th scope="row">Supervisory support and characteristics</th><td>7+~</td>' in page
    assert all(len(line) <= 100 for line in ran.out.splitlines() if str(tmp_path) not in line)


def test_csv_export_can_be_read_again(example: Review, run: Run, tmp_path: Path) -> None:
    """The exported sheets are sheets: built again with the same vocabulary they give the same findings."""
    run("export", "csv", "-o", tmp_path / "csv", "-C", example.root)
    copy = tmp_path / "copy"
    (copy / "sheets").mkdir(parents=True)
    for name in ("studies.csv", "findings.csv"):
        (tmp_path / "csv" / name).rename(copy / "sheets" / name)
    (copy / "vocabulary").mkdir()
    for path in (example.root / "vocabulary").iterdir():
        (copy / "vocabulary" / path.name).write_bytes(path.read_bytes())
    (copy / "review.toml").write_text('id = "bell-2025"\ntitle = "Copy"\n', encoding="utf-8")
    with example.graph() as first, Review(copy).graph() as second:
        ids = [sorted(g.table("findings").column("id")) for g in (first, second)]
        assert ids[0] == ids[1]
        assert first.table("evidence-counts").rows == second.table("evidence-counts").rows
        assert first.table("outcomes").rows == second.table("outcomes").rows


def test_rdf_export(example: Review, run: Run, tmp_path: Path) -> None:
    ran = run("export", "rdf", "-o", tmp_path / "evidence.ttl", "-C", example.root)
    assert (ran.code, ran.out, ran.err) == (0, "", f"wrote {tmp_path / 'evidence.ttl'}\n")
    import rdflib

    graph = rdflib.Graph().parse(tmp_path / "evidence.ttl")
    findings = graph.subjects(rdflib.RDF.type, rdflib.URIRef("https://w3id.org/evidence-kg#Finding"))
    assert len(set(findings)) == 199


def test_the_python_interface(example: Review) -> None:
    import kg

    review = kg.open_review(example.root / "sheets")
    with review.graph() as graph:
        assert len(graph.table("evidence-counts", level="Individual")) == 10
        assert graph.why("role-autonomy", "job-satisfaction").columns[0] == "study"
        assert graph.query("MATCH (s:Study) WHERE s.year >= $year RETURN count(s) AS n", year=2020).rows == [(14,)]
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = kg.nonsense


def test_main_is_the_entry_point() -> None:
    assert isinstance(main, click.Group)
