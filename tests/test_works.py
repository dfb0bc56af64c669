"""Works of OpenAlex -> records: what real works look like, rule by rule, and that no work makes the mapping fail."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.identity import resolve
from kg.loaders.workfiles import iter_works, read_works
from kg.loaders.works import MOST_WORDS, abstract_of, doubtful_year, has_abstract, plain, record_of, short_id
from kg.model import Record
from kg.problems import Problem

DATA = Path(__file__).parent / "data" / "openalex"
Work = dict[str, Any]


@cache
def shown() -> list[tuple[list[str], Work]]:
    """Real works, each with what it shows."""
    with gzip.open(DATA / "pitfalls.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [(item["shows"], item["work"]) for item in map(json.loads, lines)]


def work_that_shows(what: str) -> Work:
    return copy.deepcopy(next(work for shows, work in shown() if any(what in each for each in shows)))


def record_that_shows(what: str) -> Record:
    record = record_of(work_that_shows(what))
    assert record is not None
    return record


def positions(text: str) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        index.setdefault(word, []).append(place)
    return index


# --- identifiers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "short"),
    [
        ("https://openalex.org/W2741809807", "W", "W2741809807"),
        ("https://openalex.org/works/w196", "W", "W196"),
        ("w196", "W", "W196"),
        ("https://openalex.org/A1", "W", None),
        ("W", "W", None),
        ("", "W", None),
        (196, "W", None),
        (None, "W", None),
    ],
)
def test_openalex_ids_have_one_spelling(written: object, kind: str, short: str | None) -> None:
    assert short_id(written, kind) == short


def test_identifiers_of_a_real_work() -> None:
    record = record_that_shows("2025-06")
    assert (record.id, record.openalex, record.doi) == ("openalex:W2741809807", "W2741809807", "10.7717/peerj.4375")
    assert (record.pmid, record.pmcid) == ("29456894", "PMC5815332"), "in the data the number stands without PMC"
    later = record_that_shows("2026-03")
    assert (later.pmid, later.pmcid, later.type) == ("29456894", None, "book-chapter"), (
        "the same work nine months later"
    )
    assert set(later.locations) >= {"doi:10.7717/peerj.4375", "pmid:29456894"}, "what stays when ids are merged"
    assert record.locations == (), "in June 2025 locations had no ids"


def test_a_sici_doi_keeps_its_signs() -> None:
    assert record_that_shows("sici_doi").doi == "10.1639/0044-7447(2005)034[0205:icaaca]2.0.co;2"


def test_a_work_without_an_id_is_none() -> None:
    assert record_of({"title": "A"}) is None and record_of({"id": "https://openalex.org/S1"}) is None


# --- text ---------------------------------------------------------------------------------------------------------


def test_titles() -> None:
    assert record_that_shows("title_null").title is None
    assert record_that_shows("title_empty_string").title is None
    record = record_that_shows("title_html")
    assert record.title is not None and record.title.startswith("Annual Reports To Council Ecological Society of Amer")
    assert plain("Peer &amp; carer: <i>a</i> < b &lt;i&gt;c&lt;/i&gt;  d\n") == "Peer & carer: a < b c d"
    assert plain(" ") is None and plain(3) is None


def test_abstracts_are_put_together_again() -> None:
    holes = work_that_shows("abstract_position_holes")
    index = holes["abstract_inverted_index"]
    places = sorted(place for places in index.values() for place in places)
    assert places != list(range(len(places))), "positions are missing"
    text = abstract_of(holes)
    assert text is not None and len(text.split()) >= len(places) - 3
    assert abstract_of(work_that_shows("abstract_null")) is None
    assert abstract_of(work_that_shows("abstract_empty_token"))
    html = abstract_of(work_that_shows("abstract_html"))
    assert html is not None and "<" not in html
    entities = abstract_of(work_that_shows("abstract_entities"))
    assert entities is not None and "&gt;" not in entities and "&lt;" not in entities and "&amp;" not in entities
    lead = work_that_shows("abstract_starts_with_Abstract")
    first = min(lead["abstract_inverted_index"], key=lambda word: min(lead["abstract_inverted_index"][word]))
    assert first.casefold().startswith("abstract")
    assert not str(abstract_of(lead)).casefold().startswith("abstract")


@pytest.mark.parametrize("what", ["abstract_placeholder", "abstract_repository_junk"])
def test_what_stands_in_for_an_abstract_is_none(what: str) -> None:
    work = work_that_shows(what)
    assert work["abstract_inverted_index"] and abstract_of(work) is None and not record_that_shows(what).has_abstract


@pytest.mark.parametrize(
    "wrap",
    [
        lambda i: i,
        lambda i: {"IndexLength": 30, "InvertedIndex": i},
        json.dumps,
        lambda i: json.dumps({"InvertedIndex": i}),
    ],
)
def test_abstracts_in_every_wrapping(wrap: Callable[[Any], Any]) -> None:
    text = "Peer workers stay where their supervisors know what the role is and what it is not"
    assert abstract_of({"abstract_inverted_index": wrap(positions(text))}) == text


def test_bounds_of_an_abstract() -> None:
    assert abstract_of({"abstract_inverted_index": positions("Too short to say anything")}) is None
    assert abstract_of({"abstract_inverted_index": {f"w{n}": [n] for n in range(MOST_WORDS + 1)}}) is None
    assert abstract_of({"abstract_inverted_index": "{"}) is None
    assert abstract_of({"abstract_inverted_index": {"a": None, "b": "x"}}) is None


def test_that_there_is_an_abstract_agrees_with_the_text() -> None:
    for _, work in shown():
        assert has_abstract(work) is (abstract_of(work) is not None)


# --- the rest of a record -----------------------------------------------------------------------------------------


def test_what_is_null_is_none() -> None:
    record = record_that_shows("author_id_null")
    assert [author.id for author in record.authors] == [None] and record.topics == ()
    assert (
        record_that_shows("source_null").venue is None
        or work_that_shows("source_null")["primary_location"]["source"] is None
    )
    assert record_that_shows("authorships_empty").authors == ()
    assert record_that_shows("no_references").references == ()
    assert record_that_shows("doi_null").doi is None


def test_retraction_has_three_states() -> None:
    assert record_that_shows("is_retracted_null").is_retracted is None
    assert record_that_shows("title_html").is_retracted is False
    work = work_that_shows("title_html")
    said = [record_of({**work, "is_retracted": value}) for value in (True, "true", 1)]
    assert [record.is_retracted for record in said if record] == [True, None, None]


def test_types_and_languages_are_no_closed_list() -> None:
    assert record_that_shows("language_ng").language == "ng"
    work = work_that_shows("title_html")
    record = record_of({**work, "type": "software-paper", "language": "tlh"})
    assert record is not None and (record.type, record.language) == ("software-paper", "tlh")


def test_days_that_are_only_years() -> None:
    """A third of all works say that they appeared on the first of January."""
    record = record_of({"id": "W1", "publication_year": 2018, "publication_date": "2018-01-01"})
    assert record is not None and (record.year, record.date) == (2018, None)
    record = record_of({"id": "W1", "publication_year": 2018, "publication_date": "2018-03-05"})
    assert record is not None and record.date == "2018-03-05"


@pytest.mark.parametrize(("year", "said"), [(1066, "the year 1066 is before 1500"), (2099, "the year 2099 is more than two years ahead"),
                                            (2028, None), (1500, None), (None, None)])  # fmt: skip
def test_a_year_out_of_bounds_is_kept_and_told(year: int | None, said: str | None) -> None:
    record = record_of({"id": "W1", "publication_year": year})
    assert record is not None and record.year == year and doubtful_year(record, 2026) == said


def test_funders_from_either_shape() -> None:
    new = record_of({
        "id": "W1",
        "funders": [{"id": "https://openalex.org/F1", "display_name": "One"}],
        "awards": [{"funder_id": "https://openalex.org/F2", "funder_display_name": "Two", "funder_award_id": "X-1"},
                   {"funder_id": "https://openalex.org/F1", "funder_display_name": "One", "funder_award_id": None}],
    })  # fmt: skip
    old = record_of(
        {"id": "W1", "grants": [{"funder": "https://openalex.org/F2", "funder_display_name": "Two", "award_id": "X-1"}]}
    )
    assert new is not None and [(f.id, f.name, f.awards) for f in new.funders] == [
        ("F1", "One", ()),
        ("F2", "Two", ("X-1",)),
    ]
    assert old is not None and [(f.id, f.name, f.awards) for f in old.funders] == [("F2", "Two", ("X-1",))]
    assert record_that_shows("funders_present").funders


def test_references_without_loops_and_repeats() -> None:
    refs = [
        "https://openalex.org/W2",
        "https://openalex.org/W1",
        "https://openalex.org/w2",
        None,
        "https://openalex.org/W3",
    ]
    record = record_of({"id": "https://openalex.org/W1", "referenced_works": refs})
    assert record is not None and record.references == ("W2", "W3")
    real = work_that_shows("2026-03")
    found = record_of(real)
    assert found is not None and len(found.references) == len(set(real["referenced_works"]) - {real["id"]})


def test_authors_with_orcid_institution_and_country() -> None:
    record = record_that_shows("2026-03")
    raw = work_that_shows("2026-03")["authorships"]
    assert [author.name for author in record.authors] == [a["author"]["display_name"] for a in raw]
    first = record.authors[0]
    assert first.orcid == "0000-0003-1613-5981" and first.id == raw[0]["author"]["id"].rpartition("/")[2]
    assert {i.country for author in record.authors for i in author.institutions} <= {"CA", "US", None}
    assert all(i.ror is None or len(i.ror) == 9 for author in record.authors for i in author.institutions)


def test_topics_with_what_is_above_them() -> None:
    (first, *_) = record_that_shows("2026-03").topics
    raw = work_that_shows("2026-03")["topics"][0]
    assert (first.id, first.label) == (raw["id"].rpartition("/")[2], raw["display_name"])
    assert (first.subfield, first.field, first.domain) == tuple(
        raw[n]["display_name"] for n in ("subfield", "field", "domain")
    )


def test_works_of_an_old_snapshot() -> None:
    """Of May 2023: ``host_venue`` may be there, the abstract is wrapped, types are Crossref's."""
    records = [record_of(work) for shows, work in shown() if "snapshot" in shows]
    assert [(r.id, r.type) for r in records if r] == [
        ("openalex:W4206759534", "journal-article"),
        ("openalex:W4312233861", "grant"),
    ]
    record = record_of({"id": "W1", "host_venue": {"display_name": "A journal"}})
    assert record is not None and record.venue == "A journal"


def test_unknown_keys_change_nothing() -> None:
    work = work_that_shows("2026-03")
    assert record_of({**work, "new_in_2027": {"a": [1]}, "authorships_full": None}) == record_of(work)


def test_reports_are_not_studies() -> None:
    """A preprint and its article are two records; only a person makes them one study."""
    records = [record_that_shows("duplicate_pair_article"), record_that_shows("duplicate_pair_preprint")]
    found = resolve((), records)
    assert len(found.works) == len(found.records) == 2 and found.merges == ()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([None, 3, "x"])
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_work_makes_the_mapping_fail(data: st.DataObject) -> None:
    """Real works with values nulled, dropped or of another type, at every depth."""
    work = copy.deepcopy(data.draw(st.sampled_from(shown()))[1])
    for _ in range(data.draw(st.integers(1, 6))):
        at: Any = work
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at))) if isinstance(at, list) else []
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            deeper = at[key]
            if not isinstance(deeper, dict | list) or not deeper or data.draw(st.booleans()):
                if data.draw(st.booleans()) and isinstance(at, dict):
                    del at[key]
                else:
                    at[key] = data.draw(VALUES)
                break
            at = deeper
    record = record_of(work)
    assert record is None or hash(record) is not None


# --- files --------------------------------------------------------------------------------------------------------


def lines(works: list[Work]) -> bytes:
    return b"".join(json.dumps(work).encode() + b"\n" for work in works)


SOME = [{"id": "https://openalex.org/W1", "title": "A"}, {"id": "https://openalex.org/W2", "title": "B"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", lines(SOME)),
        ("a.jsonl", b"\xef\xbb\xbf" + lines(SOME).replace(b"\n", b"\r\n\r\n")),
        ("a.jsonl.gz", gzip.compress(lines(SOME))),
        ("a.gz", gzip.compress(lines(SOME[:1])) + gzip.compress(lines(SOME[1:]))),
        ("a.json", json.dumps(SOME).encode()),
        ("a.json", json.dumps(SOME, indent=2).encode()),
        ("a.json", json.dumps({"meta": {"count": 2}, "results": SOME}, indent=1).encode()),
        ("a.json", json.dumps({"meta": {"count": 2}, "results": SOME}).encode()),
    ],
)
def test_works_in_files_of_every_kind(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = list(read_works(tmp_path / name, f"records/{name}", "2026-11-25"))
    assert [(r.id, r.title, r.source, r.seen) for r in found if isinstance(r, Record)] == [
        ("openalex:W1", "A", f"records/{name}", "2026-11-25"), ("openalex:W2", "B", f"records/{name}", "2026-11-25"),
    ]  # fmt: skip
    assert not [each for each in found if isinstance(each, Problem)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_that_is_one_work(tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "a.json").write_text(json.dumps(work_that_shows("2026-03"), indent=indent), encoding="utf-8")
    assert [r.id for r in read_works(tmp_path / "a.json", "a.json") if isinstance(r, Record)] == [
        "openalex:W2741809807"
    ]


def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        lines(SOME[:1]) + b'{broken\n[1, 2]\n"text"\n' + lines([{"id": "https://openalex.org/A5"}, SOME[1]])
    )
    found = list(iter_works(path, "records/a.jsonl"))
    assert [(row, type(each).__name__) for row, each in found] == [
        (1, "dict"), (2, "Problem"), (3, "Problem"), (4, "Problem"), (5, "Problem"), (6, "dict"),
    ]  # fmt: skip
    assert str(found[1][1]).startswith("records/a.jsonl, row 2: '{broken': is not valid JSON")
    assert str(found[4][1]).startswith(
        "records/a.jsonl, row 5, column 'id': 'https://openalex.org/A5': is no work of OpenAlex"
    )


def test_a_file_that_is_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    works = [work_that_shows("2026-03") | {"id": f"https://openalex.org/W{n}"} for n in range(1, 40)]
    packed = gzip.compress(lines(works))
    path.write_bytes(packed[: len(packed) // 2])
    found = [each for _, each in iter_works(path, "records/a.jsonl.gz")]
    *whole, last = found
    assert whole and all(isinstance(each, dict) for each in whole)
    assert (
        isinstance(last, Problem)
        and last.reason == "the file is cut off or damaged: what comes behind this line cannot be read"
    )


def test_files_are_read_as_a_stream(tmp_path: Path) -> None:
    """The first work is there before the second is looked at."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(SOME) * 1000)
    reading = iter_works(path, "a.jsonl")
    next(reading)
    path.write_bytes(b"")
    assert len(list(reading)) < 2000, "what was not read yet was never in memory"
