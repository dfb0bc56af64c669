"""Fixtures: the bundled review built once, small review folders on demand, and a command line to call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.create import init_review
from kg.review import Graph, Review

EXAMPLE = "peer-workforce"


@dataclass(frozen=True)
class Ran:
    """What a call of the command line gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
MakeReview = Callable[..., Review]


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test the same window."""
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """The bundled review, copied and built; do not change it."""
    review = init_review(tmp_path_factory.mktemp("example") / EXAMPLE, example=EXAMPLE)
    review.build()
    return review


@pytest.fixture
def graph(example: Review) -> Iterator[Graph]:
    """The graph of the bundled review."""
    with example.graph() as opened:
        yield opened


@pytest.fixture
def own_example(tmp_path: Path) -> Review:
    """A copy of the bundled review to change."""
    return init_review(tmp_path / EXAMPLE, example=EXAMPLE)


@pytest.fixture
def make_review(tmp_path: Path) -> MakeReview:
    """Write a review folder: ``make_review({"sheets/findings.csv": "study,factor,direction\\n…"})``."""

    def make(files: dict[str, str], folder: str = "review") -> Review:
        root = tmp_path / folder
        for name, text in {"review.toml": 'id = "r"\ntitle = "R"\n', **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Review(root)

    return make


@pytest.fixture
def run() -> Run:
    """Call the command line: ``run("table", "outcomes", "-C", folder)``."""

    def call(*arguments: object) -> Ran:
        result = CliRunner().invoke(main, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call
