"""Example queries and a style for Neo4j Browser, from ``queries/browse/``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def browse_files() -> dict[str, str]:
    """Return the text of the queries and of the style, by file name."""
    folder = resources.files("kg.queries") / "browse"
    items = sorted((item for item in folder.iterdir() if item.is_file()), key=lambda item: item.name)
    return {item.name: item.read_text(encoding="utf-8") for item in items}


def write_browse(folder: Path) -> list[Path]:
    """Write the files into a folder, which is created if missing; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in browse_files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        paths.append(folder / name)
    return paths
