"""Text normalisation, and the words that mark notices in titles."""

from __future__ import annotations

import pytest

from kg.model.normalise import fold_term, fold_words, without_accents, without_tags
from kg.model.notices import is_notice_title, standing_in_title, without_retraction_prefix
from kg.model.published import PRINTED_COLUMNS, PRINTED_TABLES


@pytest.mark.parametrize("text", ["Peer’s  self‑care", "PEER'S SELF-CARE", " peer‘s self–care\n"])
def test_spellings_of_a_term(text: str) -> None:
    assert fold_term(text) == "peer's self-care"


def test_words_of_a_column_name() -> None:
    assert fold_words("Outcome(s)_affected ") == "outcome s affected"
    assert fold_words("Effect (+/-)") == "effect +"


def test_accents_and_tags() -> None:
    assert without_accents("Ærø Größe Łódź") == "aero grosse lodz"
    assert without_tags("H<sub>2</sub>O<br/>p <or= 0.01, <i>in vivo</i>") == "H2O p <or= 0.01, in vivo"


@pytest.mark.parametrize(
    ("title", "notice", "standing"),
    [
        ("Erratum: A study", True, None),
        ("Author's correction to A study", True, None),
        ("Retraction notice: A study", True, None),
        ("Correction of scoliosis", False, None),
        ("RETRACTED ARTICLE: A study", False, "retracted"),
        ("A study [Withdrawn]", False, "retracted"),
        ("Expression of concern: A study", True, "concern"),
        ("Withdrawn-looking children", False, None),
    ],
)
def test_titles_of_notices_and_of_changed_articles(title: str, notice: bool, standing: str | None) -> None:
    assert (is_notice_title(title), standing_in_title(title)) == (notice, standing)


def test_the_prefix_of_a_retracted_title() -> None:
    assert without_retraction_prefix("withdrawn paper a study") == "a study"
    assert without_retraction_prefix("a study of retracted articles") == "a study of retracted articles"


def test_every_column_of_a_printed_table_is_declared() -> None:
    assert {name for table in PRINTED_TABLES.values() for name in (*table.keys, *table.cells)} <= set(PRINTED_COLUMNS)
