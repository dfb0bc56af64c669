"""The bundled reviews of other teams: their own files give the numbers that they print, on every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.check.compare import compare
from kg.check.run import check
from kg.folder.create import init_review
from kg.folder.review import Review
from tests.stores import Engine

#: The tables that an example prints, and in which cells of each its data give another number.
PRINTED: dict[str, dict[str, list[tuple[str, str, str, str]]]] = {
    "open-science": {
        "intervention-class.csv": [],
        "outcome-class.csv": [],
        "stated-effect.csv": [],
        "direct.csv": [],
    },
    "four-day-week": {
        "evidence.csv": [("Priority", "percent", "4 %", "5 %")],
        "effectiveness.csv": [("Criminal activity", "percent", "4 %", "3 %")],
        "equity.csv": [],
        "stakeholders.csv": [],
        "states.csv": [],
        "schools.csv": [],
        "community.csv": [],
        "publication-type.csv": [],
        "fifth-day.csv": [("Student Instruction", "percent", "16 %", "17 %")],
    },
}


@pytest.fixture(scope="module", params=PRINTED)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Review:
    review = init_review(tmp_path_factory.mktemp("reviews") / request.param, example=request.param)
    review.build()
    return review


def test_the_printed_tables(example: Review) -> None:
    declared = example.config.published
    expected = PRINTED[example.root.name]
    assert set(declared) == {f"published/{name}" for name in expected}
    with example.graph() as graph:
        found = {
            Path(file).name: [row[:4] for row in compare(graph, example.root / file, printed).differences.rows]
            for file, printed in declared.items()
        }
    assert found == expected


def test_every_store_gives_the_printed_tables(engine: Engine, example: Review, tmp_path: Path) -> None:
    review = init_review(tmp_path / example.root.name, example=example.root.name)
    config = review.root / "review.toml"
    config.write_text(config.read_text("utf-8").replace('id = "', f'id = "{engine.prefix}', 1), encoding="utf-8")
    url = engine.url(example.root.name)
    review.build(url)
    with review.graph(url) as graph:
        for file, printed in review.config.published.items():
            rows = compare(graph, review.root / file, printed).differences.rows
            assert [row[:4] for row in rows] == PRINTED[example.root.name][Path(file).name]


@pytest.mark.parametrize("example", ["open-science"], indirect=True)
def test_open_science(example: Review) -> None:
    with example.graph() as graph:
        assert graph.table("review").only("studies", "findings").rows == [(105, 105)]
        per_report: dict[str, int] = {}
        for row in graph.query(
            "MATCH (s:Study)-[:REPORTED_IN]->(r:Report) RETURN r.id AS report, count(s) AS n"
        ).dicts():
            per_report[row["report"]] = row["n"]
        sizes = [list(per_report.values()).count(n) for n in (1, 2, 3)]
        assert (len(per_report), sizes) == (86, [69, 15, 2])
        total = graph.counts("factor", "report").rows[-1]
        assert total[1:3] == (86, 86)
    assert [d for d in check(example) if d.severity != "note"] == []


@pytest.mark.parametrize("example", ["four-day-week"], indirect=True)
def test_four_day_week(example: Review) -> None:
    found = [d.message for d in check(example) if d.kind in ("stated-number", "fact")]
    assert found == [
        "reports of the included studies: 159 in Results, 158 in screening/4dsw_eligibility_data.xlsx",
        "unique citations: 5088 in Results, 4513 in screening/4dsw_eligibility_data.xlsx",
        "reports by an institution: student dissertation or thesis in Results, characteristics, report in Table 2",
        "effectiveness studies with evidence on equity: the text prints 34 %; the data give 45 of 86, 52 %",
    ]
    flow = example.flow()
    assert flow.column("counted") == flow.column("printed") and len(flow) == 12
    with example.graph() as graph:
        assert graph.counts("evidence", "report").rows[-1][2] == 159
        placements = {row["map"]: (row["paired"], row["implied"]) for row in graph.pairing().dicts()}
        assert placements["evidence"] == (99, 8)
