"""Say how a sheet is read: in sentences, and as the ``[[sheet]]`` of ``review.toml`` that gives the same reading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from kg.errors import counted
from kg.loaders.sheets.declared import select_columns
from kg.loaders.sheets.filled import column_to_fill
from kg.loaders.sheets.reading import FacetRole, FieldRole, MarkGroup, Reading
from kg.loaders.sheets.spec import MarkSpec
from kg.model.normalise import fold_words

#: At most this many names are listed in a sentence.
_MOST_NAMES = 12
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Kind of sheet -> unit of the columns -> what a sentence calls them.
_UNITS = {"study": "the study", "finding": "the finding", "term": "the term", "link": "the link"}


def describe(reading: Reading) -> list[str]:
    """Return sentences on what a sheet and its columns are read as, the first on the sheet as a whole."""
    where = reading.file + (f" [{reading.sheet}]" if reading.sheet else "")
    header = "" if reading.header_row in (0, 1) else f", header in row {reading.header_row}"
    of = f" of {reading.of}" if reading.of else ""
    lines = [f"{where}: {counted(reading.rows, 'row')} read as {reading.kind}{of}{header}"]
    lines += reading.notes
    for unit, called in _UNITS.items():
        fields = [(name, reading.header[index]) for name, index in reading.fields(unit).items()]
        if fields:
            texts = [
                repr(header) if fold_words(header) == fold_words(name) else f"{header!r} as {name}"
                for name, header in fields
            ]
            lines.append(f"columns of {called}: {', '.join(texts)}")
    lines += [_marks(reading, number) for number in range(len(reading.groups))]
    if directed := reading.directed():
        texts = [f"{reading.header[i]!r} ({direction})" for i, direction in directed.items()]
        lines.append(f"lists of factors: {', '.join(texts)}")
    if numbered := reading.numbered():
        first = next(iter(numbered.values()))
        texts = [f"{reading.header[i]!r} as {name}" for name, i in first.items()]
        lines.append(f"numbered columns, 1 to {max(numbered)}: {', '.join(texts)}, …")
    if reading.constant:
        lines.append("in every row: " + ", ".join(f"{name} is {value!r}" for name, value in reading.constant.items()))
    for unit in ("study", "finding"):
        if roles := [role for _, role in reading.facets(unit)]:
            lines.append(f"{counted(len(roles), 'column')} as facets of {_UNITS[unit]}: {_by_kind(roles)}")
    if ignored := reading.ignored():
        texts = [f"{reading.header[i]!r} ({why})" for i, why in ignored.items()]
        more = f", … and {len(texts) - _MOST_NAMES} more" if len(texts) > _MOST_NAMES else ""
        lines.append(f"not read: {', '.join(texts[:_MOST_NAMES])}{more}")
    return lines


def _named(header: str, name: str) -> str:
    return repr(header) if fold_words(header) == fold_words(name) else f"{header!r} as {name}"


def _marks(reading: Reading, number: int) -> str:
    group, columns = reading.groups[number], list(reading.marks(number))
    names = [repr(reading.header[i]) for i in columns]
    listed = ", ".join(names) if len(names) < 4 else f"{names[0]}, {names[1]} … {names[-1]}"
    kind = {"factor": "factors", "outcome": "outcomes"}.get(group.kind, f"values of the facet {group.name!r}")
    way = f", all {group.direction}" if group.direction else ", with a direction in the cells" if group.directed else ""
    return f"{counted(len(columns), 'column')} of marks as {kind}{way}: {listed}"


def _by_kind(roles: Iterable[FacetRole]) -> str:
    kinds: dict[str, list[str]] = {}
    for role in roles:
        kinds.setdefault(role.kind, []).append(role.name)
    parts = []
    for kind, names in kinds.items():
        more = f", … and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        parts.append(f"{', '.join(names[:_MOST_NAMES])}{more} ({kind})")
    return "; ".join(parts)


def to_toml(reading: Reading) -> str:
    """Return the ``[[sheet]]`` block that declares a reading."""
    lines = ["[[sheet]]", f"file = {_text(reading.file)}"]
    if reading.sheet:
        lines.append(f"sheet = {_text(reading.sheet)}")
    lines.append(f"kind = {_text(reading.kind)}")
    if reading.of:
        lines.append(f"of = {_text(reading.of)}")
    spec = reading.spec
    if spec and spec.encoding:
        lines.append(f"encoding = {_text(spec.encoding)}")
    if (spec and spec.header_row == 0) or reading.header_row > 1:
        lines.append(f"header_row = {0 if spec and spec.header_row == 0 else reading.header_row}")
    if reading.key:
        lines.append(f"key = {_list(reading.header[i] for i in reading.key)}")
    directed = {reading.header[i]: direction for i, direction in reading.directed().items()}
    finding = [reading.header[i] for i, _ in reading.facets("finding")] if reading.kind != "findings" else []
    tables = {
        "columns": _columns(reading),
        "directions": directed,
        "numbered": _numbered(reading),
        "constant": reading.constant,
    }
    lines += [f"{name} = {_table(entries)}" for name, entries in tables.items() if entries]
    for name, words in (spec.values if spec else {}).items():
        lines.append(f"values.{_key(name)} = {_table(words)}")
    if finding:
        lines.append(f"facets = {_list(finding)}")
    if ignored := reading.ignored():
        lines.append(f"ignore = {_list(reading.header[i] for i in ignored)}")
    if spec and spec.fill_down:
        columns = [column_to_fill(reading.header, spec, name) for name in spec.fill_down]
        lines.append(f"fill_down = {_list(reading.header[i] for i in columns if i is not None)}")
    for number, group in enumerate(reading.groups):
        lines += ["", *_mark_lines(reading, number, group)]
    return "\n".join(lines) + "\n"


def _columns(reading: Reading) -> dict[str, str]:
    """Return the canonical names and columns that have another name, or that several columns could be."""
    report = reading.key[0] if reading.key else None
    return {
        role.name: reading.header[index]
        for index, role in enumerate(reading.roles)
        if isinstance(role, FieldRole)
        and reading.header[index] != role.name
        and not (role.name == "report" and index == report)
    }


def _numbered(reading: Reading) -> dict[str, str]:
    """Return the canonical name -> the pattern of its numbered columns, where one pattern matches all of them."""
    found: dict[str, set[str]] = {}
    for n, columns in reading.numbered().items():
        for name, index in columns.items():
            found.setdefault(name, set()).add(reading.header[index].replace(str(n), "{n}", 1))
    return {name: patterns.pop() for name, patterns in found.items() if len(patterns) == 1}


def _mark_lines(reading: Reading, number: int, group: MarkGroup) -> list[str]:
    columns = reading.marks(number)
    of = group.kind if group.kind in ("factor", "outcome") else group.name
    listed = MarkSpec(of, tuple(_range(reading, columns)))
    mark = MarkSpec(of, **dict([group.select])) if group.select else listed  # type: ignore[arg-type]
    selected = select_columns(reading.header, mark, {})
    if group.select and group.select[0] != "group" and selected != columns:
        mark = listed
        selected = select_columns(reading.header, mark, {})
    if mark.columns:
        line = f"columns = {_list(mark.columns)}"
    else:
        assert group.select  # noqa: S101 - without columns, the group has another way to select them
        line = f"{group.select[0]} = {_text(group.select[1])}"
        selected = columns if group.select[0] == "group" else selected
    lines = ["[[sheet.marks]]", f"of = {_text(of)}", line]
    if group.direction:
        lines.append(f"direction = {_text(group.direction)}")
    lines += [f"{name} = {_list(words)}" for name in ("yes", "no", "missing") if (words := getattr(group, name))]
    labels = {reading.header[i]: label for i, label in columns.items() if selected.get(i) != label}
    return lines + ([f"labels = {_table(labels)}"] if labels else [])


def _range(reading: Reading, columns: Mapping[int, str]) -> list[str]:
    """Return the names of columns, with "…" for those between two of them."""
    indexes = list(columns)
    if len(indexes) > 3 and indexes == list(range(indexes[0], indexes[-1] + 1)):
        return [reading.header[indexes[0]], "…", reading.header[indexes[-1]]]
    return [reading.header[i] for i in indexes]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"


def _table(entries: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{_key(name)} = {_text(value)}' for name, value in entries.items())} }}"


def describe_passed(passed: Mapping[tuple[str, str], str]) -> list[str]:
    """Return a sentence for each sheet of a workbook that is not read; ``passed`` maps file and sheet to the reason."""
    return [f"{file} [{sheet}]: {reason}" for (file, sheet), reason in passed.items()]


def question_lines(text: str, options: Sequence[tuple[str, str]]) -> list[str]:
    """Return a question and its numbered answers."""
    return [text, *(f"  {number}: {sentence} ({toml})" for number, (sentence, toml) in enumerate(options, start=1))]
