"""Sheets of every layout, as teams made them: what is read, what is said about it, and the declaration of the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kg.errors import BadInput
from kg.folder.config import read_config
from kg.folder.review import Review
from kg.folder.tables import FolderReader
from kg.loaders.sheets.describe import describe, to_toml
from kg.loaders.sheets.groups import direction_of_group, kind_of_group
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.studies import split_author_year
from kg.loaders.sheets.words import split_bullets
from kg.model.records import Evidence, Finding
from kg.problems import group_problems
from tests.conftest import MakeReview

TOML = 'id = "r"\ntitle = "R"\n'


@dataclass
class Case:
    """A sheet, its declaration, and what is read: findings, outcomes of studies and facets, all by their labels."""

    sheet: str
    toml: str = ""
    kind: str = "studies"
    findings: list[str] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    facets: dict[str, dict[str, str]] = field(default_factory=dict)


#: Several studies in one report: the id and a column that tells them apart, nothing declared.
SEVERAL_STUDIES = """item_id,author_year,study_level,title,design,sample,effect size
11,Nuijten (2017),1,Journals,between,articles,0.1
11,Nuijten (2017),2,Journals,within,trials,0.2
12,Toth (2021),1,Preregistration,between,articles,0.3
12,Toth (2021),2,Preregistration,other,trials,0.4
13,Caron et al. (2018),1,Checklists,between,articles,0.5
13,Caron et al. (2018),2,Checklists,within,trials,0.6
14,Bergeat (2022),1,Sharing,between,articles,0.7
15,Li (2020),1,Data,between,articles,0.8
16,Ng (2020),1,Code,between,articles,0.9
17,Diaz (2019),1,Tools,other,trials,1.1
18,Roe (2018),1,Badges,other,trials,1.2
"""
#: Columns that are answers: prefixes, question -> answer, cells that repeat the name or the answer, -999.
ANSWERS = """Refid,User,author_last_name,publication_year,state_ohio,state_newmexico,state -> Utah,grade_k,grade_1,\
fifthday -> Child Care,fifthday -> Not reported,evidence_text,percent
2,ab,Griffith,2011,state_ohio,,,grade_k,grade_1,Child Care,,long,-999
3,cd,Gower,2017,,state_newmexico,Utah,,,,Not reported,,57.5
4,ab,Hedtke,2014,,,,,grade_1,,,,NR
"""
#: Marks of factors and outcomes in one row: which were studied together is not said.
WIDE = """authors,year,letter,location,depression,substance_use,IPV,outcome_STI,outcome_HIV
Zepf et al.,2020,,USA,depression,substance_use,,outcome_STI,outcome_HIV
Lee et al.,2020,a,USA,,substance_use,IPV,outcome_STI,
Lee et al.,2020,b,Canada,,,IPV,,
Quinn,2019,,USA,,,,,outcome_HIV
"""
#: One sheet for studies and findings: the columns of the study are on each row.
TOGETHER = """PMID,Author,Year,Title,Country,Factor,Effect,Outcome,Analysis,Measure
1,Ng A,2021,Hours,Chile,Flexible hours,helps,Retention,adjusted,survey
1,Ng A,2021,Hours,Chile,Overtime,hinders,Retention; Morale,crude,survey
2,Diaz B,2023,Carers,Spain,Flexible hours,no effect,Morale,crude,diary
2,Diaz B,2023,Carers,Spain,Flexible hours,no effect,Morale,adjusted,diary
"""

CASES: dict[str, Case] = {
    "several studies in a report": Case(
        SEVERAL_STUDIES,
        facets={
            "design": {
                "between": "11 1, 12 1, 13 1, 14 1, 15 1, 16 1",
                "within": "11 2, 13 2",
                "other": "12 2, 17 1, 18 1",
            },
            "year": {"2017": "11 1, 11 2", "2022": "14 1"},
            "study_level": {"1": "11 1, 12 1, 13 1, 14 1, 15 1, 16 1, 17 1, 18 1", "2": "11 2, 12 2, 13 2"},
        },
    ),
    "questions and answers": Case(
        ANSWERS,
        facets={
            "state": {"ohio": "2", "newmexico": "3", "Utah": "3"},
            "grade": {"k": "2", "1": "2, 4"},
            "fifthday": {"Child Care": "2", "(not reported)": "3"},
            "percent": {"57.5": "3", "(not reported)": "4"},
            "user": {"ab": "2, 4", "cd": "3"},
        },
    ),
    "wide, of factors and outcomes": Case(
        WIDE,
        '[[sheet]]\nfile = "sheets/a.csv"\n[[sheet.marks]]\nof = "factor"\ncolumns = ["depression", "…", "IPV"]\n'
        'labels = { IPV = "Partner violence" }\n',
        "studies and findings",
        [
            "Zepf et al. 2020: depression ? HIV; STI (implied)",
            "Zepf et al. 2020: substance use ? HIV; STI (implied)",
            "Lee et al. 2020 a: substance use ? STI",
            "Lee et al. 2020 a: Partner violence ? STI",
            "Lee et al. 2020 b: Partner violence ?",
        ],
        {"STI": "Zepf et al. 2020, Lee et al. 2020 a", "HIV": "Zepf et al. 2020, Quinn 2019"},
        {"country": {"USA": "Zepf et al. 2020, Lee et al. 2020 a, Quinn 2019", "Canada": "Lee et al. 2020 b"}},
    ),
    "studies and findings together": Case(
        TOGETHER,
        kind="studies and findings",
        findings=[
            "1: Flexible hours + Retention",
            "1: Overtime - Morale; Retention",
            "2: Flexible hours 0 Morale",
        ],
        facets={
            "country": {"Chile": "1", "Spain": "2"},
            "measure": {"survey": "1", "diary": "2"},
            "analysis": {"adjusted": "1 Flexible hours, 2 Flexible hours", "crude": "1 Overtime, 2 Flexible hours"},
        },
    ),
    "lists of barriers and facilitators": Case(
        "Covidence #,Author,Year,Title,Barriers,Facilitators\n"
        '7,Ng,2020,Hours,"• Low pay\n• Night shifts","Peers; Training"\n8,Diaz,2021,Carers,"1. Low pay\n2) Stigma",\n',
        kind="studies and findings",
        findings=[
            "7: Low pay -",
            "7: Night shifts -",
            "7: Peers +",
            "7: Training +",
            "8: Low pay -",
            "8: Stigma -",
        ],
    ),
    "directions in the cells": Case(
        "record_id,Title,Year,Pay,Hours,Stigma\na,A,2020,+,-,\nb,B,2021,x,0,barrier\nc,C,2022,,+/-,NR\n",
        kind="studies and findings",
        findings=["a: Pay +", "a: Hours -", "b: Pay ?", "b: Hours 0", "b: Stigma -", "c: Hours ±"],
    ),
    "columns with a prefix that is a direction": Case(
        "id,Title,Year,barrier_cost,barrier_time,facilitator_peers,facilitator_pay\na,A,2020,1,0,1,0\nb,B,2021,0,1,0,1\n",
        kind="studies and findings",
        findings=["a: cost -", "a: peers +", "b: time -", "b: pay +"],
    ),
    "numbered outcomes": Case(
        "Rayyan ID,Author,Year,Title,Intervention,Outcome1,Outcome1.impact,Outcome2,Outcome2.impact\n"
        "1,Ng,2020,Hours,Pay,Retention,positive,Morale,none\n2,Diaz,2021,Carers,Hours,Retention,negative,,\n",
        '[[sheet]]\nfile = "sheets/a.csv"\ncolumns = { key = "Rayyan ID" }\n',
        "studies and findings",
        ["1: Pay + Retention", "1: Pay 0 Morale", "2: Hours - Retention"],
    ),
    "numbered outcomes without a factor": Case(
        "id,Title,Year,Outcome 1,Outcome 1 impact,Outcome 2,Outcome 2 impact\na,A,2020,Retention,positive,Morale,none\n",
        outcomes={"Retention": "a", "Morale": "a"},
        facets={"outcome_1_impact": {"positive": "a"}, "outcome_2_impact": {"none": "a"}},
    ),
    "constants": Case(
        "title,doi,exposure,affects\nHours,10.1234/a,Pay,Morale\nCarers,10.1234/b,Hours,Morale\n",
        '[[sheet]]\nfile = "sheets/a.csv"\nconstant = { direction = "unspecified", approach = "quantitative" }\n',
        "studies and findings",
        ["10.1234/a: Pay ? Morale", "10.1234/b: Hours ? Morale"],
    ),
    "several rows of a study, with all of their values": Case(
        "title,main_author,year,design,condition,statistic\n"
        "Hours,Ng,2020,survey,depression,regression\nHours,Ng,2020,survey,stress,regression\n"
        "Carers,Li,2021,diary,stress,network\nCarers,Li,2021,diary,stress,path\n"
        "Peers,Roe,2022,survey,anger,path\nPeers,Roe,2022,survey,stress,path\n",
        facets={
            "condition": {
                "depression": "ng-2020-hours",
                "stress": "ng-2020-hours, li-2021-carers, roe-2022-peers",
                "anger": "roe-2022-peers",
            },
            "statistic": {
                "regression": "ng-2020-hours",
                "network": "li-2021-carers",
                "path": "li-2021-carers, roe-2022-peers",
            },
        },
    ),
    "choices of REDCap": Case(
        "record_id,Title,Year,Setting (choice=School),Setting (choice=Clinic),role___1,role___2,blinded\n"
        "a,A,2020,Checked,Unchecked,1,0,Yes\nb,B,2021,Unchecked,Unchecked,0,1,No\n",
        facets={
            "setting": {"School": "a", "none": "b"},
            "role": {"1": "a", "2": "b"},
            "blinded": {"yes": "a", "no": "b"},
        },
    ),
    "a key of two declared columns": Case(
        "Report,Arm,Title,Year,Dose\nr1,a,Hours,2020,low\nr1,b,Hours,2020,high\nr2,a,Carers,2021,low\n",
        '[[sheet]]\nfile = "sheets/a.csv"\nkey = ["Report", "Arm"]\n',
        facets={"dose": {"low": "r1 a, r2 a", "high": "r1 b"}, "arm": {"a": "r1 a, r2 a", "b": "r1 b"}},
    ),
    "words that mean not coded": Case(
        "id,title,country,n,blinding,year\na,A,UNK,-999,unclear,2020\nb,B,Chile,NR,yes,NA\nc,C,n/a,12,no,2021\n",
        '[[sheet]]\nfile = "sheets/a.csv"\nvalues = { country = { UNK = "" }, blinding = { unclear = "not reported" } }\n',
        facets={
            "country": {"Chile": "b", "(not applicable)": "c"},
            "sample_size": {"12": "c", "(not reported)": "b"},
            "blinding": {"yes": "b", "no": "c", "(not reported)": "a"},
            "year": {"2020": "a", "2021": "c"},
        },
    ),
    "answers with unclear, which are no directions": Case(
        "id,title,year,blinded,complete,random\na,A,2020,yes,unclear,no\nb,B,2021,unclear,yes,no\nc,C,2022,no,no,unclear\n",
        facets={
            "year": {"2020": "a", "2021": "b", "2022": "c"},
            "blinded": {"yes": "a", "unclear": "b", "no": "c"},
            "complete": {"unclear": "a", "yes": "b", "no": "c"},
            "random": {"no": "a, b", "unclear": "c"},
        },
    ),
    "numbers of which most are 0 or 1": Case(
        "id,title,year,tests_a,tests_b,tests_c\n"
        + "".join(f"{n},T{n},2020,{n % 2},1,0\n" for n in range(1, 6))
        + "6,T6,2020,12,0,1\n",
        facets={
            "year": {"2020": "1, 2, 3, 4, 5, 6"},
            "tests_a": {"1": "1, 3, 5", "0": "2, 4", "12": "6"},
            "tests_b": {"yes": "1, 2, 3, 4, 5", "no": "6"},
            "tests_c": {"no": "1, 2, 3, 4, 5", "yes": "6"},
        },
    ),
    "numbered outcomes of which most are not reported": Case(
        "id,title,outcome_1,outcome_2\n" + "".join(f"{n},T{n},Pay,NR\n" for n in range(1, 6)) + "6,T6,Pay,Hours\n",
        outcomes={"Pay": "1, 2, 3, 4, 5, 6", "Hours": "6"},
    ),
    "authors and year of two papers, beside an id": Case(
        "Covidence #,Study,Title,Design\n7,Ng 2020,Hours,survey\n8,Ng 2020,Carers,diary\n9,Li 2021,Peers,survey\n",
        facets={"year": {"2020": "7, 8", "2021": "9"}, "design": {"survey": "7, 9", "diary": "8"}},
    ),
    "authors and year of two papers, without an id": Case(
        "Study,Title,Design\nNg 2020,Hours,survey\nNg 2020,Carers,diary\nLi 2021,Peers,survey\n",
        facets={"design": {"survey": "Ng 2020 Hours, Li 2021 Peers", "diary": "Ng 2020 Carers"}},
    ),
    "rows of a study by two people": Case(
        "id,title,reviewer,country,design,setting,tool\n"
        "a,A,Ann,Chile,survey,school,x1\na,A,Bob,Peru,diary,school,x2\n"
        "b,B,Ann,Chile,survey,clinic,x3\nb,B,Bob,Spain,survey,school,x4\n"
        "c,C,Ann,Chile,diary,clinic,x5\nc,C,Bob,Peru,survey,clinic,x6\n"
        + "".join(f"{name},{name},Ann,Chile,survey,clinic,x\n" for name in "defg"),
        facets={
            "reviewer": {"Ann": "a, b, c, d, e, f, g", "Bob": "a, b, c"},
            "country": {"Chile": "a, b, c, d, e, f, g", "Peru": "a, c", "Spain": "b"},
            "design": {"survey": "a, b, c, d, e, f, g", "diary": "a, c"},
            "setting": {"school": "a, b", "clinic": "b, c, d, e, f, g"},
            "tool": {"x1": "a", "x2": "a", "x3": "b", "x4": "b", "x5": "c", "x6": "c", "x": "d, e, f, g"},
        },
    ),
    "years with a letter": Case(
        "Author,Year,Design\nNg,2020a,survey\nNg,2020b,diary\n",
        facets={"year": {"2020": "Ng 2020a, Ng 2020b"}, "design": {"survey": "Ng 2020a", "diary": "Ng 2020b"}},
    ),
    "a number that is not the number of the study": Case(
        "id,title,number\na,A,3\nb,B,3\nc,C,5\n", facets={"number": {"3": "a, b", "5": "c"}}
    ),
    "rows that leave out what the row above says": Case(
        "ID,Title,Year,Factor,Effect,Outcome\na,A,2020,Pay,helps,Stay\n,,,Hours,hinders,\nb,B,2021,Pay,helps,Joy\n"
        ",,,Pay,hinders,Stay\n",
        '[[sheet]]\nfile = "sheets/a.csv"\nfill_down = ["key", "TITLE", "year"]\n',
        "studies and findings",
        ["a: Pay + Stay", "a: Hours -", "b: Pay + Joy", "b: Pay - Stay"],
        facets={"year": {"2020": "a", "2021": "b"}},
    ),
    "names that kg uses for something else": Case(
        "id,title,year,type,sample,location,population\na,A,2020,RCT,40 nurses,Chile,nurses\n",
        '[[sheet]]\nfile = "sheets/a.csv"\ncolumns = { design = "type" }\n',
        facets={
            "design": {"RCT": "a"},
            "country": {"Chile": "a"},
            "population": {"nurses": "a"},
            "sample": {"40 nurses": "a"},
        },
    ),
}

_SIGNS = {"facilitator": "+", "barrier": "-", "mixed": "±", "no_effect": "0", "unspecified": "?"}


def read(review: Review) -> Case:
    """Return what is read of a review, in the form of the cases."""
    evidence = review.load().evidence
    key = {study.id: study.key for study in evidence.studies}
    factor = {c.id: c.label for c in evidence.factors}
    outcome = {c.id: c.label for c in evidence.outcomes}
    found = Case("")

    def text(finding: Finding) -> str:
        outcomes = "; ".join(sorted(outcome[o] for o in finding.outcomes))
        claim = f"{key[finding.study]}: {factor[finding.factor]} {_SIGNS[finding.direction]} {outcomes}".rstrip()
        return claim + (" (implied)" if finding.implied else "")

    found.findings = [text(finding) for finding in evidence.findings]
    for study in evidence.studies:
        for id_ in study.outcomes:
            found.outcomes[outcome[id_]] = ", ".join(filter(None, (found.outcomes.get(outcome[id_]), study.key)))
    found.facets = facets_of(evidence, key, factor)
    return found


def facets_of(evidence: Evidence, key: dict[str, str], factor: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return facet -> label of a value, or a coding status in brackets -> the units with it."""
    names: dict[str, dict[str, list[str]]] = {facet.id: {} for facet in evidence.facets}
    labels = {facet.id: {value.id: value.label for value in facet.values} for facet in evidence.facets}
    units = [(study.key, study) for study in evidence.studies]
    units += [(f"{key[f.study]} {factor[f.factor]}", f) for f in evidence.findings]  # type: ignore[misc]
    for name, unit in units:
        for facet, values in unit.facets.items():
            for value in values:
                names[facet].setdefault(labels[facet][value], []).append(name)
        for facet, status in unit.not_coded.items():
            names[facet].setdefault(f"({status})", []).append(name)
    return {facet: {value: ", ".join(of) for value, of in values.items()} for facet, values in names.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_is_read(make_review: MakeReview, name: str) -> None:
    case = CASES[name]
    review = make_review({"sheets/a.csv": case.sheet, "review.toml": TOML + case.toml})
    found = read(review)
    assert reading_of(review).kind == case.kind
    assert found.findings == case.findings
    if case.outcomes or not case.findings:
        assert found.outcomes == case.outcomes
    for facet, values in case.facets.items():
        assert {value: found.facets[facet].get(value) for value in values} == values


def reading_of(review: Review) -> Reading:
    reader = FolderReader(review.root, read_config(review.root / "review.toml"))
    (sheet,) = reader.sheets()
    assert [problem for table in reader.tables for problem in table.broken] == []
    return sheet.reading


@pytest.mark.parametrize("name", CASES)
def test_the_declaration_of_a_reading_gives_the_same_reading(make_review: MakeReview, name: str) -> None:
    case = CASES[name]
    review = make_review({"sheets/a.csv": case.sheet, "review.toml": TOML + case.toml})
    reading = reading_of(review)
    declared = make_review({"sheets/a.csv": case.sheet, "review.toml": TOML + to_toml(reading)}, "declared")
    assert reading_of(declared) == reading
    assert read(declared) == read(review)


@pytest.mark.parametrize("name", CASES)
def test_every_column_is_described(make_review: MakeReview, name: str) -> None:
    case = CASES[name]
    reading = reading_of(make_review({"sheets/a.csv": case.sheet, "review.toml": TOML + case.toml}))
    assert all(reading.roles)
    text = "\n".join(describe(reading))
    for index, header in enumerate(reading.header):
        in_group = next((n for n in range(len(reading.groups)) if index in reading.marks(n)), None)
        numbered = any(index in columns.values() for columns in reading.numbered().values())
        assert header in text or in_group is not None or numbered, header


def test_a_description(make_review: MakeReview) -> None:
    assert describe(reading_of(make_review({"sheets/a.csv": ANSWERS}))) == [
        "sheets/a.csv: 3 rows read as studies",
        "a study is identified by 'Refid'",
        "columns of the study: 'Refid' as key, 'author_last_name' as authors, 'publication_year' as year",
        "2 columns of marks as values of the facet 'state': 'state_ohio', 'state_newmexico'",
        "1 column of marks as values of the facet 'state': 'state -> Utah'",
        "2 columns of marks as values of the facet 'grade': 'grade_k', 'grade_1'",
        "2 columns of marks as values of the facet 'fifthday': 'fifthday -> Child Care', 'fifthday -> Not reported'",
        "3 columns as facets of the study: User, evidence_text (category); percent (number)",
    ]


def test_a_declaration(make_review: MakeReview) -> None:
    assert to_toml(reading_of(make_review({"sheets/a.csv": ANSWERS}))) == (
        '[[sheet]]\nfile = "sheets/a.csv"\nkind = "studies"\n'
        'columns = { key = "Refid", authors = "author_last_name", year = "publication_year" }\n\n'
        '[[sheet.marks]]\nof = "state"\nprefix = "state_"\n\n'
        '[[sheet.marks]]\nof = "state"\npattern = "state -> *"\n\n'
        '[[sheet.marks]]\nof = "grade"\nprefix = "grade_"\n\n'
        '[[sheet.marks]]\nof = "fifthday"\npattern = "fifthday -> *"\n'
    )


def test_reports_of_several_studies(make_review: MakeReview) -> None:
    review = make_review({"sheets/a.csv": SEVERAL_STUDIES})
    studies = review.load().evidence.studies
    assert Counter(len(study.reports) for study in studies) == {1: 11}
    assert Counter(Counter(study.reports[0] for study in studies).values()) == {1: 5, 2: 3}
    assert reading_of(review).notes[0] == (
        "'item_id' names the report, and with 'study_level' the study: 3 reports have several studies"
    )


def test_authors_and_years_in_one_column(make_review: MakeReview) -> None:
    studies = make_review({"sheets/a.csv": SEVERAL_STUDIES}).load().evidence.studies
    assert [(study.authors, study.year) for study in studies[4:6]] == [("Caron et al.", 2018)] * 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Nuijten (2017)", ("Nuijten", 2017)),
        ("Ng, 2021", ("Ng", 2021)),
        ("Li and Roe 2019b", ("Li and Roe", 2019)),
        ("Roe et al., (2019).", ("Roe et al.", 2019)),
        ("World Bank", ("World Bank", None)),
    ],
)
def test_split_author_year(text: str, parts: tuple[str, int | None]) -> None:
    assert split_author_year(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Pay; Hours", ("Pay", "Hours")),
        ("- Pay\n- Work-life balance", ("Pay", "Work-life balance")),
        ("• Pay • Hours", ("Pay", "Hours")),
        ("1. Pay\n2. 24 hours", ("Pay", "24 hours")),
        ("Pay | Hours,", ("Pay", "Hours")),
        ("Pay, hours", ("Pay, hours",)),
        ("", ()),
    ],
)
def test_split_bullets(text: str, parts: tuple[str, ...]) -> None:
    assert split_bullets(text) == parts


def test_names_of_groups() -> None:
    names = ("outcomes", "Outcome", "factor", "Barriers", "Findings > Enablers", "intervention", "state", "outcome 2")
    assert [(kind_of_group(name), direction_of_group(name)) for name in names] == [
        ("outcome", None),
        ("outcome", None),
        ("factor", None),
        ("factor", "barrier"),
        ("factor", "facilitator"),
        ("factor", None),
        (None, None),
        (None, None),
    ]
    assert direction_of_group("barriers and facilitators") is None
    assert direction_of_group("the most important barriers that were reported") is None


# Tables that refer to each other by ids.

DATABASE = {
    "sheets/general.csv": "refid,title,year\n3,Hours,2020\n6,Carers,2021\n9,Peers,2022\n",
    "sheets/conditions.csv": "condition_name,category\nDepression,mental health\nViolence,social\nStress,mental health\n",
    "sheets/outcomes.csv": "outcome_id,name\n7,Retention\n8,Morale\n",
    "sheets/designs.csv": "Survey\nDiary \n",
    "sheets/has.csv": "refid;synd_id\n3;1\n3;2\n6;3\n3;2\n",
    "sheets/affects.csv": "Refid,outcome_id\n3,7\n3,8\n6,8\n",
    "sheets/uses.csv": "Refid;Valeur\n3;2\n6;1\n6;2\n",
    "sheets/quotes.csv": "Refid;findings\n3;Longer shifts\n9;Nothing\n",
    "review.toml": TOML
    + "".join(
        f'[[sheet]]\nfile = "sheets/{name}.csv"\n{declared}\n'
        for name, declared in {
            "conditions": 'kind = "terms"\nof = "factor"',
            "outcomes": 'kind = "terms"\nof = "outcome"',
            "designs": 'kind = "terms"\nof = "study design"\nheader_row = 0',
            "has": 'kind = "links"\nof = "factor"\ncolumns = { term = "synd_id" }',
            "affects": 'kind = "links"\nof = "outcome"\ncolumns = { term = "outcome_id" }',
            "uses": 'kind = "links"\nof = "study design"\ncolumns = { term = "Valeur" }',
        }.items()
    ),
}


def test_tables_of_a_database(make_review: MakeReview) -> None:
    review = make_review(DATABASE)
    found = read(review)
    assert found.findings == [
        "3: Depression ? Morale; Retention (implied)",
        "3: Violence ? Morale; Retention (implied)",
        "6: Stress ? Morale",
    ]
    assert found.outcomes == {"Retention": "3", "Morale": "3, 6"}
    assert found.facets["study_design"] == {"Diary": "3, 6", "Survey": "6"}
    assert found.facets["findings"] == {"Longer shifts": "3", "Nothing": "9"}
    factors = {c.id: (c.label, c.broader) for c in review.load().evidence.factors}
    assert factors == {
        "mental-health": ("mental health", None),
        "depression": ("Depression", "mental-health"),
        "social": ("social", None),
        "violence": ("Violence", "social"),
        "stress": ("Stress", "mental-health"),
    }


def test_terms_of_a_vocabulary_that_links_call_by_number(make_review: MakeReview) -> None:
    vocabulary = {"vocabulary/factors.csv": "id,label,synonyms\nd,Sadness,Depression\ns,Stress,\nv,Violence,\n"}
    assert read(make_review(DATABASE | vocabulary)).findings == [
        "3: Sadness ? Morale; Retention (implied)",
        "3: Violence ? Morale; Retention (implied)",
        "6: Stress ? Morale",
    ]


# Workbooks.


def test_sheets_of_a_workbook_that_are_passed_over(make_review: MakeReview, tmp_path: Path) -> None:
    from tests.spreadsheets import write_xlsx

    review = make_review({})
    (review.root / "sheets").mkdir()
    write_xlsx(
        review.root / "sheets" / "a.xlsx",
        {
            "Codebook": [["factor", "direction", "study"], ["Pay", "barrier", "a"]],
            "Excluded studies": [["key", "title", "year"], ["x", "X", 2020]],
            "Studies": [["key", "title", "year"], ["a", "A", 2020]],
            "Sheet3": [["u"], ["v"]],
            "Findings": [["study", "factor", "direction"], ["a", "Pay", "barrier"]],
        },
    )
    loaded = review.load()
    assert [(r.sheet, r.kind) for r in loaded.readings] == [("Studies", "studies"), ("Findings", "findings")]
    assert dict(loaded.passed) == {
        ("sheets/a.xlsx", "Codebook"): "passed over because of its name",
        ("sheets/a.xlsx", "Excluded studies"): "passed over because of its name",
        ("sheets/a.xlsx", "Sheet3"): "not read: its columns are neither of studies nor of findings",
    }
    assert (len(loaded.evidence.studies), len(loaded.evidence.findings)) == (1, 1)


def test_lists_of_screening_and_charted_sheets_of_a_workbook(make_review: MakeReview) -> None:
    from tests.spreadsheets import write_xlsx

    review = make_review({})
    charted = ["study_id", "biome", "sensor", "platform"]
    write_xlsx(
        review.root / "sheets" / "a.xlsx",
        {
            "1": [["study_id", "title", "year", "full text"], ["a", "A", 2020, "keep"], ["x", "X", 2020, "drop"]],
            "2": [["study_id", "title", "year"], ["a", "A", 2020], ["b", "B", 2021]],
            "3": [charted, ["a", "boreal", "lidar", "drone"], ["b", "boreal", "radar", "plane"]],
            "4": [charted, ["p", "boreal", "lidar", "drone"], ["q", "boreal", "radar", "plane"]],
        },
    )
    loaded = review.load()
    assert [reading.sheet for reading in loaded.readings] == ["2", "3"]
    assert dict(loaded.passed) == {
        ("sheets/a.xlsx", "1"): "passed over: 'full text' says which of its rows were excluded",
        ("sheets/a.xlsx", "4"): "not read: its columns are neither of studies nor of findings",
    }
    assert [(source.path, source.rows) for source in loaded.evidence.sources] == [("sheets/a.xlsx", 4)]
    assert [(s.key, s.facets["sensor"]) for s in loaded.evidence.studies] == [("a", ("lidar",)), ("b", ("radar",))]


def test_a_workbook_with_one_charted_sheet_of_ids_and_answers(make_review: MakeReview) -> None:
    from tests.spreadsheets import write_xlsx

    review = make_review({})
    header: list[str | int | None] = ["study_id", *(f"question {n}" for n in "abcdef")]
    write_xlsx(
        review.root / "sheets" / "a.xlsx",
        {"Data": [header, ["a", *"uvwxyz"]], "Terms": [["id", "label"], ["t1", "Pay"], ["t2", "Hours"]]},
    )
    loaded = review.load()
    assert [(reading.sheet, reading.kind) for reading in loaded.readings] == [("Data", "studies")]
    assert [study.key for study in loaded.evidence.studies] == ["a"]


def test_a_list_of_barriers_that_reports_none(make_review: MakeReview) -> None:
    review = make_review(
        {"sheets/a.csv": "id,title,Barriers,Facilitators\na,A,Cost; Time,None reported\nb,B,None reported,Pay\n"}
    )
    assert read(review).findings == ["a: Cost -", "a: Time -", "b: Pay +"]


def test_numbers_among_marks_are_told_once_and_can_be_declared(make_review: MakeReview) -> None:
    """An effect size is no mark. It was one problem for each number, with words to declare that nobody would declare."""
    cells = ["x", "x", "0.42", "-1.3", "x", "x", "x", "x", "x", "x", "x", "x"]
    sheet = "id,title,outcome_STI,outcome_HIV,outcome_cost\n"
    sheet += "".join(f"s{n},T{n},x,1,{cell}\n" for n, cell in enumerate(cells))
    review = make_review({"sheets/a.csv": sheet})
    with pytest.raises(BadInput) as raised:
        review.load()
    assert [str(group) for group in group_problems(raised.value.problems)] == [
        "sheets/a.csv, rows 4-5, column 'outcome_cost': holds numbers such as 0.42, no marks of outcome; accepted: x, yes, "
        '1, … or no, 0, …, or kind = "number" under [[facet]] with name = "outcome_cost" in review.toml, which takes the '
        "column out of the marks"
    ]
    facet = '[[facet]]\nname = "outcome_cost"\nkind = "number"\n'
    sheet = sheet.replace(",1,x\n", ",1,\n")
    for number, marks in enumerate(
        (
            "",
            '[[sheet]]\nfile = "sheets/a.csv"\n[[sheet.marks]]\nof = "outcome"\n'
            'columns = ["outcome_STI", "…", "outcome_cost"]\n',
        )
    ):
        review = make_review({"review.toml": TOML + marks + facet, "sheets/a.csv": sheet}, f"declared{number}")
        loaded = review.load().evidence
        assert [outcome.label for outcome in loaded.outcomes] == ["STI", "HIV"]
        assert [study.facets.get("outcome_cost") for study in loaded.studies[1:4]] == [None, ("0.42",), ("-1.3",)]
