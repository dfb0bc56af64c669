"""A workflow for GitHub that updates a review every week and opens a pull request with what is new."""

from __future__ import annotations

import json
from pathlib import Path

from kg.errors import KgError, UsageProblem
from kg.model.ids import slug
from kg.version import __version__

#: The actions that the workflow uses: name -> version.
ACTIONS = {"actions/checkout": "v5", "actions/setup-python": "v6"}

#: DIR, VERSION, CHECKOUT and PYTHON are filled in. Signs of the digest that GitHub would act on are taken apart.
_TEMPLATE = """\
# Every Monday, kg update runs the saved searches of the review again. What is new comes as a pull request.
name: Update the review
on:
  schedule:
    - cron: "17 5 * * 1"
  workflow_dispatch:
permissions:
  contents: write
  pull-requests: write
concurrency:
  group: kg-update
defaults:
  run:
    working-directory: @DIR@
jobs:
  update:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: @CHECKOUT@
      - uses: @PYTHON@
        with:
          python-version: "3.13"
      - run: python -m pip install evidence-kg==@VERSION@
      - name: Run the saved searches again
        env:
          OPENALEX_API_KEY: ${{ secrets.OPENALEX_API_KEY }}
        run: |
          kg update -o "$RUNNER_TEMP/digest.md"
          kg diff HEAD --format md -o "$RUNNER_TEMP/diff.md"
      - name: Open a pull request with the digest
        env:
          GH_TOKEN: ${{ github.token }}
        run: |
          git add --all .
          if git diff --cached --quiet; then
            echo "nothing is new"
            exit 0
          fi
          day="$(date -u +%F)"
          {
            {
              head -c 40000 "$RUNNER_TEMP/digest.md"
              printf '\\n## What changed in the review\\n\\n'
              head -c 10000 "$RUNNER_TEMP/diff.md"
            } | sed -e 's/@/@<!-- -->/g' -e 's/#\\([0-9]\\)/#<!-- -->\\1/g'
            printf '\\n```text\\n%s\\n```\\n' "$(git diff --cached --stat)"
          } > "$RUNNER_TEMP/body.md"
          git config user.name "github-actions[bot]"
          git config user.email "41898282+github-actions[bot]@users.noreply.github.com"
          git switch -c "kg-update/$day-$GITHUB_RUN_ID"
          git commit -m "Add what the searches of $day found"
          git push origin HEAD
          gh pr create --title "Update of $day" --body-file "$RUNNER_TEMP/body.md"
"""


def write_workflow(folder: Path) -> Path:
    """Write the workflow for a review folder into its git repository, or into the folder if it is in none.

    Returns its path: ``.github/workflows/kg-update.yml``, with the folder in its name if that is not the repository
    itself. Raises UsageProblem if there is such a file, or for a name that GitHub would evaluate.
    """
    folder = folder.resolve()
    root = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    inside = folder.relative_to(root).as_posix()
    if "${{" in inside:
        raise UsageProblem(f"{inside!r} cannot be named in a workflow: GitHub evaluates what is in ${{{{ }}}}")
    name = "kg-update.yml" if inside == "." else f"kg-update-{slug(inside)}.yml"
    path = root / ".github" / "workflows" / name
    text = workflow(inside)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageProblem(f"{path} is already there") from error
    except OSError as error:
        raise KgError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def workflow(inside: str = ".") -> str:
    """Return the text of the workflow for a review in the folder ``inside`` of a repository."""
    checkout, python = (f"{name}@{version}" for name, version in ACTIONS.items())
    filled = {
        "@DIR@": json.dumps(inside, ensure_ascii=False),  # a JSON string is a YAML string
        "@CHECKOUT@": checkout,
        "@PYTHON@": python,
        "@VERSION@": __version__,
    }
    text = _TEMPLATE
    for mark, value in filled.items():
        text = text.replace(mark, value, 1)
    return text
