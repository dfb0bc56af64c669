"""Readers: one file or one response of a service in, records and problems out.

Imports ``kg.model``, ``kg.linkage`` and the packages below them. Never imports a review folder, its configuration, a
store or a query.
"""
