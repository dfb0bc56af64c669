"""Queries of a built graph: tables, custom queries, gaps, the gap map, the findings behind a cell.

Notebooks and commands use ``kg.query.graph``. Imports stores; never a loader or a review folder.
"""
