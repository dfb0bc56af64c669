"""The overlays of a review in SSSOM, as ``[[overlay]]`` reads them: attributes of frameworks matched to terms. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from kg.errors import UsageProblem
from kg.export.tables import to_tsv
from kg.loaders.sheets.overlays import OPTIONAL, REQUIRED
from kg.model.records import Evidence, Overlay
from kg.table import Table
from kg.text import without_controls

_REVIEW = "https://w3id.org/evidence-kg/review/"
_FIXED = {"semapv": "https://w3id.org/semapv/vocab/", "skos": "http://www.w3.org/2004/02/skos/core#"}
#: What SSSOM has for a licence that is not known, or not the same for all mappings.
_NO_LICENCE = "https://w3id.org/sssom/license/unspecified"
_COLUMNS = (*REQUIRED[:4], *OPTIONAL[:1], *REQUIRED[4:], *OPTIONAL[1:])


def to_sssom(evidence: Evidence) -> str:
    """Return the mappings of all overlays, in their order. Raises UsageProblem for a review without overlays."""
    if not evidence.overlays:
        raise UsageProblem("the review has no overlay; [[overlay]] in review.toml declares one")
    table = Table("sssom", _COLUMNS, [row for overlay in evidence.overlays for row in _rows(evidence, overlay)])
    return "".join(f"#{without_controls(line)}\n" for line in _metadata(evidence)) + to_tsv(table)


def _metadata(evidence: Evidence) -> Iterator[str]:
    base = _REVIEW + quote(evidence.review.id, safe="") + "/"
    licences = {overlay.licence for overlay in evidence.overlays}
    licence = licences.pop() if len(licences) == 1 else None
    yield f"mapping_set_id: {base}overlays"
    yield f"license: {licence or _NO_LICENCE}"
    yield "curie_map:"
    curies = _FIXED | {overlay.of: f"{base}{overlay.of}/" for overlay in evidence.overlays}
    for overlay in evidence.overlays:
        curies.setdefault(overlay.prefix, overlay.iri or f"{base}{overlay.id}/")
    yield from (f"  {prefix}: {curies[prefix]}" for prefix in sorted(curies))


def _rows(evidence: Evidence, overlay: Overlay) -> Iterator[tuple[object, ...]]:
    (facet,) = (facet for facet in evidence.facets if facet.id == overlay.id)
    values = {value.id: value.label for value in facet.values}
    terms = {term.id: term.label for term in (evidence.factors if overlay.of == "factor" else evidence.outcomes)}
    for match in overlay.matches:
        cells = {
            "subject_id": f"{overlay.prefix}:{match.value}",
            "subject_label": values[match.value],
            "predicate_id": f"skos:{match.predicate}",
            "object_id": f"{overlay.of}:{match.concept}",
            "object_label": terms[match.concept],
            "mapping_justification": match.justification,
            "comment": match.comment,
        }
        yield tuple(cells[name] for name in _COLUMNS)
