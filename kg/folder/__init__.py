"""The review folder on disk: its configuration, its files, what they say together, and what is put into it.

``review`` is what notebooks and commands hold: it reads the folder (``read``, ``library``, ``published``), has
the graph built and stored, and opens it. ``create``, ``add`` and ``searchlog`` write into the folder. Never
imports a command, an export or a check.
"""
