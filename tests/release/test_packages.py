"""The descriptions of a release for archives, each read by a validator of its own. No test needs the network."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.folder.review import Review
from kg.release.about import held_in, licence_id
from kg.release.make import make_release
from tests.paths import TESTS
from tests.release.conftest import add, edit
from tests.sparql import prepared_once

DAY = "2026-11-30"
#: The schema of CITATION.cff 1.2.0 (CC BY 4.0, https://github.com/citation-file-format/citation-file-format).
CFF = TESTS / "data" / "schemas" / "citation-file-format-1.2.0.json"
#: What the context of RO-Crate 1.2 says of the terms that a release uses. All others of it are left out.
CONTEXT = {
    **{
        name: f"http://schema.org/{name}"
        for name in (
            "CreativeWork", "Dataset", "Organization", "Person", "ScholarlyArticle", "about", "author", "contentSize",
            "datePublished", "description", "encodingFormat", "familyName", "givenName", "hasPart", "identifier",
            "isBasedOn", "license", "name", "sha256", "version",
        )
    },
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}  # fmt: skip


def library(name: str) -> Any:
    """Import a validator; without it a test is skipped, but never in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")


@pytest.fixture(params=["example", "no licence, authors or findings", "odd text"])
def released(request: pytest.FixtureRequest, carers: Review, own_example: Review) -> Path:
    """The folder of a release of a review: a real one, one that says little of itself, and one with odd texts."""
    if request.param == "example":
        return make_release(own_example, "v2.0-rc1", DAY).root
    if request.param == "odd text":
        edit(carers, "review.toml", '"What helps?"', '"What: \\"helps\\" # \\\\ \\u0085\\u2028 — 力 {x} *y*?"')
        edit(carers, "review.toml", 'licence = "CC BY 4.0"', 'doi = "10.1000/a<b>;2-#é"\ncitation = "- a: b\\n# c"')
        add(carers, "sheets/studies.csv", 'd,10.1000/d,"=1+1, ""x""\n- y",2023,"+A",survey\n')
        return make_release(carers, "v1", DAY).root
    (carers.root / "review.toml").write_text('id = "r"\ntitle = "R"\n', encoding="utf-8")
    (carers.root / "sheets" / "findings.csv").unlink()
    return make_release(carers, "v1", DAY).root


def test_the_citation_meets_its_schema(released: Path) -> None:
    jsonschema = library("jsonschema")
    text = (released / "CITATION.cff").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    jsonschema.Draft7Validator(json.loads(CFF.read_text(encoding="utf-8"))).validate(found)
    assert found["title"].endswith(f": release {released.name}")


def test_the_data_package_is_valid_with_its_data(released: Path) -> None:
    frictionless = library("frictionless")
    report = frictionless.Package(str(released / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "message"])
    package = json.loads((released / "datapackage.json").read_text(encoding="utf-8"))
    tables = {path.relative_to(released).as_posix() for path in released.rglob("*.csv")}
    assert {resource["path"] for resource in package["resources"]} == tables


def test_an_edit_makes_the_data_package_invalid(released: Path) -> None:
    """The validator reads the files: it finds what ``kg releases`` finds."""
    frictionless = library("frictionless")
    with (released / "outcomes.csv").open("a", encoding="utf-8") as out:
        out.write("more,1,x\n")
    report = frictionless.Package(str(released / "datapackage.json")).validate()
    found = {kind for _, kind, _ in report.flatten(["name", "type", "message"])}
    assert {"hash-count", "byte-count"} <= found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the validator's own libraries
def test_the_crate_is_a_valid_ro_crate(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services, models = library("rocrate_validator.services"), library("rocrate_validator.models")
    _serve_context(monkeypatch)
    settings = services.ValidationSettings(
        rocrate_uri=str(released),
        profile_identifier="ro-crate-1.2",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
    )
    with prepared_once():  # else most of its time is for parsing
        result = services.validate(settings)
    assert [(issue.check.identifier, issue.message) for issue in result.get_issues()] == []
    assert result.passed()


def _serve_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer the requests of the validator for the context of RO-Crate, which is on the web."""
    http, contexts = library("rocrate_validator.utils.http"), library("rdflib.plugins.shared.jsonld.context")
    document = {"@context": CONTEXT}

    class Response:
        status_code, ok, headers = 200, True, {"Content-Type": "application/ld+json"}
        text = json.dumps(document)

        def json(self) -> Any:
            return document

    def get(self: object, url: str, *arguments: Any, **options: Any) -> Response:
        assert url == "https://w3id.org/ro/crate/1.2/context"
        return Response()

    monkeypatch.setattr(http.HttpRequester, "get", get, raising=False)
    monkeypatch.setattr(contexts, "source_to_json", lambda source, *arguments, **options: (document, None))


def test_the_crate_uses_no_term_beyond_the_context(released: Path) -> None:
    """A term that the context lacks is no RDF, and the validator does not see it."""
    crate = json.loads((released / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    used = {name for entity in crate["@graph"] for name in (*entity, entity["@type"]) if not name.startswith("@")}
    assert used <= set(CONTEXT)
    files = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    parts = {part["@id"] for entity in crate["@graph"] if entity["@id"] == "./" for part in entity["hasPart"]}
    assert parts == files - {"ro-crate-metadata.json"}


CITATION = """cff-version: "1.2.0"
message: "If you use these data, please cite them as below."
type: "dataset"
title: "What helps carers: release v1"
abstract: "The evidence of the review as of 2026-11-30: 3 studies, 3 findings, 4 cells of the maps. What helps?"
version: "v1"
date-released: "2026-11-30"
authors:
  - family-names: "Doe"
    given-names: "J"
  - family-names: "Roe"
    given-names: "Rita"
  - name: "The Carers' Trust"
license: "CC-BY-4.0"
"""


def test_the_citation_of_a_small_review(carers: Review) -> None:
    assert (make_release(carers, "v1", DAY).root / "CITATION.cff").read_text(encoding="utf-8") == CITATION


def test_licences_and_files_are_named() -> None:
    assert [licence_id(text) for text in ("CC BY 4.0", "cc-by-nc-nd-4.0", "CC0 1.0", "CC BY", "", None)] == [
        "CC-BY-4.0", "CC-BY-NC-ND-4.0", "CC0-1.0", None, None, None,
    ]  # fmt: skip
    assert held_in("gap-map.csv") == "Evidence gap map, in studies"
    assert held_in("snapshot/gaps.csv") == "Ids for the comparison of releases: gaps"
