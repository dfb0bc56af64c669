"""Cypher as text: the canned queries and their headers, and the check that lets only reading statements pass.

Stores and ``kg.query`` import from here. Never imports a store or a loader.
"""
