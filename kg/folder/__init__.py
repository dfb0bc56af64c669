"""The review folder on disk: its configuration, reading all of its files, and adding files to it.

Notebooks and commands use ``review``: it reads the folder (``read``, ``tables``, ``library``, ``published``), builds
and stores the graph, and opens it. ``create``, ``add`` and ``searchlog`` write into the folder. This package never
imports a command, an export or a check.
"""
