"""``[[overlay]]`` of ``review.toml``: second vocabularies of factors or outcomes, which become facets of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kg.folder.files import sha256
from kg.folder.keys import not_one_of, text_list_problems, type_problems, unknown_key
from kg.loaders.sheets.facets import facet_id
from kg.loaders.sheets.overlays import MappingRow, MappingSet, read_sssom
from kg.model.fields import FINDING_FACETS
from kg.model.layout import CONFIG, OVERLAY
from kg.model.records import Concept, Facet, Finding, Match, Overlay, Source
from kg.model.vocabulary import MATCHES, NOT_MAPPED
from kg.problems import Problem, nearest

#: The value of the findings whose factor or outcome has no attribute.
_NONE = Concept(NOT_MAPPED, "not mapped", residual=True)
#: The relations by which findings get attributes, unless ``predicates`` names others.
GROUPING = tuple(name for name in MATCHES if name != "relatedMatch")
_TEXTS = ("name", "file", "label", "of", "prefix", "definition")
_KEYS = (*_TEXTS, "predicates")
_OF = ("factor", "outcome")


@dataclass(frozen=True)
class OverlaySpec:
    """The declaration of an overlay. ``prefix`` is that of the attributes, for a file with several frameworks."""

    name: str
    file: str
    label: str | None = None
    of: str = "factor"
    prefix: str | None = None
    definition: str | None = None
    predicates: tuple[str, ...] = GROUPING


@dataclass
class Overlays:
    """The overlays of a folder with their facets, the files that they are read from, and the problems."""

    overlays: list[Overlay] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_overlay_specs(entries: object) -> tuple[tuple[OverlaySpec, ...], list[Problem]]:
    """Return the declared overlays and the problems; with problems, there are no overlays."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return (), [Problem(CONFIG, "has the wrong type", column="overlay", accepted="[[overlay]], in double brackets")]
    problems = [problem for entry in entries for problem in _entry_problems(entry)]
    ids = [entry["name"] for entry in entries if isinstance(entry.get("name"), str)]
    for id_ in dict.fromkeys(id_ for id_ in ids if ids.count(id_) > 1):
        reason = "is the name of two overlays"
        problems.append(Problem(CONFIG, reason, column="[[overlay]] name", value=id_, accepted="a name of its own"))
    return ((), problems) if problems else (tuple(_spec(entry) for entry in entries), [])


def _spec(entry: Mapping[str, Any]) -> OverlaySpec:
    more = {"predicates": tuple(entry["predicates"])} if "predicates" in entry else {}
    return OverlaySpec(**{**entry, **more})


def _entry_problems(entry: Mapping[str, Any]) -> Iterable[Problem]:
    yield from (unknown_key(key, _KEYS, "[[overlay]] ") for key in entry if key not in _KEYS)
    for key in _TEXTS:
        if key in entry:
            yield from type_problems(f"[[overlay]] {key}", entry[key], str)
        elif key in ("name", "file"):
            accepted = f'file = "vocabulary/NAME{OVERLAY}"' if key == "file" else 'name = "…"'
            yield Problem(CONFIG, "is missing", column=f"[[overlay]] {key}", accepted=accepted)
    name, of = entry.get("name"), entry.get("of", "factor")
    if isinstance(name, str) and (facet_id(name) != name or name in (*_OF, *FINDING_FACETS, "implied")):
        reason, accepted = (
            "is not a name that an overlay can have",
            "lower-case words with _ between them; label = any text",
        )
        near = repr(facet_id(name)) if facet_id(name) != name else ""
        yield Problem(CONFIG, reason, "", 0, "[[overlay]] name", name, accepted, near)
    if isinstance(of, str) and of not in _OF:
        yield not_one_of("[[overlay]] of", of, _OF, "has no overlays")
    predicates = entry.get("predicates", list(GROUPING))
    yield from text_list_problems("[[overlay]] predicates", predicates)
    for predicate in predicates if isinstance(predicates, list) else ():
        if isinstance(predicate, str) and predicate not in MATCHES:
            yield not_one_of("[[overlay]] predicates", predicate, MATCHES, "is not a relation")
    if predicates == []:
        yield Problem(CONFIG, "names no relation", column="[[overlay]] predicates", accepted=", ".join(MATCHES))


def read_overlays(
    root: Path,
    names: Iterable[str],
    specs: Iterable[OverlaySpec],
    concepts: Mapping[str, Mapping[str, Concept]],
    facets: Iterable[str],
    now: Callable[[str, list[MappingRow]], list[MappingRow]] = lambda _, rows: rows,
) -> Overlays:
    """Return the overlays that are declared.

    ``names`` are the files of the folder. ``concepts`` maps "factor" and "outcome" to their terms by id, ``facets`` are
    the ids of the facets that the sheets have. ``now`` gives the mappings of a file in the terms that there are.
    """
    found = Overlays()
    files = [name for name in names if name.endswith(OVERLAY)]
    taken, read = set(facets), dict[str, MappingSet]()
    for spec in specs:
        if spec.name in taken:
            reason, accepted = "is the name of a column of the sheets", "a name of its own"
            found.problems.append(Problem(CONFIG, reason, "", 0, "[[overlay]] name", spec.name, accepted))
        elif spec.file not in files:
            found.problems.append(_missing(root, spec, files))
        else:
            if spec.file not in read:
                read[spec.file] = read_sssom(root / spec.file, spec.file)
                found.problems += read[spec.file].problems
                read[spec.file].rows = now(spec.file, read[spec.file].rows)
                rows = len(read[spec.file].rows)
                found.sources.append(Source(spec.file, sha256(root / spec.file), rows))
            _add(found, spec, read[spec.file], concepts[spec.of])
    return found


def _missing(root: Path, spec: OverlaySpec, files: list[str]) -> Problem:
    there = (root / spec.file).is_file()
    reason = f"the file is not one of vocabulary/ that ends in {OVERLAY}" if there else "the file is not there"
    near = " or ".join(map(repr, nearest(spec.file, files)))
    accepted = ", ".join(files) or f"vocabulary/NAME{OVERLAY}"
    return Problem(CONFIG, reason, "", 0, "[[overlay]] file", spec.file, accepted, near)


def _add(found: Overlays, spec: OverlaySpec, mappings: MappingSet, concepts: Mapping[str, Concept]) -> None:
    """Add the overlay of a declaration and its facet, or the problems."""
    prefixes = list(dict.fromkeys(row.prefix for row in mappings.rows))
    if spec.prefix is None and len(prefixes) > 1:
        reason, accepted = "the file has several frameworks", "prefix = " + " or ".join(f'"{p}"' for p in prefixes)
        found.problems.append(Problem(CONFIG, reason, "", 0, "[[overlay]] file", spec.file, accepted))
        return
    prefix = spec.prefix or next(iter(prefixes), "")
    rows = [row for row in mappings.rows if row.prefix == prefix]
    if not rows and not mappings.problems:
        where, value = ("prefix", spec.prefix) if spec.prefix else ("file", spec.file)
        reason, accepted = "the file has no mapping of this framework", ", ".join(prefixes) or "at least one mapping"
        found.problems.append(Problem(CONFIG, reason, "", 0, f"[[overlay]] {where}", value, accepted))
        return
    problems = [p for row in rows if (p := _row_problem(row, spec, concepts))]
    found.problems += problems
    if problems:
        return
    found.overlays.append(
        Overlay(
            spec.name,
            spec.of,
            prefix,
            tuple(_match(row, spec.predicates) for row in rows),
            mappings.curies.get(prefix),
            mappings.licence,
        )
    )
    values: dict[str, Concept] = {}
    for row in rows:
        values.setdefault(row.id, Concept(row.id, row.label, source=spec.file, row=row.row))
    label = spec.label or spec.name
    found.facets.append(Facet(spec.name, label, "finding", "categories", tuple(values.values()), spec.definition))


def _row_problem(row: MappingRow, spec: OverlaySpec, concepts: Mapping[str, Concept]) -> Problem | None:
    """Return why a mapping cannot be accepted in this overlay; None if it can."""
    kind, _, id_ = row.object.partition(":")
    if row.id == NOT_MAPPED or row.label.casefold() == _NONE.label:
        reason, accepted = "is what findings without an attribute have", "another id and label"
        return Problem(spec.file, reason, "", row.row, "subject_id", f"{row.prefix}:{row.id}", accepted)
    if kind != spec.of:
        reason, accepted = f"is no {spec.of}, which this overlay is of", f"{spec.of}:ID, with an id of the vocabulary"
        return Problem(spec.file, reason, "", row.row, "object_id", row.object, accepted)
    if id_ not in concepts:
        near = " or ".join(f"'{spec.of}:{other}'" for other in nearest(id_, concepts))
        accepted = f"{spec.of}:ID, with an id of the vocabulary"
        return Problem(spec.file, f"no {spec.of} has this id", "", row.row, "object_id", row.object, accepted, near)
    return None


def _match(row: MappingRow, predicates: Iterable[str]) -> Match:
    concept = row.object.partition(":")[2]
    return Match(row.id, row.predicate, concept, row.predicate in predicates, row.justification, row.comment)


def laid_over(findings: Iterable[Finding], overlays: Overlays) -> tuple[tuple[Finding, ...], tuple[Facet, ...]]:
    """Return the findings with the attributes of every overlay, and the facets of the overlays.

    A finding has the attributes of its factor, or of its outcomes; one without any has "not mapped", which is a value
    of the facet if a finding has it.
    """
    listed, facets = list(findings), []
    for overlay, facet in zip(overlays.overlays, overlays.facets, strict=True):
        of: dict[str, list[str]] = {}
        for match in overlay.matches:
            if match.groups:
                of.setdefault(match.concept, []).append(match.value)
        order = [value.id for value in facet.values]
        codes = [_attributes(finding, overlay.of, of, order) for finding in listed]
        listed = [
            replace(finding, facets={**finding.facets, overlay.id: values or (NOT_MAPPED,)})
            for finding, values in zip(listed, codes, strict=True)
        ]
        facets.append(facet if all(codes) else replace(facet, values=(*facet.values, _NONE)))
    return tuple(listed), tuple(facets)


def _attributes(finding: Finding, kind: str, of: Mapping[str, list[str]], order: list[str]) -> tuple[str, ...]:
    terms = (finding.factor,) if kind == "factor" else finding.outcomes
    own = {value for term in terms for value in of.get(term, ())}
    return tuple(value for value in order if value in own)
