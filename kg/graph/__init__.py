"""The graph as rows: the only package that maps records to nodes and edges.

``build`` assembles it, ``counts`` and ``bibliography`` make the derived rows, ``diff`` compares two graphs.
Pure. Imports ``kg.model`` and never a loader, a store or a query.
"""
