"""Findings whose note is worded as a lack, without a pole. The wording is only a hint: a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kg.check.audit import Discrepancy, Place
from kg.errors import counted
from kg.model.vocabulary import OPPOSITES

if TYPE_CHECKING:
    from kg.model.records import Finding

#: The wording of a note that may speak of the absence of the factor.
ABSENCE_WORDS = (
    "lack", "lacks", "lacked", "lacking", "without", "absence of", "absent", "missing", "unclear", "insufficient",
    "inadequate", "poor", "poorly", "too little", "too few", "not enough", "scarce", "scarcity of",
)  # fmt: skip
_WORDED = re.compile(rf"\b(?:{'|'.join(ABSENCE_WORDS)})\b", re.IGNORECASE)


class Hint(NamedTuple):
    """A finding without a pole, and the words of its note that may speak of the absence of its factor."""

    finding: Finding
    words: tuple[str, ...]


def pole_hints(findings: Iterable[Finding]) -> Iterator[Hint]:
    """Yield the facilitators and barriers without a pole whose note is worded as a lack of something."""
    for finding in findings:
        if finding.pole is None and finding.direction in OPPOSITES and finding.note:
            words = tuple(dict.fromkeys(word.lower() for word in _WORDED.findall(finding.note)))
            if words:
                yield Hint(finding, words)


def pole_suggested(findings: Iterable[Finding], labels: Mapping[str, int | str]) -> Iterator[Discrepancy]:
    """Yield one note for all findings that may need a pole, with the row and the words of each."""
    hints = list(pole_hints(findings))
    if hints:
        places = (
            Place(f"{f.source}, row {f.row}", f"{f.factor}, {f.direction}: {', '.join(words)}", (labels[f.study],))
            for f, words in hints
        )
        message = (
            f"{counted(len(hints), 'finding')} without a pole {'is' if len(hints) == 1 else 'are'} worded as a lack: "
            "if it is the absence of the factor that helps or harms, the pole is absence"
        )
        yield Discrepancy("pole-suggested", "note", message, tuple(places))
