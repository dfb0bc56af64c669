"""``[[sheet]]`` and ``[[facet]]`` of ``review.toml``: what the sheets of a review mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg.folder.keys import not_one_of, text_list_problems, text_table_problems, type_problems, unknown_key
from kg.loaders.sheets.columns import spellings
from kg.loaders.sheets.facets import FacetSpec
from kg.loaders.sheets.spec import KINDS, MarkSpec, SheetSpec
from kg.model.fields import CODING_STATUSES, FACET_KINDS, VALUES
from kg.model.layout import CONFIG
from kg.model.vocabulary import DIRECTIONS
from kg.problems import Problem, nearest
from kg.text import is_colour

Check = Callable[[str, object], list[Problem]]


def _text(name: str, value: object) -> list[Problem]:
    return type_problems(name, value, str)


def _number(name: str, value: object) -> list[Problem]:
    return type_problems(name, value, int)


def _words(name: str, value: object) -> list[Problem]:
    """Return the problems of ``values``: column -> {word in the sheet: accepted value}."""
    if not isinstance(value, dict):
        return type_problems(name, value, dict)
    return [problem for column, words in value.items() for problem in text_table_problems(f"{name}.{column}", words)]


def _mark_list(name: str, value: object) -> list[Problem]:
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return [problem for entry in value for problem in _mark_problems(entry)]
    return [Problem(CONFIG, "has the wrong type", column=name, accepted="[[sheet.marks]], in double brackets")]


_SELECTORS = ("columns", "prefix", "suffix", "pattern", "group")
_MARKS: Mapping[str, Check] = {
    "of": _text,
    "columns": text_list_problems,
    **dict.fromkeys(_SELECTORS[1:], _text),
    **dict.fromkeys(("yes", "no", "missing"), text_list_problems),
    "direction": _text,
    "labels": text_table_problems,
}
_SHEET: Mapping[str, Check] = {
    **dict.fromkeys(("file", "sheet", "kind", "encoding"), _text),
    "header_row": _number,
    "columns": text_table_problems,
    "values": _words,
    "key": text_list_problems,
    **dict.fromkeys(("constant", "directions", "numbered"), text_table_problems),
    "marks": _mark_list,
    **dict.fromkeys(("facets", "ignore", "fill_down"), text_list_problems),
    **dict.fromkeys(("of", "unknown_studies"), _text),
}
_STATUSES = {status.replace(" ", "_"): status for status in CODING_STATUSES}
_FACET: Mapping[str, Check] = {
    **dict.fromkeys(("name", "label", "of", "kind", "definition"), _text),
    "values": text_list_problems,
    "colours": text_table_problems,
    **dict.fromkeys(_STATUSES, text_list_problems),
}


def read_sheets(entries: object) -> tuple[tuple[SheetSpec, ...], list[Problem]]:
    """Return the declarations of sheets and the problems; with problems, there are no declarations."""
    listed, problems = _tables("sheet", entries)
    for entry in listed:
        problems += _sheet_problems(entry)
    problems += _declared_twice(listed)
    return ((), problems) if problems else (tuple(_sheet(entry) for entry in listed), [])


def read_facets(entries: object) -> tuple[tuple[FacetSpec, ...], list[Problem]]:
    """Return the declarations of facets and the problems; with problems, there are no declarations."""
    listed, problems = _tables("facet", entries)
    for entry in listed:
        problems += _facet_problems(entry)
    return ((), problems) if problems else (tuple(_facet(entry) for entry in listed), [])


def _tables(name: str, entries: object) -> tuple[list[Mapping[str, Any]], list[Problem]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries, []
    return [], [Problem(CONFIG, "has the wrong type", column=name, accepted=f"[[{name}]], in double brackets")]


def _checked(entry: Mapping[str, Any], checks: Mapping[str, Check], where: str) -> list[Problem]:
    """Return the problems of the keys of a table and of the types of their values."""
    problems = [unknown_key(name, checks, f"{where} ") for name in entry if name not in checks]
    for name, check in checks.items():
        if name in entry:
            problems += check(f"{where} {name}", entry[name])
    return problems


def _sheet_problems(entry: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of one ``[[sheet]]``."""
    problems = _checked(entry, _SHEET, "[[sheet]]")
    if not entry.get("file"):
        problems.append(Problem(CONFIG, "is missing", column="[[sheet]] file", accepted='file = "sheets/…"'))
    kind, header_row = entry.get("kind"), entry.get("header_row")
    if isinstance(kind, str) and kind not in KINDS:
        problems.append(not_one_of("[[sheet]] kind", kind, KINDS, "is not a kind of sheet"))
    unknown = entry.get("unknown_studies")
    if isinstance(unknown, str) and unknown != "ignore":
        problems.append(not_one_of("[[sheet]] unknown_studies", unknown, ("ignore",), "is not known"))
    if isinstance(header_row, int) and header_row < 0:
        problems.append(
            Problem(
                CONFIG,
                "is not a row number",
                column="[[sheet]] header_row",
                value=str(header_row),
                accepted="the number that the spreadsheet shows, from 1; 0 if there is no header",
            )
        )
    if kind in ("terms", "links") and not entry.get("of"):
        accepted = 'of = "factor", "outcome" or the name of a facet'
        problems.append(Problem(CONFIG, "is missing", column="[[sheet]] of", accepted=accepted))
    if isinstance(entry.get("values"), dict):
        problems += _value_problems(entry["values"])
    if isinstance(entry.get("directions"), dict):
        problems += [
            not_one_of(f"[[sheet]] directions.{column}", way, DIRECTIONS, "is not a direction")
            for column, way in entry["directions"].items()
            if isinstance(way, str) and way not in DIRECTIONS
        ]
    if isinstance(entry.get("numbered"), dict):
        problems += _numbered_problems(entry["numbered"])
    return problems


def _numbered_problems(numbered: Mapping[str, Any]) -> list[Problem]:
    known = ("outcomes", "factor", "direction", "locator", "note")
    problems = [unknown_key(name, known, "[[sheet]] numbered.") for name in numbered if name not in known]
    return problems + [
        Problem(
            CONFIG,
            "does not say where the number is",
            column=f"[[sheet]] numbered.{name}",
            value=pattern,
            accepted='the name with {n} for the number, such as "Outcome{n}"',
        )
        for name, pattern in numbered.items()
        if isinstance(pattern, str) and pattern.count("{n}") != 1
    ]


def _mark_problems(entry: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of one ``[[sheet.marks]]``."""
    problems = _checked(entry, _MARKS, "[[sheet.marks]]")
    if not entry.get("of"):
        accepted = 'of = "factor", "outcome" or the name of a facet'
        problems.append(Problem(CONFIG, "is missing", column="[[sheet.marks]] of", accepted=accepted))
    way = entry.get("direction")
    if isinstance(way, str) and way not in DIRECTIONS:
        problems.append(not_one_of("[[sheet.marks]] direction", way, DIRECTIONS, "is not a direction"))
    given = [name for name in _SELECTORS if entry.get(name)]
    if len(given) != 1 and set(given) != {"prefix", "suffix"}:
        reason = "says in several ways which columns are marks" if given else "does not say which columns are marks"
        accepted = "one of columns, prefix, suffix, pattern, group"
        problems.append(Problem(CONFIG, reason, column="[[sheet.marks]]", value=", ".join(given), accepted=accepted))
    return problems


def _value_problems(values: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of values that stand for those of a column with a fixed set of them; "" is no value."""
    problems: list[Problem] = []
    for column, words in values.items():
        if column not in VALUES or not isinstance(words, dict):
            continue
        known = spellings(column)
        accepted = {*VALUES[column], *CODING_STATUSES, ""}
        for word, value in words.items():
            if isinstance(value, str) and value not in accepted:
                problems.append(
                    Problem(
                        CONFIG,
                        "is not an accepted value",
                        column=f"[[sheet]] values.{column}.{word}",
                        value=value,
                        suggestion=" or ".join(dict.fromkeys(known[n] for n in nearest(value, known))),
                        accepted=", ".join(VALUES[column]),
                    )
                )
    return problems


def _declared_twice(entries: list[Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each declaration of a sheet that has one already, and would be ignored."""
    seen: set[tuple[object, object]] = set()
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        place = str(entry.get("file")), entry.get("sheet") and str(entry.get("sheet"))
        if place in seen and entry.get("file"):
            of = f'sheet = "{place[1]}" of ' if place[1] else ""
            both = 'kind = "studies and findings" reads both'
            problems.append(
                Problem(
                    CONFIG,
                    f"[[sheet]] number {number} is about {of}a file that another one declares, and would be ignored",
                    column="[[sheet]] file",
                    value=str(place[0]),
                    accepted=f"one [[sheet]] for a file, or for each sheet of a workbook; {both}",
                )
            )
        seen.add(place)
    return problems


def _sheet(entry: Mapping[str, Any]) -> SheetSpec:
    made = _with_tuples(entry)
    made["marks"] = tuple(MarkSpec(**_with_tuples(mark)) for mark in entry.get("marks", ()))
    return SheetSpec(**made)


def _with_tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


def _facet_problems(entry: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of one ``[[facet]]``."""
    problems = _checked(entry, _FACET, "[[facet]]")
    if not entry.get("name"):
        accepted = 'name = "…", the name of its column'
        problems.append(Problem(CONFIG, "is missing", column="[[facet]] name", accepted=accepted))
    kind, of = entry.get("kind"), entry.get("of")
    if isinstance(kind, str) and kind not in FACET_KINDS:
        problems.append(not_one_of("[[facet]] kind", kind, FACET_KINDS, "is not a kind of facet"))
    if isinstance(of, str) and of not in ("study", "finding"):
        problems.append(not_one_of("[[facet]] of", of, ("study", "finding"), "has no facets"))
    if isinstance(entry.get("colours"), dict):
        problems += [
            Problem(
                CONFIG,
                "is not a colour",
                column=f"[[facet]] colours.{name}",
                value=colour,
                accepted="six hexadecimal digits after #, e.g. #00723b",
            )
            for name, colour in entry["colours"].items()
            if isinstance(colour, str) and not is_colour(colour)
        ]
    return problems


def _facet(entry: Mapping[str, Any]) -> FacetSpec:
    statuses = {status: tuple(entry[key]) for key, status in _STATUSES.items() if key in entry}
    more = {name: entry[name] for name in ("label", "of", "kind", "definition", "colours") if name in entry}
    return FacetSpec(entry["name"], values=tuple(entry.get("values", ())), statuses=statuses, **more)
