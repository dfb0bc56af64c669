"""What a review folder would hold with other sheets or vocabularies: it is tried in a copy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadInput
from kg.folder.files import input_files
from kg.folder.frozen import RELEASES
from kg.folder.review import Review
from kg.model.layout import RECORDS

if TYPE_CHECKING:
    from kg.folder.read import Loaded
    from kg.model.records import Evidence


def trial(review: Review, targets: Sequence[tuple[Path, Path]]) -> Loaded:
    """Return the content of a copy of the folder with new files in it, each given as its path and its target."""
    with tempfile.TemporaryDirectory() as scratch:
        copy_of = Path(scratch) / "review"
        (copy_of / "sheets").mkdir(parents=True)
        published = (review.root / name for name in review.config.published)
        records = [review.root / folder for folder in RECORDS]  # large, and sheets are checked without them
        release = review.root / RELEASES / (review.config.release or "")
        released = (p for p in sorted(release.rglob("*")) if p.is_file()) if review.config.release else ()
        for path in [*(p for p in input_files(review.root) if p.parent not in records), *published, *released]:
            copy = copy_of / path.relative_to(review.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        for path, target in targets:
            copy = copy_of / target.relative_to(review.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        return Review(copy_of).load()


def evidence_of(review: Review) -> Evidence | None:
    """Return the evidence without records, or None if it cannot be read."""
    try:
        return trial(review, ()).evidence
    except BadInput:
        return None
