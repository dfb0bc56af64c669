"""The graph as files for ``neo4j-admin database import full``, which suits graphs of any size.

The folder has a header file and a data file for each label and each type of relationship (``kg.export.neo4j_csv``), the
script that imports them, and two scripts to run on the database afterwards: the constraints, and empty lists, which the
importer cannot write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from kg.cypher.catalogue import statements
from kg.errors import StoreError
from kg.export.browser import browse_files, write_browse
from kg.export.folders import Kind, replaced
from kg.export.neo4j_csv import MANIFEST, Group, edge_group, edges_name, manifest_group, node_group, separator_of
from kg.graph.rows import Row
from kg.model.vocabulary import LABELS, PROPERTIES, RELATIONSHIPS, TYPES
from kg.query.rows import edges_from, nodes_of
from kg.store.base import Manifest
from kg.store.server import schema

if TYPE_CHECKING:
    from kg.query.graph import Graph

_README: Final = "A graph of kg, as files for neo4j-admin.\n"
_CONSTRAINTS, _LISTS, _SCRIPT, _ABOUT = "constraints.cypher", "empty-lists.cypher", "import.sh", "README.txt"
_REPORT: Final = "import.report"  # neo4j-admin writes it into the current folder
_BROWSE: Final = "browse"
#: The type, start label and end label of all relationships.
_KEYS: Final = [(kind, *ends) for kind, pairs in RELATIONSHIPS.items() for ends in pairs]


def write_import(graph: Graph, folder: Path) -> None:
    """Write the files of an import into a folder that is new, empty or holds an earlier import.

    Some thousands of rows are held at a time, and the ids of the nodes of one label. Rows are in the order of their
    ids, so the same graph and manifest give the same bytes. ``import.sh`` is removed first and written last, so a
    folder that has it is complete. Raises UsageProblem where the folder holds other files, and KgError for a value that
    the import would change; the folder is then left as it was.
    """
    manifest = graph.store.manifest()
    if manifest is None:
        raise StoreError(f"no graph in {graph.store.url}: there is nothing to write")
    if graph.only:  # a part is not up to date with the folder, so that a build makes it whole
        manifest = replace(manifest, files={})
    with replaced(folder, Kind("an import for Neo4j", _names(), _ABOUT, _README, _SCRIPT)) as made:
        _write_all(graph, manifest, made)


def _names() -> frozenset[str]:
    """Return the names of all files that an import can have."""
    groups = [*LABELS, MANIFEST, *(edges_name(*key) for key in _KEYS)]
    data = {f"{name}{end}.csv" for name in groups for end in ("", "-header")}
    browse = {f"{_BROWSE}/{name}" for name in browse_files()}
    return frozenset({*data, *browse, _CONSTRAINTS, _LISTS, _SCRIPT, _ABOUT, _REPORT})


def _write_all(graph: Graph, manifest: Manifest, folder: Path) -> None:
    separator = separator_of(_rows_with_lists(graph))
    options: list[str] = []
    several_lines = False
    for option, group, rows in _groups(graph, manifest):
        first = next(rows, None)
        if first is None:
            continue
        several_lines |= _write(folder / f"{group.name}.csv", group.lines(chain([first], rows), separator))
        _write(folder / f"{group.name}-header.csv", [group.header()])
        # The importer of 2026 needs the folder in the name, hence ./
        options.append(f"--{option}={group.option}=./{group.name}-header.csv,./{group.name}.csv")
    # Reading multi-line fields is slower, so the option is set only where there are some.
    multiline = f"--multiline-fields={'true' if several_lines else 'false'}"
    options = [f"--array-delimiter=U+{ord(separator):04X}", multiline, *options]
    texts = {
        _CONSTRAINTS: _script(schema()),
        _LISTS: _script(statements("server/empty-lists")),
        _SCRIPT: _SHELL.substitute(options="".join(f"  {option} \\\n" for option in options)),
        _ABOUT: _README + _HOW.substitute(review=manifest.review),
    }
    for name, text in texts.items():
        _write(folder / name, [text.encode()])
    (folder / _SCRIPT).chmod((folder / _SCRIPT).stat().st_mode | 0o111)
    write_browse(folder / _BROWSE)


def _groups(graph: Graph, manifest: Manifest) -> Iterator[tuple[str, Group, Iterator[Row]]]:
    """Yield the option of the importer, the group, and its rows, which are read as they are needed."""
    for label in LABELS:
        yield "nodes", node_group(label), _nodes(graph, label)
    group, row = manifest_group(manifest)
    yield "nodes", group, iter([row])
    for kind, start, end in _KEYS:
        yield "relationships", edge_group(kind, start, end), _edges(graph, kind, start, end)


def _rows_with_lists(graph: Graph) -> Iterator[Row]:
    for label in filter(_has_lists, LABELS):
        yield from _nodes(graph, label)
    for key in _KEYS:
        if _has_lists(key[0]):
            yield from _edges(graph, *key)


def _has_lists(name: str) -> bool:
    return any(TYPES.get(column) == "list of texts" for column in PROPERTIES.get(name, ()))


def _nodes(graph: Graph, label: str) -> Iterator[Row]:
    return chain.from_iterable(nodes_of(graph.store, graph.review, label))


def _edges(graph: Graph, kind: str, start: str, end: str) -> Iterator[Row]:
    return chain.from_iterable(edges_from(graph.store, graph.review, kind, start, end))


def _script(texts: Iterable[str]) -> str:
    return "".join(f"{text};\n" for text in texts)


def _write(path: Path, lines: Iterable[bytes]) -> bool:
    """Write lines to a file; return whether one of them has a line break inside a field."""
    broken = False
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            broken = broken or line.find(b"\n") != len(line) - 1 or b"\r" in line
    return broken


_SHELL: Final = Template(
    """#!/bin/sh
# Load the files beside this script into a database of Neo4j, with the server stopped.
#
#   ./import.sh [DATABASE] [OPTION...]
#
# DATABASE is neo4j where none is named. Options go to neo4j-admin as they are: --overwrite-destination replaces what
# the database holds. NEO4J_ADMIN names the command where it is not on the path.
set -eu
admin=$${NEO4J_ADMIN:-neo4j-admin}
case $$admin in
  /*) ;;
  */*) admin=$$PWD/$$admin ;;
esac
case $${1-} in
  "" | -*) database=neo4j ;;
  *) database=$$1; shift ;;
esac
CDPATH='' cd -- "$$(dirname -- "$$0")"
exec "$$admin" database import full "$$database" \\
$options  "$$@"
"""
)

_HOW: Final = Template(
    """
It is the whole graph of the review $review, made by kg export neo4j. The server must be stopped for the import, and
the database be new or be replaced:

  ./import.sh                            into the database neo4j, which must be empty
  ./import.sh reviews                    into another one (then CREATE DATABASE reviews, where the edition has it)
  ./import.sh neo4j --overwrite-destination    everything that is in the database goes

NEO4J_ADMIN=/path/to/neo4j-admin ./import.sh where the command is not on the path. neo4j-admin leaves import.report in
this folder. Then start the server and run the two scripts, which may be run again:

  cypher-shell -d neo4j -f constraints.cypher       ids are unique, and found without a search
  cypher-shell -d neo4j -f empty-lists.cypher       what the importer cannot write

From then on kg table --store neo4j://localhost reads the graph, and kg build --store neo4j://localhost keeps it up to
date. browse/ has queries and a style for Neo4j Browser.

  NAME-header.csv, NAME.csv    nodes of a label, or relationships of a type between two labels: the names of the
                               columns, and the rows; import.sh names what separates the items of a list
"""
)
