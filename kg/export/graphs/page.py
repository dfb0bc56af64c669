"""A network as one page to look at, made with pyvis; the only module that imports it.

pyvis holds the nodes and edges and has the drawing library, vis-network. The page around it is ours, because that of
pyvis asks other hosts for style sheets and may run markup in a title. Every position is given, so that nothing is
simulated. A content security policy with hashes keeps any other script or style from running.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Final

from kg.errors import KgError, UsageProblem, counted
from kg.export.graphs.network import Edge, Network, Node, Value
from kg.export.graphs.style import ARROWS, FILLS, Colours, bends
from kg.problems import shorten

#: The most nodes and edges that a page can show: beyond, moving it takes longer than a blink.
MOST_NODES: Final = 500
MOST_EDGES: Final = 2_000

_SHAPES: Final = {"study": "box", "factor": "box", "outcome": "ellipse"}
_NAMES: Final = {
    "indirect_studies": "cited jointly or inferred", "implied_studies": "implied", "study_labels": "articles",
    "study_label": "article", "doi": "DOI", "origin": "row", "no_effect": "no effect",
}  # fmt: skip
#: What the panel does not show: ids, and what is in the heading.
_KNOWN: Final = ("direction", "pole", "study", "finding", "outcomes")
_ISLAND: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_OPTIONS: Final = {
    "autoResize": True,
    "physics": False,
    "layout": {"improvedLayout": False, "randomSeed": 1},
    "interaction": {"hover": True, "tooltipDelay": 150, "keyboard": {"enabled": True, "bindToWindow": False}},
    "nodes": {"font": {"size": 20, "color": "#1b2430"}, "margin": 6, "borderWidth": 1, "borderWidthSelected": 3},
    "edges": {"arrows": {"to": {"scaleFactor": 0.7}}, "selectionWidth": 2, "hoverWidth": 1},
}


def graph_page(network: Network, colours: Mapping[str, str | None] | None = None) -> str:
    """Return a network as one page that works offline; ``colours`` has those of the review.

    Raises UsageProblem for a network with more than MOST_NODES or MOST_EDGES, and KgError without pyvis.
    """
    _check_size(network)
    palette = Colours(colours or {})
    drawn, library = _drawn(network, palette)
    style, script = _asset("graph.css"), _asset("graph.js")
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(_asset("graph.html")).substitute(
        policy=escape(policy), style=style, library=library, script=script, title=escape(network.title),
        facts="".join(f"<li>{escape(fact)}</li>" for fact in _facts(network)), legend=_legend(network, palette),
        count=len(network.edges), rows=_rows(network), island=_island(drawn),
    )  # fmt: skip


def _check_size(network: Network) -> None:
    nodes, edges = len(network.nodes), len(network.edges)
    if nodes > MOST_NODES or edges > MOST_EDGES:
        less = "choose --level factors, " if network.level != "factors" else ""
        raise UsageProblem(
            f"this graph has {counted(nodes, 'node')} and {counted(edges, 'edge')}, and a page can show at most "
            f"{MOST_NODES:,} and {MOST_EDGES:,}: {less}take a part of it with --where, or write a .gexf, .graphml or "
            ".json file for a program that draws large graphs"
        )


def _drawn(network: Network, palette: Colours) -> tuple[dict[str, Any], str]:
    """Return what the script draws, as pyvis arranges it, and the text of vis-network."""
    try:
        import pyvis
        from pyvis.network import Network as Pyvis
    except ImportError as error:
        raise KgError("a graph as a page needs pyvis: pip install 'evidence-kg[graph]'") from error
    made = Pyvis(directed=True, cdn_resources="in_line")  # an undirected one would lose parallel edges
    made.options = _OPTIONS
    for node in network.nodes:
        made.add_node(node.id, **_look(node))
    label, bend = {node.id: node.label for node in network.nodes}, bends(network.edges)
    for edge in network.edges:
        made.add_edge(edge.source, edge.target, **_line(edge, palette, bend[edge.id], _said(edge, label)))
    nodes, edges, _, _, _, options = made.get_network_data()
    about = {node.id: [node.label, _about(node.attributes)] for node in network.nodes}
    about.update({edge.id: [_said(edge, label), _about(edge.attributes)] for edge in network.edges})
    drawn = {"nodes": nodes, "edges": edges, "options": json.loads(options), "about": about}
    return drawn, _vis_network(Path(pyvis.__file__).parent)


def _vis_network(package: Path) -> str:
    """Return the script of vis-network that pyvis ships, with its licence and without the address of a source map."""
    found = sorted(package.glob("templates/lib/vis-*/vis-network.min.js"))
    if not found:
        raise KgError("the installed pyvis has no vis-network: pip install --force-reinstall 'evidence-kg[graph]'")
    text = found[-1].read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S*", "", text).strip() + "\n"


def _look(node: Node) -> dict[str, Any]:
    studies = f" ({node.attributes['studies']})" if "studies" in node.attributes else ""
    group = f", {node.attributes['group']}" if "group" in node.attributes else ""
    title = str(node.attributes.get("title", ""))
    return {
        "label": shorten(node.label, 44) + studies,
        "title": "\n".join(filter(None, (f"{node.label}: {node.kind}{group}", shorten(title, 90)))),
        "shape": _SHAPES[node.kind], "color": {"background": FILLS[node.kind], "border": "#55606e",
                                               "highlight": {"background": "#fff", "border": "#1b2430"},
                                               "hover": {"background": "#fff", "border": "#1b2430"}},
        "x": node.x, "y": node.y,
    }  # fmt: skip


def _line(edge: Edge, palette: Colours, bend: float, said: str) -> dict[str, Any]:
    head = ARROWS[edge.direction][0]
    colour = palette.of(edge.direction)
    smooth = {"enabled": True, "type": "curvedCW" if bend > 0 else "curvedCCW", "roundness": abs(bend)}
    return {
        "id": edge.id, "title": said, "study": edge.attributes.get("study"),
        "width": round(1 + min(edge.weight, 20) * 0.4, 1), "dashes": edge.is_absence,
        "color": {"color": colour, "highlight": colour, "hover": colour, "opacity": 0.75},
        "smooth": smooth if bend else False,
        "arrows": {"to": {"enabled": bool(head), "type": head or "arrow"}},
    }  # fmt: skip


def _said(edge: Edge, label: Mapping[str, str]) -> str:
    studies = f", {counted(edge.weight, 'study', 'studies')}" if edge.kind == "ties" else ""
    return f"{label[edge.source]} → {label[edge.target]}: {edge.label}{studies}"


def _about(attributes: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Return what the panel says of a node or an edge, as names and values."""
    return [
        (_NAMES.get(name, name), ("yes" if value else "no") if isinstance(value, bool) else str(value))
        for name, value in attributes.items()
        if name not in _KNOWN and value != 0
    ]


def _facts(network: Network) -> Iterable[str]:
    facts = network.facts
    yield f"{facts.get('studies', 0)} studies, {facts.get('findings', 0)} findings"
    yield f"{counted(len(network.nodes), 'node')}, {counted(len(network.edges), 'edge')}"
    if "left_out" in facts:
        yield f"{counted(int(facts['left_out']), 'row')} not accepted and left out"
    if "only" in facts:
        yield f"only {facts['only']}"
    yield f"made by {facts['version']} from data with SHA-256 {str(facts['data_sha256'])[:12]}…"


def _legend(network: Network, palette: Colours) -> str:
    """Return the directions that occur with their colours, arrowheads and words, as items of a list."""
    label = {edge.direction: edge.label for edge in network.edges if not edge.is_absence}
    present = {edge.direction for edge in network.edges}
    items = [
        f'<li><svg width="26" height="10" aria-hidden="true"><path d="M0 5h26" stroke="{palette.of(direction)}" '
        f'stroke-width="3"/></svg> {escape(label.get(direction, _NAMES.get(direction, direction)))} ({head})</li>'
        for direction, (_, head) in ARROWS.items()
        if direction in present
    ]
    if any(edge.is_absence for edge in network.edges):
        items.append("<li>dashed: by absence of the factor</li>")
    return "".join(items)


def _rows(network: Network) -> str:
    label = {node.id: node.label for node in network.nodes}
    cells = (
        (label[edge.source], edge.label, label[edge.target], *(edge.attributes.get(n, "") for n in ("studies", "note")))
        for edge in network.edges
    )
    return "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>\n" for row in cells)


def _island(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_ISLAND)


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
