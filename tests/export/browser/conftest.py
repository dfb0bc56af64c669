"""Synthetic reviews, and an offline browser that records errors and requests."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from kg.export.html import gap_map_page
from kg.model.vocabulary import DIRECTIONS

FACTORS = {
    "Organizational": ["Supervisory support", "Role autonomy", "Team culture", "Training", "Payment and funding"],
    "Individual": ["Self-care", "Client boundaries", "Spirituality"],
}
OUTCOMES = {
    "At work": ["Job satisfaction", "Role clarity", "Burnout", "Retention and turnover"],
    "Recovery": ["Recovery benefits", "Return to use"],
}
NOTES = (
    "Staff said that support from supervisors kept them in the role.",
    "Low pay was named as a reason to leave.",
    "Time for supervision was too short.",
    None,
)
LOWER = ("Burnout", "Return to use")

#: Text that would run, break out, vanish or calculate, if any sink took it for more than text.
HOSTILE = (
    "</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", '"><svg onload=window.pwned=1>',
    "<!--<script>", "<a href=\"javascript:window.pwned=1\">href</a>", "' onmouseover='window.pwned=1",
    "]]>&lt;b&gt;&amp;", "a\u2028b\u2029c", "\ud800 lone \udfff\x00\x07", "=HYPERLINK(\"http://x\",\"y\")", "+1+1",
    "@SUM(A1)", "-2+3", "\t=1+1", " \uff1d1+1", "$title ${script} {0} %s", "two\r\nlines, \"quoted\"", "\u200b=1+1",
    "\u202eover \x9b2J\x7f",
)  # fmt: skip

Data = dict[str, Any]


def concepts(groups: dict[str, list[str]]) -> list[Data]:
    return [
        {"id": label.lower().replace(" ", "-"), "label": label, "group": group, "definition": f"What {label} means."}
        for group, labels in groups.items()
        for label in labels
    ]


def review(factors: list[Data], outcomes: list[Data], studies: int, findings: int, seed: int = 1) -> Data:
    """Return synthetic data for a page: some findings without an outcome, some rare factors, some gaps."""
    chance = random.Random(seed)  # noqa: S311 - made-up data
    names = ["Chapman", "Tate", "Abraham", "Wohlert", "Müller", "Adams", "Hagaman", "Lapidos", "Cronise", "Pasman"]
    their = [
        {"id": f"key:s{n}", "label": str(n + 1), "short": f"{names[n % 10]} {2010 + n % 15}",
         "title": f"Workforce experiences of peer specialists in programme {n + 1}",
         "authors": f"{names[n % 10]} A; Doe B",
         "year": None if n % 9 == 8 else 2010 + n % 15, "doi": None if n % 7 == 6 else f"10.1234/peer.{n}",
         "design": chance.choice(["Cross-sectional", "Interviews", None]),
         "methods": chance.choice(["Survey", "Mixed"]), "setting": chance.choice(["Community", "Hospital"])}
        for n in range(studies)
    ]  # fmt: skip
    found = [
        {"study": chance.choice(their)["id"],
         "factor": factors[min(int(chance.expovariate(3 / len(factors))), len(factors) - 1)]["id"],
         "outcomes": [o["id"] for o in chance.sample(outcomes, chance.choice([0, 1, 1, 1, 2]))],
         "direction": chance.choices(DIRECTIONS, [9, 7, 1, 2, 1])[0],
         "locator": f"3.{chance.randrange(9)}.{chance.randrange(9)}", "tabulated": chance.random() < 0.7,
         "note": chance.choice(NOTES),
         "certainty": chance.choice([None, None, "joint", "inferred"]), "pole": (None, "presence", "absence")[n % 3]}
        for n in range(findings)
    ]  # fmt: skip
    return {
        "meta": {"title": "Peer recovery support workers: what helps and what hinders", "version": "kg 0.1.0",
                 "question": "Which factors are tied to workforce outcomes of peer workers?",
                 "citation": "Bell and others (2025). A scoping review.", "doi": "10.1234/review(2025)<1>",
                 "search_date": "2024-05-02", "data_sha256": "3f9a" * 16, "studies": studies, "findings": findings},
        "words": {}, "colours": {"barrier": "#d55e00", "mixed": "red;} body{display:none"},
        "factors": factors, "outcomes": outcomes, "studies": their, "findings": found,
        "gaps": [{"kind": "no-study", "factor": "Spirituality", "outcome": "Burnout", "studies": 0,
                  "reason": "no study ties the two, though both are studied"},
                 {"kind": "contested", "factor": "Role autonomy", "outcome": "Burnout", "studies": 4,
                  "reason": "3 facilitator, 1 barrier"},
                 {"kind": "outcome-without-factor", "factor": None, "outcome": "Return to use", "studies": 2,
                  "reason": "discussed by 2, but no factor is tied to it"}],
        "stated_gaps": [{"kind": "population", "statement": "Rural workers are hardly studied.", "locator": "4.2"}],
    }  # fmt: skip


def small() -> Data:
    data = review(concepts(FACTORS), concepts(OUTCOMES), 20, 90)
    gap = {"role-autonomy", "burnout"}
    data["findings"] = [f for f in data["findings"] if not gap <= {f["factor"], *f["outcomes"]}]
    data["meta"]["findings"] = len(data["findings"])
    for outcome in data["outcomes"]:
        outcome["favourable"] = "lower" if outcome["label"] in LOWER else "higher"
    return data


def large() -> Data:
    factors = concepts({f"Domain {g}": [f"Factor {g}.{n} of the workplace" for n in range(10)] for g in range(6)})
    outcomes = concepts({f"Family {g}": [f"Outcome {g}.{n}" for n in range(6)] for g in range(4)})
    return review(factors, outcomes, 2000, 10_000)


def hostile() -> Data:
    """Put hostile text into every text field except ids and white-listed values."""
    data, n = small(), iter(range(10**6))

    def evil(items: list[Data], *names: str) -> None:
        for item in items:
            item.update({name: f"{HOSTILE[next(n) % len(HOSTILE)]} {name}" for name in names})

    evil([data["meta"]], "title", "question", "citation", "version", "search_date", "data_sha256")
    evil([data["words"]], "factor", "factors", "outcome", "outcomes", "facilitator", "barrier", "mixed", "no_effect")
    evil([*data["factors"], *data["outcomes"]], "label", "definition")
    for item in [*data["factors"], *data["outcomes"]]:
        item["group"] = f"{HOSTILE[len(item['group']) % 7]} {item['group']}"
    evil(data["studies"], "label", "short", "title", "authors", "design", "methods", "setting")
    for number, study in enumerate(data["studies"]):
        study["doi"] = ("javascript:window.pwned=1", '10.1234/"onclick="pwned=1', "10.1234/<script>", "x")[number % 4]
    data["meta"]["doi"] = "javascript:window.pwned=1"
    evil(data["findings"], "note", "locator")
    evil(data["gaps"], "kind", "factor", "outcome", "reason")
    evil(data["stated_gaps"], "kind", "statement", "locator")
    data["studies"][0]["reviewer"] = "secret-reviewer"
    data["findings"][0]["coder"] = "secret-coder"
    return data


@dataclass
class Opener:
    """Open pages from files, offline, and collect errors and requests."""

    browser: Browser
    folder: Path
    contexts: list[BrowserContext] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __call__(self, data: Data, *, edit: Callable[[str], str] = str, fragment: str = "", **options: Any) -> Page:
        file = self.folder / f"map-{len(self.contexts)}.html"
        file.write_text(edit(gap_map_page(data)), encoding="utf-8", newline="\n")
        context = self.browser.new_context(
            offline=True, accept_downloads=True, **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self._requested(request.url, file.as_uri()))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("dialog", self._asked)
        page.goto(file.as_uri() + fragment)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    def _requested(self, url: str, own: str) -> None:
        if url.partition("#")[0] != own and not url.startswith("blob:"):
            self.wrong.append(f"request: {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(browser, tmp_path)
    yield opener
    for context in opener.contexts:
        context.close()
    assert opener.wrong == []
