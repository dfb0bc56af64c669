"""EndNote's XML export -> records. Parsed with defusedxml, because files come from untrusted sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.limits import DEPTH, FIELD, OverLimit
from kg.loaders.references.entries import Entry, check_length, database_named, record_of_entry
from kg.model.literature import Record
from kg.problems import Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read_endnote(path: Path, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every ``<record>`` of an EndNote library, or a problem; the row is its number from 1."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    number, elements, deepest, longest = 0, 0, DEPTH.most, FIELD.most
    ancestors: list[Element] = []
    try:
        for event, element in iterparse(path, events=("start", "end"), forbid_dtd=False):
            if event == "start":
                elements += 1
                if elements > longest:  # an element needs more memory than a character
                    check_length(elements, name, number + 1, "the record")
                ancestors.append(element)
                if len(ancestors) > deepest:
                    raise OverLimit(DEPTH, name, f"is nested deeper than {deepest:,} levels", row=number + 1)
                continue
            ancestors.pop()
            if element.tag != "record":
                continue
            number, elements = number + 1, 0
            check_length(sum(map(len, element.itertext())), name, number, "the record")
            record = record_of_entry(_entry(element), "EndNote", name, number)
            element.clear()
            yield record or Problem(
                name, "the record has no title or DOI to be known by", row=number, accepted="a record with a title"
            )
    except DefusedXmlException:
        reason = "holds entities of its own, which can be made to do harm"
        yield Problem(name, reason, row=number + 1, accepted="the file as EndNote exports it")
    except ParseError as error:
        yield Problem(
            name, f"is not valid XML: {error}", row=number + 1, accepted="the whole file, as EndNote exports it"
        )
    else:
        if not number:
            yield Problem(name, "no <record> is in this file", accepted="EndNote: File, Export, as type XML")


def _entry(record: Element) -> Entry:
    def texts(*paths: str) -> list[str]:
        return [
            text for path in paths for found in record.iterfind(path) if (text := "".join(found.itertext()).strip())
        ]

    def one(*paths: str) -> str | None:
        return next(iter(texts(*paths)), None)

    kind = record.find("ref-type")
    years, days = texts("dates/year"), texts("dates/pub-dates/date")
    source = database_named(" ".join(texts("remote-database-name", "remote-database-provider")))
    number = one("accession-num")
    return Entry(
        title=one("titles/title"),
        authors=texts("contributors/authors/author"),
        dates=[*years, *days, *(f"{years[0]} {day}" for day in days if years)],
        identifiers=texts("electronic-resource-num", "urls/related-urls/url", "urls/pdf-urls/url"),
        pmid=number if source in ("PubMed", "MEDLINE") else None,
        pmcid=one("custom2"),
        type=kind.get("name") if kind is not None else None,
        venue=one("periodical/full-title", "titles/secondary-title"),
        language=one("language"),
        abstract=one("abstract"),
        accession=number,
        volume=one("volume"),
        issue=one("number"),
        pages=one("pages"),
    )
