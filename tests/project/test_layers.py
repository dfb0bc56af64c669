"""Who may import whom: arrows point one way, and nothing heavy is loaded before it is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MODULES = {
    "kg." + ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")
    if base.name == "kg"
    else f"kg.{base.name}." + ".".join(path.relative_to(base).with_suffix("").parts): path
    for base in (ROOT / "kg", ROOT / "loaders")
    for path in base.rglob("*.py")
    if not (base.name == "kg" and {"loaders", "queries", "ontology", "examples"} & set(path.relative_to(base).parts))
}


@cache
def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    nodes = list(ast.iter_child_nodes(tree)) if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}  # from kg import cli
    return found


def test_the_walk_sees_the_modules() -> None:
    assert {
        "kg.folder.review",
        "kg.cli.table",
        "kg.loaders.sheets.findings",
        "kg.store.embedded",
        "kg.export.html",
    } <= set(MODULES)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("click", ("kg.cli",)),
        ("kglite", ("kg.store.embedded",)),
        ("neo4j", ("kg.store.bolt",)),
        ("pyalex", ("kg.loaders.openalex.client",)),
        ("requests", ("kg.loaders.openalex.client",)),
        ("orjson", ("kg.loaders.openalex.files",)),
        ("msgspec", ("kg.model.literature", "kg.model.packed", "kg.folder.library")),
        ("isal", ("kg.loaders.openalex.gzipped", "kg.folder.works")),
        ("rispy", ("kg.loaders.references.tagged",)),
        ("defusedxml", ("kg.loaders.references.endnote",)),
        ("pyvis", ("kg.export",)),
        ("pyarrow", ("kg.export.parquet",)),
        ("openpyxl", ("kg.export.tables", "kg.export.workbook")),
        ("python_calamine", ("kg.loaders.tables.workbooks",)),
        ("pandas", ("kg.table",)),
        ("rapidfuzz", ("kg.linkage.titles",)),
        ("rdflib", ("kg.loaders.sheets.vocabulary", "kg.export.rdf")),
    ],
)
def test_a_dependency_lives_in_one_place(package: str, allowed: tuple[str, ...]) -> None:
    users = {name for name, path in MODULES.items() if any(i.split(".")[0] == package for i in imports(path))}
    assert not {u for u in users if not u.startswith(allowed)}


def test_arrows_point_one_way() -> None:
    """The contracts are in pyproject.toml. Every module of kg is under one of them."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout
    assert "Contracts: 3 kept, 0 broken." in ran.stdout
    analyzed = re.search(r"Analyzed (\d+) files", ran.stdout)
    resources = {"kg.examples", "kg.ontology", "kg.queries"}  # packages of data
    assert analyzed and int(analyzed[1]) == len(MODULES) + len(resources)


def test_nobody_imports_the_top_level_folders() -> None:
    for path in [*MODULES.values(), *(ROOT / "tests").rglob("*.py")]:
        assert not {i for i in imports(path) if i.split(".")[0] in ("loaders", "queries", "ontology")}, path


@pytest.mark.parametrize(
    "start",
    ["import kg", "from kg.cli import main; main(['--help'], standalone_mode=False)", "import kg.folder.review"],
)
def test_nothing_heavy_is_loaded_before_it_is_used(start: str) -> None:
    code = f"import sys\n{start}\nprint('LOADED', *sorted(m for m in sys.modules if '.' not in m))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.rsplit("LOADED", 1)[1].split())
    assert not loaded & {
        "pandas",
        "numpy",
        "rdflib",
        "pyalex",
        "neo4j",
        "pyvis",
        "kglite",
        "openpyxl",
        "python_calamine",
        "rapidfuzz",
    }


def test_no_cypher_outside_queries() -> None:
    for path in MODULES.values():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            code = line.split("#")[0]
            assert (
                not any(word in code for word in ("MATCH (", "MERGE (", "UNWIND $", "UNWIND range"))
                or '"""' in line
                or "e.g." in line
            ), f"{path}:{number}"


def test_the_package_list_is_complete() -> None:
    """A package that is missing from the list works in a checkout and is missing from the wheel."""
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    places = {ROOT / "kg": "kg"}
    places |= {ROOT / name: f"kg.{name}" for name in ("loaders", "queries", "ontology", "examples")}
    folders = {
        ".".join([package, *path.parent.relative_to(place).parts])
        for place, package in places.items()
        for path in place.rglob("__init__.py")  # does not follow the links in kg/
    }
    assert listed == folders
