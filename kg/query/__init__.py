"""The graph that people ask: tables, queries of their own, gaps, the map, the findings behind a cell.

``kg.query.graph`` is what notebooks and commands hold. Imports stores; never a loader or a review folder.
"""
