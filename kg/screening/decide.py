"""Deciding on a candidate: who decides, which work is meant, and the row that is written."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from kg.errors import UnknownName, UsageProblem
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.linkage.candidates import works_by_name
from kg.loaders.openalex.names import name_of
from kg.problems import nearest
from kg.screening.decisions import CHOICES, STAGES, Decision, append_decision, read_decisions, reason_problem


def person(root: Path, by: str | None = None) -> str:
    """Return who decides: ``by``, else the environment variable KG_CODER, else the user name of git in the folder.

    Raises UsageProblem where none of them says so.
    """
    found = by or os.environ.get("KG_CODER") or _git_name(root)
    if not (found and found.strip()):
        raise UsageProblem("who decides? give --by NAME, or set KG_CODER or git's user.name")
    return " ".join(found.split())


def _git_name(root: Path) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(root), "config", "user.name"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603
    return ran.stdout.strip() if ran.returncode == 0 else None


def names_of_works(loaded: Loaded) -> dict[str, str]:
    """Return every name of a study or candidate -> its id: ids, ``doi:…``, ``pmid:…``, ``openalex:W…``, keys."""
    return works_by_name(loaded.evidence.studies, loaded.library.resolution)


def titles_of_works(loaded: Loaded) -> dict[str, str]:
    """Return id -> title of every study and candidate that has one."""
    records = loaded.library.resolution.records
    found = {study.id: study.title for study in loaded.evidence.studies if study.title}
    for work in loaded.library.resolution.works:
        if title := records.of(work.records[0]).title:
            found.setdefault(work.id, title)
    return found


def find_work(names: dict[str, str], text: str) -> str:
    """Return the id of the work that a text names, in any spelling of its identifiers. Raises UnknownName."""
    for name in _spellings(text):
        if name in names:
            return names[name]
    raise UnknownName("work", text, nearest(text, names, 3))


def _spellings(text: str) -> Iterable[str]:
    yield text
    if name := name_of(text):
        yield f"openalex:{name}" if name.startswith("W") else name


def decide(
    review: Review,
    work: str,
    decision: str,
    *,
    stage: str = "abstract",
    reason: str | None = None,
    by: str | None = None,
    revise: bool = False,
    now: datetime | None = None,
) -> Decision:
    """Append a person's decision on a work to ``screening/decisions.csv`` and return it.

    Raises UnknownName for a work that is neither a candidate nor a study of the folder, UsageProblem for a decision
    that is incomplete or that this person has taken already without ``revise``, and what ``append_decision`` raises.
    """
    if decision not in CHOICES or stage not in STAGES:
        raise UsageProblem(f"accepted are {', '.join(CHOICES)}, at the stage {' or '.join(STAGES)}")
    reason = " ".join((reason or "").split()) or None
    if wrong := reason_problem(stage, decision, reason):
        raise UsageProblem(f"{wrong}: give one with --reason")
    who = person(review.root, by)
    loaded = review.load(partial=True)
    names = names_of_works(loaded)
    id_ = find_work(names, work)
    moment = (now or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = titles_of_works(loaded).get(id_)
    made = Decision(id_, stage, decision, who, moment, reason, title)
    earlier = [d for d in read_decisions(review.root) if (names.get(d.work, d.work), *d.key[1:]) == made.key]
    if not earlier:
        if revise:
            raise UsageProblem(f"{who} has not decided on {id_} at the stage {stage}: there is nothing to revise")
        return append_decision(review.root, made)
    last = earlier[-1]
    if not revise:
        raise UsageProblem(
            f"{who} decided {last.decision} on {id_} at the stage {stage} on {last.date}: --revise adds a row that "
            f"replaces it"
        )
    again = Decision(last.work, stage, decision, who, moment, reason, title, last.revision + 1)
    return append_decision(review.root, again)
