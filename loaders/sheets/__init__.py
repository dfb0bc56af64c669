"""Extraction sheets and vocabularies: a table in; studies, findings and terms out.

Imports ``kg.loaders.tables``. Never imports a folder or its configuration.
"""
