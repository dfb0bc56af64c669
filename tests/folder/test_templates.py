"""The templates of ``kg init``: what each makes, and that a filled one gives what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import UnknownName, UsageProblem
from kg.folder.create import init_review
from kg.folder.templates import DEFAULT, NAMES, TEMPLATES
from tests.conftest import Run


def filled(folder: Path, name: str, rows: str) -> None:
    path = folder / "sheets" / name
    path.write_text(path.read_text(encoding="utf-8") + rows, encoding="utf-8")


def test_the_default_template_is_that_of_facilitators_and_barriers(tmp_path: Path) -> None:
    first, second = (init_review(tmp_path / d / "review", template=t) for d, t in (("a", None), ("b", DEFAULT)))
    names = sorted(p.relative_to(first.root).as_posix() for p in first.root.rglob("*") if p.is_file())
    assert names == [".gitignore", "review.toml", "sheets/findings.csv", "sheets/studies.csv",
                     "vocabulary/factors.csv", "vocabulary/outcomes.csv"]  # fmt: skip
    assert [(first.root / name).read_bytes() for name in names] == [(second.root / name).read_bytes() for name in names]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_a_review_that_can_be_built(tmp_path: Path, name: str) -> None:
    review = init_review(tmp_path / "r", template=name, title='A "quoted" title {x}')
    assert review.config.review.title == 'A "quoted" title {x}'
    assert review.build().counts["Review"] == 1


def test_the_help_names_every_template(run: Run) -> None:
    text = run("init", "--help").out
    assert list(NAMES) == list(TEMPLATES)
    for name, what in NAMES.items():
        assert f"  {name:<22}  {what}\n" in text


def test_interventions_and_outcomes(tmp_path: Path) -> None:
    review = init_review(tmp_path / "r", template="interventions-outcomes")
    filled(review.root, "studies.csv", "ng-2021,,,Ng A,2021,Hours,article,,trial,,,,\n")
    filled(review.root, "findings.csv", "ng-2021,Mentoring,usual care,improves,Retention,p. 3,\n")
    evidence = review.load().evidence
    (finding,) = evidence.findings
    assert (finding.factor, finding.direction, finding.outcomes) == ("mentoring", "facilitator", ("retention",))
    assert finding.facets == {"comparison": ("usual-care",)}
    assert evidence.review.words["factor"] == "Intervention"
    assert evidence.review.words["barrier"] == "worsens"


def test_an_unknown_template_and_a_template_beside_an_example(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"^no template is called 'tag'; did you mean tags\?$"):
        init_review(tmp_path / "r", template="tag")
    with pytest.raises(UsageProblem, match="give --example or --template, not both"):
        init_review(tmp_path / "r", template="tags", example="peer-workforce")
    assert not (tmp_path / "r").exists()
