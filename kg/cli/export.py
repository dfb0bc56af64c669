"""``kg export``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, open_graph_of, reading, review_of, written


@click.group(epilog="Example: kg export html -o map.html")
def export() -> None:
    """Write the gap map as HTML, or the evidence as CSV, as RDF or for Neo4j."""


@export.command(epilog="Example: kg export html -o map.html")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("map.html"), show_default=True
)
@reading
def html(output: Path, folder: Path, store: str | None) -> None:
    """Write the gap map as one HTML file that works offline."""
    from kg.export.data import map_data
    from kg.export.html import gap_map_page

    info = None if store else review_of(folder).config.review
    with open_graph_of(folder, store) as graph:
        page = gap_map_page(map_data(graph, info))
    with written(output):
        output.write_text(page, encoding="utf-8", newline="\n")


@export.command(epilog="Example: kg export csv -o evidence/")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("export"), show_default=True
)
@reading
def csv(output: Path, folder: Path, store: str | None) -> None:
    """Write studies, findings and the tables as CSV files into a folder."""
    from kg.export.data import csv_files

    with open_graph_of(folder, store) as graph:
        files = csv_files(graph)
    for name, text in files.items():
        with written(output / name):
            output.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text, encoding="utf-8", newline="\n")


@export.command(epilog="Example: kg export rdf -o evidence.ttl")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("evidence.ttl"),
    show_default=True,
)
@folder_option
def rdf(output: Path, folder: Path) -> None:
    """Write the whole graph as RDF (Turtle) under the ontology."""
    from kg.export.rdf import turtle
    from kg.graph.build import assemble

    text = turtle(assemble(review_of(folder).load().evidence))
    with written(output):
        output.write_text(text, encoding="utf-8", newline="\n")


@export.command(epilog="Example: kg export neo4j import/")
@click.argument("output", metavar="DIR", type=click.Path(path_type=Path))
@folder_option
def neo4j(output: Path, folder: Path) -> None:
    """Write the whole graph as CSV files for neo4j-admin, with the script that imports them.

    DIR is new, empty or holds an earlier import.
    """
    from kg.export.neo4j import write_import

    graph, manifest = review_of(folder).assembled()
    with written(output):
        write_import(graph, manifest, output)


@export.command(epilog="Example: kg export browser -o browse/")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("browse"), show_default=True
)
def browser(output: Path) -> None:
    """Write queries to start with and a style for Neo4j Browser into a folder."""
    from kg.export.browser import write_browse

    with written(output):
        write_browse(output)
