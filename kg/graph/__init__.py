"""The graph as rows, made from records: the only place that knows which record becomes which node and edge.

``build`` assembles it, ``counts`` and ``bibliography`` make the derived rows, ``diff`` compares two graphs.
Pure. Imports ``kg.model`` and never a loader, a store or a query.
"""
