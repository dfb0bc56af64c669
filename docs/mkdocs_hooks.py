"""Hooks of MkDocs: put the pages outside docs/ on the site, generate the reference, and translate links.

In the repository, a link is relative to the file that contains it. On the site, docs/ is the root and every other file
keeps its path: docs/sheets.md becomes sheets.html, and benchmarks/README.md becomes benchmarks/index.html.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from mkdocs.structure.files import File, Files

from kg.cli import main

ROOT = Path(__file__).parent.parent
OUTSIDE = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md", "docker/README.md"]
DECISIONS = sorted(f"decisions/{path.name}" for path in (ROOT / "decisions").glob("*.md"))

PYTHON = """# The Python API

This page is generated from the docstrings. In Python, `import kg` gives `open_review`, `open_graph`, `Review`, `Graph`,
`Table` and `KgError`; the other names are imported from their modules.

## Reviews

::: kg.open_review

::: kg.Review

::: kg.folder.review.Built

## Graphs

::: kg.open_graph

::: kg.Graph

## Tables

::: kg.Table

## Figures

::: kg.export.figures.figure

::: kg.export.figures.flow_figure

::: kg.export.figures.frame.Figure

## Fetching works from OpenAlex

::: kg.fetch.run

## Errors

::: kg.errors
    options:
      filters: ["!^_", "!^counted$"]
"""

COMMANDS = """# Every command and option

This page is generated from the program: it shows what `kg COMMAND --help` prints.
[The command line](../command-line.md) explains the commands, with examples that are run.
"""

_FENCED = re.compile(r"^(`{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<=\]\()([^)\s#]+\.md)(?=[)#])")
_FILE_NOTE = re.compile(r"^<!-- file: (.+?) -->\n(`{3,})(\w+)$", re.MULTILINE)


def on_config(config: Any) -> Any:
    """List the decisions in the navigation."""
    for part in config.nav:
        for pages in part.values():
            if isinstance(pages, list) and "decisions/*" in pages:
                at = pages.index("decisions/*")
                pages[at : at + 1] = DECISIONS
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages outside docs/ and the generated ones."""
    for name in [*OUTSIDE, *DECISIONS]:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    files.append(File.generated(config, "reference/python.md", content=PYTHON))
    files.append(File.generated(config, "reference/commands.md", content=commands_page()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Translate links, and show the name of a file above its content."""
    source = page.file.src_uri
    if source.startswith("reference/"):
        return markdown
    in_repository = source if (ROOT / source).exists() else f"docs/{source}"
    text, at = "", 0
    for fenced in _FENCED.finditer(markdown):
        text += _translated(markdown[at : fenced.start()], source, in_repository) + fenced[0]
        at = fenced.end()
    text += _translated(markdown[at:], source, in_repository)
    return _FILE_NOTE.sub(r'\2{.\3 title="\1"}', text)


def _translated(text: str, source: str, in_repository: str) -> str:
    """Replace links relative to the file in the repository by links relative to the page on the site."""

    def translate(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(in_repository), link[1]))
        return posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(source) or ".")

    return _LINK.sub(translate, text)


def commands_page() -> str:
    """Return the help of every command as one page."""
    root = click.Context(main, info_name="kg", terminal_width=80, **main.context_settings)
    return COMMANDS + "".join(_help_of(main, root, 2))


def _help_of(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    yield f"\n{'#' * level} {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if below := command.get_command(context, name):
                yield from _help_of(below, click.Context(below, parent=context, info_name=name), min(level + 1, 3))
