"""Records that are kept packed are the records that were given, from memory and from a temporary file."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.loaders.openalex.files import read_works
from kg.model import packed
from kg.model.literature import Record
from kg.model.packed import Records
from tests.replay import WORKS
from tests.sample import FULL


def real() -> list[Record]:
    return [record for record in read_works(Path(WORKS), "w") if isinstance(record, Record)]


@pytest.mark.parametrize("in_memory", [1, 10_000, 1 << 20])
def test_records_come_back_as_they_were(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(packed, "_IN_MEMORY", in_memory)
    given = [*real(), *FULL.records]
    records = Records(given)
    assert list(records) == given and records == given and len(records) == len(given) == 45 + len(FULL.records)
    assert records[-1] == given[-1] and records[3:5] == given[3:5]
    assert records.of(given[7].id) == given[7] and records.ids == [record.id for record in given]
    with pytest.raises(IndexError):
        records[len(given)]
    with pytest.raises(KeyError):
        records.of("none")


def test_a_choice_of_records_has_their_order() -> None:
    given = real()
    chosen = Records(given).chosen([5, 0, 9])
    assert list(chosen) == [given[5], given[0], given[9]] and chosen.ids == [given[n].id for n in (5, 0, 9)]
    assert list(chosen.chosen([2, 1])) == [given[9], given[0]] and chosen.positions[given[9].id] == 2
    assert chosen != given[:3] and chosen != "abc"
