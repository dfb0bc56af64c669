"""Made-up data in the shape of ``page_data``: a small review, a wide one, and one whose every text is hostile."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from kg.export.page.data import PageData
from kg.model.fields import CODING_STATUSES
from kg.model.vocabulary import DIRECTIONS

#: Text that would run, break out, vanish or calculate, if any sink took it for more than text.
HOSTILE = (
    "</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", '"><svg onload=window.pwned=1>',
    "<!--<script>", "<a href=\"javascript:window.pwned=1\">href</a>", "' onmouseover='window.pwned=1",
    "]]>&lt;b&gt;&amp;", "a\u2028b\u2029c", "\ud800 lone \udfff\x00\x07", "=HYPERLINK(\"http://x\",\"y\")", "+1+1",
    "@SUM(A1)", "-2+3", "\t=1+1", " \uff1d1+1", "$title ${script} {0} %s", "two\r\nlines, \"quoted\"", "\u200b=1+1",
    "\u202eover \x9b2J\x7f", "__proto__", "constructor", "</style><style>body{display:none}", "{n} {label}", "</noscript><b>",
    "ER  - \nTY  - JOUR", "}\n@article{x, title={", "a/b~c&d=e#f%00",
)  # fmt: skip
FACTORS = {
    "Organizational": ["Supervisory support", "Role autonomy", "Team culture", "Payment"],
    "Individual": ["Self-care", "Client boundaries", "Spirituality"],
}
OUTCOMES = ["Job satisfaction", "Role clarity", "Burnout", "Return to use"]


def dim(id_: str, values: list[Any], of: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a dimension without codes."""
    return {
        "id": id_, "label": id_, "of": of, "kind": kind, "values": values, "parents": [-1] * len(values), "groups": [],
        "statuses": list(CODING_STATUSES), "definitions": {}, "favourable": {}, "colours": {}, "residual": [],
        "studies": [], "findings": [], **more,
    }  # fmt: skip


def grouped(groups: dict[str, list[str]]) -> dict[str, Any]:
    """Return values and their groups, as a dimension has them."""
    values = [value for listed in groups.values() for value in listed]
    parents = [-2 - n for n, listed in enumerate(groups.values()) for _ in listed]
    return {"values": values, "parents": parents, "groups": list(groups)}


def review(factors: dict[str, list[str]], outcomes: list[str], studies: int, findings: int, seed: int = 1) -> PageData:
    """Return a made-up review: some findings without an outcome, some rare factors, some gaps."""
    chance = random.Random(seed)  # noqa: S311 - made-up data
    names = ["Chapman", "Tate", "Abraham", "Wohlert", "Müller", "Adams", "Hagaman", "Lapidos", "Cronise", "Pasman"]
    tree = grouped(factors)
    n = len(tree["values"])
    at = sorted(chance.randrange(studies) for _ in range(findings))
    certainty = [chance.choice([None, None, "joint", "inferred"]) for _ in at]
    dims = [
        dim("factor", tree["values"], "finding", "concept", parents=tree["parents"], groups=tree["groups"],
            definitions={str(k): f"What {value} means." for k, value in enumerate(tree["values"])},
            findings=[min(int(chance.expovariate(3 / n)), n - 1) for _ in at]),
        dim("outcome", outcomes, "finding", "concept", favourable={"0": "higher", "2": "lower"},
            findings=[chance.choice([None, k := chance.randrange(len(outcomes)), k, k, sorted({k, 0})]) for _ in at]),
        dim("direction", list(DIRECTIONS), "finding", "category", findings=[chance.choice([0, 0, 0, 1, 1, 2, 3, 4]) for _ in at]),
        dim("pole", ["presence", "absence"], "finding", "category", findings=[chance.choice([None, 0, 1]) for _ in at]),
        dim("certainty", ["joint", "inferred"], "finding", "category", findings=[["joint", "inferred"].index(each) if each else None for each in certainty]),
        dim("year", list(range(2010, 2025)), "study", "year", studies=[None if k % 9 == 8 else k % 15 for k in range(studies)]),
        dim("design", ["Cross-sectional", "Interviews"], "study", "category", studies=[chance.choice([0, 1, None]) for _ in range(studies)]),
        dim("setting", ["Community", "Hospital"], "study", "categories", studies=[chance.choice([0, 1, [0, 1]]) for _ in range(studies)]),
    ]  # fmt: skip
    return {
        "meta": {"id": "r", "title": "Peer workers: what helps and what hinders", "question": "Which factors help?",
                 "citation": "Bell and others (2025). A scoping review.", "doi": "10.1234/review(2025)", "year": 2025,
                 "search_date": "2024-05-02", "version": "kg 0.1.0", "data_sha256": "3f9a" * 16, "left_out": None, "only": None},
        "words": {}, "colours": {}, "dims": dims,
        "texts": [{"label": "Funding", "studies": [f"Funded by grant {k}" if k % 3 else None for k in range(studies)]}],
        "studies": {
            "id": [f"key:s{k}" for k in range(studies)], "label": [str(k + 1) for k in range(studies)],
            "short": [f"{names[k % 10]} {2010 + k % 15}" for k in range(studies)],
            "title": [f"Workforce experiences of peer specialists in programme {k + 1}" for k in range(studies)],
            "authors": [f"{names[k % 10]}, A. B.; Doe, Jo" for k in range(studies)],
            "year": [None if k % 9 == 8 else 2010 + k % 15 for k in range(studies)],
            "doi": [None if k % 7 == 6 else f"10.1234/peer.{k}" for k in range(studies)],
        },
        "findings": {
            "study": at, "locator": [f"p. {k}" for k in range(findings)],
            "note": [f"Staff said {k}." if k % 4 else None for k in range(findings)],
            "tabulated": [k % 3 != 0 for k in range(findings)],
            "certainty": certainty,
            "file": ["sheets/findings.csv"] * findings, "row": [k + 2 for k in range(findings)],
            "implied": [k % 5 == 0 for k in range(findings)],
        },
        "maps": [{"name": "factors and outcomes", "title": None, "rows": 0, "columns": 1, "segments": 2,
                  "gaps": [["no-study", n - 1, len(outcomes) - 1, None], ["contested", 0, 0, "3 facilitator, 1 barrier"],
                           ["outcome-without-factor", -1, 1, "discussed by 2"]]}],
        "stated": [{"kind": "population", "statement": "Rural workers are hardly studied.", "locator": "4.2"}],
        "searches": [{"date": "2024-05-02", "source": "PubMed", "platform": None, "query": "peer AND work", "hits": 120}],
    }  # fmt: skip


def small() -> PageData:
    """Return a review of 20 studies and 90 findings; three studies are retracted or of concern."""
    data = review(FACTORS, OUTCOMES, 20, 90)
    standing: list[str | None] = [None] * 20
    said = ["not checked"] * 20
    for place, status in {2: "retracted", 5: "concern", 11: "retracted"}.items():
        standing[place], said[place] = status, f"Retraction Watch: {status} 2024-01-31"
    data["studies"] |= {"standing": standing, "standing_said": said}
    return data


def wide(rows: int = 60, columns: int = 24, studies: int = 300) -> PageData:
    """Return a review of many factors and outcomes."""
    factors = {f"Domain {g}": [f"Factor {g}.{n} of the workplace" for n in range(10)] for g in range(rows // 10)}
    return review(factors, [f"Outcome {n}" for n in range(columns)], studies, 5 * studies)


def hostile() -> PageData:
    """Put hostile text into every text of a review, except ids of dimensions and fixed values."""
    data = small()
    text = cycle(HOSTILE)

    def evil(values: list[Any], name: str) -> list[Any]:
        return [f"{next(text)} {name}" for _ in values]

    said = ("id", "title", "question", "citation", "search_date", "version", "data_sha256", "only", "authors", "review_version",
            "changes", "licence", "protocol", "registration", "contact")  # fmt: skip
    data["meta"] |= {name: f"{next(text)} {name}" for name in said}
    data["meta"] |= {
        f"{name}_criteria": [f"{attack} {name}" for attack in HOSTILE] for name in ("inclusion", "exclusion")
    }
    data["meta"] |= {
        "doi": "javascript:window.pwned=1",
        "registration": "javascript:window.pwned=1",
        "contact": "a@b.example",
    }
    boxes = ("identified", "removed", "other identified", "screened", "excluded", "sought", "assessed", "not eligible")
    reasons = {box: [[each, 1] for each in HOSTILE] for box in boxes}
    data["flow"] = {"numbers": dict.fromkeys(boxes, 9), "reasons": reasons}
    data["cites"] = [[n, n + 1] for n in range(19)]
    data["words"] = {
        name: f"{next(text)} {name}" for name in ("factor", "factors", "outcome", "facilitator", "barrier", "mixed")
    }
    data["colours"] = {"barrier": "red;} body{display:none", "mixed": "url(http://x)"}
    for each in data["dims"]:
        each["label"] = f"{next(text)} {each['id']}"
        if each["id"] in ("direction", "pole", "certainty", "year"):
            continue
        each["values"], each["groups"] = evil(each["values"], each["id"]), evil(each["groups"], "group")
        each["definitions"] = {key: f"{next(text)} definition" for key in each["definitions"]}
        each["colours"] = {"0": "red;} body{display:none", "1": "#fff;background:url(http://x)"}
    many = [f"{attack} value" for attack in HOSTILE]
    data["dims"].append(
        dim("free", many, "study", "categories", label="</summary> free", studies=[n % len(many) for n in range(20)])
    )
    data["texts"] = [{"label": f"{each} text", "studies": evil(list(range(20)), "text")} for each in HOSTILE[:3]]
    for name in ("label", "short", "title", "authors", "standing_said"):
        data["studies"][name] = evil(data["studies"][name], name)
    data["studies"]["id"] = [f"{next(text)} {n}" for n in range(20)]
    dois = (
        "javascript:window.pwned=1",
        '10.1234/"onclick="pwned=1',
        "10.1234/<script>",
        "x",
        "10.1234/a?b#c",
        "data:text/html,x",
    )
    data["studies"]["doi"] = [doi for doi, _ in zip(cycle(dois), range(20))]
    data["studies"]["reports"] = [evil(["", ""], "report") for _ in range(20)]
    for name in ("note", "locator", "file"):
        data["findings"][name] = evil(data["findings"][name], name)
    for gap in data["maps"][0]["gaps"]:
        gap[3] = f"{next(text)} reason"
    data["maps"] = [{**data["maps"][0], "title": f"{next(text)} map", "name": f"{next(text)} {n}"} for n in range(2)]
    data["stated"] = [{key: f"{each} {key}" for key in ("kind", "statement", "locator")} for each in HOSTILE]
    data["searches"] = [
        {"date": each, "source": each, "platform": each, "query": each, "hits": n} for n, each in enumerate(HOSTILE)
    ]
    return data


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in some data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)
