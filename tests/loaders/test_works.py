"""Works of OpenAlex -> records, with real works for each rule; the mapping must not raise for any work."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.linkage.resolve import resolve
from kg.loaders.markup import plain_text
from kg.loaders.openalex.abstracts import MOST_WORDS, abstract_of, has_abstract
from kg.loaders.openalex.works import doubtful_year, record_of, short_id
from kg.model.literature import Author, Funder, Institution, Record
from tests import paths

DATA = paths.DATA / "openalex"
Work = dict[str, Any]


@cache
def shown() -> list[tuple[list[str], Work]]:
    """Return real works, each with the features that it demonstrates."""
    found = []
    for name in ("pitfalls.jsonl.gz", "works.jsonl.gz"):
        with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
            found += [(item["shows"], item["work"]) for item in map(json.loads, lines)]
    return found


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
        ("W१९६", "W", None),
        ("https://openalex.org/W1/", "W", None),
        ("", "W", None),
        (196, "W", None),
        (None, "W", None),
    ],
)
def test_openalex_ids_are_normalised(written: object, kind: str, short: str | None) -> None:
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


def test_a_sici_doi_keeps_its_punctuation() -> None:
    assert record_that_shows("sici_doi").doi == "10.1639/0044-7447(2005)034[0205:icaaca]2.0.co;2"


def test_a_pmcid_starts_with_pmc() -> None:
    work, record = work_that_shows("pmcid"), record_that_shows("pmcid")
    assert (work["ids"]["pmcid"], record.pmcid) == (
        "https://www.ncbi.nlm.nih.gov/pmc/articles/1303860",
        "PMC1303860",
    )
    assert (work["ids"]["pmid"], record.pmid) == ("https://pubmed.ncbi.nlm.nih.gov/8993213", "8993213")
    ids = {"pmid": 8993213, "pmcid": "PMC1303860"}
    found = record_of({"id": "W1", "ids": ids})
    assert found is not None and (found.pmid, found.pmcid) == ("8993213", "PMC1303860"), "bare"
    found = record_of({"id": "W1", "doi": "none", "ids": {"doi": "https://doi.org/10.1000/A", "pmid": True}})
    assert found is not None and (found.doi, found.pmid) == ("10.1000/a", None)


def test_a_work_without_an_id_gives_no_record() -> None:
    assert record_of({"title": "A"}) is None and record_of({"id": "https://openalex.org/S1"}) is None


# --- text ---------------------------------------------------------------------------------------------------------


def test_titles() -> None:
    assert record_that_shows("title_null").title is None
    assert record_that_shows("title_empty_string").title is None
    record = record_that_shows("title_html")
    assert record.title is not None and record.title.startswith("Annual Reports To Council Ecological Society of Amer")
    assert plain_text("Peer &amp; carer: <i>a</i> < b &lt;i&gt;c&lt;/i&gt;  d\n") == "Peer & carer: a < b c d"
    assert plain_text(" ") is None and plain_text(3) is None
    found = record_of({"id": "W1", "title": " ", "display_name": "A name"})
    assert found is not None and found.title == "A name"


def test_only_block_tags_separate_words() -> None:
    assert "Therapy&lt;subtitle&gt;Results" in work_that_shows("escaped subtitle")["title"]
    assert record_that_shows("escaped subtitle").title == (
        "Bone Mass Response to Discontinuation of Long-term Hormone Replacement Therapy Results From the Postmenopausal "
        "Estrogen/Progestin Interventions (PEPI) Safety Follow-up Study"
    )
    assert work_that_shows("escaped tags")["title"].startswith("&lt;p&gt;")
    assert record_that_shows("escaped tags").title == (
        "Budget Impact Analysis of Switching to Rituximab’s Biosimilar in Rheumatology and Cancer in 13 Countries Within "
        "the Middle East and North Africa"
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("H<sub>2</sub>O", "H2O"),
        ("one<br/>two", "one two"),
        ("<ns4:p>one</ns4:p><jats:title a=\"b\" c='d'>two</jats:title>", "one two"),
        ('<AbstractText Label="OBJECTIVES" NlmCategory="OBJECTIVE">To see</AbstractText>', "To see"),
        ("&amp;lt;i&amp;gt;a&amp;lt;/i&amp;gt;", "a"),
        ("(P <or= 0.01, age >or= 65)", "(P <or= 0.01, age >or= 65)"),
        ("if a <b and c> d, p<0.05 and q>0.1", "if a <b and c> d, p<0.05 and q>0.1"),
        ("R&D at AT&amp;T", "R&D at AT&T"),
    ],
)
def test_markup_is_removed_and_comparison_signs_are_kept(written: str, read: str) -> None:
    assert plain_text(written) == read


def test_abstracts_are_assembled() -> None:
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


REST = "peer workers stay where their supervisors know what the role is"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"Abstract {REST.capitalize()}", REST.capitalize()),
        (f"ABSTRACT: {REST}", REST),
        (f"Abstract {REST}", f"Abstract {REST}"),
        (f"Abstraction {REST}", f"Abstraction {REST}"),
        (f"Summary-level {REST}", f"Summary-level {REST}"),
        (f"Summary \u2014 {REST}", REST),
        (f"AbstractPeer {REST}", f"Peer {REST}"),
        (f"ABSTRACTPeer {REST}", f"Peer {REST}"),
        (f"ABSTRACTS {REST}", f"ABSTRACTS {REST}"),
        (f"Abstract 1126 {REST}", f"1126 {REST}"),
        (f"Abstract Summary: {REST}", REST),
    ],
)
def test_the_heading_of_an_abstract_is_removed(written: str, read: str) -> None:
    assert abstract_of({"abstract_inverted_index": positions(written)}) == read


def test_two_headings_of_a_real_abstract() -> None:
    work = work_that_shows("two leads")
    assert "AbstractAbstractThis" in work["abstract_inverted_index"]
    assert str(abstract_of(work)).startswith("This paper argues that decentralization is a precondition")


def test_an_abstract_without_spaces_between_words() -> None:
    chinese = "目的探讨同伴支持工作者的职业倦怠及其影响因素。方法对二百名同伴支持工作者进行问卷调查并作回归分析。"
    work = {"abstract_inverted_index": positions(chinese)}
    assert abstract_of(work) == chinese and has_abstract(work)
    assert abstract_of({"abstract_inverted_index": positions(chinese[:20])}) is None


@pytest.mark.parametrize(
    "what", ["abstract_placeholder", "abstract_repository_junk", "abstract elsewhere", "two words"]
)
def test_a_placeholder_is_not_an_abstract(what: str) -> None:
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


def test_limits_on_the_length_of_an_abstract() -> None:
    assert abstract_of({"abstract_inverted_index": positions("Too short to say anything")}) is None
    assert abstract_of({"abstract_inverted_index": {f"w{n}": [n] for n in range(MOST_WORDS + 1)}}) is None
    assert abstract_of({"abstract_inverted_index": "{"}) is None
    assert abstract_of({"abstract_inverted_index": {"a": None, "b": "x"}}) is None


@pytest.mark.parametrize(
    "index",
    [
        {**{f"word{n}": [n] for n in range(8)}, "": list(range(8, 80))},
        {**{f"word{n}": [n] for n in range(8)}, "\\n": list(range(8, 80))},
        {f"word{n}": [n + 0.5] for n in range(80)},
        {f"word{n}": [str(n)] for n in range(80)},
        {"<a": [0], 'b="': [1], '">': [99], **{f"word{n}": [n] for n in range(2, 80)}},
    ],
)
def test_an_index_without_enough_words_is_not_an_abstract(index: dict[str, Any]) -> None:
    work = {"abstract_inverted_index": index}
    assert abstract_of(work) is None and not has_abstract(work)


def test_has_abstract_agrees_with_abstract_of() -> None:
    said = [has_abstract(work) for _, work in shown()]
    assert said == [abstract_of(work) is not None for _, work in shown()]
    assert (said.count(True), said.count(False)) == (25, 20)


WORDS = st.sampled_from(
    [
        "",
        " ",
        "\\n",
        "Abstract",
        "Summary:",
        "the",
        "peer",
        "<p>",
        "</p>",
        "<a",
        'b="c"',
        ">",
        "&lt;p",
        "&gt;",
        "<",
        "n/a",
    ]
) | st.text("abcxyz<&;>", max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WORDS, st.lists(st.integers(0, 90), max_size=9) | st.none() | st.just(["1", None, 2.5, 7])))
def test_has_abstract_agrees_with_abstract_of_for_any_index(index: dict[str, Any]) -> None:
    work = {"abstract_inverted_index": {**index, **{f"word{n}": [n] for n in range(100, 100 + len(index) * 9)}}}
    for each in (work, {"abstract_inverted_index": index}):
        assert has_abstract(each) is (abstract_of(each) is not None)


# --- the rest of a record -----------------------------------------------------------------------------------------


def test_null_values_are_none() -> None:
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
    assert record_that_shows("withdrawn").is_retracted is True
    work = work_that_shows("title_html")
    said = [record_of({**work, "is_retracted": value}) for value in (True, "true", 1)]
    assert [record.is_retracted for record in said if record] == [True, None, None]


def test_types_and_languages_are_open_lists() -> None:
    assert record_that_shows("language_ng").language == "ng"
    work = work_that_shows("title_html")
    record = record_of({**work, "type": "software-paper", "language": "tlh"})
    assert record is not None and (record.type, record.language) == ("software-paper", "tlh")


def test_january_1_counts_as_a_year_without_a_date() -> None:
    """A third of all works have January 1 as their publication date."""
    record = record_of({"id": "W1", "publication_year": 2018, "publication_date": "2018-01-01"})
    assert record is not None and (record.year, record.date) == (2018, None)
    record = record_of({"id": "W1", "publication_year": 2018, "publication_date": "2018-03-05"})
    assert record is not None and record.date == "2018-03-05"
    record = record_that_shows("first of January")
    assert work_that_shows("first of January")["publication_date"] == "2018-01-01"
    assert (record.year, record.date) == (2018, None)
    assert record_that_shows("cites itself").date is None and record_that_shows("withdrawn").date == "2020-01-28"


@pytest.mark.parametrize(
    "date", ["2018-02-30", "2018-13-01", "0000-03-05", "2018-3-5", "2018", "2018-W01-1", 2018, None]
)
def test_invalid_dates(date: object) -> None:
    record = record_of({"id": "W1", "publication_date": date})
    assert record is not None and record.date is None


@pytest.mark.parametrize("number", [2**63, -(2**70), 2018.0, "2018", True, None])
def test_invalid_numbers(number: object) -> None:
    record = record_of({"id": "W1", "publication_year": number, "cited_by_count": number})
    assert record is not None and record.year is None and record.cited_by is None


@pytest.mark.parametrize(("year", "said"), [(1066, "the year 1066 is before 1500"), (2099, "the year 2099 is more than two years ahead"),
                                            (2028, None), (1500, None), (None, None)])  # fmt: skip
def test_an_implausible_year_is_kept_with_a_warning(year: int | None, said: str | None) -> None:
    record = record_of({"id": "W1", "publication_year": year})
    assert record is not None and record.year == year and doubtful_year(record, 2026) == said


def test_funders_from_old_and_new_keys() -> None:
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
    assert record_that_shows("grants_and_awards").funders == (
        Funder("Japan Society for the Promotion of Science", "F4320334764", ("18K13235, 20K20132",)),
        Funder("Japan Science and Technology Agency", "F4320334789", ("JPMJCR19U1",)),
    )
    raw = work_that_shows("funders_present")
    assert "grants" not in raw
    assert record_that_shows("funders_present").funders == tuple(
        Funder(item["display_name"], item["id"].rpartition("/")[2]) for item in raw["funders"]
    )


def test_funders_are_identified_by_id() -> None:
    record = record_of({
        "id": "W1",
        "funders": [{"id": "https://openalex.org/F1", "display_name": "One"}, {"id": "https://openalex.org/F3"}],
        "awards": [{"funder_id": "https://openalex.org/F1", "funder_display_name": "One, renamed", "funder_award_id": "A"},
                   {"funder_id": None, "funder_display_name": "One", "funder_award_id": "B"},
                   {"funder_id": "https://openalex.org/F1", "funder_display_name": None, "funder_award_id": "A"},
                   {"funder_id": "https://openalex.org/F2", "funder_display_name": "One", "funder_award_id": "C"}],
        "grants": [{"funder": None, "funder_display_name": "Two", "award_id": 5}],
    })  # fmt: skip
    assert record is not None and record.funders == (
        Funder("One", "F1", ("A", "B")), Funder("One", "F2", ("C",)), Funder("Two", None, ()),
    )  # fmt: skip


def test_references_without_the_work_itself_and_duplicates() -> None:
    refs = [
        "https://openalex.org/W2",
        "https://openalex.org/W1",
        "https://openalex.org/w2",
        None,
        "https://openalex.org/W3",
    ]
    record = record_of({"id": "https://openalex.org/W1", "referenced_works": refs})
    assert record is not None and record.references == ("W2", "W3")
    loop = work_that_shows("cites itself")
    assert loop["id"] in loop["referenced_works"]
    assert record_that_shows("cites itself").references == tuple(
        id_.rpartition("/")[2] for id_ in loop["referenced_works"] if id_ != loop["id"]
    )
    real = work_that_shows("W2741809807_2026-03")
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


def test_invalid_values_of_institutions_are_dropped() -> None:
    places = [
        {
            "id": "https://openalex.org/I1",
            "display_name": "One",
            "ror": "https://ror.org/01f80g185",
            "country_code": "ch",
        },
        {"id": 5, "display_name": "Two", "ror": "none", "country_code": "USA"},
        {"id": "https://openalex.org/I3", "display_name": None},
    ]
    record = record_of({"id": "W1", "authorships": [{"raw_author_name": "A. Name", "institutions": places}]})
    assert record is not None and record.authors == (
        Author("A. Name", None, None, (Institution("One", "I1", "01f80g185", "CH"), Institution("Two"))),
    )


def test_topics_with_subfield_field_and_domain() -> None:
    (first, *_) = record_that_shows("2026-03").topics
    raw = work_that_shows("2026-03")["topics"][0]
    assert (first.id, first.label) == (raw["id"].rpartition("/")[2], raw["display_name"])
    assert (first.subfield, first.field, first.domain) == tuple(
        raw[n]["display_name"] for n in ("subfield", "field", "domain")
    )


def test_works_of_an_old_snapshot() -> None:
    """In May 2023 works had ``host_venue``, wrapped abstracts and the types of Crossref."""
    records = [record_of(work) for shows, work in shown() if "snapshot" in shows]
    assert [(r.id, r.type) for r in records if r] == [
        ("openalex:W4206759534", "journal-article"),
        ("openalex:W4312233861", "grant"),
    ]


def test_venues_from_old_and_new_keys() -> None:
    assert work_that_shows("host_venue")["primary_location"] is None
    assert record_that_shows("host_venue").venue == "Rheumatology", "as it was until 2023"
    assert work_that_shows("raw_source_name")["primary_location"]["source"] is None
    assert record_that_shows("raw_source_name").venue == "Research and Development in Intelligent Systems XXX"
    assert record_that_shows("abstract later 2026-05").venue == "Globalization and Health"


def test_one_work_in_two_months() -> None:
    """Between March and May 2026, only the fields of the record change whose data changed."""
    differ = {}
    for work in ("vintage", "abstract later", "topics later"):
        march, may = record_that_shows(f"{work} 2026-03"), record_that_shows(f"{work} 2026-05")
        differ[work] = {name for name in Record.__struct_fields__ if getattr(march, name) != getattr(may, name)}
    assert differ == {
        "vintage": set(),
        "abstract later": {"updated", "cited_by", "has_abstract", "authors"},
        "topics later": {"updated", "topics"},
    }
    assert (
        record_that_shows("abstract later 2026-03").has_abstract,
        record_that_shows("abstract later 2026-05").has_abstract,
    ) == (False, True)
    assert [topic.label for topic in record_that_shows("topics later 2026-05").topics] == [
        "Plant Ecology and Soil Science", "Land Use and Ecosystem Services", "Cross-Border Cooperation and Integration",
    ]  # fmt: skip


def test_open_access_and_time_of_update() -> None:
    record = record_that_shows("abstract later 2026-05")
    assert (record.oa_url, record.oa_status, record.cited_by, record.updated) == (
        "https://globalizationandhealth.biomedcentral.com/counter/pdf/10.1186/1744-8603-1-8", "gold", 47,
        "2026-05-21T09:19:25.381259",
    )  # fmt: skip
    assert record.locations[:2] == ("doi:10.1186/1744-8603-1-8", "pmid:15953397")
    best = {"landing_page_url": None, "pdf_url": "https://example.org/a.pdf"}
    found = record_of({"id": "W1", "open_access": None, "best_oa_location": best})
    assert found is not None and (found.oa_url, found.oa_status) == ("https://example.org/a.pdf", None)
    assert record_that_shows("vintage 2026-05").oa_url is None


def test_unknown_keys_are_ignored() -> None:
    work = work_that_shows("2026-03")
    assert record_of({**work, "new_in_2027": {"a": [1]}, "authorships_full": None}) == record_of(work)


def test_reports_are_not_studies() -> None:
    """A preprint and its article are two records until a person decides that they are one study."""
    records = [record_that_shows("duplicate_pair_article"), record_that_shows("duplicate_pair_preprint")]
    found = resolve((), records)
    assert len(found.works) == len(found.records) == 2 and found.merges == ()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([None, 3, "x"])
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_mapping_raises_for_no_work(data: st.DataObject) -> None:
    """Real works with values at any depth set to null, removed, or replaced by another type."""
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
                    at[key] = copy.deepcopy(data.draw(VALUES))  # a later round may change it
                break
            at = deeper
    record = record_of(work)
    assert record is None or hash(record) is not None
