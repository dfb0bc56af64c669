"""Records are merged by exact keys and decisions only; none is lost, and the order of files does not matter."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kg.linkage.resolve import Conflict, Count, Resolution, resolve
from kg.loaders.openalex.files import read_works
from kg.model.literature import Author, Merge, Pair, Record, Report, Work
from kg.model.records import Study
from tests.paths import DATA

PAIRS = DATA / "openalex" / "pairs.jsonl.gz"


@cache
def real() -> tuple[Record, ...]:
    return tuple(found for found in read_works(PAIRS, "records/pairs.jsonl.gz") if isinstance(found, Record))


def some(*numbers: int) -> list[Record]:
    found = [record for record in real() if record.openalex in {f"W{number}" for number in numbers}]
    assert len({record.id for record in found}) == len(numbers)
    return found


def rec(number: int, source: str = "records/a.jsonl", **said: object) -> Record:
    return Record(f"openalex:W{number}", "OpenAlex", f"W{number}", source=source, row=number, **said)  # type: ignore[arg-type]


def ref(name: str, source: str = "references/b.nbib", **said: object) -> Record:
    return Record(f"ref:{name}", "PubMed", source=source, row=1, **said)  # type: ignore[arg-type]


def study(name: str) -> Study:
    return Study(f"doi:10.1/{name}", name, doi=f"10.1/{name}")


def groups(found: Resolution) -> set[frozenset[str]]:
    by_work: dict[str, set[str]] = {}
    for report in found.reports:
        by_work.setdefault(report.work, set()).add(report.record)
    return {frozenset(records) for records in by_work.values()}


def test_each_exact_key_merges_two_records() -> None:
    records = [
        rec(1, doi="10.1/x", title="A"), ref("a", doi="10.1/x"),
        rec(2, pmid="7"), ref("b", pmid="7"),
        rec(3, pmcid="PMC9"), ref("c", pmcid="PMC9"),
        rec(4, locations=("pmh:oai:x:1",)), rec(5, locations=("mag:5", "pmh:oai:x:1"), title="E"),
        rec(6, locations=("doi:10.1/Y",)), ref("d", doi="10.1/y"),
        rec(7, locations=("pmid:11",)), ref("e", pmid="11"),
        ref("f", title="the same in all but a key"), ref("g", title="the same in all but a key"),
    ]  # fmt: skip
    found = resolve((), records)
    assert found.works == (
        Work("doi:10.1/x", ("openalex:W1", "ref:a")),
        Work("doi:10.1/y", ("openalex:W6", "ref:d")),
        Work("openalex:W2", ("openalex:W2", "ref:b")),
        Work("openalex:W3", ("openalex:W3", "ref:c")),
        Work("openalex:W5", ("openalex:W5", "openalex:W4")),
        Work("openalex:W7", ("openalex:W7", "ref:e")),
        Work("ref:f", ("ref:f",)),
        Work("ref:g", ("ref:g",)),
    )
    assert found.merges == (
        Merge("ref:a", "doi:10.1/x", "same DOI 10.1/x"),
        Merge("ref:d", "doi:10.1/y", "same DOI of a location 10.1/y"),
        Merge("ref:b", "openalex:W2", "same PMID 7"),
        Merge("ref:c", "openalex:W3", "same PMCID PMC9"),
        Merge("openalex:W4", "openalex:W5", "same location pmh:oai:x:1"),
        Merge("ref:e", "openalex:W7", "same PMID 11"),
    )
    assert found.counts == {"records/a.jsonl": Count(7, 6, 1, 0), "references/b.nbib": Count(7, 2, 5, 0)}
    assert found.conflicts == found.refused == ()


def test_a_location_of_any_database_is_a_key() -> None:
    for location in ("arxiv:1", "url:1"):
        found = resolve((), [rec(1, locations=(location,)), rec(2, locations=(location,))])
        assert found.merges == (Merge("openalex:W2", "openalex:W1", f"same location {location}"),)
    found = resolve((), [rec(1, locations=("pmid:1",)), rec(2, locations=("pmid:1",))])
    assert found.merges == (Merge("openalex:W2", "openalex:W1", "same PMID 1"),)


def test_the_reason_of_a_merge_is_the_link_to_the_shown_record_else_the_first_link() -> None:
    article = [rec(1, type="preprint", doi="10.1/p"), rec(2, type="preprint", doi="10.1/p", pmid="7"), rec(3, pmid="7")]
    assert resolve((), article).merges == (
        Merge("openalex:W1", "doi:10.1/p", "same DOI 10.1/p"),  # it shares nothing with W3, which is shown
        Merge("openalex:W2", "doi:10.1/p", "same PMID 7"),
    )
    mirrored = [structs.replace(record, id=f"openalex:W{4 - record.row}") for record in article]
    assert resolve((), mirrored).merges == (
        Merge("openalex:W2", "doi:10.1/p", "same PMID 7"),
        Merge("openalex:W3", "doi:10.1/p", "same DOI 10.1/p"),
    )


def test_records_report_the_study_of_the_sheet_that_has_their_doi_or_openalex_id() -> None:
    sheets = [study("a"), Study("openalex:W2", "two"), Study("key:three", "three")]
    by_doi = resolve([replace(sheets[1], doi="10.1/two")], [ref("two", doi="10.1/two")])
    assert by_doi.reports == (Report("ref:two", "openalex:W2", "same DOI 10.1/two"),)
    found = resolve(sheets, [rec(1, doi="10.1/a"), ref("x", doi="10.1/a"), rec(2, doi="10.1/z"), rec(9)])
    assert found.reports == (
        Report("openalex:W1", "doi:10.1/a", "same DOI 10.1/a"),
        Report("ref:x", "doi:10.1/a", "same DOI 10.1/a"),
        Report("openalex:W2", "openalex:W2", "same OpenAlex id W2"),
        Report("openalex:W9", "openalex:W9", "the first record of it"),
    )
    assert found.merges == (Merge("ref:x", "doi:10.1/a", "same DOI 10.1/a"),)
    assert found.works == (Work("openalex:W9", ("openalex:W9",)),)
    assert {id_: [r.id for r in records] for id_, records in found.of_studies(sheets).items()} == {
        "doi:10.1/a": ["openalex:W1", "ref:x"],
        "openalex:W2": ["openalex:W2"],
    }


def test_the_record_whose_openalex_id_is_in_the_sheet_is_shown_first() -> None:
    for own, other in ((1, 2), (2, 1)):
        records = [rec(own, type="preprint", doi="10.1/p"), rec(other, type="article", doi="10.1/p")]
        found = resolve([Study(f"openalex:W{own}", "one")], sorted(records, key=lambda record: record.id))
        assert [report.record for report in found.reports] == [f"openalex:W{own}", f"openalex:W{other}"]


def test_of_records_with_one_id_the_newest_stays_and_the_others_are_merged() -> None:
    old = rec(1, "records/a.jsonl", updated="2025-01-01", doi="10.1/wrong")
    new = rec(1, "records/b.jsonl", updated="2026-01-01", doi="10.1/right")
    found = resolve((), [new, old])
    assert resolve((), [old, new]) == found
    assert (tuple(found.records), tuple(found.older)) == ((new,), (old,))
    assert found.works == (Work("doi:10.1/right", ("openalex:W1",)),)
    assert found.merges == (Merge("openalex:W1", "openalex:W1", "same id, older: records/a.jsonl, row 1"),)
    assert found.counts == {"records/a.jsonl": Count(1, 0, 1, 0), "records/b.jsonl": Count(1, 1, 0, 0)}
    fetched = [
        structs.replace(old, seen="2026-02-02"),
        structs.replace(old, source="records/z.jsonl", seen="2026-02-01"),
    ]
    assert resolve((), fetched).records[0].seen == "2026-02-02"


def test_an_article_is_shown_before_its_preprint_and_the_fuller_record_before_the_other() -> None:
    article = rec(8, type="article", locations=("pmid:1",))
    preprint = rec(1, type="preprint", pmid="1", title="T", year=2020, venue="V")
    assert resolve((), [preprint, article]).works == (Work("openalex:W8", ("openalex:W8", "openalex:W1")),)
    bare, full = rec(1, pmid="1"), rec(2, pmid="1", title="T", authors=(Author("A"),))
    assert resolve((), [bare, full]).works == (Work("openalex:W2", ("openalex:W2", "openalex:W1")),)
    fuller = structs.replace(full, id="openalex:W3", openalex="W3", venue="V")
    assert resolve((), [full, fuller]).works == (Work("openalex:W3", ("openalex:W3", "openalex:W2")),)
    of_2019, of_2020 = rec(1, pmid="1", year=2019), rec(2, pmid="1", year=2020)
    assert resolve((), [of_2019, of_2020]).works[0].records == ("openalex:W2", "openalex:W1")


@pytest.mark.parametrize(
    ("type_", "title", "reason"),
    [
        ("erratum", "X", "its type is erratum"),
        ("Published Erratum", "X", "its type is Published Erratum"),
        ("paratext", None, "its type is paratext"),
        ("article", "Erratum to: Peer support", "its title is that of a notice"),
        ("article", "Correction: Peer support", "its title is that of a notice"),
        ("article", "Correction to Peer support", "its title is that of a notice"),
        (None, "Corrigendum", "its title is that of a notice"),
        (None, "Author Correction: Peer support", "its title is that of a notice"),
        ("article", "Retraction notice to “Peer support” [J 1 (2020)]", "its title is that of a notice"),
        ("article", "Retraction: Peer support", "its title is that of a notice"),
        ("article", "Expression of Concern: Peer support", "its title is that of a notice"),
    ],
)
def test_notices_report_no_study(type_: str | None, title: str | None, reason: str) -> None:
    found = resolve((), [rec(1, type=type_, title=title, doi="10.1/n"), rec(2, doi="10.1/n", title="Peer support")])
    assert found.left == (("openalex:W1", reason),)
    assert found.works == (Work("doi:10.1/n", ("openalex:W2",)),)
    assert found.counts == {"records/a.jsonl": Count(2, 1, 0, 1)}


@pytest.mark.parametrize(
    "title",
    ["Correction of scoliosis in adults", "Retracted: Peer support", "Corrections officers", "Retraction of the uvula"],
)
def test_titles_of_studies_with_words_of_notices_are_not_notices(title: str) -> None:
    assert resolve((), [rec(1, type="article", title=title)]).left == ()


def test_a_notice_that_a_reviewer_included_is_a_study() -> None:
    found = resolve([study("a")], [rec(1, doi="10.1/a", type="retraction")])
    assert (found.left, found.work_of) == ((), {"openalex:W1": "doi:10.1/a"})


def test_a_pmid_of_two_works_with_dois_of_their_own_merges_nothing() -> None:
    """Real: two HERS articles of one issue, two cohorts four years apart, an article and what may be its correction."""
    shared = some(2113259481, 4251833922, 1827882046, 4251942916, 2969132828, 4255392616)
    found = resolve((), shared)
    assert (len(found.works), found.merges, found.conflicts) == (6, (), ())
    assert found.refused == (
        Conflict("openalex:W4251833922", "openalex:W4251833922", "openalex:W2113259481", "same PMID 12090863", "doubt"),
        Conflict("openalex:W4251942916", "openalex:W4251942916", "openalex:W1827882046", "same PMID 30828891", "doubt"),
        Conflict("openalex:W4255392616", "openalex:W4255392616", "openalex:W2969132828", "same PMID 31648296", "doubt"),
    )


def test_a_pmid_of_three_works_with_dois_of_their_own_merges_nothing() -> None:
    found = resolve((), [rec(number, doi=f"10.1/{number}", pmid="7") for number in (1, 2, 3)])
    assert (len(found.works), found.merges) == (3, ())
    assert [(c.kept, c.other) for c in found.refused] == [
        ("openalex:W2", "openalex:W1"),
        ("openalex:W3", "openalex:W1"),
    ]


def test_a_record_without_doi_goes_to_neither_of_two_works_that_share_its_pmid() -> None:
    found = resolve((), [*some(2113259481, 4251833922), ref("p", pmid="12090863"), ref("q", pmid="12090863")])
    assert [work.records for work in found.works if work.id.startswith("ref:")] == [("ref:p", "ref:q")]
    assert len(found.works) == 3 and len(found.refused) == 3


def test_a_shared_location_merges_real_works() -> None:
    found = resolve((), some(3123744915, 1954383359))
    assert [(merge.record, merge.reason) for merge in found.merges] == [
        ("openalex:W3123744915", "same location pmh:oai:openknowledge.worldbank.org:10986/15180")
    ]


def test_real_works_with_the_same_title_stay_apart() -> None:
    titled = some(2041234663, 2242043546, 2175230694, 4249693660, 1553022322, 4255507160)
    found = resolve((), titled)
    assert (len(found.works), found.merges, found.refused) == (6, (), ())


def test_two_studies_of_the_sheets_are_never_merged() -> None:
    sheets = [study("a"), study("b")]
    found = resolve(sheets, [rec(1, doi="10.1/b", locations=("doi:10.1/a", "doi:10.1/b"))])
    assert found.work_of == {"openalex:W1": "doi:10.1/b"}  # its own DOI comes before that of a location
    assert found.conflicts == (
        Conflict("openalex:W1", "doi:10.1/b", "doi:10.1/a", "same DOI of a location 10.1/a", "two studies"),
    )
    assert found.refused == ()
    by_pmid = resolve(sheets, [rec(1, doi="10.1/a", pmid="1"), rec(2, doi="10.1/b", pmid="1")])
    assert by_pmid.work_of == {"openalex:W1": "doi:10.1/a", "openalex:W2": "doi:10.1/b"}
    decided = resolve(sheets, [], [Pair("a", "doi:10.1/b", "", "same")])
    assert [(c.kept, c.other, c.reason) for c in decided.conflicts] == [
        ("doi:10.1/a", "doi:10.1/b", "decided in records/duplicates.csv")
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("openalex:W1", "ref:x"),
        ("doi:10.1/p", "ref:x"),
        ("ref:x", "pmid:4"),
        ("record:ref:x", "openalex:W1"),
        ("pmid:5", "openalex:W1"),
    ],
)
def test_a_decision_merges_two_works(a: str, b: str) -> None:
    records = [rec(1, doi="10.1/p", pmid="4"), ref("x", title="T", pmid="5")]
    found = resolve((), records, [Pair(a, b, "", "same")])
    assert found.merges == (Merge("ref:x", "doi:10.1/p", "decided in records/duplicates.csv"),)
    undecided = resolve((), records, [Pair(a, b, "", None), Pair("openalex:W1", "openalex:W404", "", "same")])
    assert undecided.merges == ()


@pytest.mark.parametrize("name", ["doi:10.1/a", "a", "key:a"])
def test_a_decision_links_a_record_to_a_study_of_the_sheets(name: str) -> None:
    found = resolve([study("a")], [ref("x")], [Pair(name, "ref:x", "", "same")])
    assert found.reports == (Report("ref:x", "doi:10.1/a", "decided in records/duplicates.csv"),)


def test_a_decision_keeps_two_works_with_a_shared_key_apart() -> None:
    records = [rec(1, doi="10.1/p"), rec(2, doi="10.1/p"), ref("x", doi="10.1/p")]
    found = resolve((), records, [Pair("openalex:W1", "openalex:W2", "", "different")])
    assert found.works == (Work("doi:10.1/p", ("openalex:W1", "ref:x")), Work("openalex:W2", ("openalex:W2",)))
    assert found.refused == (Conflict("openalex:W2", "openalex:W2", "openalex:W1", "same DOI 10.1/p", "decided"),)
    other = resolve((), records, [Pair("doi:10.1/p", "openalex:W2", "", "different")])
    assert groups(other) == groups(found)
    assert resolve((), records, [Pair("openalex:W2", "openalex:W1", "", "different")]) == found
    kept_from_study = resolve([study("p")], records[:1], [Pair("p", "openalex:W1", "", "different")])
    assert kept_from_study.works == (Work("openalex:W1", ("openalex:W1",)),)
    assert kept_from_study.reports == (Report("openalex:W1", "openalex:W1", "the first record of it"),)


def test_a_decision_on_two_works_holds_no_third_work_apart() -> None:
    records = [rec(1, doi="10.1/p"), rec(2, doi="10.1/p"), rec(3)]
    found = resolve((), records, [Pair("openalex:W1", "openalex:W3", "", "different")])
    assert groups(found) == {frozenset({"openalex:W1", "openalex:W2"}), frozenset({"openalex:W3"})}


def test_different_works_are_not_merged_through_a_third_record() -> None:
    records = [rec(1, pmid="1"), rec(2, pmid="1", doi="10.1/p"), rec(3, doi="10.1/p")]
    found = resolve((), records, [Pair("openalex:W1", "openalex:W3", "", "different")])
    assert groups(found) == {frozenset({"openalex:W2", "openalex:W3"}), frozenset({"openalex:W1"})}


def test_different_works_are_not_merged_when_neither_is_the_root_of_its_cluster() -> None:
    records = [rec(1, pmid="1", pmcid="PMC9"), rec(2, pmid="1"), rec(3, pmid="2", pmcid="PMC9"), rec(4, pmid="2")]
    found = resolve((), records, [Pair("openalex:W2", "openalex:W4", "", "different")])
    assert groups(found) == {frozenset({"openalex:W1", "openalex:W2"}), frozenset({"openalex:W3", "openalex:W4"})}
    assert [(c.kept, c.other, c.reason) for c in found.refused] == [("openalex:W3", "openalex:W1", "same PMCID PMC9")]


#: Two works with DOIs that share a PMID, and a record that a PMCID assigns to the first of them.
DOUBTFUL = (
    ref("d", doi="10.1/d", pmid="8", pmcid="PMC1"),
    ref("e", doi="10.1/e", pmid="8"),
    ref("n", pmid="8", pmcid="PMC1"),
)


def test_a_doubt_that_another_key_settles_is_not_reported() -> None:
    found = resolve((), DOUBTFUL)
    assert groups(found) == {frozenset({"ref:d", "ref:n"}), frozenset({"ref:e"})}
    assert found.refused == (Conflict("ref:e", "ref:e", "ref:d", "same PMID 8", "doubt"),)


def test_among_many_records_works_are_merged_and_kept_apart_in_the_same_way() -> None:
    records = [
        *DOUBTFUL,
        ref("x", doi="10.1/p", pmcid="PMC9"),
        ref("y", doi="10.1/p"),
        ref("z", doi="10.1/p", pmid="7"),
        ref("zz", pmid="7", pmcid="PMC9"),
    ]
    decisions = [Pair("ref:x", "ref:y", "", "different")]
    few = resolve((), records, decisions)
    assert [merge for merge in few.merges if merge.into == "doi:10.1/p"] == [
        Merge("ref:z", "doi:10.1/p", "same DOI 10.1/p"),
        Merge("ref:zz", "doi:10.1/p", "same PMID 7"),
    ]
    many = resolve((), [*(rec(number) for number in range(1000, 1300)), *records], decisions)
    assert (many.merges, many.refused) == (few.merges, few.refused)
    assert groups(many) - groups(few) == {frozenset({f"openalex:W{number}"}) for number in range(1000, 1300)}


KEYS = st.integers(0, 4)
RECORDS = st.lists(
    st.builds(
        lambda number, source, doi, pmid, location, type_, updated: Record(
            f"openalex:W{number}" if number < 8 else f"ref:{number}",
            "OpenAlex",
            f"W{number}" if number < 8 else None,
            doi=None if doi is None else f"10.1/{doi}",
            pmid=None if pmid is None else str(pmid),
            locations=() if location is None else (location,),
            type=type_,
            updated=updated,
            source=source,
        ),
        st.integers(0, 12),
        st.sampled_from(["records/a.jsonl", "references/b.ris", "records/c.jsonl"]),
        st.none() | KEYS,
        st.none() | KEYS,
        st.none() | st.sampled_from(["doi:10.1/0", "doi:10.1/1", "pmh:x", "pmid:2"]),
        st.sampled_from(["article", "preprint", "erratum", None]),
        st.sampled_from([None, "2025", "2026"]),
    ),
    max_size=14,
).map(lambda records: [structs.replace(record, row=row) for row, record in enumerate(records, start=1)])
STUDIES = st.sets(st.sampled_from(["doi:10.1/0", "doi:10.1/1", "openalex:W1", "key:k"])).map(
    lambda ids: [Study(id_, id_[-1] + "key", doi=id_[4:] if id_.startswith("doi:") else None) for id_ in sorted(ids)]
)
NAMES = st.sampled_from(
    ["doi:10.1/0", "doi:10.1/1", "doi:10.1/2", "openalex:W1", "openalex:W2", "ref:9", "ref:10", "key:kkey", "pmid:1"]
)
DECISIONS = st.lists(
    st.builds(lambda a, b, said: Pair(a, b, "", said), NAMES, NAMES, st.sampled_from(["same", "different"])), max_size=4
)


@settings(max_examples=300)
@given(STUDIES, RECORDS, DECISIONS, st.randoms(use_true_random=False))
def test_nothing_is_lost_and_order_does_not_matter(
    sheets: list[Study], records: list[Record], decisions: list[Pair], chance: object
) -> None:
    found = resolve(sheets, records, decisions)
    shuffled = list(records)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert resolve(sheets, shuffled, decisions[::-1]) == found
    reverse = resolve(sheets[::-1], records, decisions)
    assert (groups(reverse), reverse.conflicts, reverse.refused) == (groups(found), found.conflicts, found.refused)

    assert sum(count.records for count in found.counts.values()) == len(records)
    assert {source: count.records for source, count in found.counts.items()} == Counter(r.source for r in records)
    for count in found.counts.values():
        assert count.records == count.studies + count.merged + count.left
    reporting = {report.work for report in found.reports}
    assert sum(count.studies for count in found.counts.values()) == len(reporting)
    assert sum(count.merged for count in found.counts.values()) == len(found.merges)
    assert sum(count.left for count in found.counts.values()) == len(found.left)

    ids = {record.id for record in records}
    assert [record.id for record in found.records] == sorted(ids)
    told = [report.record for report in found.reports] + [id_ for id_, _ in found.left]
    assert sorted(told) == sorted(ids)
    assert len({*(s.id for s in sheets), *(w.id for w in found.works)}) == len(sheets) + len(found.works)
    assert reporting == {w.id for w in found.works} | (reporting & {s.id for s in sheets})
    assert all(report.reason for report in found.reports) and all(merge.reason for merge in found.merges)


@settings(max_examples=300)
@given(STUDIES, RECORDS, DECISIONS)
def test_resolving_is_idempotent_and_keeps_different_works_apart(
    sheets: list[Study], records: list[Record], decisions: list[Pair]
) -> None:
    found = resolve(sheets, records, decisions)
    again = resolve(sheets, found.records, decisions)
    assert (again.reports, again.works, again.refused) == (found.reports, found.works, found.refused)
    ids = {record.id for record in found.records}
    names = found.work_of | {s.id: s.id for s in sheets} | {f"key:{s.key}": s.id for s in sheets}
    for pair in decisions:
        if pair.decision == "different" and {pair.a, pair.b} <= ids | names.keys() and pair.a != pair.b:
            works = names.get(pair.a), names.get(pair.b)
            assert None in works or works[0] != works[1], pair


def told(name: str, title: str, author: str, **said: str) -> Record:
    return ref(name, title=title, authors=(Author(author),), doi=said.get("doi"), pages=said.get("pages"))


#: Abstracts of one supplement: the first two are one work in two databases.
SUPPLEMENT = [
    told(
        "a", "Patterns of glucose-lowering medication use in heart failure", "Arnold S. V.", doi="10.1/s", pages="S299"
    ),
    told("b", "Patterns of glucose lowering medication use in heart failure", "Arnold, Suzanne", doi="10.1/s"),
    told("c", "Linagliptin prevents heart failure with preserved ejection", "Heymans S.", doi="10.1/s", pages="S259"),
    told("d", "Linagliptin prevents heart failure with preserved ejection.", "Heymans S.", doi="10.1/s"),
    told("e", "A registry of cardiogenic shock in elderly patients", "Arnold S. V.", doi="10.1/s", pages="S301"),
]
DIFFER = "same DOI 10.1/s, but title and first author differ"


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0)])
def test_a_doi_of_a_supplement_merges_no_different_abstracts(order: tuple[int, ...]) -> None:
    found = resolve((), [SUPPLEMENT[index] for index in order])
    assert groups(found) == {frozenset({"ref:a", "ref:b"}), frozenset({"ref:c", "ref:d"}), frozenset({"ref:e"})}
    assert found.refused == (
        Conflict("ref:c", "ref:c", "ref:a", DIFFER, "contradicted"),
        Conflict("ref:e", "ref:e", "ref:a", DIFFER.replace("first author", "first page"), "contradicted"),
    )


def test_a_key_is_followed_where_only_the_title_or_only_the_author_differs() -> None:
    for other in (
        told("x", "Ein ganz anderer Titel derselben Arbeit in einer Sprache", "S. Arnold", doi="10.1/s"),
        told("x", SUPPLEMENT[0].title or "", "Heymans S.", doi="10.1/s"),
        ref("x", title="A registry of cardiogenic shock in elderly patients", doi="10.1/s"),
    ):
        assert groups(resolve((), [SUPPLEMENT[0], other])) == {frozenset({"ref:a", "ref:x"})}


def test_a_record_without_title_does_not_join_works_that_contradict_each_other() -> None:
    found = resolve((), [ref("0", doi="10.1/s"), SUPPLEMENT[0], SUPPLEMENT[2]])
    assert groups(found) == {frozenset({"ref:0", "ref:a"}), frozenset({"ref:c"})}


def test_nearly_the_same_title_on_another_page_is_another_abstract() -> None:
    page = [structs.replace(SUPPLEMENT[0], id=f"ref:{page}", pages=page, title=f"{article}Effects of incretin on artery lesions")
            for page, article in (("51", ""), ("52", "The "))]  # fmt: skip
    assert groups(resolve((), page)) == {frozenset({"ref:51"}), frozenset({"ref:52"})}
    assert len(groups(resolve((), [structs.replace(page[0], title=page[1].title), page[1]]))) == 1


def test_a_pmid_is_contradicted_as_a_doi_is() -> None:
    records = [structs.replace(record, doi=None, pmid="7") for record in SUPPLEMENT[:3]]
    found = resolve((), records)
    assert groups(found) == {frozenset({"ref:a", "ref:b"}), frozenset({"ref:c"})}
    assert [conflict.reason for conflict in found.refused] == ["same PMID 7, but title and first author differ"]


def test_of_many_works_with_one_doi_those_with_the_same_title_are_merged() -> None:
    def number(n: int, copy: str) -> Record:
        author = f"{chr(65 + n // 26)}{chr(97 + n % 26)}son, A."
        return told(f"{n:02}{copy}", f"Report {n} of a registry of cardiogenic shock", author, doi="10.1/s")

    records = [number(n, copy) for n in range(70) for copy in "ab"]
    assert groups(resolve((), records)) == {frozenset({f"ref:{n:02}a", f"ref:{n:02}b"}) for n in range(70)}


def test_the_sheet_decides_which_work_a_contradicted_doi_is() -> None:
    said = Study("doi:10.1/s", "1", doi="10.1/s", title=SUPPLEMENT[2].title, authors="Heymans, S.; Other, A.")
    found = resolve([said], SUPPLEMENT[:4])
    assert found.of_studies([said]).keys() == {"doi:10.1/s"}
    assert {record.id for record in found.of_studies([said])["doi:10.1/s"]} == {"ref:c", "ref:d"}
    assert Conflict("ref:a", "ref:a", "doi:10.1/s", DIFFER, "contradicted") in found.refused
    alone = resolve([said], SUPPLEMENT[:2])  # no record agrees with the sheet, which then names the publication
    assert {record.id for record in alone.of_studies([said])["doi:10.1/s"]} == {"ref:a", "ref:b"}


def test_a_decision_follows_a_contradicted_key_and_another_undoes_a_merge() -> None:
    same = resolve((), SUPPLEMENT[:4], [Pair("ref:a", "ref:c", "", "same")])
    assert groups(same) == {frozenset({"ref:a", "ref:b", "ref:c", "ref:d"})}
    undone = resolve((), SUPPLEMENT[:4], [Pair("ref:b", "doi:10.1/s", "", "different")])
    assert groups(undone) == {frozenset({"ref:a"}), frozenset({"ref:b"}), frozenset({"ref:c", "ref:d"})}
    assert Conflict("ref:b", "ref:b", "ref:a", "same DOI 10.1/s", "decided") in undone.refused
