"""``kg init``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: kg init my-review --example peer-workforce")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--example", metavar="NAME", help="Start from a bundled review, e.g. peer-workforce, instead of empty sheets."
)
@click.option("--title", help="The title of the review.")
def init(folder: Path, example: str | None, title: str | None) -> None:
    """Make a new review folder.

    DIR gets a review.toml, template sheets and vocabularies; nothing that is already there is touched.
    """
    from kg.folder.create import init_review

    made = init_review(folder, example=example, title=title)
    click.echo(
        f"made {made.root} with {len(list(made.root.rglob('*.csv')))} sheets and tables; next: cd {folder} && kg build",
        err=True,
    )
