"""Readers: one file, or one answer of a service, in; records and problems out.

Imports ``kg.model`` and what its neighbours below offer. Never imports a review folder, its configuration, a store or
a query.
"""
