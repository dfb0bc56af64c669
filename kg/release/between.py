"""The states of a review folder by name: a release, a revision of git, or the folder as it is now."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.errors import KgError, UnknownName
from kg.folder.frozen import read_release, release_names
from kg.folder.review import Review
from kg.model.layout import CONFIG
from kg.problems import nearest
from kg.query.part import EMPIRICAL
from kg.release.beside import beside
from kg.release.changes import Difference
from kg.release.diff import diff
from kg.release.snapshot import Snapshot
from kg.release.state import snapshot_of, snapshot_of_release

NOW = "now"
#: What git calls an ordinary file; links and submodules are not read.
_FILES = (b"100644", b"100755")


def difference(review: Review, before: str, after: str = NOW, evidence: str = EMPIRICAL) -> Difference:
    """Return what changed between two states, each the name of a release, a revision of git, or ``now``.

    ``evidence`` is "empirical", which tables count too, or "all".

    Raises UnknownName for a name of neither, and BadInput for a release that was edited or a state that does not load.
    """
    return diff(state(review, before, evidence), state(review, after, evidence))


def state(review: Review, name: str, evidence: str = EMPIRICAL) -> Snapshot:
    """Return a state of a review folder by its name."""
    if name == NOW:
        return _state_of(review, NOW, evidence)
    if name in release_names(review.root):
        return snapshot_of_release(read_release(review.root, name), evidence)
    commit = _commit(review.root, name)
    if commit is None:
        known = [*release_names(review.root), NOW]
        raise UnknownName("release or revision of git", name, nearest(name, known) or known)
    with TemporaryDirectory(prefix="kg-") as scratch:
        _check_out(review.root, commit, name, Path(scratch))
        return _state_of(Review(Path(scratch)), name, evidence)


def _state_of(review: Review, name: str, evidence: str) -> Snapshot:
    with review.graph() as graph:
        return snapshot_of(graph, review.config.review, beside(review), name, evidence)


def _commit(root: Path, name: str) -> str | None:
    """Return the hash of the commit that a revision names, or None where it names none."""
    if not shutil.which("git"):
        return None
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", check=False)
    return found.decode("ascii", "replace").strip() or None


def _check_out(root: Path, commit: str, name: str, target: Path) -> None:
    """Write the files that the review folder had at a commit into a folder. Raises KgError."""
    entries = list(_entries(root, commit))
    if CONFIG not in (path for path, _ in entries):
        raise KgError(f"{name}: the folder had no {CONFIG} at this revision")
    wanted = "".join(f"{blob}\n" for _, blob in entries).encode()
    answer = _git(root, "cat-file", "--batch", given=wanted)
    at = 0
    for path, _ in entries:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[-1])
        file = target / path
        if not file.resolve().is_relative_to(target.resolve()):
            raise KgError(f"{name}: {path} leads out of the folder")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1


def _entries(root: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield path and blob of each ordinary file below the folder, without hidden ones."""
    for entry in _git(root, "ls-tree", "-r", "-z", commit, ".").split(b"\0"):
        about, _, path = entry.partition(b"\t")
        name = path.decode("utf-8", "surrogateescape")
        if about.split(b" ")[0] in _FILES and not name.startswith("."):
            yield name, about.split(b" ")[2].decode("ascii")


def _git(root: Path, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
    """Return the output of git in a folder. Raises KgError where it fails, unless ``check`` is False."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603
    if done.returncode and check:
        raise KgError(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return b"" if done.returncode else done.stdout
