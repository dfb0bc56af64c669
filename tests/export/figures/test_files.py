"""The files: the same bytes for the same graph, fonts inside, nothing that runs, and clear errors."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from defusedxml import ElementTree
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from kg.errors import KgError, UsageProblem
from kg.export.figures import figure
from kg.export.figures.layout import fitted
from kg.export.figures.render import width_of
from kg.export.figures.sheet import hatching
from kg.folder.review import Review
from kg.query.graph import Graph
from tests.conftest import MakeReview, Run
from tests.export.figures.looking import words

HOSTILE = '<script>alert(1)</script> & "q" $x^2$ ]]> -- \x1b[2J \u202eesrever'


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_the_same_graph_gives_the_same_bytes_in_another_process(kind: str, example: Review, tmp_path: Path) -> None:
    with example.graph() as graph:
        here = figure(graph, "evidence-counts", width="column").as_bytes(kind)
    out = tmp_path / f"a.{kind}"
    command = [sys.executable, "-m", "kg", "export", "figure", "evidence-counts", "--width", "column", "-o", str(out)]
    subprocess.run(command, cwd=example.root, check=True, capture_output=True, env={"PYTHONHASHSEED": "7", **paths()})
    assert out.read_bytes() == here


def paths() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(path for path in sys.path if path), "PATH": "/usr/bin:/bin"}


def test_sizes_are_in_millimetres(small: Graph) -> None:
    drawn = figure(small, "gap-map", width=90)
    root = ElementTree.fromstring(drawn.as_bytes("svg"))
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(90 / 25.4 * 72, abs=0.01)
    assert float(root.attrib["height"].removesuffix("pt")) == pytest.approx(drawn.height / 25.4 * 72, abs=0.01)
    wide, high = struct.unpack(">II", drawn.as_bytes("png")[16:24])
    assert (wide, high) == (int(90 / 25.4 * 300), int(drawn.height / 25.4 * 300))
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", drawn.as_bytes("pdf"))
    assert box and float(box[1]) == pytest.approx(90 / 25.4 * 72, abs=0.01)


def test_a_pdf_embeds_its_fonts_and_has_no_date(small: Graph) -> None:
    data = figure(small, "gap-map").as_bytes("pdf")
    fonts = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", data))
    assert fonts == {b"DejaVuSans", b"DejaVuSans-Bold"}
    assert data.count(b"/FontFile2") >= 2 and b"/Type3" not in data
    assert b"CreationDate" not in data


def test_hostile_labels_are_text_and_nothing_else(make_review: MakeReview) -> None:
    label = HOSTILE.replace('"', '""').replace("\x1b", "")
    files = {
        "sheets/studies.csv": "key,year\ns,2018\n",
        "sheets/findings.csv": f'study,factor,direction,outcomes\ns,"{label}",barrier,Retention\n',
    }
    with make_review(files).graph() as graph:
        drawn = figure(graph, "gap-map")
        svg = drawn.as_bytes("svg").decode()
        root = ElementTree.fromstring(svg)
        assert drawn.as_bytes("pdf") and drawn.as_bytes("png")
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {"svg", "title", "metadata", "RDF", "Work", "type", "description", "format", "creator", "Agent", "defs",
                     "style", "g", "path", "use", "clipPath", "rect"}  # fmt: skip
    links = {value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")}
    assert all(link.startswith("#") for link in links)
    assert any("$x^2$" in text for text in words(drawn))
    assert "\u202e" not in svg and "alert(1)</script>" not in svg


def test_dollar_signs_are_not_mathematics(make_review: MakeReview) -> None:
    files = {
        "sheets/studies.csv": "key,year\ns,2018\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\ns,$x^2$,barrier,Retention\n",
    }
    with make_review(files).graph() as graph:
        svg = figure(graph, "gap-map").as_bytes("svg").decode()
    (drawn,) = re.findall(r"<!-- \$x\^2\$ -->\s*<g[^>]*>(.*?)</g>\s*</g>", svg, re.DOTALL)
    assert len(re.findall("<use ", drawn)) == len("$x^2$")


def test_a_png_can_be_read(small: Graph) -> None:
    data = figure(small, "upset", width=60).as_bytes("png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(body)
        at += 12 + length


def test_a_character_without_a_font_is_an_error_that_a_font_solves(make_review: MakeReview, tmp_path: Path) -> None:
    files = {
        "sheets/studies.csv": "key,year\ns,2018\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\ns,支持 support,barrier,Retention\n",
    }
    with make_review(files).graph() as graph:
        with pytest.raises(
            KgError, match=r"no font of the figure has the characters '支持' of .*: name a file with a font"
        ):
            figure(graph, "gap-map")
        drawn = figure(graph, "gap-map", fonts=[a_font(tmp_path / "a.ttf", "支持")])
        assert b"KgTest" in drawn.as_bytes("pdf")
        (tmp_path / "b.ttf").write_text("no font")
        with pytest.raises(UsageProblem, match=r"b.ttf is no font that can be read: a TTF or OTF file is"):
            figure(graph, "gap-map", fonts=[tmp_path / "b.ttf"])


def a_font(path: Path, characters: str) -> Path:
    """Write a font in which each of the characters is a square."""
    names = [f"u{ord(c):04X}" for c in characters]
    pen = TTGlyphPen(None)
    for n, point in enumerate([(0, 0), (0, 700), (700, 700), (700, 0)]):
        (pen.lineTo if n else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", *names])
    made.setupCharacterMap({ord(c): name for c, name in zip(characters, names, strict=True)})
    made.setupGlyf(dict.fromkeys([".notdef", *names], square))
    made.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (800, 0)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "KgTest", "styleName": "Regular", "psName": "KgTest"})
    made.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    made.setupPost()
    made.save(path)
    return path


@pytest.mark.skipif(sys.version_info < (3, 11), reason="matplotlib 3.11 needs Python 3.11")
def test_text_from_right_to_left_is_measured_and_drawn(make_review: MakeReview) -> None:
    files = {
        "sheets/studies.csv": "key,year\ns,2018\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\ns,الدعم الاجتماعي,barrier,שחיקה\n",
    }
    with make_review(files).graph() as graph:
        drawn = figure(graph, "gap-map")
    assert {"الدعم الاجتماعي", "שחיקה"} <= set(words(drawn))
    assert b"DejaVuSans" in drawn.as_bytes("pdf")
    assert width_of("الدعم", 7) < sum(width_of(letter, 7) for letter in "الدعم")  # letters are joined


def test_settings_of_the_user_change_nothing(small: Graph) -> None:
    import matplotlib

    before = figure(small, "counts", "design").as_bytes("svg")
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "svg.fonttype": "none", "savefig.dpi": 10}):
        assert figure(small, "counts", "design").as_bytes("svg") == before


def test_lines_wrap_at_spaces_and_hyphens_and_long_words_are_broken() -> None:
    assert fitted("one two three", 100, 7) == ["one two three"]
    assert fitted("self-determination theory", width_of("self-determination", 7), 7) == ["self-determination", "theory"]
    assert fitted("self-determination theory", width_of("determination", 7), 7) == ["self-", "determination", "theory"]
    lines = fitted("x" * 50, 20, 7)
    assert "".join(lines) == "x" * 50 and all(width_of(line, 7) <= 20 for line in lines)
    assert fitted("a b c d e f", width_of("a b", 7) + 0.1, 7, most=2)[1].endswith("…")
    assert fitted("", 20, 7) == [""]


def test_a_hatching_stays_inside() -> None:
    for wide, high in ((5.0, 3.0), (1.0, 8.0), (0.5, 0.5)):
        for (ax, ay), (bx, by) in hatching(2, 1, wide, high, 1.6):
            assert 2 <= ax < bx <= 2 + wide and 1 <= by < ay <= 1 + high
            assert bx - ax == pytest.approx(ay - by, abs=1e-3)


def test_a_figure_that_is_too_high_is_refused(small: Graph) -> None:
    drawn = figure(small, "gap-map")
    drawn.sheet.height = 2600
    assert drawn.as_bytes("svg")
    with pytest.raises(UsageProblem, match=r"would be 2.6 m high, and PNG files are up to 2.5 m: --where makes it"):
        drawn.as_bytes("png")


# --- the command ---


def test_a_figure_that_no_page_holds_is_noted(example: Review, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    ran = run("export", "figure", "evidence-counts", "--all", "--width", "column", "-o", out, "-C", example.root)
    assert (ran.code, ran.err.splitlines()[0]) == (0, f"wrote {out}")
    assert re.fullmatch(r"note: the figure is 3\d\d mm high, and a page has 297", ran.err.splitlines()[1])


def test_the_command_writes_a_file_and_prints_the_caption(example: Review, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    ran = run(
        "export", "figure", "gap-map", "-o", out, "--width", "175", "--where", "design=survey", "-C", example.root
    )
    assert (ran.code, ran.err) == (0, f"wrote {out}\n")
    assert ran.out.startswith("Gap map: Factors by outcomes. ") and "only design = survey: 3 of 20 studies" in ran.out
    assert "<dc:description>" + ran.out.strip().replace("&", "&amp;") in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("arguments", "message"), [
    (["gapmap"], "no figure is called 'gapmap'; did you mean gap-map"),
    (["gap-map", "-o", "x.gif"], "figures are written as svg, png, pdf, not as 'gif'"),
    (["gap-map", "--width", "5"], "5 is no width of a figure"),
    (["prisma", "--where", "year>2000"], "where belongs to the figures"),
    (["prisma", "--store", "embedded:x"], "store belongs to the figures"),
    (["counts", "desing"], "no facet is called 'desing'; did you mean design"),
    (["gap-map", "--map", "x"], "no map is called 'x'"),
])  # fmt: skip
def test_wrong_usage_writes_nothing(
    arguments: list[str], message: str, example: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("export", "figure", *arguments, "-C", example.root)
    assert ran.code == 2 and message in ran.err
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_error_says_what_to_install(
    example: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    width_of.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = run("export", "figure", "gap-map", "-o", tmp_path / "a.svg", "-C", example.root)
    assert ran.code == 1
    assert "matplotlib, which is not installed: pip install 'evidence-kg[figures]'" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_help_and_other_exports_do_not_import_matplotlib() -> None:
    code = "import sys, kg.cli.export, kg.export.figures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=paths()).returncode == 0
