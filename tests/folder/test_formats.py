"""The kind of a file that is added to a review folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.folder.formats import kind_of
from tests import exports as an
from tests.folder.test_add import NOTICES


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.csv", "study,factor,direction\n", "sheet"),
        ("a.csv", "key,label,doi,authors,year,title,publication_type\n", "sheet"),
        ("a.csv", "", "sheet"),
        ("a.csv", "id,title\ra,Hours\rb,Carers\r", "sheet"),
        ("a.csv", an.SCOPUS, "references"),
        ("a.csv", an.EMBASE, "references"),
        ("a.csv", an.OPENALEX_SHORT, "references"),
        ("a.tsv", an.WOS_TAB, "references"),
        ("a.txt", an.WOS, "references"),
        ("a.csv", NOTICES, "notices"),
        ("a.json", '{"message": {"DOI": "10.1/a"}}', "notices"),
        ("a.json", '{"message": {"items": [{"DOI": "10.1/a"}]}}', "notices"),
        ("a.json", '{"id": "https://openalex.org/W1"}', "records"),
        ("a.json", '{"results": []}', "records"),
        ("A.JSONL", "", "records"),
        ("part_0000.gz", "", "records"),
        ("a.xlsx", "", "sheet"),
        ("a.XML", "", "references"),
    ],
)
def test_kinds_are_detected_by_content_and_suffix(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert kind_of(tmp_path / name) == kind
    if name.endswith(("csv", "tsv", "txt")):
        (tmp_path / name).write_text(text, encoding="utf-16")
        assert kind_of(tmp_path / name) == kind
