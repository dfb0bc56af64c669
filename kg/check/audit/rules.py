"""The rules of the audit. Each has the name of its kind in ``AUDIT_KINDS`` and yields the discrepancies it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kg.check.audit.facts import duplicate_reference, eligibility, fact, flow, no_row, table_order
from kg.check.audit.index import Index
from kg.check.audit.lists import (
    count_and_list,
    factor_list,
    outcome_list,
    outcome_of_factor,
    table_and_prose,
    total_and_parts,
    uncited_tie,
)
from kg.check.audit.records import Discrepancy

RULES: tuple[Callable[[Index], Iterator[Discrepancy]], ...] = (
    count_and_list,
    total_and_parts,
    table_and_prose,
    outcome_list,
    factor_list,
    outcome_of_factor,
    fact,
    uncited_tie,
    table_order,
    duplicate_reference,
    eligibility,
    flow,
    no_row,
)
