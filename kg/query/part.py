"""The part of the studies that a command counts: conditions, classes of evidence, and what its title says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import UnknownName, UsageProblem
from kg.model.fields import REVIEW, VALUES
from kg.model.normalise import fold_term
from kg.problems import nearest
from kg.query.where import NOT_CODED, parse

if TYPE_CHECKING:
    from kg.query.graph import Graph

_QUOTE = '"'
EMPIRICAL = "empirical"
#: What stands for every class of evidence.
EVERY = "all"
#: What a title says of a graph with studies of other classes, none of which is left out.
ALL_CLASSES = "all classes of evidence"
CLASSES = (*VALUES["evidence"], EVERY)


@dataclass(frozen=True)
class Part:
    """Studies and findings that meet the conditions ``where``, of the classes of ``evidence``, of one of ``reviews``.

    Without ``evidence``, they are the empirical ones and those without a class, unless a condition is on the evidence.
    """

    where: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything was asked for."""
        return bool(self.where or self.evidence or self.reviews)

    def of(self, graph: Graph, *, empirical: bool = True) -> Graph:
        """Return the graph of this part; the graph itself where nothing is left out, else it is closed.

        With ``empirical`` False, every class of evidence is kept unless one was asked for.
        """
        default = empirical and not self._is_on_evidence() and _not_empirical(graph) > 0
        conditions = [*self.where, *self._of_reviews(graph), *self._of_evidence(graph, default)]
        every = ALL_CLASSES if EVERY in self.evidence and _not_empirical(graph) else ""
        if not conditions:
            graph.classes = every
            return graph
        with graph:
            return _part(graph, conditions, default, every)

    def compared(self) -> str:
        """Return the classes of evidence for a comparison, "empirical" or "all". Raises UsageProblem for others."""
        if EVERY in self.evidence:
            return EVERY
        if self.evidence not in ((), (EMPIRICAL,)):
            raise UsageProblem("a release has the gaps and numbers of --evidence empirical and all, and of no others")
        return EMPIRICAL

    def _of_reviews(self, graph: Graph) -> list[str]:
        if not self.reviews or (self.reviews == (graph.review,) and not _has_reviews(graph)):
            return []
        if not _has_reviews(graph):
            raise UnknownName("review", ", ".join(self.reviews), [graph.review])
        quoted = (f'"{name.replace(_QUOTE, _QUOTE * 2)}"' for name in self.reviews)
        return [f"{REVIEW}={','.join(quoted)}"]

    def _is_on_evidence(self) -> bool:
        return bool(self.evidence) or any(fold_term(parse(text).facet) == "evidence" for text in self.where)

    def _of_evidence(self, graph: Graph, default: bool) -> list[str]:
        if EVERY in self.evidence or not (default or self.evidence):
            return []
        named = self.evidence or (EMPIRICAL,)
        if named == (EMPIRICAL,) and not _not_empirical(graph):
            return []
        return [f"evidence={','.join((*named, NOT_CODED) if EMPIRICAL in named else named)}"]


def empirical_part(graph: Graph) -> Graph | None:
    """Return the graph of the empirical studies, which tables count; None where all are. ``graph`` stays open."""
    if not _not_empirical(graph):
        return None
    return _part(graph, Part()._of_evidence(graph, default=True), default=True)


@contextmanager
def where(graph: Graph, conditions: Sequence[str]) -> Iterator[Graph]:
    """Yield the part of a graph that meets conditions (see ``kg.query.where``), and the graph itself without any."""
    if not conditions:
        yield graph
        return
    with graph.where(conditions) as part:
        yield part


def _part(graph: Graph, conditions: Sequence[str], default: bool, every: str = "") -> Graph:
    left = _left_out(graph) if default else ""
    part = graph.where(conditions)
    part.only += left
    part.classes = every
    return part


def classes(text: str) -> tuple[str, ...]:
    """Return the classes of evidence in a text such as ``empirical,grey``. Raises UsageProblem, UnknownName."""
    found = tuple(word for word in map(fold_term, text.split(",")) if word)
    if not found:
        raise UsageProblem(f"--evidence needs a class: {', '.join(CLASSES)}")
    for name in found:
        if name not in CLASSES:
            raise UnknownName("class of evidence", name, nearest(name, CLASSES) or list(CLASSES))
    return tuple(dict.fromkeys(found))


def _has_reviews(graph: Graph) -> bool:
    return len(graph.table("reviews").rows) > 1


def _not_empirical(graph: Graph) -> int:
    number: int = graph.table("other-evidence").rows[0][0]
    return number


def _left_out(graph: Graph) -> str:
    """Return what a title says of the studies that are not empirical."""
    rows = {row["evidence"]: row["studies"] for row in graph.counts("evidence").dicts()}
    others = [f"{rows[name]} {name}" for name in VALUES["evidence"] if name != EMPIRICAL and rows.get(name)]
    return f"; without {', '.join(others)}, which --evidence all counts"
