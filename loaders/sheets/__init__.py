"""Extraction sheets and vocabularies: one table in, studies, findings and terms out.

Imports ``kg.loaders.tables``. Never a folder or its configuration.
"""
