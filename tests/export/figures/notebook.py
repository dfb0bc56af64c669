"""The notebook of the guide: its cells, and what they show when they are executed.

``python -m tests.export.figures.notebook`` executes it and writes the outputs into docs/notebook.ipynb.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from tests.paths import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def executed(notebook: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a notebook with the outputs of its cells, executed in ``folder`` by a kernel of this Python."""
    import nbformat
    from nbclient import NotebookClient

    made = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(made, timeout=120, kernel_name="python3", resources=resources).execute()
    for cell in made.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if len(output.get("data", ())) > 1:
                del output["data"]["text/plain"]  # a notebook shows HTML or the picture
    made.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    result: dict[str, Any] = json.loads(nbformat.writes(made))  # type: ignore[no-untyped-call]
    return result


def shown(notebook: dict[str, Any]) -> list[Any]:
    """Return what the cells show: text and HTML as they are, and of a figure its width, its caption and its words.

    The outlines of letters and the ends of lines depend on the version of matplotlib, and are left out.
    """
    found: list[Any] = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {"text/plain": output.get("text")})
            for kind, content in data.items():
                text = "".join(content)
                if kind == "image/svg+xml":
                    about = re.findall(r'<svg [^>]*width="([\d.]+pt)"|<dc:description>(.*)</', text)
                    found.append((kind, about, " ".join(re.findall(r"<!-- (.*?) -->", text))))
                else:
                    found.append((kind, text))
    return found


def read() -> dict[str, Any]:
    """Return the notebook as it is in the guide."""
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return notebook


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        text = json.dumps(executed(read(), Path(scratch)), ensure_ascii=False, indent=1, sort_keys=True)
    NOTEBOOK.write_text(text + "\n", encoding="utf-8")
