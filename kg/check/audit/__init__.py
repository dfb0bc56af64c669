"""The audit of a published review: the coding of its sections and tables, checked for contradictions."""

from __future__ import annotations

from kg.check.audit.facts import eligibility
from kg.check.audit.index import Index
from kg.check.audit.records import AUDIT_KINDS, Discrepancy, Place
from kg.check.audit.rules import RULES
from kg.model.published import Published
from kg.model.records import Evidence

__all__ = ["AUDIT_KINDS", "Discrepancy", "Place", "audit"]


def audit(evidence: Evidence, published: Published, printed: Evidence | None = None) -> list[Discrepancy]:
    """Return every discrepancy between places of the published review, rule by rule.

    ``printed`` is the part of the evidence that the published review is about, by default all of it. Every study must
    meet the eligibility criteria, whether or not it is in that part.
    """
    whole = Index(evidence, published)
    index = Index(printed, published) if printed else whole
    return [discrepancy for rule in RULES for discrepancy in rule(whole if rule is eligibility else index)]
