"""The records that every other package works with: studies, findings, terms, records of publications; their ids, the
vocabulary of the graph, and the names of files in a review folder.

Anybody may import from here. Imports ``kg.errors`` and nothing else of kg.
"""
