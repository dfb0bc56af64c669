"""The five-minute tour: the bundled review rebuilt, compared, searched for gaps and drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from kg.check.asof import printed_part
from kg.check.compare import compare
from kg.check.run import check
from kg.export.html import page_of
from kg.export.terminal import to_terminal, wrap
from kg.folder.create import check_example, init_review

_GAPS_SHOWN = 12


def demo(folder: Path | None, example: str, width: int) -> Iterator[str]:
    """Yield the parts of the tour as text.

    The review folder is created at ``folder``, or in a temporary folder that is not removed.
    """
    check_example(example)
    review = init_review(folder or Path(tempfile.mkdtemp(prefix="kg-demo-")) / example, example=example)
    review.build()
    with review.graph() as graph:
        about = next(graph.table("review").dicts())
        heading = [about["title"], about["citation"] or "", f"{about['studies']} studies, {about['findings']} findings"]
        yield "\n".join(line for text in heading for line in wrap(text, width)) + "\n"
        for name in ("evidence-counts", "outcomes"):
            yield to_terminal(graph.table(name), width)
        yield to_terminal(graph.matrix(), width)
        found = graph.gaps()
        shown = found.only("rank", "kind", "factor", "outcome", "studies", "reason").head(_GAPS_SHOWN)
        yield to_terminal(shown, width) + f"… {len(found) - len(shown)} more: kg gaps\n"
        for file, printed in review.config.published.items():
            with printed_part(review, graph) as part:
                result = compare(part, review.root / file, printed)
            verdict = (
                f"{result.differing} of {result.cells} cells differ"
                if result.differences
                else f"all {result.cells} cells agree"
            )
            yield f"{file}: {verdict}"
        discrepancies = check(review)
        conflicts = [f for f in discrepancies if f.severity == "conflict"]
        yield f"\nThe review contradicts itself in {len(conflicts)} places (kg check), for example:"
        for finding in conflicts[:3]:
            yield "  - " + "\n    ".join(wrap(finding.message, width - 4))
        page = review.root / "map.html"
        page.write_text(page_of(graph, review), encoding="utf-8", newline="\n")
    yield f"\nThe gap map: {page}\nThe review folder, to play with: cd {review.root}"
