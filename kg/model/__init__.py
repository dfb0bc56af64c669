"""The data model that every other package uses: studies, findings, terms, records of publications; their ids, the
vocabulary of the graph, text normalisation, the words of notices, and the names of files in a review folder.

Every package may import from here. Imports ``kg.errors`` and nothing else of kg.
"""
