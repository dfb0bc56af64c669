"""The evidence as a network of nodes and edges: a page, GraphML, GEXF and JSON.

``network`` chooses the nodes and edges, ``layout`` places them, and one module for each format writes them as text with
the same bytes for the same graph.
"""
