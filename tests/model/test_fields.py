"""A column of a sheet is declared once, in ``kg.model.fields``; the guide and the ontology follow."""

from __future__ import annotations

import re

import pytest
import rdflib
from rdflib.namespace import OWL, RDFS, XSD

from kg.export.rdf import KG, ontology
from kg.model import fields
from kg.model.fields import FACET_KINDS, FINDING_FIELDS, REVIEW, STUDY_FIELDS, TERM_FIELDS, Field
from kg.model.normalise import fold_words
from kg.model.vocabulary import PROPERTIES
from tests.paths import ROOT

#: Kind of sheet -> its columns, the labels of the nodes that hold them, and their heading in docs/sheets.md.
KINDS: dict[str, tuple[tuple[Field, ...], tuple[str, ...]]] = {
    "Findings": (FINDING_FIELDS, ("Finding",)),
    "Studies": (STUDY_FIELDS, ("Study",)),
    "Vocabularies": (TERM_FIELDS, ("Factor", "Outcome", "Value")),
}
EVERY = [(kind, field) for kind, (of_kind, _) in KINDS.items() for field in of_kind]
IDS = [f"{kind} {field.name}" for kind, field in EVERY]
MODEL = ontology("kg.ttl")


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_is_that_of_two_columns(kind: str) -> None:
    owner: dict[str, str] = {}
    for field in KINDS[kind][0]:
        for name in (field.name, *field.synonyms):
            assert owner.setdefault(fold_words(name), field.name) == field.name


@pytest.mark.parametrize(("kind", "field"), EVERY, ids=IDS)
def test_a_column_is_in_the_guide(kind: str, field: Field) -> None:
    page = (ROOT / "docs" / "sheets.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", page.split(f"\n## {kind}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    (row,) = [line for line in section.splitlines() if line.startswith(f"| `{field.name}` |")]
    _, _, others, required, holds, _ = (cell.strip() for cell in row.split("|"))
    assert tuple(re.findall("`([^`]+)`", others)) == field.synonyms
    assert (required == "yes") == field.required
    assert not field.values or "[a value](#values)" in holds


@pytest.mark.parametrize(
    ("kind", "field"), [pair for pair in EVERY if pair[1].stored], ids=lambda v: getattr(v, "name", v)
)
def test_a_stored_column_is_a_property_with_a_term(kind: str, field: Field) -> None:
    owners = {label for label in KINDS[kind][1] if field.name in PROPERTIES[label]}
    assert owners
    (term,) = MODEL.subjects(KG.propertyName, rdflib.Literal(field.name))
    assert (term, rdflib.RDF.type, OWL.DatatypeProperty) in MODEL
    if field.values:
        scheme, range_ = MODEL.value(term, KG["values"]), MODEL.value(term, RDFS.range)
        assert scheme is not None or (range_ == XSD.boolean and field.values.keys() == {"yes", "no"})


@pytest.mark.parametrize(
    ("kind", "field"), [pair for pair in EVERY if not pair[1].stored], ids=lambda v: getattr(v, "name", v)
)
def test_a_column_that_is_not_stored_is_no_property(kind: str, field: Field) -> None:
    own = {
        "Study": {"outcomes", "report", "openalex", "author_year", REVIEW},
        "Finding": {"study", "study_label", "factor", "outcomes"},
    }
    for label in KINDS[kind][1]:
        assert field.name not in PROPERTIES[label] or field.name == REVIEW  # the property is that of every node
        assert field.name in own.get(label, {"broader"})


@pytest.mark.parametrize(("kind", "field"), EVERY, ids=IDS)
def test_what_a_column_declares_is_consistent(kind: str, field: Field) -> None:
    assert field.facet in (None, *FACET_KINDS)
    assert bool(field.values) == bool(field.called), "a message needs a name for one of the values"
    assert not (field.facet and not field.stored) or field.name == REVIEW  # INCLUDES says it
    assert not (field.facet and kind == "Vocabularies")


def test_the_facets_of_studies_and_findings_are_columns() -> None:
    assert list(fields.STUDY_FACETS) == [f.name for f in STUDY_FIELDS if f.facet]
    assert fields.STUDY_FACETS["design"] == "categories" and fields.STUDY_FACETS["year"] == "year"
    assert dict.fromkeys(("direction", "pole", "approach", "certainty"), "category") == fields.FINDING_FACETS
