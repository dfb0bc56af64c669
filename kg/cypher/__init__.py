"""Cypher as text: the canned queries and their headers, a tokenizer, and the check that a statement only reads.

Stores and ``kg.query`` import from here. Never imports a store or a loader.
"""
