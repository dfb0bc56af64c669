"""The text that PRISMA-LSR (BMJ 2024;387:e079183) asks a version of a living review to give.

Every number is counted from the two states. What only the authors can say is named at the end, not written for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kg.errors import counted
from kg.export.tables import markdown, to_markdown
from kg.release.about import authors_of, shown
from kg.release.changes import PARTS, Change, Difference
from kg.release.snapshot import Snapshot
from kg.table import Table

#: Parts of a difference that are methods, with the words for one and several of them.
_OF_VOCABULARIES = "term of the vocabularies", "terms of the vocabularies"
_METHODS = {"criterion": ("criterion", "criteria"), "vocabulary": _OF_VOCABULARIES, "term": _OF_VOCABULARIES}
#: Changes of cells that follow from changes of the vocabularies, with what is said of them.
_BY_VOCABULARY = {"joined": "joined by a merge of terms", "divided": "divided by a split of a term"}
#: What PRISMA-LSR also asks for, and no count can say.
_UNSAID = (
    "whether the review leaves the living mode with this version (item 2)",
    "why the living mode is used (item 3)",
    "the schedule of the other steps, and the plan to retire the living mode, or that there is none (item L1)",
    "why the question and methods were changed (items 4 and L2), and changes that are in no file",
    "what the changed results mean for practice, policy and research (item L3)",
    "the limitations of the living mode",
    "what each author did, and in which version (item L4)",
)
_NO_SCHEDULE = "the schedule of the searches (item L1); update_every of review.toml, in months, is not set"
_NO_AUTHORS = "who the authors of both versions are (item L4); authors of review.toml is not set in both"


def prisma_lsr(found: Difference) -> str:
    """Return what changed as Markdown under the headings of PRISMA-LSR."""
    parts = {
        "Version (items 1 and 3)": _version(found),
        "Living mode (item L1)": _schedule(found),
        "What triggered this version": _trigger(found),
        "Changes to the methods (items 4 and L2)": _methods(found),
        "Flow of studies across versions (item 16)": _flow(found),
        "Changes to the results (item L3)": _results(found),
        "Authors (item L4)": _authors(found),
        "To be written by the authors": [f"- {text}" for text in _unsaid(found)],
    }
    written = {heading: list(lines) for heading, lines in parts.items()}
    blocks = [f"## {heading}\n\n" + "\n".join(lines) + "\n" for heading, lines in written.items() if lines]
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


def _unsaid(found: Difference) -> list[str]:
    has_authors = found.before.review.get("authors") and found.after.review.get("authors")
    missing = [] if found.after.review.get("update_every") else [_NO_SCHEDULE]
    return [*_UNSAID, *missing, *([] if has_authors else [_NO_AUTHORS])]


def _schedule(found: Difference) -> Iterator[str]:
    months = found.after.review.get("update_every")
    if months:
        yield f"The searches are to be repeated every {counted(int(months), 'month')}."


def _authors(found: Difference) -> Iterator[str]:
    """Yield who the authors are, and which of them are new; nothing where a version does not say."""
    before, after = (
        [shown(each) for each in authors_of({"review": state.review})] for state in (found.before, found.after)
    )
    if not before or not after:
        return
    yield f"The authors of this version are {markdown('; '.join(after))}."
    for lead, names in (
        ("New since the preceding version", [name for name in after if name not in before]),
        ("No longer an author", [name for name in before if name not in after]),
    ):
        if names:
            yield f"{lead}: {markdown('; '.join(names))}."


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
    blocks = list(_sources(found))
    for part, nouns in _METHODS.items():
        for kind in PARTS[part]:
            if kind not in _BY_VOCABULARY and (changes := found.of(part, kind)):
                lead = f"{counted(len(changes), *nouns)} {'is' if len(changes) == 1 else 'are'} {kind}:"
                blocks.append("\n".join([lead, "", *_listed(changes, _before_after)]))
    yield "\n\n".join(blocks) or "The question, the criteria, the sources and the vocabularies are the same."


def _sources(found: Difference) -> Iterator[str]:
    """Yield a sentence on the sources that only one of the versions has in its search log."""
    before, after = (
        dict.fromkeys(row["source"] for row in state.searches.values()) for state in (found.before, found.after)
    )
    for lead, names in (
        ("Searched since the preceding version for the first time", [name for name in after if name not in before]),
        ("No longer in the search log", [name for name in before if name not in after]),
    ):
        if names:
            yield f"{lead}: {markdown('; '.join(names))}."


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
    for kind, says in _BY_VOCABULARY.items():
        yield from _named_list(found.of("vocabulary", kind), says, "cell", "cells")
    if found.by_vocabulary:
        yield f"- {counted(found.by_vocabulary, 'gap')} new or closed by changes of the vocabularies"
    for kind in PARTS["gap"]:
        changes = [replace(c, what=f"{c.what} ({c.after or c.before})") for c in found.of("gap", kind)]
        yield from _named_list(changes, kind, "gap", "gaps")
    if findings := found.of("finding"):
        came = sum(change.change == "in" for change in findings)
        yield f"- findings of studies of both versions: {came} new and {len(findings) - came} gone"
    for change in found.of("standing", "retracted"):
        yield f"- retracted: {markdown(change.what)}: {markdown(change.why)}"


def _named_list(changes: list[Change], kind: str, *nouns: str) -> Iterator[str]:
    if changes:
        what = dict.fromkeys(change.what for change in changes)
        yield f"- {counted(len(changes), *nouns)} {kind}: {markdown('; '.join(what))}"


def _listed(changes: Iterable[Change], says: Callable[[Change], str]) -> Iterator[str]:
    for change in changes:
        yield f"- {markdown(says(change))}"
