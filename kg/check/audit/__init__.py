"""The audit of a published review: the coding of its sections and tables, checked for contradictions."""

from __future__ import annotations

from dataclasses import replace

from kg.check.audit.facts import eligibility
from kg.check.audit.index import Index
from kg.check.audit.records import AUDIT_KINDS, Discrepancy, Place
from kg.check.audit.rules import RULES
from kg.model.fields import REVIEW
from kg.model.published import Published
from kg.model.records import Evidence, Study

__all__ = ["AUDIT_KINDS", "Discrepancy", "Place", "audit"]


def audit(evidence: Evidence, published: Published, printed: Evidence | None = None) -> list[Discrepancy]:
    """Return every discrepancy between places of the published review, rule by rule.

    ``printed`` is the part of the evidence that the published review is about, by default all of it. Every study of the
    folder's own review must meet the eligibility criteria, whether or not it is in that part.
    """
    own = replace(evidence, studies=tuple(study for study in evidence.studies if _is_own(evidence, study)))
    whole = Index(own, published)
    index = Index(printed, published) if printed else whole
    return [discrepancy for rule in RULES for discrepancy in rule(whole if rule is eligibility else index)]


def _is_own(evidence: Evidence, study: Study) -> bool:
    """Whether the folder's own review includes a study; the criteria of other reviews may be others."""
    reviews = study.facets.get(REVIEW, ()) if evidence.reviews else ()
    return not reviews or evidence.review.id in reviews
