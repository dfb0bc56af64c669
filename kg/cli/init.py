"""``kg init``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: kg init my-review --example peer-workforce")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--example", metavar="NAME", help="Start from a bundled review, e.g. peer-workforce, instead of empty sheets."
)
@click.option(
    "--template",
    metavar="NAME",
    help="The kind of review: facilitators-barriers (the default), interventions-outcomes, associations, tags.",
)
@click.option("--title", help="The title of the review.")
@click.option("--github", is_flag=True, help="Also write a workflow for GitHub that runs kg update every week.")
def init(folder: Path, example: str | None, template: str | None, title: str | None, github: bool) -> None:
    """Make a new review folder.

    DIR gets a review.toml, template sheets and vocabularies; nothing that is already there is touched. A review folder
    that is already there gets the workflow of --github only.

    \b
    Templates
      facilitators-barriers   factors that help or hinder outcomes
      interventions-outcomes  interventions and what they change
      associations            exposures and outcomes, without a good or a bad direction
      tags                    a wide sheet of studies with a column for each topic and outcome
    """
    from kg.folder.create import init_review
    from kg.model.layout import CONFIG

    if github and (folder / CONFIG).is_file() and not (example or template or title):
        _write_workflow(folder)
        return
    made = init_review(folder, example=example, template=template, title=title)
    click.echo(
        f"made {made.root} with {len(list(made.root.rglob('*.csv')))} sheets and tables; next: cd {folder} && kg build",
        err=True,
    )
    if github:
        _write_workflow(folder)


def _write_workflow(folder: Path) -> None:
    from kg.folder.workflow import write_workflow

    path = write_workflow(folder)
    click.echo(f"wrote {path}; GitHub runs it on Mondays once it is on the default branch", err=True)
