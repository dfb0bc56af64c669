"""Wide sheets of marks, as a form in DistillerSR gives them, read without a declaration and counted with pandas."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from kg.errors import BadInput
from kg.folder.explain import explain
from kg.folder.review import Review
from kg.problems import group_problems
from tests.conftest import MakeReview
from tests.spreadsheets import Rows, Value, write_xlsx

CONDITIONS = ("depression", "substance_use", "PTSD", "IPV", "binge", "anxiety", "unstable_housing", "poverty")
SUBSTANCES = ("stimulants", "ecstasy", "opioids", "not_specified")
OUTCOMES = tuple(f"outcome_{name}" for name in ("adherence", "sexual_risk", "PrEP", "HIV", "STI"))
METHODS = tuple(f"outcome_{name}" for name in ("HIRI", "CAS", "scale"))
HEADER = (
    *("authors", "year", "letter", "location", "design", "design_comment", "subpopulation_logical"),
    *CONDITIONS,
    *("depression_scale", "depression_cutoff"),
    *SUBSTANCES,
    *("period", "anxiety_criteria -> PHQ-5", "anxiety_criteria -> GAD-7"),
    *OUTCOMES,
    *("measurement_HIV", "transmission", "sexual_risk_type", "reference", "years_of_data"),
    *METHODS,
    *("intervention_size", "age"),
)
#: The name of a facet whose columns have no beginning in common.
CONDITION = "depression to poverty"
SUBSTANCE = "stimulants to not_specified"


def row(n: int) -> list[Value]:
    """Return the cells of a study: marks that repeat the name of their column, blanks, codes for missing values."""

    def marks(names: tuple[str, ...], step: int, blank: Value = None) -> list[Value]:
        return [
            name.partition(" -> ")[2] or name if (n * step + at * 5) % 7 < 3 else blank for at, name in enumerate(names)
        ]

    scale: list[Value] = [("Scale", "Criteria")[n % 2], 10 + n % 3 if n % 4 else "Continuous"]
    return [
        *(f"Author {n // 2} et al.", 2015 + n // 4, "ab"[n % 2], ("USA", "Chile", "USA", "Peru")[n % 4]),
        *("Cross-sectional" if n % 3 else "Longitudinal", "(12 months)" if n % 3 == 0 else None, ("No", "Yes")[n % 2]),
        *marks(CONDITIONS, 2, "-999" if n % 5 == 0 else None),
        *(scale if n % 3 else [None, None]),
        *marks(SUBSTANCES, 3),
        *("Past 3 months" if n % 2 else "NR", *marks(("anxiety_criteria -> PHQ-5", "anxiety_criteria -> GAD-7"), 4)),
        *marks(OUTCOMES, 4),
        *(f"test {n % 2}", None, ("Scale", "Criteria")[n % 2], "Past year" if n % 4 else None, n % 3),
        *marks(METHODS, 6),
        *(None if n % 4 else 229 + n, "NR" if n == 5 else -999 if n == 7 else 20.5 + n),
    ]


ROWS: Rows = [HEADER, *map(row, range(12))]
LEGEND: Rows = [["column", "meaning"], ["depression", "the study measures depression"], ["outcome_HIV", "a diagnosis"]]


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    found = make_review({})
    write_xlsx(found.root / "sheets" / "charted.xlsx", {"Legend": LEGEND, "summary_quantitative": ROWS})
    return found


@pytest.fixture
def frame(review: Review) -> pd.DataFrame:
    """The same sheet as pandas reads it, without the codes for missing values."""
    read = pd.read_excel(
        review.root / "sheets" / "charted.xlsx", sheet_name="summary_quantitative", dtype=object, engine="openpyxl"
    )
    return read.where(~read.isin([-999, "-999"]))


def marked(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return 1 where a cell marks its column, else 0."""
    return pd.DataFrame({name: frame[name].notna().astype(int) for name in columns})


def label(column: object) -> str:
    column = str(column)
    return column.removeprefix("outcome_").partition(" -> ")[2] or column.removeprefix("outcome_").replace("_", " ")


def test_the_sheet_is_read_without_a_declaration(review: Review) -> None:
    loaded = review.load()
    (reading,) = loaded.readings
    assert (reading.kind, reading.rows) == ("studies", 12)
    assert [HEADER[i] for i in reading.key] == ["authors", "year", "letter"]
    groups = {group.name: (group.kind, list(reading.marks(n).values())) for n, group in enumerate(reading.groups)}
    assert groups == {
        CONDITION: ("study", list(CONDITIONS)),
        SUBSTANCE: ("study", list(SUBSTANCES)),
        "anxiety_criteria": ("study", ["PHQ-5", "GAD-7"]),
        "outcome": ("outcome", [name.removeprefix("outcome_") for name in OUTCOMES]),
        "outcome 2": ("study", [name.removeprefix("outcome_") for name in METHODS]),
    }
    kinds = {facet.id: facet.kind for facet in loaded.evidence.facets}
    assert {name: kinds[name] for name in ("age", "intervention_size", "subpopulation_logical", "year", "period")} == {
        "age": "number",
        "intervention_size": "number",
        "subpopulation_logical": "yes/no",
        "year": "year",
        "period": "category",
    }
    assert dict(loaded.passed) == {("sheets/charted.xlsx", "Legend"): "passed over because of its name"}


def test_counts_and_coverage_are_those_of_pandas(review: Review, frame: pd.DataFrame) -> None:
    with review.graph() as graph:
        for facet, columns in (
            (CONDITION, CONDITIONS),
            (SUBSTANCE, SUBSTANCES),
            ("outcome", OUTCOMES),
            ("outcome 2", METHODS),
        ):
            found = {name: number for name, number, *_ in graph.counts(facet).rows}
            wanted = {label(name): int(number) for name, number in marked(frame, columns).sum().items()}
            assert {name: found[name] for name in wanted} == wanted, facet
            assert sum(wanted.values()) > 12
        for column in ("design", "location", "depression_cutoff", "subpopulation_logical"):
            facet = {"location": "country"}.get(column, column)
            found = {str(name).casefold(): number for name, number, *_ in graph.counts(facet).rows}
            wanted = {str(name).casefold(): int(number) for name, number in frame[column].value_counts().items()}
            assert {name: found[name] for name in wanted} == wanted, column
        coverage = {row["facet"]: row for row in graph.coverage().dicts()}
    for column in ("age", "intervention_size", "period", "design_comment"):
        coded = int((frame[column].notna() & (frame[column] != "NR")).sum())
        reported = int((frame[column] == "NR").sum())
        row = coverage[column]
        assert (row["coded"], row["not_reported"], row["not_extracted"]) == (coded, reported, 12 - coded - reported)


def test_pairs_and_crosstabs_are_those_of_pandas(review: Review, frame: pd.DataFrame) -> None:
    conditions, outcomes = marked(frame, CONDITIONS), marked(frame, OUTCOMES)
    together = conditions.T @ conditions
    crossed = conditions.T @ outcomes
    with review.graph() as graph:
        pairs = {row[:2]: row[2] for row in graph.crosstab([CONDITION, CONDITION]).rows}
        wanted = {(label(a), label(b)): together.at[a, b] for a, b in combinations(CONDITIONS, 2)}
        assert pairs == {pair: number for pair, number in wanted.items() if number}
        assert len(pairs) == 19
        grid = graph.crosstab([CONDITION, "outcome"])
        rows = {row[grid.columns[0]]: row for row in grid.dicts()}
    for condition in CONDITIONS:
        found = {outcome: rows[label(condition)][label(outcome)] for outcome in OUTCOMES}
        assert found == crossed.loc[condition].to_dict(), condition


# --- very wide sheets ------------------------------------------------------------------------------------------------

STATES = tuple(f"state_{n:03}" for n in range(300))
ENDS = tuple(f"outcome_{n:02}" for n in range(100))
REST = tuple(f"question {n}" for n in range(97))


def write_500(path: Path) -> None:
    """Write a sheet of 500 columns and 20 studies."""
    rows = [["id", "title", "year", *STATES, *ENDS, *REST]]
    for n in range(20):
        marks = ["x" if (n * 7 + at * 3) % 11 < 2 else "" for at in range(len(STATES) + len(ENDS))]
        rows.append([f"s{n}", f"T{n}", str(2000 + n), *marks, *(f"answer {(n + at) % 3}" for at in range(len(REST)))])
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def test_a_sheet_of_500_columns_is_read(make_review: MakeReview) -> None:
    review = make_review({})
    write_500(review.root / "sheets" / "w.csv")
    frame = pd.read_csv(review.root / "sheets" / "w.csv", dtype=str)
    assert frame.shape == (20, 500)
    with review.graph() as graph:
        for facet, columns in (("state", STATES), ("outcome", ENDS)):
            found = {name: number for name, number, *_ in graph.counts(facet).rows}
            wanted = {str(name).partition("_")[2]: int(n) for name, n in marked(frame, columns).sum().items()}
            assert {name: found[name] for name in wanted} == wanted
        assert [row["facet"] for row in graph.table("facets").dicts()] == [
            *("year", *(name.replace(" ", "_") for name in REST), "state")
        ]
        answers = dict(graph.counts("question 96").only("question_96", "studies").rows)
        assert answers == {**frame["question 96"].value_counts().to_dict(), "total": 20}


@pytest.mark.parametrize(
    "toml",
    [
        "",
        'ignore = ["state_000", "question 96"]',
        "ignore = [" + ", ".join(f'"{name}"' for name in STATES) + "]",
        'ignore = ["nothing"]',
        'fill_down = ["nothing"]',
        'columns = { title = "nothing" }',
        'kind = "findings"',
        'key = ["question 0", "nothing"]',
        '[[sheet.marks]]\nof = "a"\nprefix = "nothing"',
        '[[sheet.marks]]\nof = "a"\ncolumns = ["nothing"]',
        '[[sheet.marks]]\nof = "a"\ncolumns = ["question 0", "…", "question 96"]',
        '[[sheet.marks]]\nof = "factor"\nprefix = "state_"',
    ],
)
def test_what_is_said_of_a_sheet_of_500_columns_is_short(make_review: MakeReview, toml: str) -> None:
    review = make_review({"review.toml": f'id = "r"\ntitle = "R"\n[[sheet]]\nfile = "sheets/w.csv"\n{toml}\n'})
    write_500(review.root / "sheets" / "w.csv")
    (found,) = explain(review, review.root / "sheets" / "w.csv")
    lines = [*found.description, *map(str, found.problems)]
    try:
        review.load()
    except BadInput as error:
        lines += map(str, group_problems(error.problems))
    assert max(map(len, lines)) < 700
    assert 4 < len(lines) < 12
