"""The audit of a published review: the coding of its sections and tables, checked for contradictions."""

from __future__ import annotations

from kg.check.audit.index import Index
from kg.check.audit.records import AUDIT_KINDS, Discrepancy, Place
from kg.check.audit.rules import RULES
from kg.model.published import Published
from kg.model.records import Evidence

__all__ = ["AUDIT_KINDS", "Discrepancy", "Place", "audit"]


def audit(evidence: Evidence, published: Published) -> list[Discrepancy]:
    """Return every discrepancy between places of the published review, rule by rule."""
    index = Index(evidence, published)
    return [discrepancy for rule in RULES for discrepancy in rule(index)]
