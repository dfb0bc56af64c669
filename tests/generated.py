"""Hypothesis strategies for review folders: everything that the loaders accept, and text that engines may mishandle.

A folder is made so that the loaders take it: names are unique as the loaders compare them, cells refer to what is
there, and nothing is filtered out afterwards. Texts come from a small pool per folder, so that the same text turns up
in several columns and ties are common.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

from kg.folder.review import Review
from kg.graph.build import study_labels
from kg.loaders.sheets.cells import turned_into_date
from kg.model.fields import CODING_STATUSES, VALUES
from kg.model.ids import slug
from kg.model.normalise import fold_term
from kg.model.records import Evidence
from kg.model.vocabulary import DIRECTIONS
from kg.query.maps import DEFAULT

Draw = st.DrawFn
T = TypeVar("T")
#: A row of a sheet by column; names with a leading underscore are for this module only and are not written.
Row = dict[str, Any]

WORKS = "records/works.jsonl"
STUDY_COLUMNS = (
    "key", "label", "reference", "doi", "openalex", "authors", "year", "title", "publication_type", "methods", "evidence",
    "design", "setting", "population", "country", "sample_size", "sample", "outcomes", "basis", "report", "region", "tier", "score", "blinded",
)  # fmt: skip
FINDING_COLUMNS = (
    "study", "factor", "direction", "outcomes", "locator", "note", "tabulated", "associated", "approach", "certainty",
    "pole", "coder", "instrument", "strength",
)  # fmt: skip
TERM_COLUMNS = ("id", "label", "broader", "definition", "synonyms", "favourable", "residual", "colour")
SEARCH_COLUMNS = ("id", "source", "date", "platform", "query", "filters", "hits", "locator")
#: The facets that a team charts beside the columns of the model: of studies, and of findings.
CHARTED = {
    "study": {"region": "categories", "tier": "category", "score": "number", "blinded": "yes/no"},
    "finding": {"instrument": "categories", "strength": "number"},
}
FREE_FACETS = tuple(name for names in CHARTED.values() for name in names)
#: What the rows, columns and segments of a map may be: what is counted in every folder.
DIMENSIONS = ("factor", "outcome", "direction", "pole", *FREE_FACETS)
#: Words for the reasons why there is no value.
STATUSES = ("not reported", "NR", "N/a", "not applicable", "-999")
GAP_COLUMNS = ("id", "kind", "statement", "factors", "outcomes", "locator")

#: Text that some program has mishandled: quotes and escapes, text with a meaning in Cypher, CSV, data frames or JSON,
#: letters whose case or order differs between engines, unusual white space, and very long text.
PIECES = (
    "'", "''", '"', '""', "`", "``", "’", "“”", "«»", "\\", "\\\\", "\\n", "\\'", "\\u0041", "$review", "$rows", "{", "}",
    "{Label}", "{Type}", "[", "]", "//", "/*", "*/", ";", "|", ",", "%s", "%20", "_", "'; MATCH (n) DETACH DELETE n //",
    "\n", "\r\n", "\t", " ", "  ", "\u00a0", "\u2028", "\u0085", "\u200b", "\ufeff", "\x01", "\x1f", "\x7f",
    "😀", "\U0001f469\u200d\U0001f467", "\U00010000", "\U0010fffd", "\uff5e", "\uffee", "\ufb01", "\uffff", "𝟙", "𐐀", "𐐨",
    "é", "e\u0301", "ñ", "n\u0303", "\u0301", "\u202e", "שלום", "مرحبا", "日本", "ı", "İ", "I", "i", "Σ", "σ", "ς", "ΑΣ", "ΟΔΟΣ",
    "ß", "ẞ", "SS", "ss", "Ǆ", "ǅ", "ǆ", "\u212a", "K", "k", "\u212b", "å", "ſ", "ŉ", "Ꭰ", "ꭰ", "ა", "Ა",
    "0", "1", "01", "10", "9", "2", "1.0", "1e5", "-1", "+1", "=1+1", "@x", "1,5", "9007199254740993", "99999999999999999999",
    "NaN", "nan", "None", "null", "NULL", "NA", "true", "True", "false", "yes", "inf", "-0",
    "2020-01-01", "2020-01-01T00:00:00Z", "12:30", "1/2/2020", "P1D", "point({x: 1})", "[1, 2]", "[]", "{}", '{"a": 1}',
    "not given", "any", "facilitator", "all", "Work", "Individual", "individual", "a", "b", "A", "B", "Z", "z",
    "long " * 60, "ж" * 300,
)  # fmt: skip
#: Texts that belong into one folder: by code point \uff5e sorts first, by UTF-16 the emoji; the others have a line break,
#: a tab and a no-break space.
TOGETHER = ("\uff5e", "😀", "x\ny", "x\ty", "x\u00a0y")
_GUARD = re.compile(r"'(?=[=+\-@\t\n])")
_SPLIT = re.compile(r"[;\n|]")
_PADS = ("", "", "", " ", "\t", "\u00a0", "\n", " \t ")


def _cell(text: str) -> str:
    """Return text that the loaders read back unchanged: without anything that they strip."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    while _GUARD.match(f"{text}\t"):  # a quotation mark alone would be taken off before padding
        text = text[1:].strip()
    return text


def _single(text: str) -> str:
    """Return text without the characters that separate the values of a cell."""
    return _cell(_SPLIT.sub("", text))


#: Any character of a UTF-8 file except NUL, which the loaders refuse.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
#: Text of a cell, neither blank nor padded.
TEXTS = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join)
    | st.tuples(st.sampled_from(PIECES), st.text(CHARACTERS, max_size=4)).map("".join)
    | st.sampled_from(PIECES)
).map(_cell).filter(bool)  # fmt: skip


@dataclass(frozen=True)
class Folder:
    """The rows of a review folder. A vocabulary that is None has no file; an empty one has a header only."""

    review: dict[str, Any]
    studies: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    factors: list[Row] | None = None
    outcomes: list[Row] | None = None
    searches: list[Row] | None = None
    gaps: list[Row] | None = None
    works: list[Row] | None = None
    regions: list[Row] | None = None
    facets: list[Row] = field(default_factory=list)
    maps: list[Row] = field(default_factory=list)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the files of a folder that fails; hypothesis warns where it prints more than 30,000 characters."""
        printer.text(f"Folder({str(self.files())[:14_000]})")

    def files(self) -> dict[str, str]:
        """Return the text of every file by its path."""
        sheets = {
            "sheets/studies.csv": (STUDY_COLUMNS, self.studies),
            "sheets/findings.csv": (FINDING_COLUMNS, self.findings),
            "vocabulary/factors.csv": (TERM_COLUMNS, self.factors),
            "vocabulary/outcomes.csv": (TERM_COLUMNS, self.outcomes),
            "vocabulary/region.csv": (TERM_COLUMNS, self.regions),
            "records/searches.csv": (SEARCH_COLUMNS, self.searches),
            "published/gaps.csv": (GAP_COLUMNS, self.gaps),
        }
        texts = {name: _csv(columns, rows) for name, (columns, rows) in sheets.items() if rows is not None}
        if self.works is not None:
            texts[WORKS] = "".join(json.dumps(work, ensure_ascii=False) + "\n" for work in self.works)
        tables = {"facet": self.facets, "map": self.maps}
        config = _keys(self.review)
        config += "".join(f"[[{name}]]\n{_keys(row)}" for name, rows in tables.items() for row in rows)
        return {"review.toml": config, **texts}

    def called(self, id_: str) -> Folder:
        """Return the folder with another review id."""
        return replace(self, review={**self.review, "id": id_})

    def write(self, root: Path) -> Review:
        """Write the folder over an earlier one, and return it."""
        for name in ("studies", "findings"):
            (root / "sheets" / f"{name}.csv").unlink(missing_ok=True)
        for name in (
            "vocabulary/factors.csv",
            "vocabulary/outcomes.csv",
            "vocabulary/region.csv",
            "records/searches.csv",
            "published/gaps.csv",
            WORKS,
        ):
            (root / name).unlink(missing_ok=True)
        for name, text in self.files().items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return Review(root)


def _csv(columns: tuple[str, ...], rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue()


def _keys(row: Row) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in row.items())


def _toml(value: str | int | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@dataclass
class _Term:
    """A term and the names that cells may use for it."""

    names: list[str]


@cache
def _places(of: int, least: int = 0, most: int | None = None) -> st.SearchStrategy[Any]:
    """Return the strategy of a place below ``of``, or with ``most`` of a list of places.

    A strategy costs more to make than to draw from, so each is made once.
    """
    place = st.integers(0, of - 1)
    return place if most is None else st.lists(place, min_size=least, max_size=most)


class _Maker:
    """Draw the parts of one folder."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.pool = draw(st.lists(TEXTS, min_size=4, max_size=10))
        self.first: tuple[str, ...] = ()
        if draw(st.booleans()):
            self.pool += TOGETHER
            self.first = TOGETHER[:2]
        #: Texts that are one value each in a cell of several.
        self.values = [text for text in map(_single, self.pool[:5]) if text]

    def chance(self, of: int = 2) -> bool:
        return bool(self.draw(_places(of)) == of - 1)

    def one(self, of: Sequence[T]) -> T:
        place: int = self.draw(_places(len(of)))
        return of[place]

    def text(self) -> str:
        """Return a cell that may be blank."""
        return self.one(["", "", *self.pool])

    def padded(self, text: str) -> str:
        return self.one(_PADS) + text + self.one(_PADS)

    def joined(self, names: list[str]) -> str:
        return self.one(("; ", ";", " | ", "\n")).join(names)

    def some(self, of: list[T], most: int) -> list[T]:
        """Return up to ``most`` items of a list, possibly repeated."""
        return [of[place] for place in self.draw(_places(len(of), 0, most))] if of else []

    def names(self, most: int, taken: set[str], *, single: bool, least: int = 0) -> list[str]:
        """Return names that the loaders consider different; with ``single``, names without separators."""
        found = []
        places = self.draw(_places(2 * len(self.pool), least, most))  # the upper half is for texts of their own
        drawn = [self.pool[place] if place < len(self.pool) else self.draw(TEXTS) for place in places]
        for text in [*self.first, *drawn][: max(least, len(drawn))]:
            name = _single(text) if single else text
            if not fold_term(name) or fold_term(name) in taken or name.casefold() in taken:
                name = _cell(f"{name}{len(taken)}")
            if fold_term(name) not in taken and name.casefold() not in taken:
                taken |= {fold_term(name), name.casefold()}
                found.append(name)
        return found

    def terms(self, *, outcome: bool = False, most: int = 15) -> tuple[list[Row] | None, list[_Term]]:
        """Return a vocabulary, absent, open or closed with a hierarchy, and the names of its terms."""
        taken: set[str] = set()
        kind = self.one(("closed", "closed", "closed", "chain", "header", "none"))
        if kind == "chain" and most < 13:
            kind = "closed"
        if kind in ("header", "none"):
            names = self.names(8, taken, single=True)
            return ([] if kind == "header" else None), [_Term([name]) for name in names]
        labels = self.names(most, taken, single=False, least=13 if kind == "chain" else 1)
        rows, terms = [], []
        for number, label in enumerate(labels):
            made = slug(" ".join(label.split()))
            own = self.one(("blank", "plain", "text"))
            id_ = made
            if own == "text":
                id_ = next(iter(self.names(1, taken, single=True, least=1)), "")
            if own == "plain" or not id_ or (id_ == made and fold_term(made) in taken | {fold_term(label)}):
                own, id_ = "plain", f"t-{number}"
            taken.add(fold_term(id_))
            synonyms = self.names(2, taken, single=True) if self.chance(3) else []
            rows.append(
                {
                    "_id": id_,
                    "id": "" if own == "blank" else self.padded(id_),
                    "label": self.padded(label),
                    "definition": self.text(),
                    "synonyms": self.joined(synonyms),
                    "favourable": self.one(("", *VALUES["favourable"])) if outcome else "",
                    "residual": self.one(("", "", "", "yes", "no")),
                    "colour": self.one(("", "", "#0072b2", "#AbCdEf")),
                }
            )
            terms.append(_Term([id_, *synonyms, *([label] if not _SPLIT.search(label) else [])]))
        order = self.draw(st.permutations(range(len(rows))))
        for place, number in enumerate(order):
            if kind == "chain" or self.chance():
                above = place - 1 if kind == "chain" else self.draw(_places(place + 1)) - 1
                rows[number]["broader"] = rows[order[above]]["_id"] if above >= 0 else ""
        return rows, terms

    def calls(self, terms: list[_Term], most: int) -> str:
        """Return a cell with up to ``most`` terms, possibly repeated."""
        names = [_cell(self.one(term.names)) for term in self.some(terms, most)]
        return self.padded(self.joined(names))

    def charted(self, of: str, regions: list[_Term]) -> Row:
        """Return the cells of the free facets of a study or finding: values, coding statuses or nothing."""
        row: Row = {}
        for name, kind in CHARTED[of].items():
            if self.chance(3):
                row[name] = self.one(("", *STATUSES))
            elif name == "region":
                row[name] = self.calls(regions, 3)
            elif kind == "categories":
                row[name] = self.padded(self.joined(self.some(self.values, 3)))
            elif kind == "category":
                row[name] = self.padded(self.one(self.pool[:3]))
            elif kind == "number":
                row[name] = self.one(("0", "3", "1,200", "2.50", "-1", "+7", "0.1", "999999999999999"))
            else:
                row[name] = self.one((*VALUES["nominal"], "x", "FALSE", "☐"))
        return row

    def facets(self) -> list[Row]:
        """Return the declarations of the free facets; a label may be any text, and so may the words for a status."""
        rows: list[Row] = []
        for name, kind in (item for names in CHARTED.values() for item in names.items()):
            rows.append({"name": name, "kind": kind})
            if self.chance(3):
                rows[-1]["label"] = self.one(self.pool)
            if self.chance(4) and kind == "category":
                rows[-1]["not_applicable"] = self.some(self.pool, 2)
            if self.chance(4) and name == "instrument":
                rows[-1]["values"] = self.values
        return rows

    def maps(self) -> list[Row]:
        """Return up to two declared maps of any two dimensions."""
        rows = []
        for name in self.names(2, {fold_term(DEFAULT.name)}, single=False):
            rows.append({"name": name, "rows": self.one(DIMENSIONS), "columns": self.one(DIMENSIONS)})
            if self.chance():
                rows[-1]["segments"] = self.one(DIMENSIONS)
            if self.chance(3):
                rows[-1]["title"] = self.one(self.pool)
        return rows

    def studies(self, outcomes: list[_Term], regions: list[_Term]) -> list[Row]:
        """Return studies with all combinations of identifiers; ``_name`` is the name that findings use."""
        taken: set[str] = set()
        count = self.draw(_places(13))
        numbering = self.one(("numbers", "numbers", "zeros", "texts", "some", "none"))
        labels = [""] * count
        if numbering in ("numbers", "zeros"):
            few = st.integers(1, 30) | st.integers(1, 999_999_999)
            labels = [str(n) for n in self.draw(st.lists(few, min_size=count, max_size=count, unique=True))]
            if numbering == "zeros" and count:
                labels[0] = "0" + labels[0]
        elif numbering in ("texts", "some"):
            named = self.names(count, taken, single=False, least=count if numbering == "texts" else 0)
            labels = (named + labels)[:count]
        taken |= {label.casefold() for label in labels}
        keys = self.names(count, taken, single=False, least=count)
        keys += [f"key-{n}" for n in range(len(keys), count)]
        facets = {
            name: [_cell(v) for text in map(_single, self.pool[:3]) if text for v in (text, text.upper(), text.lower())]
            for name in ("design", "setting", "population")
        }
        rows: list[Row] = []
        for number, (key, label) in enumerate(zip(keys, labels, strict=True)):
            doi = f"10.{1000 + number}/x" + re.sub(r"[\s%\x1c-\x1f]", "", self.text()) if self.chance(3) else ""
            key = "" if (label or doi) and self.chance(4) else key
            rows.append(
                {
                    "_name": key or label or doi,
                    "key": self.padded(key),
                    "label": self.padded(label),
                    "reference": self.text(),
                    "doi": self.one(("", "https://doi.org/", "DOI: ")) + doi if doi else "",
                    "openalex": f"W{number}" if self.chance(4) else "",
                    "authors": self.one(("", "Felton JW, Abidogun TM", "World Health Organization", *self.pool)),
                    "year": self.one(("", "", "1500", "1999", "2019.0", "2020", "2026")),
                    "title": self.text(),
                    "publication_type": self.text(),
                    "methods": self.one(("", *VALUES["methods"], "mixed")),
                    "sample": self.one(("", "Panel A", "panel a", "Panel B")),
                    "evidence": self.one(("", *VALUES["evidence"], "Gray literature")),
                    **{name: self.joined(self.some(values, 3)) for name, values in facets.items()},
                    "country": self.text(),
                    "sample_size": self.one(("", "0", "12", "1,234", "1000000000")),
                    "outcomes": self.calls(outcomes, 4) if self.chance() else "",
                    "basis": self.text(),
                    "report": self.joined(self.some(self.values, 2)) if self.chance() else "",
                    **self.charted("study", regions),
                }
            )
        if self.chance(6):
            rows.append({"_name": "", "title": "Named by its title alone"})
            if numbering == "numbers" and self.chance():
                rows.pop()
        return rows

    def findings(self, studies: list[Row], factors: list[_Term], outcomes: list[_Term]) -> list[Row]:
        """Return distinct findings; half of them are about the first factors, so that cells have several."""
        named = [row["_name"] for row in studies if row["_name"]]
        if not named or not factors:
            return []
        rows: dict[tuple[object, ...], Row] = {}
        for _ in range(self.draw(_places(31))):
            study = self.one(named)
            factor = self.draw(_places(len(factors) if self.chance() else min(2, len(factors))))
            tied = self.draw(_places(len(outcomes), 0, 5)) if outcomes else []
            direction = self.one(tuple(VALUES["direction"]))
            locator = self.text()
            if turned_into_date(locator):
                locator = ""
            tabulated = self.one(("", "yes", "no", "n"))
            claim = (study, factor, direction, frozenset(tied), locator)
            rows[claim] = {
                "_claim": claim,
                "study": self.padded(study),
                "factor": self.padded(_cell(self.one(factors[factor].names))),
                "direction": self.one((direction, *VALUES["direction"][direction])),
                "outcomes": self.joined([_cell(self.one(outcomes[o].names)) for o in tied]),
                "locator": locator,
                "note": self.text(),
                "tabulated": tabulated,
                "associated": self.one(("", "yes", "no")) if tabulated in ("no", "n") else "",
                "approach": self.one(("", "", *VALUES["approach"])),
                "certainty": self.one(("", "", *VALUES["certainty"])),
                "pole": self.one(("", *VALUES["pole"], "absence")),
                "coder": self.text(),
                **self.charted("finding", []),
            }
        return list(rows.values())

    def searches(self) -> list[Row] | None:
        """Return the search log; ids sort by their characters, and a source may be blank."""
        if self.chance():
            return None
        ids = self.names(4, set(), single=False)
        return [
            {
                "id": self.one((id_, "")),
                "hits": self.one(("", "0", "1234")),
                **{name: self.text() for name in ("source", "date", "platform", "query", "filters", "locator")},
            }
            for id_ in ids
        ]

    def works(self, studies: list[Row]) -> list[Row] | None:
        """Return works of OpenAlex: some report a study, some cite each other, some are retracted or notices."""
        if self.chance():
            return None
        dois = [row["doi"] for row in studies if row.get("doi")] + [None, "10.5555/a", "10.5555/b"]
        ids = [f"https://openalex.org/W{n}" for n in range(1, 8)]
        return [
            {
                "id": id_,
                "doi": self.one(dois),
                "title": self.one((self.text(), None)),
                "publication_year": self.one((2020, 2021, None)),
                "type": self.one(("article", "preprint", "erratum", None)),
                "is_retracted": self.one((True, False, None)),
                "referenced_works": self.some(ids, 4),
                "authorships": [
                    {
                        "author": {"display_name": self.text()},
                        "institutions": [{"display_name": self.text(), "country_code": self.one(("DE", "US", None))}],
                    }
                ],
                "topics": [{"display_name": self.text(), "field": {"display_name": self.text()}}],
                "funders": [{"display_name": self.text()}],
            }
            for id_ in self.some(ids, 6)
        ]

    def gaps(self, factors: list[_Term], outcomes: list[_Term]) -> list[Row] | None:
        """Return gaps that the authors state; the statement may be blank."""
        if self.chance():
            return None
        return [
            {
                "id": self.one((id_, "")),
                "kind": self.text(),
                "statement": self.text(),
                "factors": self.calls(factors, 3),
                "outcomes": self.calls(outcomes, 3),
                "locator": self.text(),
            }
            for id_ in self.names(4, set(), single=False)
        ]


@st.composite
def folders(draw: Draw, review: str = "r") -> Folder:
    """Return a review folder of up to a dozen studies; ``review`` is its id."""
    make = _Maker(draw)
    factors, called = make.terms()
    outcomes, affected = make.terms(outcome=True)
    regions, places = make.terms(most=6)
    studies = make.studies(affected, places)
    about: Row = {"id": review, "title": make.one(make.pool)}
    for name in ("citation", "doi", "question", "search_date"):
        if make.chance(3):
            about[name] = make.text()
    if make.chance():
        about["year"] = make.one((0, 1999, 2024, -5))
    return Folder(
        about,
        studies,
        make.findings(studies, called, affected),
        factors,
        outcomes,
        make.searches(),
        make.gaps(called, affected),
        make.works(studies),
        regions,
        make.facets(),
        make.maps(),
    )


@st.composite
def edited(draw: Draw, folder: Folder) -> Folder:
    """Return an edited folder: rows removed, reworded or reordered; or only its findings."""
    make = _Maker(draw)
    only_findings = make.chance()
    kept = [row for row in folder.studies if only_findings or not make.chance(5)]
    names = {row["_name"] for row in kept}
    findings = []
    for row in folder.findings:
        if row["_claim"][0] in names and not make.chance(4):
            findings.append({**row, "note": make.text(), "coder": make.text()} if make.chance(3) else row)
    findings = _recoded(make, findings, CHARTED["finding"])
    if make.chance(3):
        findings.reverse()
    if only_findings:
        return replace(folder, findings=findings)
    studies = [
        {**row, "title": make.text() if row["_name"] else row["title"], "country": make.text()}
        if make.chance(3)
        else row
        for row in kept
    ]
    studies = _recoded(make, studies, ("report", *CHARTED["study"]))
    if make.chance(3):
        studies.reverse()
    vocabularies = [
        [{**row, "definition": make.text()} for row in reversed(rows)] if rows and make.chance(3) else rows
        for rows in (folder.factors, folder.outcomes)
    ]
    return replace(
        folder,
        review={**folder.review, "title": make.one(make.pool)},
        studies=studies,
        findings=findings,
        factors=vocabularies[0],
        outcomes=vocabularies[1],
        searches=None if make.chance(3) else folder.searches,
        gaps=None if make.chance(3) else folder.gaps,
        works=folder.works if make.chance() else make.works(studies),
        maps=folder.maps if make.chance() else make.maps(),
    )


def _recoded(make: _Maker, rows: list[Row], columns: Iterable[str]) -> list[Row]:
    """Return the rows; some of them have the cells of another row in these columns."""
    found = []
    for row in rows:
        other = make.one(rows) if make.chance(3) else row
        found.append({**row, **{name: other.get(name, "") for name in columns}})
    return found


@st.composite
def histories(draw: Draw) -> tuple[Folder, Folder]:
    """Return a folder and its next version: edited, unedited, or unrelated."""
    one = draw(folders())
    other = draw(edited(one) | edited(one) | edited(one) | folders())
    return (one, other) if draw(st.booleans()) else (other, one)


#: Features that must occur in generated folders.
MARKS = {
    "no findings", "many findings", "no studies", "many studies", "no title", "no year", "no doi", "number labels",
    "text labels", "zero label", "no design", "one design", "several designs", "no outcome",
    "one outcome", "several outcomes", *DIRECTIONS, "contested", "contested in one study", "two-sided", "not tabulated", "associated",
    "deep", "two groups", "unused term", "open", "closed", "outcome of nobody", "search", "gap of several", "beyond the BMP",
    "record of a study", "citation", "retracted", "line break", "tab inside", "no-break space", "code points and UTF-16 differ",
    "values of a facet", "values of a finding", "number of a facet", *CODING_STATUSES[:2], "facet in groups", "facet in levels",
    "reports of a study", "report of studies", "map of studies", "map of findings",
}  # fmt: skip


def marks(folder: Folder, evidence: Evidence) -> set[str]:
    """Return the features of a folder and of what it holds."""
    studies, findings = evidence.studies, evidence.findings
    labels = list(study_labels(studies).values())
    poles: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for finding in findings:
        for outcome in finding.outcomes:
            place = finding.factor, outcome, finding.pole or "presence"
            poles.setdefault(place, {direction: set() for direction in DIRECTIONS})[finding.direction].add(
                finding.study
            )
    both = [(cell["facilitator"], cell["barrier"]) for cell in poles.values()]
    two = [
        (cell, poles[f, o, "absence"])
        for (f, o, pole), cell in poles.items()
        if pole == "presence" and (f, o, "absence") in poles
    ]
    broader = {c.id: c.broader for c in (*evidence.factors, *evidence.outcomes)}

    def depth(id_: str) -> int:
        above = broader.get(id_)
        return 1 + depth(above) if above else 1

    used = {f.factor for f in findings}
    charted = {name: [s.facets.get(name, ()) for s in studies] for name in CHARTED["study"]}
    charted |= {name: [f.facets.get(name, ()) for f in findings] for name in CHARTED["finding"]}
    regions = {value.id: value.broader for facet in evidence.facets if facet.id == "region" for value in facet.values}
    crossed = [
        {"study" if spec[side] in CHARTED["study"] else "other" for side in ("rows", "columns")} for spec in folder.maps
    ]
    statuses = {status for s in studies for status in s.not_coded.values()}
    statuses |= {status for f in findings for status in f.not_coded.values()}
    reports = [report for study in studies for report in set(study.reports)]
    notes = [f.note for f in findings if f.note] + [str(label) for label in labels]
    found = {
        "no findings": not findings,
        "many findings": len(findings) > 12,
        "no studies": not studies,
        "many studies": len(studies) > 6,
        "no title": any(s.title is None for s in studies),
        "no year": any(s.year is None for s in studies),
        "no doi": any(s.doi is None for s in studies),
        "number labels": any(isinstance(label, int) for label in labels),
        "text labels": any(isinstance(label, str) for label in labels),
        "zero label": any(str(label).startswith("0") for label in labels),
        "no design": any("design" not in s.facets for s in studies),
        "one design": any(len(s.facets.get("design", ())) == 1 for s in studies),
        "several designs": any(len(s.facets.get("design", ())) > 1 for s in studies),
        "no outcome": any(not f.outcomes for f in findings),
        "one outcome": any(len(f.outcomes) == 1 for f in findings),
        "several outcomes": any(len(f.outcomes) > 2 for f in findings),
        **{direction: any(f.direction == direction for f in findings) for direction in DIRECTIONS},
        "contested": any(good and bad and good != bad for good, bad in both),
        "contested in one study": any(good & bad for good, bad in both),
        "two-sided": any(present["facilitator"] and absent["barrier"] for present, absent in two),
        "not tabulated": any(not f.tabulated for f in findings),
        "associated": any(f.associated for f in findings),
        "deep": any(depth(id_) > 11 for id_ in broader),
        "two groups": len({c.broader for c in evidence.factors if c.broader}) > 1,
        "unused term": any(c.id not in used for c in evidence.factors),
        "open": any(not c.source for c in evidence.factors),
        "closed": any(c.source for c in evidence.factors),
        "outcome of nobody": any(c.id not in {o for s in studies for o in s.outcomes} for c in evidence.outcomes),
        "search": bool(evidence.searches),
        "record of a study": any(r.work in {s.id for s in studies} for r in evidence.reports),
        "citation": any(record.references for record in evidence.records),
        "retracted": any(s.status == "retracted" for s in evidence.standings),
        "gap of several": any(len(g.factors) > 1 and g.outcomes for g in evidence.gaps),
        "beyond the BMP": any(ord(letter) > 0xFFFF for note in notes for letter in note),
        "line break": any("\n" in note for note in notes),
        "tab inside": any("\t" in note for note in notes),
        "no-break space": any("\u00a0" in note for note in notes),
        "values of a facet": any(len(values) > 1 for values in charted["region"]),
        "values of a finding": any(len(values) > 1 for values in charted["instrument"]),
        "number of a facet": any(charted["score"]) and any(charted["strength"]),
        **{status: status in statuses for status in CODING_STATUSES[:2]},
        "facet in groups": len({above for above in regions.values() if above}) > 1,
        "facet in levels": any(regions.get(above) for above in regions.values() if above),
        "reports of a study": any(len(s.reports) > 1 for s in studies),
        "report of studies": len(set(reports)) < len(reports),
        "map of studies": {"study"} in crossed,
        "map of findings": any("other" in sides for sides in crossed),
        "code points and UTF-16 differ": sorted(map(str, labels)) != sorted(map(str, labels), key=_utf_16),
    }
    return {mark for mark, there in found.items() if there}


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")
