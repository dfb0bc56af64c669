"""Releases: a state of the review that is frozen as plain files, and what changed from one state to another.

A release is written by ``make``, described for archives by ``packages``, and compared by ``diff``, which is pure. What
a release holds is in ``kg.folder.frozen``, so that checks can read it. This package imports exports and checks; neither
knows of it.
"""
