"""kg add says how it read a sheet; --explain prints the declaration of it; a question is asked or ends in an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.folder.explain import declare, explain
from kg.folder.review import Review
from tests.conftest import MakeReview, Run

WIDE = "id,title,year,state_ohio,state_utah,User\na,A,2020,x,,ab\nb,B,2021,,x,cd\n"
#: Two readings are equally likely: some ids stand in two rows, which differ in some columns.
UNCLEAR = "item id,title,wave,design,country,tool,n,setting,mode,lead,aim\n" + "".join(
    f"i{n // 2 if n < 8 else n},T{n // 2 if n < 8 else n},{n},d{n},c,t,1,s,m,l,a\n" for n in range(20)
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({})


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    (tmp_path / "wide.csv").write_text(WIDE, encoding="utf-8")
    return tmp_path / "wide.csv"


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    (tmp_path / "unclear.csv").write_text(UNCLEAR, encoding="utf-8")
    return tmp_path / "unclear.csv"


def test_a_sheet_is_described_before_it_is_added(review: Review, wide: Path, run: Run) -> None:
    ran = run("add", wide, "-C", review.root)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "effect on the map: 2 studies in; no cell opens, closes or turns\n"
        "sheets/wide.csv: 2 rows read as studies\n"
        "  a study is identified by 'id'\n"
        "  columns of the study: 'id' as key, 'title', 'year'\n"
        "  2 columns of marks as values of the facet 'state': 'state_ohio', 'state_utah'\n"
        "  1 column as facets of the study: User (category)\n"
        f"added {review.root / 'sheets' / 'wide.csv'}: 2 rows; next: kg build\n"
    )


def test_explain_prints_the_declaration_and_writes_nothing(review: Review, wide: Path, run: Run) -> None:
    ran = run("add", "--explain", wide, "-C", review.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "# sheets/wide.csv: 2 rows read as studies\n"
        "# a study is identified by 'id'\n"
        "# columns of the study: 'id' as key, 'title', 'year'\n"
        "# 2 columns of marks as values of the facet 'state': 'state_ohio', 'state_utah'\n"
        "# 1 column as facets of the study: User (category)\n"
        '[[sheet]]\nfile = "sheets/wide.csv"\nkind = "studies"\ncolumns = { key = "id" }\n\n'
        '[[sheet.marks]]\nof = "state"\nprefix = "state_"\n\n'
    )
    assert not (review.root / "sheets").exists()
    (review.root / "review.toml").write_text('id = "r"\ntitle = "R"\n' + ran.out, encoding="utf-8")
    assert run("add", wide, "-C", review.root).code == 0


def test_explain_names_what_it_cannot_read(review: Review, tmp_path: Path, run: Run) -> None:
    (tmp_path / "links.csv").write_text("refid,synd_id\n3,1\n", encoding="utf-8")
    ran = run("add", "--explain", tmp_path / "links.csv", "-C", review.root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0].startswith(
        "sheets/links.csv, row 1: 'refid, synd_id': cannot tell what the sheet holds"
    )
    assert ran.err.endswith("; nothing was written\n")
    assert (
        run("add", "--explain", tmp_path / "no.csv", "-C", review.root).err
        == f"Error: {tmp_path}/no.csv is not a file\n"
    )


def test_without_a_terminal_a_question_is_an_error(review: Review, unclear: Path, run: Run) -> None:
    for options in ((), ("--no-input",)):
        ran = run("add", unclear, *options, "-C", review.root)
        assert ran.code == 1
        assert ran.err.splitlines()[0] == (
            "sheets/unclear.csv, row 1: several rows have the same 'item id': are they several studies of one report, or one "
            'study?; accepted: key = ["item id", "wave"] under [[sheet]] in review.toml, if each row is a study, and they '
            'have one report; or kind = "studies and findings" under [[sheet]] in review.toml, if each row is a finding of '
            "one study"
        )
    assert not (review.root / "sheets").exists()


def test_an_answer_is_written_into_review_toml(review: Review, unclear: Path) -> None:
    (found,) = explain(review, unclear)
    assert found.question is not None
    declare(review, found, found.question.options[0][1])
    assert (review.root / "review.toml").read_text(encoding="utf-8") == (
        'id = "r"\ntitle = "R"\n\n[[sheet]]\nfile = "sheets/unclear.csv"\nkind = "studies"\n'
        'columns = { key = "item id", sample_size = "n" }\nkey = ["item id", "wave"]\n'
    )
    (again,) = explain(review, unclear)
    assert again.question is None
    assert again.problems == ()


def test_a_question_is_asked_on_a_terminal(review: Review, unclear: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.cli.add.is_terminal", lambda: True)
    ran = CliRunner().invoke(main, ["add", str(unclear), "-C", str(review.root)], input="1\n")
    assert ran.exit_code == 0, ran.stderr
    assert "  1: each row is a study, and they have one report (key = [" in ran.stderr
    studies = review.load().evidence.studies
    assert (len(studies), len({name for study in studies for name in study.reports})) == (20, 16)
