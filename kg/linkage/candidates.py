"""Candidate duplicates: pairs of works that may be one study although they share no key, for a person to decide. Pure.

Works are compared within blocks, so that a hundred thousand works take seconds. A block contains the works with one
title, or the works with one first author and year. Works without authors or year are compared with their neighbours in
the alphabetical order of titles and in that of reversed titles (the sorted-neighbourhood method). Of works without
authors, two titles that differ at both ends are not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from kg.linkage.authors import common_author, family_words, names_in, same_person
from kg.linkage.certainty import most_certain_first
from kg.linkage.resolve import PREPRINTS, Conflict, Resolution
from kg.linkage.titles import FEWEST_LETTERS, Title, agreement, title_of
from kg.model.literature import Pair
from kg.model.names import family_name
from kg.model.records import Study

#: The fewest letters of a title where the authors are not known.
FEWEST_WITHOUT_AUTHORS = 40
#: The most years between two records of one work, and between a preprint and its article.
YEARS, YEARS_OF_PREPRINT = 1, 3
#: Where more works than this have one title, only those with the same first author and year are compared.
MOST_OF_A_TITLE = 30
#: In a block with more works than this, each work is compared with its neighbours only.
MOST_OF_A_BLOCK = 300
#: How many neighbours on each side a work is compared with.
WINDOW = 5


@dataclass(frozen=True, slots=True)
class WorkSummary:
    """The compared fields of a study or another work: ``names`` are those of its authors, ``family`` is the last word
    of the first author's family name.
    """

    id: str
    included: bool
    title: Title | None
    year: int | None
    names: tuple[str, ...]
    family: str
    type: str | None
    doi: str | None


def candidate_pairs(
    studies: Sequence[Study], resolution: Resolution, decisions: Iterable[Pair] = ()
) -> tuple[Pair, ...]:
    """Return the pairs of works that a person has to decide on, each with what agrees and what differs.

    Pairs that were decided to be different are left out; works that were decided to be the same are one work already.
    In a pair of a study and another work, the study is ``a``; the works of other pairs are in the order of their ids.
    The pairs come in the order in which to decide them: the most certain first (``kg.linkage.certainty``), then by id.
    """
    names = works_by_name(studies, resolution)
    decided = {frozenset((names.get(pair.a), names.get(pair.b))) for pair in decisions if pair.decision}
    summaries = {one.id: one for one in work_summaries(studies, resolution)}
    found: dict[tuple[str, str], Pair] = {}
    for conflict in resolution.refused:
        if conflict.kind not in ("doubt", "contradicted"):
            continue
        ends = names.get(conflict.kept), names.get(conflict.other)
        if (
            conflict.kind in ("doubt", "contradicted")
            and ends[0]
            and ends[1]
            and ends[0] != ends[1]
            and frozenset(ends) not in decided
        ):
            a, b = _in_order(summaries[ends[0]], summaries[ends[1]])
            found.setdefault((a.id, b.id), Pair(a.id, b.id, f"{conflict.reason}; {_compared(a, b)}"))
    seen: set[tuple[str, str]] = set(found)
    for one, other in _blocks([one for one in summaries.values() if one.title]):
        a, b = _in_order(one, other)
        if (a.id, b.id) not in seen:
            seen.add((a.id, b.id))
            if (reasons := match_evidence(a, b)) and frozenset((a.id, b.id)) not in decided:
                found[a.id, b.id] = Pair(a.id, b.id, reasons)
    return most_certain_first(found.values(), studies, resolution)


def contradicted_keys(
    studies: Sequence[Study], resolution: Resolution, decisions: Iterable[Pair] = ()
) -> dict[str, tuple[Conflict, ...]]:
    """Return the keys that were not followed because title and first author differ: reason -> the works, undecided."""
    names = works_by_name(studies, resolution)
    decided = {frozenset((names.get(pair.a), names.get(pair.b))) for pair in decisions if pair.decision}
    found: dict[str, list[Conflict]] = defaultdict(list)
    for conflict in resolution.refused:
        if conflict.kind == "contradicted":
            ends = names.get(conflict.kept, conflict.kept), names.get(conflict.other, conflict.other)
            if frozenset(ends) not in decided:
                found[conflict.reason].append(replace(conflict, kept=ends[0], other=ends[1]))
    return {reason: tuple(conflicts) for reason, conflicts in sorted(found.items())}


def _in_order(one: WorkSummary, other: WorkSummary) -> tuple[WorkSummary, WorkSummary]:
    return (one, other) if (not one.included, one.id) <= (not other.included, other.id) else (other, one)


def works_by_name(studies: Iterable[Study], resolution: Resolution) -> dict[str, str]:
    """Return name -> id of the study or work; names are ids, ``doi:…``, ``pmid:…``, ``key:…`` and keys of studies."""
    found = {**resolution.work_of_key, **resolution.work_of}
    found |= {work.id: work.id for work in resolution.works}
    for study in studies:
        found |= {study.id: study.id, f"key:{study.key}": study.id, study.key: study.id}
    return found


def work_summaries(studies: Iterable[Study], resolution: Resolution) -> list[WorkSummary]:
    """Return the compared fields: of a study those of its sheet, of another work those of its first record."""
    found = []
    for study in studies:
        names = names_in(study.authors)
        type_ = next(iter(study.facets.get("publication_type", ())), None)
        title = title_of(study.title)
        found.append(WorkSummary(study.id, True, title, study.year, names, _family(names), type_, study.doi))
    for work in resolution.works:
        record = resolution.records.of(work.records[0])
        names = tuple(author.name for author in record.authors)
        title = title_of(record.title)
        found.append(WorkSummary(work.id, False, title, record.year, names, _family(names), record.type, record.doi))
    return found


def match_evidence(a: WorkSummary, b: WorkSummary) -> str | None:
    """Return in words what agrees and what differs between two works; None where they cannot be one."""
    if a.title is None or b.title is None:
        return None
    preprint = (a.type in PREPRINTS) != (b.type in PREPRINTS)
    if a.year and b.year and abs(a.year - b.year) > (YEARS_OF_PREPRINT if preprint else YEARS):
        return None
    same_first = same_person(a.names[0], b.names[0]) if a.names and b.names else None
    if same_first is False and common_author(a.names, b.names) is None:
        return None
    letters = min(len(a.title.plain), len(b.title.plain))
    if letters < (FEWEST_WITHOUT_AUTHORS if same_first is None else FEWEST_LETTERS) and not (
        same_first and a.year and b.year
    ):
        return None
    agree = agreement(a.title, b.title)
    if agree is None or not (agree.same or same_first or (agree.spelling_only and same_first is None)):
        return None
    return _compared(a, b)


def _compared(a: WorkSummary, b: WorkSummary) -> str:
    """Return in words what agrees and what differs between two works."""
    parts = ["two studies of the sheets"] if a.included and b.included else []
    agree = agreement(a.title, b.title) if a.title and b.title else None
    if agree:
        parts.append(agree.description)
    else:
        parts.append("titles differ" if a.title and b.title else "a title is missing or parts nothing")
    if a.year and b.year:
        parts.append(f"both {a.year}" if a.year == b.year else f"{a.year} and {b.year}")
    else:
        parts.append("a year is missing" if a.year or b.year else "both years are missing")
    if not (a.names and b.names):
        parts.append("authors of one are missing" if a.names or b.names else "authors are missing")
    elif same_person(a.names[0], b.names[0]):
        parts.append(f"same first author ({_shown(a.names[0])})")
    else:
        both = common_author(a.names, b.names)
        parts.append(f"first authors differ ({_shown(a.names[0])}, {_shown(b.names[0])})")
        parts.append(f"{_shown(both)} is an author of both" if both else "no author in common")
    if (a.type in PREPRINTS) != (b.type in PREPRINTS):
        parts.append("preprint and article")
    elif not a.included and a.type and b.type and a.type != b.type:
        parts.append(f"{a.type} and {b.type}")
    if a.doi and b.doi:
        parts.append("same DOI" if a.doi == b.doi else "DOIs differ")
    else:
        parts.append("one has no DOI" if a.doi or b.doi else "neither has a DOI")
    return "; ".join(parts)


def _family(names: Sequence[str]) -> str:
    """Return the blocking key of the first author: the last word of the family name."""
    parts = family_words(names[0]) if names else []
    return parts[-1] if parts else ""


def _shown(name: str) -> str:
    return family_name(name) or name


def _blocks(summaries: Sequence[WorkSummary]) -> Iterator[tuple[WorkSummary, WorkSummary]]:
    """Yield the pairs of works to compare; a pair may occur more than once."""
    by_title: dict[str, list[WorkSummary]] = defaultdict(list)
    by_main: dict[str, list[WorkSummary]] = defaultdict(list)
    by_author: dict[tuple[str, int], list[WorkSummary]] = defaultdict(list)
    for one in summaries:
        if one.title:
            by_title[one.title.plain].append(one)
            if one.title.main:
                by_main[one.title.main].append(one)
            if one.family and one.year:
                by_author[one.family, one.year].append(one)
    for plain, of_title in by_title.items():
        if 1 < len(of_title) <= MOST_OF_A_TITLE:
            yield from combinations(of_title, 2)
        if plain in by_main and len(of_title) + len(by_main[plain]) <= MOST_OF_A_TITLE:
            yield from product(of_title, by_main[plain])
    for (family, year), block in by_author.items():
        later = by_author.get((family, year + 1), [])
        if len(block) + len(later) > MOST_OF_A_BLOCK:
            yield from _neighbours(block + later, block + later)
        else:
            yield from combinations(block, 2)
            yield from product(block, later)
    yield from _neighbours(summaries, [one for one in summaries if not (one.family and one.year)])


def _neighbours(
    summaries: Sequence[WorkSummary], of: Sequence[WorkSummary]
) -> Iterator[tuple[WorkSummary, WorkSummary]]:
    """Yield each work of ``of`` with its neighbours in the alphabetical order of titles and of reversed titles."""
    wanted = {one.id for one in of}
    listed = [(one.title.plain, one) for one in summaries if one.title and wanted]
    for step in (1, -1):
        in_order = [one for _, _, one in sorted((plain[::step], one.id, one) for plain, one in listed)]
        for index, one in enumerate(in_order):
            if one.id in wanted:
                for other in in_order[max(0, index - WINDOW) : index + 1 + WINDOW]:
                    if other is not one:
                        yield one, other
