"""The text that PRISMA-LSR asks a version of a living review to give."""

from __future__ import annotations

from kg.release.changes import Difference


def prisma_lsr(found: Difference) -> str:
    """Return the text as Markdown."""
    return ""
