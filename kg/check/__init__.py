"""What contradicts itself: the folder, its records, printed tables beside the graph, and a published review beside
itself.

``run`` runs everything. Imports ``kg.folder`` and ``kg.query``; never a command or an export.
"""
