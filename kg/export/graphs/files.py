"""Networks as GraphML, GEXF and node-link JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from kg.export.graphs.network import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, Edge, Network, Node, Value
from kg.export.graphs.style import FILLS, Colours, channels
from kg.text import escaped

_GRAPHML_TYPES: Final = {str: "string", int: "int", float: "double", bool: "boolean"}
_GEXF_TYPES: Final = {**_GRAPHML_TYPES, int: "integer"}
#: White space that an XML parser would turn into a space or a line feed.
_SPACES: Final = {ord(sign): f"&#{ord(sign)};" for sign in "\t\n\r"}

#: What all formats have beside the attributes; ``x``, ``y`` and ``size`` are in pixels, y downwards.
_NODE: Final[Mapping[str, type]] = {"label": str, **NODE_ATTRIBUTES, "x": float, "y": float, "size": float}
_EDGE: Final[Mapping[str, type]] = {"label": str, **EDGE_ATTRIBUTES, "weight": float}


def to_graphml(network: Network) -> str:
    """Return a network as GraphML, with typed attributes.

    GraphML allows few characters in an id, so nodes are ``n1``, ``n2``, …; ``ref`` is the id of the other formats.
    """
    facts: dict[str, type] = {"title": str, **{name: type(value) for name, value in network.facts.items()}}
    keys = {"graph": facts, "node": {"ref": str, **_NODE}, "edge": _EDGE}
    ids = {node.id: f"n{number}" for number, node in enumerate(network.nodes, start=1)}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
        'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
        *(
            f'<key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{_GRAPHML_TYPES[kind]}"/>'
            for of, names in keys.items()
            for name, kind in names.items()
        ),
        '<graph id="evidence" edgedefault="directed">',
        *_data("graph", {"title": network.title, **network.facts}),
    ]
    for node in network.nodes:
        lines += [f'<node id="{ids[node.id]}">', *_data("node", {"ref": node.id, **_of_node(node)}), "</node>"]
    for edge in network.edges:
        ends = f'source="{ids[edge.source]}" target="{ids[edge.target]}"'
        lines += [f'<edge id="{edge.id}" {ends}>', *_data("edge", _of_edge(edge)), "</edge>"]
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def to_gexf(network: Network, colours: Mapping[str, str | None] | None = None) -> str:
    """Return a network as GEXF 1.3, with positions, sizes and colours; ``colours`` has those of the review.

    In Gephi, y is upwards. The attribute ``kind`` of an edge keeps edges of different directions apart.
    """
    palette = Colours(colours or {})
    about = "; ".join(f"{name}: {value}" for name, value in network.facts.items())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">',
        f"<meta><creator>{_xml(str(network.facts['version']))}</creator>",
        f"<description>{_xml(network.title)}; {_xml(about)}</description></meta>",
        '<graph defaultedgetype="directed" mode="static">',
        *_declared("node", NODE_ATTRIBUTES),
        *_declared("edge", EDGE_ATTRIBUTES),
        f'<nodes count="{len(network.nodes)}">',
    ]
    for node in network.nodes:
        lines += [f'<node id="{_xml(node.id)}" label="{_xml(node.label)}">', *_attvalues(node.attributes)]
        lines += [
            _colour(FILLS[node.kind]),
            f'<viz:position x="{node.x}" y="{0.0 - node.y}" z="0.0"/>',
            f'<viz:size value="{node.size}"/>',
            "</node>",
        ]
    lines += ["</nodes>", f'<edges count="{len(network.edges)}">']
    for edge in network.edges:
        kind = " ".join(filter(None, (edge.kind, edge.direction, "absence" if edge.is_absence else "")))
        lines += [
            f'<edge id="{edge.id}" source="{_xml(edge.source)}" target="{_xml(edge.target)}" '
            f'label="{_xml(edge.label)}" kind="{kind}" weight="{float(edge.weight)}">',
            *_attvalues(edge.attributes),
            _colour(palette.of(edge.direction)),
            f'<viz:shape value="{"dashed" if edge.is_absence else "solid"}"/>',
            "</edge>",
        ]
    return "\n".join([*lines, "</edges>", "</graph>", "</gexf>", ""])


def to_json(network: Network) -> str:
    """Return a network as node-link JSON, as ``networkx.node_link_graph`` of version 3.4 and later reads it."""
    content = {
        "directed": True,
        "multigraph": True,
        "graph": {"title": network.title, **network.facts},
        "nodes": [{"id": node.id, **_of_node(node)} for node in network.nodes],
        "edges": [
            {"source": edge.source, "target": edge.target, "key": edge.id, **_of_edge(edge)} for edge in network.edges
        ],
    }
    return escaped(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)) + "\n"


def _of_node(node: Node) -> dict[str, Value]:
    return {"label": node.label, **node.attributes, "x": node.x, "y": node.y, "size": node.size}


def _of_edge(edge: Edge) -> dict[str, Value]:
    return {"label": edge.label, **edge.attributes, "weight": float(edge.weight)}


def _data(of: str, values: Mapping[str, Value]) -> Iterator[str]:
    return (f'<data key="{of}_{name}">{_text(value)}</data>' for name, value in values.items())


def _declared(of: str, attributes: Mapping[str, type]) -> Iterable[str]:
    declared = (
        f'<attribute id="{name}" title="{name}" type="{_GEXF_TYPES[kind]}"/>' for name, kind in attributes.items()
    )
    return [f'<attributes class="{of}" mode="static">', *declared, "</attributes>"]


def _attvalues(values: Mapping[str, Value]) -> Iterable[str]:
    return [
        "<attvalues>",
        *(f'<attvalue for="{name}" value="{_text(value)}"/>' for name, value in values.items()),
        "</attvalues>",
    ]


def _colour(colour: str) -> str:
    red, green, blue = channels(colour)
    return f'<viz:color r="{red}" g="{green}" b="{blue}"/>'


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else _xml(str(value))


def _xml(text: str) -> str:
    return escape(text).translate(_SPACES)
