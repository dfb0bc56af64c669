"""Overlays: second vocabularies of factors and outcomes, from SSSOM to tables, the graph, RDF and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib.namespace import SKOS

from kg.errors import BadInput, UsageProblem
from kg.export.codebook import codebook_of
from kg.export.figures import figure
from kg.export.rdf import to_rdf
from kg.export.sheets import sheet_files
from kg.export.sssom import to_sssom
from kg.folder.config import read_config
from kg.folder.review import Review
from kg.folder.unread import unread
from kg.graph.build import assemble
from kg.model.records import Match, Overlay
from tests.conftest import MakeReview, Run

HEADER = "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tcomment\n"
HAND = "semapv:ManualMappingCuration"
META = """\
#mapping_set_id: https://example.org/set
#license: "https://creativecommons.org/publicdomain/zero/1.0/"
#curie_map:
#  fit: https://example.org/fit/
"""
ROWS = (
    f"fit:means\tMeans, in all\tskos:narrowMatch\tfactor:pay\tPay\t{HAND}\tMoney\n"
    f"fit:time\tTime\tskos:exactMatch\tfactor:hours\tHours\t{HAND}\t\n"
    f"fit:means\tMeans, in all\tskos:closeMatch\tfactor:hours\tHours\t{HAND}\t\n"
    f"fit:place\tPlace\tskos:relatedMatch\tfactor:pay\tPay\t{HAND}\t\n"
)
DECLARED = """
[[overlay]]
name = "fit"
label = "Fit"
file = "vocabulary/fit.sssom.tsv"
"""
FILE = "vocabulary/fit.sssom.tsv"
FILES = {
    "sheets/studies.csv": "key,title\na,A\nb,B\n",
    "sheets/findings.csv": (
        "study,factor,direction,outcomes\na,Pay,barrier,Burnout\na,Hours,facilitator,Burnout; Joy\nb,Noise,barrier,\n"
    ),
    "vocabulary/factors.csv": "id,label\npay,Pay\nhours,Hours\nnoise,Noise\nlight,Light\n",
    "vocabulary/outcomes.csv": "id,label\nburnout,Burnout\njoy,Joy\n",
    FILE: META + HEADER + ROWS,
}


def folder(make_review: MakeReview, declared: str = DECLARED, **files: str) -> Review:
    review = make_review({**FILES, **{name.replace("__", "/"): text for name, text in files.items()}})
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write(declared)
    return review


def problems(review: Review) -> list[str]:
    with pytest.raises(BadInput) as caught:
        review.load()
    return [str(problem) for problem in caught.value.problems]


def test_a_finding_has_the_attributes_of_its_factor(make_review: MakeReview) -> None:
    evidence = folder(make_review).load().evidence
    assert [(f.factor, f.facets) for f in evidence.findings] == [
        ("pay", {"fit": ("means",)}),
        ("hours", {"fit": ("means", "time")}),
        ("noise", {"fit": ("not-mapped",)}),
    ]
    (facet,) = evidence.facets
    assert (facet.id, facet.label, facet.of, facet.kind) == ("fit", "Fit", "finding", "categories")
    assert [(v.id, v.label, v.residual) for v in facet.values] == [
        ("means", "Means, in all", False),
        ("time", "Time", False),
        ("place", "Place", False),
        ("not-mapped", "not mapped", True),
    ]
    assert evidence.overlays == (
        Overlay(
            "fit",
            "factor",
            "fit",
            (
                Match("means", "narrowMatch", "pay", True, HAND, "Money"),
                Match("time", "exactMatch", "hours", True, HAND),
                Match("means", "closeMatch", "hours", True, HAND),
                Match("place", "relatedMatch", "pay", False, HAND),
            ),
            "https://example.org/fit/",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
    )
    assert [(s.path, s.rows) for s in evidence.sources if s.path == FILE] == [(FILE, 4)]


NOTE = "Fit: 3 factors with studies, 1 of them in several groups and counted in each, 1 in none, with 1 finding"


def test_tables_count_a_factor_in_each_of_its_groups_and_say_so(make_review: MakeReview) -> None:
    with folder(make_review, DECLARED + '[[map]]\nname = "m"\nrows = "fit"\ncolumns = "outcome"\n').graph() as graph:
        table = graph.counts("fit", by="finding")
        assert [row[:2] for row in table.rows] == [
            ("Means, in all", 2), ("Time", 1), ("Place", 0), ("not mapped", 1), ("total", 3),
        ]  # fmt: skip
        assert table.title == f"Findings by Fit; percentages are of all 3 findings; {NOTE}"
        grid = graph.crosstab(["fit", "direction"])
        assert grid.title.endswith(f"; {NOTE}")
        assert grid.rows[0] == ("Means, in all", 1, 1, 0, 0, 0, 1)
        drawn = graph.map("m").grid()
        assert drawn.title.endswith(f"; {NOTE}")
        assert drawn.rows == [
            ("Means, in all", "1+ 1−", "1+", 1),
            ("Time", "1+", "1+", 1),
            ("Place", "·", "·", 0),
            ("not mapped", "·", "·", 1),
        ]
        with graph.where(["fit=Time"]) as part:
            assert [row[:2] for row in part.counts("fit", by="finding").rows if row[1]] == [
                ("Means, in all", 1), ("Time", 1), ("total", 1),
            ]  # fmt: skip
            assert part.rows().edges.keys() >= {("EXACT_MATCH", "Value", "Factor")}
        assert "groups" not in graph.counts("direction").title


def test_captions_of_figures_say_so(make_review: MakeReview) -> None:
    with folder(make_review, DECLARED + '[[map]]\nname = "m"\nrows = "fit"\ncolumns = "outcome"\n').graph() as graph:
        for drawn in (figure(graph, "counts", "fit"), figure(graph, "upset", "fit"), figure(graph, "gap-map", map="m")):
            assert f" {NOTE}. " in drawn.caption


def test_metadata_may_have_a_space_after_the_sign(make_review: MakeReview) -> None:
    """As sssom-py writes them."""
    lines = "# curie_map:\n#   fit: https://example.org/fit/\n#   skos: s\n# license: l\n# mapping_set_id: https://m/\n"
    (overlay,) = folder(make_review, **{FILE.replace("/", "__"): lines + HEADER + ROWS}).load().evidence.overlays
    assert (overlay.iri, overlay.licence) == ("https://example.org/fit/", "l")


def test_other_relations_group_where_the_declaration_says_so(make_review: MakeReview) -> None:
    evidence = folder(make_review, DECLARED + 'predicates = ["exactMatch", "relatedMatch"]\n').load().evidence
    assert [f.facets["fit"] for f in evidence.findings] == [("place",), ("time",), ("not-mapped",)]


def test_without_a_finding_that_is_not_mapped_there_is_no_such_value(make_review: MakeReview) -> None:
    more = f"fit:place\tPlace\tskos:broadMatch\tfactor:noise\tNoise\t{HAND}\t\n"
    review = folder(make_review, **{FILE.replace("/", "__"): HEADER + ROWS + more})
    (facet,) = review.load().evidence.facets
    assert [value.id for value in facet.values] == ["means", "time", "place"]


def test_an_overlay_of_outcomes(make_review: MakeReview) -> None:
    rows = f"x:ill\tIll\tskos:exactMatch\toutcome:burnout\t\t{HAND}\t\n"
    declared = DECLARED + 'of = "outcome"\n'
    review = folder(make_review, declared, **{FILE.replace("/", "__"): HEADER + rows})
    evidence = review.load().evidence
    assert [f.facets["fit"] for f in evidence.findings] == [("ill",), ("ill",), ("not-mapped",)]
    assert assemble(evidence).edges["EXACT_MATCH", "Value", "Outcome"] == [
        {"from": "fit:ill", "to": "burnout", "groups": True, "justification": HAND}
    ]


def test_one_file_with_two_frameworks(make_review: MakeReview) -> None:
    rows = ROWS + f"own:all\tAll\tskos:closeMatch\tfactor:noise\t\t{HAND}\t\n"
    files = {FILE.replace("/", "__"): HEADER + rows}
    two = f'[[overlay]]\nname = "own"\nfile = "{FILE}"\nprefix = "own"\n'
    evidence = folder(make_review, DECLARED + 'prefix = "fit"\n' + two, **files).load().evidence
    assert [facet.id for facet in evidence.facets] == ["fit", "own"]
    assert [f.facets["own"] for f in evidence.findings] == [("not-mapped",), ("not-mapped",), ("all",)]
    assert [s.path for s in evidence.sources].count(FILE) == 1
    review = make_review(FILES | {FILE: HEADER + rows}, "other")
    (review.root / "review.toml").write_text('id = "r"\ntitle = "R"\n' + DECLARED, encoding="utf-8")
    assert problems(review) == [
        "review.toml, key '[[overlay]] file': 'vocabulary/fit.sssom.tsv': the file has several frameworks; "
        'accepted: prefix = "fit" or "own"'
    ]


def test_the_graph_and_rdf_have_the_mapping(make_review: MakeReview) -> None:
    review = folder(make_review)
    rdf = to_rdf(assemble(review.load().evidence))
    assert sorted(
        (str(s).rpartition("/")[2], str(o).rpartition("/")[2]) for s, o in rdf.subject_objects(SKOS.narrowMatch)
    ) == [("fit%3Ameans", "pay")]
    assert len(list(rdf.subject_objects(SKOS.relatedMatch))) == 1
    with review.graph() as graph:
        assert graph.table("mappings").only("id", "predicate", "of", "term_id", "groups", "comment").rows == [
            ("fit:means", "narrowMatch", "factor", "pay", True, "Money"),
            ("fit:means", "closeMatch", "factor", "hours", True, None),
            ("fit:time", "exactMatch", "factor", "hours", True, None),
            ("fit:place", "relatedMatch", "factor", "pay", False, None),
        ]


def test_sssom_is_written_as_it_was_read(make_review: MakeReview, run: Run, tmp_path: Path) -> None:
    review = folder(make_review)
    before = review.load().evidence
    ran = run("export", "sssom", "-o", tmp_path / "out.tsv", "-C", review.root)
    assert (ran.code, ran.err) == (0, f"wrote {tmp_path / 'out.tsv'}\n")
    text = (tmp_path / "out.tsv").read_text(encoding="utf-8")
    assert text == (
        "#mapping_set_id: https://w3id.org/evidence-kg/review/r/overlays\n"
        "#license: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "#curie_map:\n"
        "#  factor: https://w3id.org/evidence-kg/review/r/factor/\n"
        "#  fit: https://example.org/fit/\n"
        "#  semapv: https://w3id.org/semapv/vocab/\n"
        "#  skos: http://www.w3.org/2004/02/skos/core#\n" + HEADER + ROWS
    )
    shutil.copyfile(tmp_path / "out.tsv", review.root / FILE)
    after = review.load().evidence
    assert (after.overlays, after.findings) == (before.overlays, before.findings)
    labels = [[(v.id, v.label) for facet in evidence.facets for v in facet.values] for evidence in (before, after)]
    assert labels[0] == labels[1] and [v.row for v in after.facets[0].values] == [9, 10, 12, 0]
    assert to_sssom(after) == text


def test_cells_that_look_like_formulas_or_have_quotes_come_back(make_review: MakeReview) -> None:
    row = f'fit:a\t=1+1 ""x""\tskos:exactMatch\tfactor:pay\t\t{HAND}\t"+ ""a"" \tb"\n'
    review = folder(make_review, **{FILE.replace("/", "__"): HEADER + row.replace('=1+1 ""x""', '"=1+1 ""x"""')})
    before = review.load().evidence
    text = to_sssom(before)
    assert '\t"\'=1+1 ""x"""\t' in text
    (review.root / FILE).write_text(text, encoding="utf-8")
    after = review.load().evidence
    assert before.overlays[0].matches[0].comment == '+ "a" b'
    assert (after.overlays[0].matches, after.facets[0].values[0].label) == (
        before.overlays[0].matches,
        '=1+1 "x"',
    )


def test_a_review_without_overlays_has_no_sssom(make_review: MakeReview) -> None:
    with pytest.raises(UsageProblem, match=r"^the review has no overlay; \[\[overlay\]\] in review.toml declares one$"):
        to_sssom(make_review({"sheets/studies.csv": FILES["sheets/studies.csv"]}).load().evidence)


def test_sheets_of_an_export_have_the_attributes_as_a_column(make_review: MakeReview) -> None:
    review = folder(make_review)
    with review.graph() as graph:
        files = sheet_files(graph)
        before = graph.counts("fit").rows
    vocabulary = {name: text for name, text in FILES.items() if name.startswith("vocabulary/")}
    sheets = {f"sheets/{name}": text for name, text in files.items() if name.endswith(".csv")}
    again = make_review(vocabulary | sheets, "again")
    with (again.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write(files["facets.toml"])
    with again.graph() as graph:
        assert graph.counts("fit").rows == before


def test_nobody_charts_an_overlay(make_review: MakeReview) -> None:
    review = folder(make_review)
    assert "fit" not in [entry.name for entry in codebook_of(review).findings]
    assert not [p for p in unread(review.root, review.config, review.load().evidence.facets) if p.file == FILE]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            HEADER.replace("predicate_id", "predicate") + ROWS,
            "vocabulary/fit.sssom.tsv, row 1, column 'predicate_id': the column is missing; did you mean 'predicate'?; "
            "accepted: subject_id, subject_label, predicate_id, object_id, mapping_justification, object_label, comment",
        ),
        (
            HEADER + ROWS.replace("factor:hours", "factor:hour", 1),
            "vocabulary/fit.sssom.tsv, row 3, column 'object_id': 'factor:hour': no factor has this id; did you mean "
            "'factor:hours'?; accepted: factor:ID, with an id of the vocabulary",
        ),
        (
            META + HEADER + ROWS.replace("skos:exactMatch", "skos:exactmatch"),
            "vocabulary/fit.sssom.tsv, row 7, column 'predicate_id': 'skos:exactmatch': is not a relation; did you mean "
            "'skos:exactMatch'?; accepted: skos:exactMatch, skos:closeMatch, skos:broadMatch, skos:narrowMatch, "
            "skos:relatedMatch",
        ),
        (
            HEADER + ROWS + ROWS.splitlines()[0].replace("narrowMatch", "broadMatch") + "\n",
            "vocabulary/fit.sssom.tsv, row 6, column 'object_id': 'fit:means, factor:pay': the pair stands twice (also "
            "in row 2); accepted: one row, with one relation",
        ),
        (
            HEADER + ROWS.replace("\tTime\t", "\t\t"),
            "vocabulary/fit.sssom.tsv, row 3, column 'subject_label': the cell is blank",
        ),
        (
            HEADER + ROWS.replace("factor:hours", "hours", 1),
            "vocabulary/fit.sssom.tsv, row 3, column 'object_id': 'hours': is not a CURIE; accepted: PREFIX:ID, such as "
            "factor:autonomy",
        ),
        (
            HEADER + ROWS.replace("factor:hours", "outcome:joy", 1),
            "vocabulary/fit.sssom.tsv, row 3, column 'object_id': 'outcome:joy': is no factor, which this overlay is of; "
            "accepted: factor:ID, with an id of the vocabulary",
        ),
        (
            HEADER + ROWS.replace("\tMeans, in all\t", "\tMeans\t", 1),
            "vocabulary/fit.sssom.tsv, row 4, column 'subject_label': 'Means, in all': fit:means has another label in "
            "row 2; accepted: Means",
        ),
        (
            HEADER + ROWS.replace("fit:time", "fit:not-mapped"),
            "vocabulary/fit.sssom.tsv, row 3, column 'subject_id': 'fit:not-mapped': is what findings without an "
            "attribute have; accepted: another id and label",
        ),
        (
            HEADER.replace("comment", "predicate_modifier") + ROWS.replace("Money", "Not"),
            "vocabulary/fit.sssom.tsv, row 2, column 'predicate_modifier': 'Not': turns the relation round, which is not "
            "read; accepted: a blank cell",
        ),
        (
            HEADER + ROWS.replace("Money", "Money\tmore"),
            "vocabulary/fit.sssom.tsv, row 2: '8': has more cells than the header; accepted: 7 cells, with a tab between "
            "them",
        ),
        (
            HEADER + ROWS.replace("Money", '"Money'),
            "vocabulary/fit.sssom.tsv, row 2: a quotation mark is not in a pair; accepted: quotation marks in pairs "
            'around a cell, and doubled inside one: "the ""helper"" role"',
        ),
        (
            META,
            "vocabulary/fit.sssom.tsv: has no header; accepted: a row with subject_id, subject_label, predicate_id, "
            "object_id, mapping_justification",
        ),
        (
            HEADER,
            "review.toml, key '[[overlay]] file': 'vocabulary/fit.sssom.tsv': the file has no mapping of this framework; "
            "accepted: at least one mapping",
        ),
    ],
    ids=[
        "column", "unknown factor", "relation", "pair twice", "blank", "no CURIE", "outcome", "two labels", "not mapped",
        "negated", "more cells", "quotation mark", "no header", "no row",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_accepted(make_review: MakeReview, text: str, problem: str) -> None:
    assert problems(folder(make_review, **{FILE.replace("/", "__"): text})) == [problem]


def test_files_and_names_that_do_not_fit(make_review: MakeReview) -> None:
    assert problems(folder(make_review, DECLARED.replace("fit.sssom", "fti.sssom"))) == [
        "review.toml, key '[[overlay]] file': 'vocabulary/fti.sssom.tsv': the file is not there; did you mean "
        "'vocabulary/fit.sssom.tsv'?; accepted: vocabulary/fit.sssom.tsv",
    ]


def test_a_file_that_no_overlay_is_read_from_is_named_by_a_check(make_review: MakeReview) -> None:
    review = folder(make_review, "")
    evidence = review.load().evidence
    assert (evidence.overlays, evidence.facets) == ((), ())
    assert [str(p) for p in unread(review.root, review.config, evidence.facets) if p.file == FILE] == [
        "vocabulary/fit.sssom.tsv: no overlay is read from this file; accepted: [[overlay]] in review.toml with "
        'name = "…" and file = "vocabulary/fit.sssom.tsv"'
    ]


def test_a_prefix_that_the_file_lacks(make_review: MakeReview) -> None:
    assert problems(folder(make_review, DECLARED + 'prefix = "own"\n')) == [
        "review.toml, key '[[overlay]] prefix': 'own': the file has no mapping of this framework; accepted: fit"
    ]


def test_an_overlay_is_not_called_as_a_column(make_review: MakeReview) -> None:
    sheet = "study,factor,direction,fit\na,Pay,barrier,good\n"
    assert problems(folder(make_review, **{"sheets__findings.csv": sheet})) == [
        "review.toml, key '[[overlay]] name': 'fit': is the name of a column of the sheets; accepted: a name of its own"
    ]


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ("overlay = 3", "key 'overlay': has the wrong type; accepted: [[overlay]], in double brackets"),
        (
            '[[overlay]]\nname = "fit"',
            "key '[[overlay]] file': is missing; accepted: file = \"vocabulary/NAME.sssom.tsv\"",
        ),
        (DECLARED + "of = 3", "key '[[overlay]] of': '3': has the wrong type; accepted: text in quotes"),
        (
            DECLARED + 'of = "study"',
            "key '[[overlay]] of': 'study': has no overlays; accepted: factor, outcome",
        ),
        (
            DECLARED.replace('"fit"', '"good-fit"'),
            "key '[[overlay]] name': 'good-fit': is not a name that an overlay can have; did you mean 'good_fit'?; "
            "accepted: lower-case words with _ between them; label = any text",
        ),
        (
            DECLARED.replace('"fit"', '"direction"'),
            "key '[[overlay]] name': 'direction': is not a name that an overlay can have; accepted: lower-case words "
            "with _ between them; label = any text",
        ),
        (
            DECLARED + DECLARED,
            "key '[[overlay]] name': 'fit': is the name of two overlays; accepted: a name of its own",
        ),
        (
            DECLARED + 'predicate = ["exactMatch"]',
            "key '[[overlay]] predicate': is not a known key; did you mean predicates?; accepted: name, file, label, of, "
            "prefix, definition, predicates",
        ),
        (
            DECLARED + 'predicates = ["exact"]',
            "key '[[overlay]] predicates': 'exact': is not a relation; did you mean exactMatch?; accepted: exactMatch, "
            "closeMatch, broadMatch, narrowMatch, relatedMatch",
        ),
        (
            DECLARED + "predicates = []",
            "key '[[overlay]] predicates': names no relation; accepted: exactMatch, closeMatch, broadMatch, narrowMatch, "
            "relatedMatch",
        ),
    ],
)
def test_a_declaration_that_cannot_be_accepted(tmp_path: Path, declared: str, problem: str) -> None:
    path = tmp_path / "review.toml"
    path.write_text(f'id = "r"\ntitle = "R"\n{declared}\n', encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_config(path)
    assert [str(p) for p in caught.value.problems] == [f"review.toml, {problem}"]
