"""Exports of databases and reference managers: one file in, records out.

``formats`` chooses the reader. Imports ``kg.loaders.tables`` and the work reader of ``kg.loaders.openalex``.
"""
