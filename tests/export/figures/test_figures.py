"""The figures of a graph: each number is that of the table, and what does not fit is said."""

from __future__ import annotations

import pytest

from kg.errors import UnknownName, UsageProblem
from kg.export.figures import FIGURES, Figure, figure
from kg.export.figures.bars import bar
from kg.export.figures.marks import Style
from kg.export.figures.sheet import PALE, SMALL, WHITE, Curve, Disc, Lines, Shape, Words
from kg.export.figures.upset import sets_of
from kg.query.graph import Graph
from tests.conftest import MakeReview
from tests.export.figures.looking import in_row, word, words

BLUE, ORANGE = "#0072b2", "#d55e00"


def gaps(drawn: Figure) -> int:
    """Return the number of hatched cells."""
    return sum(
        isinstance(i, Lines) and i.stroke == PALE and len(i.ends) > 2 and i.width == 0.12 for i in drawn.sheet.items
    )


def of_findings(rows: str) -> dict[str, str]:
    """Return the files of a review with the studies s and t, and rows of study, factor, direction and outcomes."""
    return {
        "sheets/studies.csv": "key,year\ns,2018\nt,2019\n",
        "sheets/findings.csv": f"study,factor,direction,outcomes\n{rows}",
    }


# --- the gap map ---


def test_the_map_has_the_numbers_of_the_table_with_poles_and_gaps(small: Graph) -> None:
    drawn = figure(small, "gap-map")
    assert words(drawn)[:4] == ["Retention", "3", "Burnout", "3"]
    assert in_row(drawn, "Pay") == ["3", "2", "∅1", "1"]
    assert in_row(drawn, "Training") == ["2", "1", "1"]
    assert in_row(drawn, "Stress") == ["1", "1"]
    assert in_row(drawn, "Sleep") == ["0"]
    assert gaps(drawn) == 3
    for group in ("Work", "Person"):
        assert word(drawn, group).bold
    fills = [i.fill for i in drawn.sheet.items if isinstance(i, Disc | Shape) and i.fill in (BLUE, ORANGE)]
    assert fills == [BLUE, ORANGE, ORANGE, BLUE, ORANGE]  # three marks and the legend
    assert words(drawn)[-9:-1] == [
        "facilitator", "barrier", "mixed", "no effect", "direction not stated", "∅", "by the absence of the row's factor",
        "no study: a gap",
    ]  # fmt: skip


def test_the_caption_says_what_is_drawn_and_from_what(small: Graph) -> None:
    drawn = figure(small, "gap-map")
    assert drawn.caption == (
        "Gap map: Factors by outcomes. Numbers are studies; a mark is larger where there are more, or where its number "
        "needs the room: facilitator (circle), barrier (square), mixed (diamond), no effect (ring), direction not stated "
        "(hexagon). ∅ marks an effect of the absence of the factor. Hatched cells have no study (3 of 8). Grey numbers "
        f"are the studies of a row or column. 4 studies, 7 findings; data {small.digest[:12]}; kg 0.1.0."
    )
    assert f"4 studies, 7 findings · data {small.digest[:12]} · kg 0.1.0" in words(drawn)


def test_another_map_shows_implied_placements_hollow(small: Graph) -> None:
    drawn = figure(small, "gap-map", map="places")
    assert drawn.title == "Sectors by age"
    assert in_row(drawn, "health") == ["2", "1", "1", "1"]  # young: one paired and one implied; old: one implied
    dashed = [i for i in drawn.sheet.items if isinstance(i, Shape) and i.dash]
    assert len(dashed) == 4 + 1  # and the legend
    assert "implied: not known to have examined the pair" in words(drawn)
    assert "Hollow marks with a dashed line are studies that are not known to have examined the pair" in drawn.caption


def test_segments_have_marks_of_their_own(small: Graph) -> None:
    drawn = figure(small, "gap-map", map="designs")
    assert in_row(drawn, "Pay") == ["3", "2", "1", "1"]
    assert {"survey", "interviews"} <= set(words(drawn))
    assert "survey (circle), interviews (square)" in drawn.caption


def test_a_map_that_is_too_wide_says_which_width_is_enough(make_review: MakeReview) -> None:
    rows = "".join(f"s,Pay,barrier,Outcome {n}\n" for n in range(40))
    with make_review(of_findings(rows)).graph() as graph:
        with pytest.raises(UsageProblem, match=r"^40 columns do not fit into 85 mm: --width (\d+) is wide") as error:
            figure(graph, "gap-map", width="column")
        wide = int(str(error.value).partition("--width ")[2].split()[0])
        assert figure(graph, "gap-map", width=wide).width == wide


def test_a_long_label_wraps_and_ends_in_an_ellipsis(make_review: MakeReview) -> None:
    label = "organisational readiness and leadership " * 8
    with make_review(of_findings(f"s,{label},barrier,Retention\n")).graph() as graph:
        drawn = figure(graph, "gap-map", width="column")
    lines = [text for text in words(drawn) if "organisational" in text or "leadership" in text]
    assert len(lines) == 4 and lines[-1].endswith("…")
    assert " ".join(lines).removesuffix("…") == label[: len(" ".join(lines)) - 1]


# --- bars ---


def shapes(drawn: Figure, colour: str) -> list[Shape]:
    return [i for i in drawn.sheet.items if isinstance(i, Shape) and i.fill == colour]


def span(shape: Shape) -> tuple[float, float]:
    return min(x for x, _ in shape.points), max(x for x, _ in shape.points)


def test_facilitators_go_to_the_right_and_barriers_to_the_left(small: Graph) -> None:
    drawn = figure(small, "evidence-counts", width="column")
    (right, _), (left, stress, _) = shapes(drawn, BLUE), shapes(drawn, ORANGE)  # the last ones are of the legend
    assert span(left)[1] == pytest.approx(span(right)[0])
    assert span(right)[1] - span(right)[0] == pytest.approx(2 * (span(left)[1] - span(left)[0]))
    assert span(stress) == span(left)
    assert in_row(drawn, "Pay") == ["1", "2", "1"]
    assert in_row(drawn, "Training") == ["0", "0", "1", "1"]
    assert word(drawn, "← barrier").anchor == "end"
    stripes = [i for i in drawn.sheet.items if isinstance(i, Lines) and i.stroke == WHITE]
    assert len(stripes) == 3  # two bars and the legend
    assert all(x <= span(right)[0] + 1e-3 for lines in stripes for ends in lines.ends for x, _ in ends)


def test_bars_of_barriers_are_striped() -> None:
    plain, striped = (bar(0, 0, 4, 2, Style("square", ORANGE, "x"), striped=s) for s in (False, True))
    assert len(plain) == 1
    assert isinstance(striped[1], Lines) and len(striped[1].ends) == 5


def test_a_review_without_directions_has_bars_to_one_side(make_review: MakeReview) -> None:
    with make_review(of_findings("s,Pay,unspecified,R\nt,Pay,unspecified,R\n")).graph() as graph:
        drawn = figure(graph, "evidence-counts")
    assert in_row(drawn, "Pay") == ["2"]
    assert "studies" in words(drawn) and "barrier" not in " ".join(words(drawn))


def test_counts_have_percentages_of_everything(small: Graph) -> None:
    drawn = figure(small, "counts", "design")
    assert in_row(drawn, "survey") == ["3 (75.0%)"]
    assert in_row(drawn, "interviews") == ["1 (25.0%)"]
    assert drawn.caption.startswith(
        "Studies by design. Bars and numbers are studies, percentages are of all 4 studies. 4 st"
    )
    several = figure(small, "counts", "sector")
    assert "one study may have several values, so that the numbers add up to more than 4" in several.caption.lower()
    assert in_row(figure(small, "counts", "direction", by="finding"), "barrier") == ["2 (28.6%)"]


def test_every_year_has_a_place_and_so_have_studies_without_one(small: Graph) -> None:
    drawn = figure(small, "evidence-by-year", width=60)
    labels = [text for text in words(drawn) if text.isdigit() and len(text) == 4]
    assert labels == ["2018", "2019", "2020", "2021"]
    assert [item.text for item in sorted(numbers(drawn), key=lambda item: item.x)] == ["2", "1", "1"]
    assert "1 study without a year" in drawn.caption


def numbers(drawn: Figure) -> list[Words]:
    return [i for i in drawn.sheet.items if isinstance(i, Words) and i.text in "12" and i.size == SMALL]


# --- UpSet and citations ---


def test_combinations_are_exact_and_add_up_to_the_studies() -> None:
    sets = sets_of({"x": {1, 2, 3}, "y": {2, 3}, "z": {4}, "none": set()}, studies=6)
    assert sets.values == [("x", 3), ("y", 2), ("z", 1)]
    assert sets.combinations == [((0, 1), 2), ((0,), 1), ((2,), 1)]
    assert (sets.left_out, sets.without) == (0, 2)
    many = sets_of({f"v{n}": {n} for n in range(33)}, studies=33)
    assert (len(many.values), many.left_out, many.without) == (30, 3, 3)


def test_the_upset_plot_joins_the_values_of_a_combination(small: Graph) -> None:
    drawn = figure(small, "upset")
    assert in_row(drawn, "Pay") == ["3"] and in_row(drawn, "Stress") == ["1"]
    dark = [i for i in drawn.sheet.items if isinstance(i, Disc) and i.fill == "#1a1a1a"]
    assert len(dark) == 2 + 1 + 1  # Pay and Training of b and c, Pay of a, Stress of d
    assert [i.text for i in drawn.sheet.items if isinstance(i, Words) and i.anchor == "middle"] == ["2", "1", "1"]
    assert "2 smaller combinations" not in drawn.caption
    sectors = figure(small, "upset", "sector", width=60)
    assert sectors.title == "sector: values that occur together in studies"


def test_an_arc_goes_from_the_citing_to_the_cited_study(cited: Graph) -> None:
    drawn = figure(cited, "citations")
    rows = list(cited.table("citations").dicts())
    arcs = [i for i in drawn.sheet.items if isinstance(i, Curve)]
    assert [(row["study_label"], row["cites_label"]) for row in rows] == [("oa-types", "state"), ("news", "state")]
    labels = ["state 2018 [state]", "Another title altogether 2019 [news]", "A 2020 [oa-types]"]
    assert [text for text in words(drawn) if "[" in text] == labels
    places = [round(word(drawn, label).y, 1) for label in labels]
    assert [round(arc.points[0][1] + 0.9, 1) for arc in arcs] == [places[2], places[1]]
    assert all(abs(arc.points[2][1] - places[0]) < 2 for arc in arcs)
    assert in_row(drawn, labels[0]) == ["2018", "2"]
    assert "2 citations among 3 of 3 studies" in drawn.caption


# --- all of them ---


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_review_has_figures_that_say_so(name: str, make_review: MakeReview) -> None:
    with make_review({"sheets/studies.csv": "key,year,title\n"}).graph() as graph:
        drawn = figure(graph, name, "factor" if name == "counts" else None, width="column")
    assert any(text.startswith(("There is no", "No ")) for text in words(drawn))
    assert "0 studies, 0 findings" in drawn.caption
    assert drawn.as_bytes("svg").startswith(b"<?xml")


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_leaves_the_sheet(name: str, small: Graph) -> None:
    drawn = figure(small, name, "design" if name == "counts" else None, width=60)
    check_inside(drawn)


@pytest.mark.parametrize(
    "words", [("helps a little", "hinders a lot"), ("what generally helps people", "hinders"), ("+", "-")]
)
@pytest.mark.parametrize("barriers", [0, 1, 30])
def test_bars_stay_on_the_sheet_with_any_headings(
    words: tuple[str, str], barriers: int, make_review: MakeReview
) -> None:
    rows = "".join(f"s{n},Pay,{'barrier' if n < barriers else 'facilitator'},R\n" for n in range(31))
    files = {
        "review.toml": f'id = "r"\ntitle = "R"\n[words]\nfacilitator = "{words[0]}"\nbarrier = "{words[1]}"\n',
        "sheets/studies.csv": "key,year\n" + "".join(f"s{n},2018\n" for n in range(31)),
        "sheets/findings.csv": f"study,factor,direction,outcomes\n{rows}",
    }
    with make_review(files).graph() as graph:
        drawn = figure(graph, "evidence-counts", width=60)
    check_inside(drawn)
    assert max(span(shape)[1] - span(shape)[0] for shape in shapes(drawn, ORANGE) + shapes(drawn, BLUE)) > 8


def check_inside(drawn: Figure) -> None:
    """Assert that no text and no shape leaves the sheet."""
    from kg.export.figures.render import width_of

    for item in drawn.sheet.items:
        if isinstance(item, Shape):
            assert all(0 <= x <= 60 and 0 <= y <= drawn.height for x, y in item.points), item
        if isinstance(item, Words) and not item.turned:
            wide = width_of(item.text, item.size, item.bold)
            left = item.x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
            assert left >= 0 and left + wide <= 60 and 0 < item.y < drawn.height, item


def test_a_filter_is_in_the_figure_and_in_the_caption(small: Graph) -> None:
    with small.where(["design=interviews"]) as part:
        drawn = figure(part, "counts", "factor")
    assert "only design = interviews: 1 of 4 studies" in drawn.caption
    assert any("only design = interviews" in text for text in words(drawn))


def test_unknown_names_and_options_are_refused(small: Graph) -> None:
    with pytest.raises(UnknownName, match="no figure is called 'gapmap'; did you mean gap-map"):
        figure(small, "gapmap")
    with pytest.raises(UsageProblem, match="map belongs to the figure gap-map, not to upset"):
        figure(small, "upset", map="places")
    with pytest.raises(UsageProblem, match="counts takes a facet"):
        figure(small, "counts")
    for width in ("wide", 10, 2000, "nan"):
        with pytest.raises(UsageProblem, match=f"{width} is no width of a figure: write column"):
            figure(small, "gap-map", width=width)
