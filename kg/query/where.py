"""Conditions on facets and vocabularies, such as ``design=survey,interviews`` or ``year>=2015``.

Values that are separated by commas are alternatives; several conditions must all be met. A condition on a facet of
studies keeps studies with all their findings, a condition on a facet of findings keeps findings, and the studies that
report them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.errors import UnknownName, UsageProblem, counted
from kg.model.fields import CODING_STATUSES
from kg.model.normalise import fold_term
from kg.query.answers import Answers
from kg.query.dimensions import Dimension, dimension
from kg.query.units import Unit, Units

#: What a condition may call everything without a value, whatever the coding status.
NOT_CODED = "not coded"

_CONDITION = re.compile(
    r"""\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^=!<>"]+?))\s*(?P<sign>!=|>=|<=|=|>|<)(?P<rest>.*)""", re.DOTALL
)
_WORD = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)')
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


@dataclass(frozen=True)
class Condition:
    """A condition with its facet, its sign and its words, which are alternatives."""

    facet: str
    sign: str
    words: tuple[str, ...]
    whole: str


@dataclass(frozen=True)
class Test:
    """A condition on the keys of a dimension: one of ``keys`` is there, or is not there where ``negated``."""

    dimension: Dimension
    keys: frozenset[int]
    negated: bool
    says: str

    def __call__(self, keys: Sequence[int]) -> bool:
        """Return whether a study or finding with these keys meets the condition."""
        return self.keys.isdisjoint(keys) == self.negated


@dataclass(frozen=True)
class Kept:
    """The studies and findings that meet some conditions, by id, and what a title says of them.

    ``of_findings`` is True where a condition is on a facet of findings.
    """

    studies: frozenset[str]
    findings: frozenset[str]
    of_findings: bool
    says: str


def parse(text: str) -> Condition:
    """Read one condition. Raises UsageProblem."""
    match = _CONDITION.fullmatch(text)
    if not match or not match["rest"].strip():
        raise UsageProblem(
            f"{text!r} is no condition: write FACET=VALUE, e.g. --where design=survey,interviews, "
            "--where 'year>=2015' or --where 'country!=Canada'"
        )
    rest = match["rest"].strip()
    words = []
    at = 0
    while at < len(rest):
        word = _WORD.match(rest, at)
        if word is None:
            raise UsageProblem(f'{text!r} cannot be read: a value with commas or quotes is written "…", and " in it ""')
        quoted, plain = word.groups()
        words.append((plain or "").strip() if quoted is None else quoted.replace('""', '"'))
        at = word.end()
    return Condition((match["quoted"] or match["plain"]).strip(), match["sign"], tuple(w for w in words if w), rest)


def test_of(graph: Answers, text: str) -> Test:
    """Return the test that a condition means. Raises UnknownName for an unknown facet or value, with the nearest."""
    condition = parse(text)
    found = dimension(graph, condition.facet)
    if condition.sign in _COMPARISONS:
        keys = _compared(found, condition)
        return Test(found, keys, False, f"{found.label} {condition.sign} {condition.whole}")
    words: tuple[str, ...] = (condition.whole,)
    try:  # a label may have a comma
        alternatives = found.find(condition.whole)
    except UnknownName:
        words = condition.words
        alternatives = set().union(*(_keys(found, word) for word in words))
    return Test(
        found, frozenset(alternatives), condition.sign == "!=", f"{found.label} {condition.sign} {' or '.join(words)}"
    )


def _keys(found: Dimension, word: str) -> set[int]:
    """Return the keys that a word stands for: a value and those below it, or a coding status."""
    try:
        return found.find(word)
    except UnknownName:
        wanted = fold_term(word)
        if wanted == NOT_CODED or (wanted == "none" and found.kind == "concept"):
            return {found.key(status) for status in CODING_STATUSES}
        if wanted in CODING_STATUSES:
            return {found.key(wanted)}
        raise


def _compared(found: Dimension, condition: Condition) -> frozenset[int]:
    if found.kind not in ("number", "year"):
        raise UsageProblem(f"{found.label} holds no numbers: {condition.sign} is for facets of kind number or year")
    try:
        (word,) = condition.words
        bound = float(word)
    except ValueError as error:
        raise UsageProblem(f"{found.label} {condition.sign} {condition.whole}: is not a number") from error
    compare = _COMPARISONS[condition.sign]
    return frozenset(
        key for key, value in enumerate(found.values) if value.number is not None and compare(value.number, bound)
    )


def kept(graph: Answers, conditions: Sequence[str]) -> Kept:
    """Return the studies and findings that meet all conditions."""
    tests = [test_of(graph, text) for text in conditions]
    units = Units(graph, [test.dimension for test in tests])
    of_findings = any(test.dimension.of == "finding" for test in tests)
    studies: set[int] = set()
    findings: set[str] = set()
    total = units.count("finding")
    for unit in units.of_findings():
        if _meets(tests, unit):
            studies.add(unit.study)
            if unit.finding is not None:
                findings.add(unit.finding)
    if not of_findings:  # a study without a finding of its own review may have findings of another
        studies |= {unit.study for unit in units.of_studies() if _meets(tests, unit)}
    of = counted(len(units.ids), "study", "studies")
    says = f"{', '.join(test.says for test in tests)}: {len(studies):,} of {of}"
    if of_findings:
        says += f", {len(findings):,} of {counted(total, 'finding')}"
    return Kept(frozenset(units.ids[place] for place in studies), frozenset(findings), of_findings, says)


def _meets(tests: Sequence[Test], unit: Unit) -> bool:
    return all(test(keys) for test, keys in zip(tests, unit.keys, strict=True))
