"""Bringing works of OpenAlex into a review folder: running a request, resuming it, and looking up names.

Imports ``kg.loaders.openalex``, which speaks to the service, and ``kg.folder``, which keeps what comes. Never
imports a store or a query.
"""
