"""Files that are tables, whatever they mean: CSV, TSV and workbooks, as a header and rows with their numbers.

Imports ``kg.model`` and ``kg.limits``; knows no column by name.
"""
