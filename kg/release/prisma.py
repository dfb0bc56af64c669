"""The text that PRISMA-LSR (BMJ 2024;387:e079183) asks a version of a living review to give.

Every number is counted from the two states. What only the authors can say is named at the end, not written for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kg.errors import counted
from kg.export.tables import markdown, to_markdown
from kg.release.changes import PARTS, Change, Difference
from kg.release.snapshot import Snapshot
from kg.table import Table

#: Parts of a difference that are methods, with the words for one and several of them.
_METHODS = {"criterion": ("criterion", "criteria"), "term": ("term of the vocabularies", "terms of the vocabularies")}
#: What PRISMA-LSR also asks for, and no count can say.
_UNSAID = (
    "why the living mode is used, its schedule and the plan to retire it (items 3 and L1)",
    "why methods were changed (item L2)",
    "what the changes mean for practice, policy and research, and the limitations of the living mode",
    "who the authors are and what each did (item L4)",
)


def prisma_lsr(found: Difference) -> str:
    """Return what changed as Markdown under the headings of PRISMA-LSR."""
    parts = {
        "Version (items 1 and 3)": _version(found),
        "What triggered this version": _trigger(found),
        "Changes to the methods (items 4 and L2)": _methods(found),
        "Flow of studies across versions (item 16)": _flow(found),
        "Changes to the results (item L3)": _results(found),
        "To be written by the authors": [f"- {text}" for text in _UNSAID],
    }
    blocks = [f"## {heading}\n\n" + "\n".join(lines) + "\n" for heading, lines in parts.items()]
    title = markdown(str(found.after.review.get("title", "")))
    return f"# {title}: changes from {_named(found.before)} to {_named(found.after)}\n\n" + "\n".join(blocks)


def _named(state: Snapshot) -> str:
    return markdown(state.name) + (f" ({state.date})" if state.date else "")


def _version(found: Difference) -> Iterator[str]:
    after = found.after
    search = after.review.get("search_date")
    searched = f" The last search is of {markdown(str(search))}." if search else ""
    yield f"This is {'version' if after.date else 'the state'} {_named(after)}.{searched}"
    yield f"The preceding version is {_named(found.before)}."
    if classes := found.says_classes():
        yield f"\nStudies are counted as follows:{classes}."


def _trigger(found: Difference) -> Iterator[str]:
    said = found.after.review.get("changes")
    if said:
        yield f"The authors state: {markdown(str(said))}\n"
    numbers = [
        (len(found.of("search", "new")), "search", "searches"),
        (len(found.of("study", "in")), "new study", "new studies"),
        (len(_newly_retracted(found)), "newly retracted study", "newly retracted studies"),
    ]
    parts = [counted(number, *nouns) for number, *nouns in numbers if number]
    yield (
        f"Since the preceding version there are {', '.join(parts)}." if parts else "No search, study or notice is new."
    )
    yield from _listed(found.of("search", "new"), lambda c: c.after)


def _newly_retracted(found: Difference) -> list[Change]:
    return [c for c in found.of("standing", "retracted") if c.before != "retracted"]


def _methods(found: Difference) -> Iterator[str]:
    blocks = []
    for part, nouns in _METHODS.items():
        for kind in PARTS[part]:
            if changes := found.of(part, kind):
                lead = f"{counted(len(changes), *nouns)} {'is' if len(changes) == 1 else 'are'} {kind}:"
                blocks.append("\n".join([lead, "", *_listed(changes, _before_after)]))
    yield "\n\n".join(blocks) or "The question, the criteria and the vocabularies are the same."


def _before_after(change: Change) -> str:
    values = " → ".join(filter(None, (change.before, change.after)))
    return f"{change.what}: {values}"


def _flow(found: Difference) -> Iterator[str]:
    came, went = len(found.of("study", "in")), len(found.of("study", "out"))
    a, b = len(found.before.studies), len(found.after.studies)
    yield f"The preceding version has {counted(a, 'study', 'studies')}: {a - went} are kept and {went} are removed."
    yield f"{came} {'study is' if came == 1 else 'studies are'} new. This version has {b}.\n"
    stages = dict.fromkeys((*found.before.flow, *found.after.flow))
    rows = [(stage, *(_stage(state, stage) for state in (found.before, found.after))) for stage in stages]
    rows.append(("studies in this review", str(a), str(b)))
    yield to_markdown(Table("flow", ("stage", found.before.name, found.after.name), rows)).rstrip("\n") + "\n"
    yield from _listed(found.of("study", "in"), lambda c: f"new: {c.what}: {c.why}")
    yield from _listed(found.of("study", "out"), lambda c: f"removed: {c.what}: {c.why}")


def _stage(state: Snapshot, stage: str) -> str:
    row = state.flow.get(stage)
    if row is None:
        return ""
    return row["counted"] or f"{row['printed']} (as printed)"


def _results(found: Difference) -> Iterator[str]:
    rows: list[tuple[object, ...]] = list(found.counted())
    yield to_markdown(Table("counts", ("counted", found.before.name, found.after.name), rows)).rstrip("\n") + "\n"
    for kind in PARTS["cell"]:
        yield from _named_list(found.of("cell", kind), kind, "cell", "cells")
    for kind in PARTS["gap"]:
        changes = [replace(c, what=f"{c.what} ({c.after or c.before})") for c in found.of("gap", kind)]
        yield from _named_list(changes, kind, "gap", "gaps")
    for change in found.of("standing", "retracted"):
        yield f"- retracted: {markdown(change.what)}: {markdown(change.why)}"


def _named_list(changes: list[Change], kind: str, *nouns: str) -> Iterator[str]:
    if changes:
        what = dict.fromkeys(change.what for change in changes)
        yield f"- {counted(len(changes), *nouns)} {kind}: {markdown('; '.join(what))}"


def _listed(changes: Iterable[Change], says: Callable[[Change], str]) -> Iterator[str]:
    for change in changes:
        yield f"- {markdown(says(change))}"
