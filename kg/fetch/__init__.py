"""Fetching works of OpenAlex into a review folder: running a request, resuming it, collecting identifiers, and the
steps and the digest of an update.

Imports ``kg.loaders.openalex``, the client of the service, and ``kg.folder``, which stores the works. Never imports a
store or a query.
"""
