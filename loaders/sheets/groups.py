"""Find groups of columns whose names are terms and whose cells are marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.loaders.sheets.profile import Profile
from kg.loaders.sheets.words import MARKS
from kg.model.fields import FINDING_FIELDS
from kg.model.normalise import fold_term, fold_words

#: Names that consist of a question and an answer: DistillerSR, REDCap, Google Forms, REDCap's raw names.
_QUESTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(.+?)\s*(?:->|→|=>|»)\s*(.+)",
        r"(.+?)\s*\(choice=(.+)\)",
        r"(.+?)\s*\[(.+)\]",
        r"(.+?)___(.+)",
    )
)
_SEPARATOR = re.compile(r"_+|\s*[:/|]\s*|\.|\s+[-–—]\s+")
_LAST_SEPARATOR = re.compile(r"[\s_:/|.–—-]+$")
#: A prefix of fewer columns than this makes a group only where all columns around it belong to such groups.
_ENOUGH = 3
#: The words that say what a group of columns is, in a name or in a header above.
_OUTCOMES = {"outcome", "outcomes"}
_FACTORS = {
    fold_words(text)
    for f in FINDING_FIELDS
    if f.name == "factor"
    for name in (f.name, *f.synonyms)
    for text in (name, name + "s")
}
_DIRECTIONS = {
    "barrier": "barrier",
    "barriers": "barrier",
    "obstacle": "barrier",
    "obstacles": "barrier",
    "facilitator": "facilitator",
    "facilitators": "facilitator",
    "enabler": "facilitator",
    "enablers": "facilitator",
}


@dataclass
class Group:
    """Columns that are terms of one thing: index -> term. ``select`` is how ``review.toml`` would say which."""

    name: str
    columns: dict[int, str] = field(default_factory=dict)
    select: tuple[str, str] | None = None
    style: str = ""


def kind_of_group(name: str) -> str | None:
    """Return "factor" or "outcome" where the name of a group of columns says so.

    >>> kind_of_group("Outcomes"), kind_of_group("state"), kind_of_group("barrier")
    ('outcome', None, 'factor')
    """
    parts = {fold_words(part) for part in name.split(" > ")}
    if parts & _OUTCOMES:
        return "outcome"
    return "factor" if parts & (_FACTORS | _DIRECTIONS.keys()) else None


def direction_of_group(name: str) -> str | None:
    """Return the direction that the name of a column or group of columns states.

    >>> direction_of_group("Key barriers"), direction_of_group("state")
    ('barrier', None)
    """
    words = fold_words(name).split()
    found = {_DIRECTIONS[word] for word in words if word in _DIRECTIONS}
    return found.pop() if len(found) == 1 and len(words) <= 4 else None


def find_groups(profile: Profile, free: Sequence[int], above: Mapping[int, str]) -> list[Group]:
    """Return the groups among the ``free`` columns; ``above`` maps indexes to the text of a merged header above."""
    header = profile.table.header
    groups = _questions(profile, free)
    taken = {index for group in groups for index in group.columns}
    for group in _merged(profile, [i for i in free if i not in taken], above):
        groups.append(group)
        taken.update(group.columns)
    styles = {i: profile.mark_style(i, header[i], _after_prefix(header[i])) for i in free if i not in taken}
    for run in _runs(styles):
        groups += _groups_of_run(profile, run, styles)
    return _joined(groups)


def _questions(profile: Profile, free: Iterable[int]) -> list[Group]:
    """Return the groups of columns that are called question and answer; an arrow makes a group of even one column."""
    header = profile.table.header
    found: dict[tuple[int, str], Group] = {}
    for index in free:
        for number, pattern in enumerate(_QUESTIONS):
            match = pattern.fullmatch(header[index])
            if match is None:
                continue
            style = profile.mark_style(index, header[index], match[2])
            if style and not (style == "direction" and number == 0):
                select = header[index][: match.start(2)] + "*" + header[index][match.end(2) :]
                group = found.setdefault((number, match[1]), Group(match[1], {}, ("pattern", select)))
                group.columns[index] = match[2].strip()
                group.style = _stronger(group.style, style)
            break
    return [g for (number, _), g in found.items() if g.style != "blank" and (len(g.columns) > 1 or number == 0)]


def _merged(profile: Profile, free: Iterable[int], above: Mapping[int, str]) -> list[Group]:
    header = profile.table.header
    found: dict[str, Group] = {}
    for index in free:
        name = above.get(index, "")
        if name and (style := profile.mark_style(index, header[index])):
            group = found.setdefault(name, Group(name, {}, ("group", name)))
            group.columns[index] = header[index]
            group.style = _stronger(group.style, style)
    return [group for group in found.values() if len(group.columns) > 1 and group.style != "blank"]


def _stronger(one: str, other: str) -> str:
    order = ("", "blank", "yes", "direction", "own")
    return max(one, other, key=order.index)


def _runs(styles: Mapping[int, str]) -> list[list[int]]:
    """Return the runs of neighbouring columns of marks; columns of yes and no are apart from those of other marks."""
    runs: list[list[int]] = []
    last: tuple[int, str] = (-2, "")
    for index, style in sorted(styles.items()):
        if not style:
            continue
        if index == last[0] + 1 and runs and (style in (last[1], "blank") or last[1] in ("blank", "")):
            runs[-1].append(index)
        else:
            runs.append([index])
        last = index, style if style != "blank" or index != last[0] + 1 else last[1]
    return [run for run in runs if any(styles[i] != "blank" for i in run)]


def _groups_of_run(profile: Profile, run: Sequence[int], styles: Mapping[int, str]) -> list[Group]:
    """Return the groups of a run of columns: by prefix, or else the whole run, if its cells repeat the names.

    Two columns that answer with yes and with no are two questions, whatever their names.
    """
    header = profile.table.header
    by_prefix: list[Group] = []
    for index in run:
        prefix = _prefix(header[index])
        if by_prefix and prefix and by_prefix[-1].name == prefix:
            by_prefix[-1].columns[index] = header[index]
        else:
            by_prefix.append(Group(prefix, {index: header[index]}))
    style = max((styles[i] for i in run), key=("", "blank", "yes", "direction", "own").index)
    covered = all(group.name and len(group.columns) > 1 for group in by_prefix)
    groups: list[Group] = []
    rest: list[int] = []
    for group in by_prefix:
        stated = kind_of_group(_LAST_SEPARATOR.sub("", group.name))
        asked = not stated and len(group.columns) < _ENOUGH and any(_says_no(profile, i) for i in group.columns)
        if group.name and (len(group.columns) >= _ENOUGH or covered) and not asked:
            groups += [_named(header, part, style) for part in _split(header, list(group.columns))]
        else:
            rest += group.columns
    for part in _neighbours(rest):
        if style in ("own", "direction") and len(part) >= _ENOUGH:
            name = f"{header[part[0]]} to {header[part[-1]]}"
            groups.append(Group(name, {i: header[i] for i in part}, None, style))
    return groups


def _says_no(profile: Profile, index: int) -> bool:
    return any(MARKS.get(fold_term(text)) == "no" for text in profile.counts(index))


def _neighbours(indexes: Iterable[int]) -> list[list[int]]:
    parts: list[list[int]] = []
    for index in indexes:
        if parts and parts[-1][-1] == index - 1:
            parts[-1].append(index)
        else:
            parts.append([index])
    return parts


def _prefix(name: str, after: int = 0) -> str:
    """Return the part of a name up to its first separator, including it; "" where there is none.

    A space separates only a word that says what the columns are, as in "Outcome STI".
    """
    match = _SEPARATOR.search(name, after)
    if match and match.start() > after and match.end() < len(name):
        return name[: match.end()]
    first, space, rest = name.partition(" ")
    return first + " " if not after and space and rest and kind_of_group(first) else ""


def _after_prefix(name: str) -> str:
    return name[len(_prefix(name)) :]


def _split(header: Sequence[str], columns: list[int]) -> list[list[int]]:
    """Split columns of one prefix by a second part of the prefix, if all of them share such a part with others."""
    first = len(_prefix(header[columns[0]]))
    parts: dict[str, list[int]] = {}
    for index in columns:
        parts.setdefault(_prefix(header[index], first), []).append(index)
    if "" in parts or len(parts) < 2 or any(len(part) < 2 for part in parts.values()):
        return [columns]
    return list(parts.values())


def _named(header: Sequence[str], columns: list[int], style: str) -> Group:
    """Return the group of columns with a common prefix, named by all of the prefix that they share."""
    prefix = _prefix(header[columns[0]])
    while (longer := _prefix(header[columns[0]], len(prefix))) and all(header[i].startswith(longer) for i in columns):
        prefix = longer
    name = _LAST_SEPARATOR.sub("", prefix)
    return Group(name, {i: header[i][len(prefix) :] for i in columns}, ("prefix", prefix), style)


def _joined(groups: Iterable[Group]) -> list[Group]:
    """Give groups that are not neighbours names of their own, where one name is used again further right."""
    found: list[Group] = []
    names: dict[str, int] = {}
    for group in sorted(groups, key=lambda g: min(g.columns)):
        folded = fold_words(group.name)
        before = names.get(folded)
        if before is not None and min(group.columns) - before > _ENOUGH:
            number = 2
            while f"{folded} {number}" in names:
                number += 1
            group.name, folded = f"{group.name} {number}", f"{folded} {number}"
            group.select = None
        names[folded] = max(group.columns)
        found.append(group)
    return found
