"""The gap map as one self-contained HTML file. It can be read without JavaScript and never uses the network.

Python writes the table, the lists and the text. ``page/app.js`` adds filters, the findings behind a cell and downloads;
it reads a JSON block in the page that holds white-listed fields only. A content security policy with hashes keeps any
other script or style from running.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from string import Template
from typing import Any, Final
from urllib.parse import quote

from kg.export.page import Html, asset, hidden, join, link, scrub, table, tag
from kg.export.page.marks import ABSENCE_SIGN, LARGEST, OUTLINES, SMALLEST, colour_rules, mark
from kg.export.page.model import BY_ABSENCE, FINDING_FIELDS, Item, MapData, Place
from kg.model.vocabulary import DIRECTIONS, OPPOSITES
from kg.table import STANDING_MARKS, STANDING_WORDS

NO_OUTCOME: Final = "No outcome tied"
#: What the mark ~ of a cell says.
INDIRECT: Final = "every study cited jointly or inferred"

_STUDY = (
    "label", "short", "title", "authors", "year", "doi", "design", "methods", "setting", "standing", "standing_said",
)  # fmt: skip
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_ISLAND = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def gap_map_page(data: Mapping[str, Any]) -> str:
    """Return the whole page for a map of factors by outcomes; equal data gives equal text.

    The shape of ``data`` is plain JSON: ``meta``, ``words``, ``colours``, ``factors``, ``outcomes``, ``studies``,
    ``findings``, ``gaps`` and ``stated_gaps``. Raises KeyError when a finding names an unknown study, factor or
    outcome, and ValueError when its direction is unknown.
    """
    page = _Page(scrub(data))
    style, script = colour_rules(page.own_colours) + asset("app.css"), asset("app.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return Template(asset("page.html")).substitute(
        {name: escape(word) for name, word in page.words.items()},
        policy=escape(policy), style=style, script=script, title=escape(page.title), header=page.header(),
        gap_count=len(page.gaps), study_count=len(page.studies), legend=page.legend(), signs=page.signs(),
        cautions=page.cautions(),
        standing=page.how_it_stands(), status=page.status(),
        tables_hidden="" if page.has_tables else " hidden", map=page.map(), kinds=page.kinds(), gaps=page.gap_table(),
        studies=page.study_table(), about=page.about(), island=page.island(),
    )  # fmt: skip


def doi_url(doi: str | None) -> str | None:
    """Return the link of a DOI, or None for anything that is not one (such as ``javascript:``)."""
    return f"https://doi.org/{quote(doi, safe='/:;(),')}" if doi and _DOI.fullmatch(doi) else None


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _count(n: int, one: str = "study", many: str = "studies") -> str:
    return f"{n} {one if n == 1 else many}"


class _Page(MapData):
    """The parts of one page as HTML, from data without characters that a page cannot hold."""

    def header(self) -> Html:
        meta, url = self.meta, doi_url(self.meta.get("doi"))
        doi = link(f"doi:{meta['doi']}", url) if url else None
        citation = join([p for p in (meta.get("citation"), doi) if p], " ")
        facts = [
            _count(meta.get("studies") or len(self.studies)),
            _count(meta.get("findings") or len(self.findings), "finding", "findings"),
            f"{meta['left_out']} not accepted and left out" if meta.get("left_out") else None,
            f"searched {meta['search_date']}" if meta.get("search_date") else None,
            meta.get("version"),
            join(["data ", tag("code", meta["data_sha256"][:12])]) if meta.get("data_sha256") else None,
        ]
        return join([
            tag("p", meta["question"], class_="question") if meta.get("question") else None,
            tag("p", citation, class_="citation") if citation else None,
            tag("ul", *(tag("li", fact) for fact in facts if fact), class_="facts"),
        ])  # fmt: skip

    def status(self) -> str:
        return f"Showing all {_count(len(self.studies))} and {_count(len(self.findings), 'finding', 'findings')}."

    def legend(self) -> Html:
        box = '<input type="checkbox" checked autocomplete="off" value="{}">'
        return join(
            tag("label", Html(box.format(d)), mark(d, None, self.largest), self.words[d]) for d in self.directions
        )

    def map(self) -> Html:
        """Return the table of factors by outcomes; the script finds a cell by the indexes of its row and column."""
        last: list[Item] = [{"label": NO_OUTCOME}] if self.has_untied else []
        columns = self.outcomes + last
        widths = [*((name, len(group)) for name, group in self.columns), *((None, 1) for _ in last)]
        heads = [self._head("col", o["label"], (None, n), o.get("favourable")) for n, o in enumerate(columns)]
        groups = [tag("th", name, colspan=n, scope="colgroup") if name else tag("td", colspan=n) for name, n in widths]
        head = tag(
            "thead",
            tag("tr", tag("td"), *groups, class_="groups") if any(name for name, _ in widths) else None,
            tag("tr", tag("th", self.words["factors"], scope="col"), *heads, id="head"),
        )
        bodies, n = [], 0
        for name, group in self.rows:
            rows = []
            if len(self.rows) > 1 or name:
                button = tag("button", name or "Ungrouped", type="button", aria_expanded="true")
                th = tag("th", button, tag("small", len(group)), scope="rowgroup")
                rows.append(tag("tr", th, *(tag("td") for _ in columns), class_="group"))
            for factor in group:
                cells = [self._cell(n, c, f"{factor['label']}, {o['label']}") for c, o in enumerate(columns)]
                rows.append(tag("tr", self._head("row", factor["label"], (n, None)), *cells, data_factor=n))
                n += 1
            bodies.append(tag("tbody", *rows))
        spans = join(tag("colgroup", span=n) for n in (1, *(n for _, n in widths)))
        caption = tag("caption", f"Studies by {self.words['factor']} (rows) and {self.words['outcome']} (columns)")
        dense = "dense" if len(columns) > 10 else None
        return tag("table", caption, spans, head, join(bodies, "\n"), id="grid", class_=dense)

    def _head(self, scope: str, label: str, place: Place, favourable: str | None = None) -> Html:
        studies = len(set().union(*self.cells.get(place, {}).values()))
        good = tag("small", f"{favourable} is better") if favourable else None
        total = tag("span", studies, hidden(" studies" if studies != 1 else " study"), class_="total")
        return tag("th", tag("button", label, type="button"), total, good, scope=scope)

    def _cell(self, row: int, column: int, name: str) -> Html:
        counts = {kind: len(studies) for kind, studies in self.cells.get((row, column), {}).items()}
        if not counts:
            gap = column < len(self.outcomes)
            return tag("td", hidden("no study") if gap else None, class_="gap" if gap else None)
        shown = sorted(counts.items(), key=lambda item: (DIRECTIONS.index(item[0][0]), item[0][1]))
        label = f"{name}: " + ", ".join(f"{_count(n)} {self.said(kind)}" for kind, n in shown)
        marks = [
            join([mark(kind[0], n, self.largest, absent=kind[1]), hidden(f" {self.said(kind)} ")]) for kind, n in shown
        ]
        if (row, column) in self.indirect:
            label += f"; {INDIRECT}"
            marks += [tag("span", "~", class_="indirect", aria_hidden="true"), hidden(f" {INDIRECT} ")]
        if caution := self._caution(set().union(*self.cells[row, column].values())):
            label += f"; {caution}"
            marks += [tag("span", "!", class_="caution", aria_hidden="true"), hidden(f" {caution} ")]
        return tag("td", tag("button", join(marks), type="button", aria_label=label))

    def signs(self) -> Html:
        """Return the legend of the signs for poles and for indirect evidence, as far as the map has them."""
        absence = tag("b", ABSENCE_SIGN, aria_hidden="true")
        indirect = tag("span", "~", class_="indirect", aria_hidden="true")
        return join([
            tag("span", absence, f" {BY_ABSENCE}", class_="key") if self.has_absence else None,
            tag("span", indirect, f" {INDIRECT}", class_="key") if self.indirect else None,
        ])  # fmt: skip

    def _caution(self, studies: set[int]) -> str:
        """Return how many of the studies are retracted, of concern, and so on, as text."""
        counts = Counter(self.flagged[study] for study in studies if study in self.flagged)
        return ", ".join(f"{counts[status]} {STANDING_WORDS[status]}" for status in STANDING_MARKS if counts[status])

    def cautions(self) -> Html:
        """Return the legend of the exclamation mark, and the switch that leaves out retracted studies."""
        if not self.flagged:
            return join([])
        switch = Html('<input type="checkbox" id="standing" role="switch" autocomplete="off">')
        sign = tag("span", "!", class_="caution", aria_hidden="true")
        statuses = " or ".join(
            ", ".join(STANDING_WORDS[s] for s in STANDING_MARKS if s in self.flagged.values()).rsplit(", ", 1)
        )
        parts = [tag("span", sign, f" rests on a study that is {statuses}", class_="key")]
        if "retracted" in self.flagged.values():
            parts.append(tag("label", switch, " without the retracted", class_="live"))
        return join(parts)

    def how_it_stands(self) -> Html:
        """Return the list item that explains the exclamation mark, if any study has it."""
        if not self.flagged:
            return join([])
        text = (
            " in a cell: a study behind it is retracted, of concern, corrected or superseded, as a source says; the "
            "list of studies names source and day. It is counted all the same, unless you leave out the retracted. "
            "“Current”: a source was asked about the study and has no notice. “Not checked” is not “current”."
        )
        return join([tag("li", tag("b", "An exclamation mark"), text), Html("\n")])

    def kinds(self) -> Html:
        kinds = Counter((gap["kind"], _kind(gap)) for gap in self.gaps).items()
        every = tag("option", f"All ({len(self.gaps)})", value="")
        return join([every, *(tag("option", f"{name} ({n})", value=kind) for (kind, name), n in kinds)])

    def gap_table(self) -> Html:
        rows = [
            tag("tr", *(tag("td", text) for text in (_kind(g), g.get("factor"), g.get("outcome"))),
                tag("td", g.get("studies"), class_="number"), tag("td", g.get("reason")), data_kind=g["kind"])
            for g in self.gaps
        ]  # fmt: skip
        return table(["Kind", self.words["factor"], self.words["outcome"], "Studies", "Why"], rows, class_="list")

    def study_table(self) -> Html:
        rows, findings = [], Counter(f["study"] for f in self.findings)
        for n, study in enumerate(self.studies):
            title, url = study.get("title"), doi_url(study.get("doi"))
            rows.append(tag(
                "tr",
                tag("td", study.get("label"), class_="number"),
                tag("th", study.get("short") or study["id"], scope="row"),
                tag("td", link(title or f"doi:{study['doi']}", url) if url else title),
                tag("td", study.get("year"), class_="number"),
                *(tag("td", study.get(name)) for name in ("design", "methods", "setting")),
                *([tag("td", study.get("standing_said"))] if self.flagged else []),
                tag("td", findings[n], class_="number"),
                data_study=n,
            ))  # fmt: skip
        names = ["No.", "Study", "Title", "Year", "Design", "Methods", "Setting", "Findings"]
        return table([*names[:-1], "Standing", names[-1]] if self.flagged else names, rows, class_="list")

    def about(self) -> Html:
        parts = []
        if self.stated:
            lines = (tag("li", tag("b", _kind(g)), ": ", g["statement"], _locator(g)) for g in self.stated)
            parts += [tag("h3", "Gaps that the authors state"), tag("ul", *lines)]
        for title, items in ((self.words["factors"], self.factors), (self.words["outcomes"], self.outcomes)):
            if defined := [item for item in items if item.get("definition")]:
                entries = (join([tag("dt", item["label"]), tag("dd", item["definition"])]) for item in defined)
                parts += [tag("h3", title), tag("dl", *entries)]
        return join(parts, "\n")

    def island(self) -> str:
        """Return the data for the script, as JSON in which no HTML parser finds markup."""
        keep = {
            "words": self.words, "said": STANDING_WORDS, "absence": [ABSENCE_SIGN, BY_ABSENCE, *OPPOSITES],
            "indirect": INDIRECT, "directions": list(DIRECTIONS), "shapes": OUTLINES,
            "scale": [SMALLEST, LARGEST, self.largest],
            "factors": [_only(factor, "label", "definition") for factor in self.factors],
            "outcomes": [_only(outcome, "label", "definition", "favourable") for outcome in self.outcomes],
            "studies": [
                _only(study, "id", *(_STUDY if study.get("standing") else _STUDY[:-1]))
                | {"url": doi_url(study.get("doi"))}
                for study in self.studies
            ],
            "findings": [_only(f, "study", "factor", "outcomes", *FINDING_FIELDS) for f in self.findings],
        }  # fmt: skip
        return json.dumps(keep, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ISLAND)


def _only(item: Item, *names: str) -> dict[str, Any]:
    """Return the named fields that have a value."""
    return {name: item[name] for name in names if item.get(name) is not None}


def _kind(gap: Item) -> str:
    return str(gap["kind"]).replace("-", " ").replace("_", " ").capitalize()


def _locator(gap: Item) -> str | None:
    return f" ({gap['locator']})" if gap.get("locator") else None
