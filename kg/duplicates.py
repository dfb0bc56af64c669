"""Works that may be one study although no key says so: candidates for a person to decide. Pure.

Titles are compared within windows of their alphabetical order, from the front and from the back, so that a hundred
thousand works take seconds; a pair of which both ends of the title differ is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kg.bibliography import family_name
from kg.identity import PREPRINTS, Resolution
from kg.model import Pair, Record, Study
from kg.table import Table

#: How alike two titles are that differ, in percent of letters (rapidfuzz's ratio).
ALIKE = 92.0
#: How many titles are compared with each.
WINDOW = 5
#: A shorter title says little: many articles are called "Introduction".
FEWEST_LETTERS = 20
#: And where the authors of one are not known, a title has to say more than "Poster presentations".
FEWEST_WITHOUT_AUTHORS = 40

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_REPLY = re.compile(
    r"(?:re|reply|response|comments?|commentary|letter|editorial|author(?:'?s'?)? (?:reply|response)|in (?:reply|response)"
    r"|review of|book review|erratum|corrigendum|correction|retraction|withdrawn|discussion)\b[: ]",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:part|study|experiment|volume|vol|chapter|phase|wave|no)\W{0,2}(\d{1,3}|[ivx]{1,4}|one|two|three)\b")
_NUMBER = re.compile(r"\d+|\b[ivx]{1,4}\b")


@dataclass(frozen=True)
class Described:
    """What there is to compare of a study or another work."""

    id: str
    title: str
    year: int | None
    families: tuple[str, ...]
    type: str | None
    doi: str | None
    plain: str


def pairs(studies: Sequence[Study], resolution: Resolution, decisions: Iterable[Pair] = ()) -> tuple[Pair, ...]:
    """Return the pairs of works that a person has to look at, each with what agrees and what does not.

    Those that were decided to be different are not among them, and those decided to be the same are one work already.
    """
    names = works_by_name(studies, resolution)
    decided = {frozenset((names.get(pair.a), names.get(pair.b))) for pair in decisions if pair.decision}
    found: dict[tuple[str, str], Pair] = {}
    described = described_works(studies, resolution)
    for one, other in _neighbours(described):
        a, b = (one, other) if one.id <= other.id else (other, one)
        if (a.id, b.id) not in found and frozenset((a.id, b.id)) not in decided and (said := evidence(a, b)):
            found[a.id, b.id] = Pair(a.id, b.id, said)
    return tuple(found[key] for key in sorted(found))


def works_by_name(studies: Iterable[Study], resolution: Resolution) -> dict[str, str]:
    """Return the id of the study or work that a name stands for: its own id, a record's, ``doi:…`` or ``key:…``."""
    names = {f"doi:{record.doi}": record.id for record in reversed(resolution.records) if record.doi}
    of_record = {report.record: report.work for report in resolution.reports}
    found = {name: of_record[record] for name, record in names.items() if record in of_record} | of_record
    found |= {work.id: work.id for work in resolution.works}
    for study in studies:
        found |= {study.id: study.id, f"key:{study.key}": study.id, study.key: study.id}
    return found


def described_works(studies: Iterable[Study], resolution: Resolution) -> list[Described]:
    """Return what there is to compare: of a study what the sheet says, of other works their first record."""
    records = {record.id: record for record in resolution.records}
    found = []
    for study in studies:
        names = [family_name(name) for name in re.split(r"[;,]\s*", study.authors or "") if name.strip()]
        families = tuple(map(_fold, names))
        plain = plain_title(study.title or "")
        found.append(Described(study.id, study.title or "", study.year, families, study.publication_type, study.doi, plain))
    for work in resolution.works:
        record: Record = records[work.records[0]]
        families = tuple(_fold(family_name(author.name)) for author in record.authors)
        plain = plain_title(record.title or "")
        found.append(Described(work.id, record.title or "", record.year, families, record.type, record.doi, plain))
    return [one for one in found if len(one.plain) >= FEWEST_LETTERS]


def plain_title(title: str) -> str:
    """Return a title as lower-case words of ASCII letters and digits.

    >>> plain_title("[Größe & Wirkung]: a <i>trial</i>")
    'grosse wirkung a i trial i'
    """
    return _NOT_WORD.sub(" ", _fold(title)).strip()


def evidence(a: Described, b: Described) -> str | None:
    """Return in words what makes two works look like one, and what speaks against it; None where they are two."""
    from rapidfuzz.fuzz import ratio

    alike = 100.0 if a.plain == b.plain else ratio(a.plain, b.plain, score_cutoff=ALIKE)
    if alike < ALIKE or bool(_REPLY.match(a.title)) != bool(_REPLY.match(b.title)):
        return None
    if alike < 100 and (_PART.findall(a.plain) != _PART.findall(b.plain) or _numbers(a) != _numbers(b)):
        return None
    preprint = (a.type in PREPRINTS) != (b.type in PREPRINTS)
    if a.year and b.year and abs(a.year - b.year) > (3 if preprint else 1):
        return None
    shared = [name for name in a.families if name in b.families]
    if a.families and b.families:
        if not shared or (alike < 100 and a.families[0] != b.families[0]):
            return None
    elif len(a.plain) < FEWEST_WITHOUT_AUTHORS:
        return None
    says = ["same title" if alike == 100 else f"titles {alike:.0f}% alike"]
    if a.year and b.year:
        says.append(f"both {a.year}" if a.year == b.year else f"{a.year} and {b.year}")
    else:
        says.append("a year is missing")
    if not (a.families and b.families):
        says.append("authors are missing")
    elif a.families[0] == b.families[0]:
        says.append(f"same first author ({a.families[0]})")
    else:
        says.append(f"first authors differ ({a.families[0]}, {b.families[0]}), {shared[0]} is in both")
    if preprint:
        says.append("preprint and article")
    elif a.type and b.type and a.type != b.type:
        says.append(f"{a.type} and {b.type}")
    says.append("DOIs differ" if a.doi and b.doi else "one has no DOI" if a.doi or b.doi else "neither has a DOI")
    return "; ".join(says)


def _numbers(one: Described) -> list[str]:
    return sorted(_NUMBER.findall(one.plain))


def _neighbours(described: Iterable[Described]) -> Iterator[tuple[Described, Described]]:
    """Yield the works whose titles stand near each other, from the front or from the back; equal titles always."""
    listed = list(described)
    for step in (1, -1):
        listed.sort(key=lambda one: (one.plain[::step], one.id))  # noqa: B023 - used before the next turn
        for place, one in enumerate(listed):
            for near, other in enumerate(islice(listed, place + 1, None), start=1):
                if near > WINDOW and other.plain != one.plain:
                    break
                yield one, other


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("æ", "ae").replace("ł", "l"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def pair_table(found: Sequence[Pair], studies: Iterable[Study], resolution: Resolution) -> Table:
    """Return pairs as the table that a person fills in: ``decision`` is "same" or "different"."""
    titles: dict[str, str] = {one.id: one.title for one in described_works(studies, resolution)}
    rows: list[tuple[Any, ...]] = [
        (pair.a, titles.get(pair.a), pair.b, titles.get(pair.b), pair.evidence, pair.decision, pair.note) for pair in found
    ]
    return Table("duplicates", ("a", "a_title", "b", "b_title", "evidence", "decision", "note"), rows)


def merge_table(resolution: Resolution) -> Table:
    """Return the log of merges: which record reports the same as another, and how that is known."""
    databases: Mapping[str, Record] = {record.id: record for record in resolution.records}
    rows: list[tuple[Any, ...]] = [
        (m.record, databases[m.record].database, databases[m.record].title, m.into, m.reason, databases[m.record].source)
        for m in resolution.merges
    ]
    return Table("merges", ("record", "database", "title", "into", "reason", "file"), rows)
