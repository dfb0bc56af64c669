"""Record linkage: which records are one work, which may be, and which studies no longer stand.

``resolve`` merges records on exact keys, by the clusters of ``clusters``; ``candidates`` lists pairs for a
person to decide; ``titles`` and ``authors`` compare; ``retractions`` says whether a study still stands. Pure:
records in, works out. Imports ``kg.model`` and never a loader, a store or a file.
"""
