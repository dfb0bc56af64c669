"""The templates of ``kg init``: what each makes, and that a filled one gives what was typed."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from kg.errors import UnknownName, UsageProblem
from kg.export.workbook import charting_workbook
from kg.folder.add import add_sheets
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


def test_associations_have_no_direction_and_are_counted_by_their_sign(tmp_path: Path) -> None:
    review = init_review(tmp_path / "r", template="associations")
    filled(review.root, "studies.csv", "ng-2021,,,Ng A,2021,Hours,article,,cohort,,,,\nli-2020,,,Li,2020,Day,,,,,,,\n")
    filled(review.root, "findings.csv", "ng-2021,Noise,Sleep,negative,yes,p. 4,\nng-2021,Light,Sleep,NR,no,,\n")
    evidence = review.load().evidence
    assert [(f.factor, f.direction, f.outcomes, dict(f.facets), dict(f.not_coded)) for f in evidence.findings] == [
        ("noise", "unspecified", ("sleep",), {"association": ("negative",), "adjusted": ("yes",)}, {}),
        ("light", "unspecified", ("sleep",), {"adjusted": ("no",)}, {"association": "not reported"}),
    ]
    (facet,) = [facet for facet in evidence.facets if facet.id == "association"]
    assert (facet.label, [value.label for value in facet.values]) == (
        "Association", ["positive", "negative", "none", "mixed"],
    )  # fmt: skip


def test_tags_say_which_topics_and_outcomes_and_not_which_pairs(tmp_path: Path) -> None:
    review = init_review(tmp_path / "r", template="tags")
    filled(review.root, "studies.csv", "ng-2021,,,Ng A,2021,Hours,article,,trial,,,,,x,,x,\n")
    filled(
        review.root, "studies.csv", "li-2020,,,Li,2020,Day,,,,,,,,1,x,yes,X\nkim-2019,,,Kim,2019,Night,,,,,,,,0,,,\n"
    )
    evidence = review.load().evidence
    assert [(f.study, f.factor, f.direction, f.outcomes, f.implied) for f in evidence.findings] == [
        ("key:ng-2021", "first-topic", "unspecified", ("first-outcome",), False),
        ("key:li-2020", "first-topic", "unspecified", ("first-outcome", "second-outcome"), True),
        ("key:li-2020", "second-topic", "unspecified", ("first-outcome", "second-outcome"), True),
    ]
    assert [study.key for study in evidence.studies] == ["ng-2021", "li-2020", "kim-2019"]


@pytest.mark.parametrize("template", ["associations", "tags"])
def test_the_workbook_of_a_review_without_directions_fills_the_direction_in(tmp_path: Path, template: str) -> None:
    review = init_review(tmp_path / "r", template=template)
    rows = {"associations": "ng-2021,,,Ng A,2021,Hours,,,,,,,\n", "tags": "ng-2021,,,Ng A,2021,Hours,,,,,,,,,,,\n"}
    filled(review.root, "studies.csv", rows[template])
    book = openpyxl.load_workbook(io.BytesIO(charting_workbook(review).content))
    head, row = ([cell.value for cell in cells] for cells in book["findings"].iter_rows())
    word = {"associations": "exposure", "tags": "factor"}[template]
    assert head[:6] == ["study", "study_label", word, "direction", "outcomes", "locator"]
    assert row[:6] == ["ng-2021", "Ng 2021", None, "unspecified", None, None]
    book["findings"]["C2"], book["findings"]["E2"] = "Noise", "Sleep"
    book.save(tmp_path / "charting.xlsx")
    add_sheets(review, [tmp_path / "charting.xlsx"])
    (finding,) = review.load().evidence.findings
    assert (finding.factor, finding.direction, finding.outcomes) == ("noise", "unspecified", ("sleep",))
