"""Tabular files (CSV, TSV and workbooks) as a header and numbered rows, without the meaning of their columns.

Imports ``kg.model`` and ``kg.limits``; knows no column by name.
"""
