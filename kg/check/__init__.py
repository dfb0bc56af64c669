"""Checks: of the review folder and its records, of printed tables against the graph, and of a published review.

``run`` runs all of them. Imports ``kg.folder`` and ``kg.query``, and never a command or an export.
"""
