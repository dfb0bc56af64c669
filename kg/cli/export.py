"""``kg export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import filtering, folder_of, folder_option, map_option, open_graph_of, reading, review_of
from kg.cli.output import put, reported, written
from kg.errors import UsageProblem

if TYPE_CHECKING:
    from kg.graph.rows import GraphData
    from kg.query.part import Part


#: The height of a page in millimetres.
_PAGE = 297


@click.group(epilog="Example: kg export html -o map.html")
def export() -> None:
    """Write the gap map as HTML, or the evidence as CSV, as a graph, as RDF, as Parquet or for Neo4j."""


@export.command(epilog="Example: kg export html -o map.html")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("map.html"), show_default=True
)
@click.option("--language", default="en", show_default=True, help="The language of the page: de, en, es or fr.")
@click.option("--with-coders", is_flag=True, help="Name who coded each finding; left out by default.")
@click.option("--since", metavar="RELEASE", help="Mark on the map what changed since this release or git revision.")
@filtering
@reading
def html(
    output: Path,
    language: str,
    with_coders: bool,
    since: str | None,
    where: Part,
    folder: Path,
    store: str | None,
) -> None:
    """Write the map, the graph, tables and studies as one HTML file that works offline."""
    from kg.export.html import page_of

    changes = None
    if since:
        from kg.release.between import difference
        from kg.release.marks import marks

        changes = marks(difference(review_of(folder), since, evidence=where.compared()))
    with open_graph_of(folder, store, where) as graph:
        page = page_of(graph, folder_of(folder, store), language=language, with_coders=with_coders, since=changes)
    put(page, output)


@export.command(epilog="Example: kg export csv -o evidence/")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("export"), show_default=True
)
@filtering
@reading
def csv(output: Path, where: Part, folder: Path, store: str | None) -> None:
    """Write studies, findings and the tables as CSV files into a folder."""
    from kg.export.data import csv_files

    with open_graph_of(folder, store, where) as graph:
        files = csv_files(graph)
    for name, text in files.items():
        with written(output / name) as path:
            output.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


@export.command(epilog="Example: kg export graph -o evidence.gexf")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("graph.html"), show_default=True
)
@click.option(
    "--level",
    type=click.Choice(("factors", "studies")),
    default="factors",
    show_default=True,
    help="Factors and outcomes with an edge for each direction, or also the studies with the edges of each finding.",
)
@filtering
@reading
def graph(output: Path, level: str, where: Part, folder: Path, store: str | None) -> None:
    """Write studies, factors and outcomes as a graph of nodes and edges.

    The ending of the file chooses the format: .html is a page that draws it (with pyvis), .gexf and .graphml are for
    Gephi, Cytoscape and yEd, and .json is for networkx and D3.
    """
    from kg.export.graphs.write import FORMATS, graph_file

    if output.suffix.lower() not in FORMATS:
        raise UsageProblem(f"cannot tell the format from {output.name!r}: accepted are {', '.join(FORMATS)}")
    review = folder_of(folder, store)
    with open_graph_of(folder, store, where) as opened:
        text = graph_file(opened, output.suffix.lower(), level, review.config.review.colours if review else {})
    put(text, output)


@export.command(epilog="Example: kg export rdf -o evidence.ttl")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("evidence.ttl"),
    show_default=True,
)
@filtering
@folder_option
def rdf(output: Path, where: Part, folder: Path) -> None:
    """Write the whole graph as RDF (Turtle) under the ontology; with --where, a part of it."""
    from kg.export.rdf import turtle

    text = turtle(_assembled(folder, where))
    put(text, output)


@export.command(epilog="Example: kg export sssom -o overlays.sssom.tsv")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("overlays.sssom.tsv"),
    show_default=True,
)
@folder_option
def sssom(output: Path, folder: Path) -> None:
    """Write the mappings of all overlays in SSSOM, a tab-separated file."""
    from kg.export.sssom import to_sssom

    text = to_sssom(review_of(folder).load().evidence)
    put(text, output)


@export.command(epilog="Example: kg export neo4j import/")
@click.argument("output", metavar="DIR", type=click.Path(path_type=Path))
@filtering
@reading
def neo4j(output: Path, where: Part, folder: Path, store: str | None) -> None:
    """Write the whole graph as CSV files for neo4j-admin, with the script that imports them.

    DIR is new, empty or holds an earlier import. With --where, only a part of the graph is written; a later kg build
    into that database makes it whole.
    """
    from kg.export.neo4j import write_import

    with where.of(open_graph_of(folder, store), empirical=False) as graph, reported(output):
        write_import(graph, output)


@export.command(epilog="Example: kg export parquet tables/")
@click.argument("output", metavar="DIR", type=click.Path(path_type=Path))
@filtering
@reading
def parquet(output: Path, where: Part, folder: Path, store: str | None) -> None:
    """Write the whole graph as Parquet files, one for each label and type of relationship.

    DuckDB, Spark, BigQuery and pandas read them. DIR is new, empty or holds an earlier export. With --where, only a
    part of the graph is written.
    """
    from kg.export.parquet import write_parquet

    with where.of(open_graph_of(folder, store), empirical=False) as graph, reported(output):
        write_parquet(graph, output)


@export.command(epilog="Example: kg export browser -o browse/")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("browse"), show_default=True
)
@filtering
def browser(output: Path, where: Part) -> None:
    """Write queries to start with and a style for Neo4j Browser into a folder."""
    from kg.export.browser import write_browse

    if where:
        raise UsageProblem(
            "the queries show what is in the database: to see a part of a review there, import the files of "
            "kg export neo4j --where"
        )
    with reported(output):
        write_browse(output)


@export.command(epilog="Example: kg export figure gap-map -o map.svg")
@click.argument("name", metavar="NAME")
@click.argument("facet", required=False)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file: .svg, .png or .pdf.")
@map_option
@click.option("--by", type=click.Choice(("study", "report", "finding")), help="What to count (counts).")
@click.option("--all", "everything", is_flag=True, help="Count the findings of the prose as well (evidence-counts).")
@click.option(
    "--width", default="page", show_default=True, help="column (85 mm), page (180 mm) or a number of millimetres."
)
@click.option(
    "--font",
    "fonts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TTF or OTF file with characters that DejaVu Sans does not have; repeatable.",
)
@filtering
@reading
def figure(
    name: str,
    facet: str | None,
    output: Path | None,
    map_: str | None,
    by: str,
    everything: bool,
    width: str,
    fonts: tuple[Path, ...],
    where: Part,
    folder: Path,
    store: str | None,
) -> None:
    """Write a figure for a paper as SVG, PNG or PDF, and print its caption.

    FACET is a facet or vocabulary, for the figures counts and upset.

    \b
    NAME is one of
      gap-map           the gap map, or that of --map
      evidence-counts   facilitators to the right, barriers to the left
      evidence-by-year  studies by year of publication
      counts            bars of studies, reports or findings by a facet
      upset             values that occur together in studies; of factors by default
      citations         included studies that cite each other
      prisma            the study flow as in PRISMA 2020
      prisma-scr        the study flow as in PRISMA-ScR
    """
    from kg.export.figures import FLOWS, check_figure, flow_figure
    from kg.export.figures import figure as figure_of

    check_figure(name, facet=facet, map=map_, by=by, everything=everything, where=where, store=store)
    output = output or Path(f"{name}.svg")
    if name in FLOWS:
        drawn = flow_figure(review_of(folder), name, width=width, fonts=fonts)
    else:
        info = None if store else review_of(folder).config.review
        with open_graph_of(folder, store, where) as graph:
            drawn = figure_of(
                graph, name, facet, map=map_, by=by, everything=everything, width=width,
                colours=info.colours if info else {}, fonts=fonts,
            )  # fmt: skip
    data = drawn.as_bytes(output.suffix.lower().removeprefix("."))
    with written(output) as path:
        path.write_bytes(data)
    if drawn.height > _PAGE:
        click.echo(f"note: the figure is {drawn.height:,.0f} mm high, and a page has {_PAGE}", err=True)
    click.echo(drawn.caption)


def _assembled(folder: Path, where: Part) -> GraphData:
    """Return the graph of the files, or the part of it that meets the conditions."""
    review = review_of(folder)
    if not where:
        return review.assembled()
    with where.of(review.graph(), empirical=False) as part:
        return part.rows()
