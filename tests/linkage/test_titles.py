"""The normalised forms of a title: the whole, and the part before a subtitle."""

from __future__ import annotations

import pytest

from kg.linkage.titles import title_of

MAIN = "a trial of peer support workers"


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("A trial of peer support workers: the second year", MAIN),
        ("A trial of peer support workers - the second year", MAIN),
        ("A trial of peer support workers  –– the second year", MAIN),
        ("A trial of peer support workers … the second year", MAIN),
        ("A trial of peer support workers?! The second year", MAIN),
        ("P05 A trial of peer support workers. The second year [Review]", MAIN),
        ("A trial of peer-support workers: the second year", MAIN),
        ("A trial of peer support workers -the second year", None),
        ("A trial of peer support workers- the second year", None),
        ("A trial of peer support workers:the second year", None),
        ("A trial of peer support workers…", None),
        ("A trial of peer support workers ...", None),
        (": A trial of peer support workers in the second year", None),
        (" - A trial of peer support workers in the second year", None),
    ],
)
def test_the_main_part_of_a_title_ends_at_a_mark_before_a_space(text: str, main: str | None) -> None:
    title = title_of(text)
    assert title is not None and title.main == main


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The Children's <i>Way</i> & more_or_less (2nd)", "the childrens way and more or less 2nd"),
        ("The Children’s Way — Ärzte", "the childrens way arzte"),
        ("Tab\tand\nline\x1cbreaks\x7f", "tab and line breaks"),
    ],
)
def test_the_plain_title_is_words(text: str, plain: str) -> None:
    title = title_of(text)
    assert title is not None and title.plain == plain
