"""A folder of files that an export writes as a whole, into a new folder or over an earlier export."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kg.errors import UsageProblem

_PART = ".kg-part-"  # prefix of the folder in which the files are prepared


@dataclass(frozen=True)
class Kind:
    """A kind of export: ``names`` are all files that it can have, as paths in the folder with ``/``.

    The file ``about`` begins with the line ``mark`` and shows that the folder holds such an export. The file ``last``
    is removed first and written last, so a folder that has it is complete.
    """

    what: str
    names: frozenset[str]
    about: str
    mark: str
    last: str


@contextmanager
def replaced(folder: Path, kind: Kind) -> Iterator[Path]:
    """Yield a folder to write the files into; at the end of the block, they replace those of an earlier export.

    Raises UsageProblem where ``folder`` holds other files. Where the block fails, ``folder`` is left as it was.
    """
    before = _files_of(folder, kind)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=_PART, dir=folder) as scratch:
            yield Path(scratch)
            _put_in_place(Path(scratch), folder, before, kind)
    except BaseException:
        for path in missing:  # the folders that this call created, innermost first
            with suppress(OSError):
                path.rmdir()
        raise


def _files_of(folder: Path, kind: Kind) -> set[str]:
    """Return the names of the files in the folder. Raises UsageProblem where one does not belong to such an export."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise UsageProblem(f"{folder} is a file: name a folder")
    for left in folder.glob(_PART + "*"):
        shutil.rmtree(left)
    inner = {Path(name).parent.as_posix() for name in kind.names} - {"."}
    found = {path.name for path in folder.iterdir()}
    for name in inner & found:
        if (folder / name).is_dir():
            found.remove(name)
            found.update(f"{name}/{path.name}" for path in (folder / name).iterdir())
    strange = sorted(found - kind.names)
    about = folder / kind.about
    if strange or (found and not (about.is_file() and about.read_bytes().startswith(kind.mark.encode()))):
        held = strange[0] if strange else min(found)
        raise UsageProblem(f"{folder} holds {held}, which is not of {kind.what}: name a new folder")
    return found


def _put_in_place(made: Path, folder: Path, before: Collection[str], kind: Kind) -> None:
    (folder / kind.last).unlink(missing_ok=True)
    now = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    (made / kind.about).replace(folder / kind.about)  # marks the folder
    for name in set(before) - set(now):
        (folder / name).unlink(missing_ok=True)
    for name in now:
        if name not in (kind.about, kind.last):
            (folder / name).parent.mkdir(exist_ok=True)
            (made / name).replace(folder / name)
    (made / kind.last).replace(folder / kind.last)
