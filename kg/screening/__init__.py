"""Screening: the decisions on candidates, the study flow that follows from them, and the queue of what to read next.

``decisions`` reads and appends ``screening/decisions.csv``; ``flow``, ``balance`` and ``prisma`` count, check and write
the study flow; ``queue`` ranks the candidates by ``ranking``, ``terms`` and ``words``. Nothing here decides on a
candidate. This package reads a review folder through ``kg.folder`` and a graph through ``kg.query``; it never imports a
command, an export, a check or a fetch.
"""
