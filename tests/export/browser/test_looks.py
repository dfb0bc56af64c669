"""The look of the map: its marks, hatches and lines, without text, as fonts differ between machines.

``KG_UPDATE_GOLDEN=1`` draws the pictures again; look at them before you commit them.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from .conftest import Example, Opener, without_policy
from .reading import show

GOLDEN = Path(__file__).parent / "golden"
#: Of the pixels, so many may differ by more than STEP of 255 in any colour: edges are smoothed differently.
TOLERANCE, STEP = 0.003, 64
PLAIN = """
* { color: transparent !important; font-family: monospace !important; }
.mark text { display: none; }
#grid th { height: 40px !important; min-width: 90px !important; max-width: 90px !important; overflow: hidden; }
#grid td { height: 46px !important; }
#grid .head { height: 36px; overflow: hidden; }
"""


@pytest.mark.parametrize("style", ["bubble", "bars", "heat"])
def test_the_map_looks_as_it_did(open_page: Opener, examples: dict[str, Example], style: str) -> None:
    html = without_policy(examples["peer-workforce"].html)
    page = open_page(html.replace("</head>", f"<style>{PLAIN}</style></head>", 1))
    show(page, ("style", style))
    found = Image.open(io.BytesIO(page.locator("#grid tbody").screenshot())).convert("RGB")
    golden = GOLDEN / f"map-{style}.png"
    if os.environ.get("KG_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        found.save(golden, optimize=True)
    wanted = Image.open(golden).convert("RGB")
    assert found.size == wanted.size
    different = ImageChops.difference(found, wanted).convert("L").point(lambda level: 255 if level > STEP else 0)
    share = different.histogram()[255] / (found.width * found.height)
    assert share <= TOLERANCE
