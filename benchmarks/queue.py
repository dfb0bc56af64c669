"""How early the queue shows the works that a review includes, beside random order and likeness alone.

    python -m benchmarks.queue FOLDER_OF_SYNERGY

Five works of a review that it included are its studies; all its others are candidates. The vocabularies below were
written from the titles of the reviews, before the first run, and every cell is empty, so that what is measured is
whether the terms, the likeness and the citations bring included works to the front. Recall is the share of the included
candidates that are among the first 10, 20 and 50 % of the queue; the mean of several choices of the five.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.loaders.openalex.abstracts import abstract_of
from kg.loaders.openalex.works import record_of
from kg.screening.ranking import Candidate, Map, rank
from kg.screening.terms import Text, term_of

SHARES = (0.1, 0.2, 0.5)
STUDIES = 5
#: Review -> its factors and outcomes, each with its synonyms.
VOCABULARIES: dict[str, tuple[dict[str, list[str]], dict[str, list[str]]]] = {
    "Chou_2004": (
        {"baclofen": [], "tizanidine": [], "dantrolene": [], "cyclobenzaprine": [], "muscle relaxant": ["relaxant"]},
        {"spasticity": ["spasm", "spastic"], "pain": ["low back pain", "neck pain"], "adverse event": ["side effect"]},
    ),
    "Donners_2021": (
        {"emicizumab": ["ACE910", "bispecific antibody"], "factor VIII": ["FVIII"]},
        {"pharmacokinetics": ["exposure", "clearance"], "bleeding": ["bleed", "efficacy"], "safety": ["adverse event"]},
    ),
    "Meijboom_2021": (
        {"biosimilar": ["infliximab", "etanercept", "adalimumab", "rituximab"], "switching": ["switch", "transition"]},
        {"discontinuation": ["retention", "persistence"], "retransition": ["switch back"], "nocebo": [], "safety": []},
    ),
    "Menon_2022": (
        {"environmental exposure": ["air pollution", "pesticide", "chemical", "metal", "phthalate", "exposure"]},
        {"systematic review": ["meta analysis"], "health effect": ["health outcome", "disease", "risk", "toxicity"]},
    ),
    "Nelson_2002": (
        {"estrogen": ["oestrogen", "estradiol", "hormone replacement therapy", "postmenopausal hormone", "progestin"]},
        {
            "fracture": ["bone density", "osteoporosis"], "breast cancer": [], "cardiovascular disease": ["coronary"],
            "menopausal symptom": ["vasomotor symptom", "hot flash"], "thromboembolism": ["stroke"], "dementia": [],
        },
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A work, its text, what it cites, and whether the review included it."""

    id: str
    text: Text
    cites: frozenset[str]
    included: bool


def read(path: Path) -> list[Item]:
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry: dict[str, Any] = json.loads(line)
            work = entry.get("work", entry)
            record = record_of(work)
            if record and record.openalex:
                topics = tuple(topic.label for topic in record.topics)
                text = Text(record.title or "", abstract_of(work) or "", topics)
                found[record.openalex] = Item(
                    record.openalex, text, frozenset(record.references), bool(entry["included"])
                )
    return list(found.values())


Order = Callable[[Sequence[Item], Sequence[Item], Map, int], list[str]]


def by_queue(items: Sequence[Item], studies: Sequence[Item], of: Map, seed: int) -> list[str]:
    own = {item.id for item in studies}
    cited = {id_ for item in studies for id_ in item.cites}
    candidates = [Candidate(i.id, i.text, len(i.cites & own) + (i.id in cited)) for i in items]
    return [one.candidate.id for one in rank(candidates, [item.text for item in studies], of)]


def by_likeness(items: Sequence[Item], studies: Sequence[Item], of: Map, seed: int) -> list[str]:
    found = rank([Candidate(i.id, i.text) for i in items], [item.text for item in studies], Map())
    return [one.candidate.id for one in found]


def by_terms(items: Sequence[Item], studies: Sequence[Item], of: Map, seed: int) -> list[str]:
    return [one.candidate.id for one in rank([Candidate(i.id, i.text) for i in items], [], of)]


def at_random(items: Sequence[Item], studies: Sequence[Item], of: Map, seed: int) -> list[str]:
    return random.Random(seed).sample([item.id for item in items], len(items))


ORDERS: dict[str, Order] = {
    "random": at_random, "terms alone": by_terms, "likeness (TF-IDF) alone": by_likeness, "kg queue": by_queue,
}  # fmt: skip


def recalls(order: Sequence[str], wanted: set[str]) -> list[float]:
    return [len(wanted & set(order[: round(share * len(order))])) / len(wanted) for share in SHARES]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("folder", type=Path, help="reviews of SYNERGY as JSON lines (*.jsonl.gz)")
    options.add_argument("--times", type=int, default=5, help="choices of the five studies")
    asked = options.parse_args()
    print("| review | candidates | order | recall at 10 % | 20 % | 50 % |\n|---|---|---|---|---|---|")
    means: dict[str, list[list[float]]] = {name: [] for name in ORDERS}
    begun = time.perf_counter()
    for name, (factors, outcomes) in VOCABULARIES.items():
        items = read(asked.folder / f"{name}.jsonl.gz")
        of = Map(*(tuple(term_of(label, others) for label, others in terms.items()) for terms in (factors, outcomes)))
        for order, how in ORDERS.items():
            rows = []
            for seed in range(asked.times):
                studies = random.Random(seed).sample([item for item in items if item.included], STUDIES)
                rest = [item for item in items if item not in studies]
                rows.append(recalls(how(rest, studies, of, seed), {item.id for item in rest if item.included}))
            mean = [statistics.mean(column) for column in zip(*rows, strict=True)]
            means[order].append(mean)
            print(f"| {name} | {len(items) - STUDIES} | {order} | {' | '.join(f'{n:.2f}' for n in mean)} |")
    for order, listed in means.items():
        mean = [statistics.mean(column) for column in zip(*listed, strict=True)]
        print(f"| all | | {order} | {' | '.join(f'{n:.2f}' for n in mean)} |")
    print(f"\n{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
