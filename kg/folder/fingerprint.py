"""The version of the code that builds graphs. Commands that read a graph import this on every start: keep it light."""

from __future__ import annotations

import os
import zlib
from functools import cache
from pathlib import Path

from kg.version import __version__

#: The packages of kg whose code does not affect the content of a graph.
_READ_ONLY_PACKAGES = ("check", "cli", "export", "fetch", "query", "release", "screening", "serve")


@cache
def model() -> str:
    """Return the version of kg with a checksum of the code that builds graphs; a graph built by other code is stale.

    The checksum covers every module of kg outside the packages in ``_READ_ONLY_PACKAGES``.
    """
    package = Path(__file__).parents[1]
    modules: list[Path] = []
    for folder, inner, names in os.walk(package, followlinks=True):  # in a checkout, kg/loaders is a link
        inner[:] = [name for name in inner if Path(folder) != package or name not in _READ_ONLY_PACKAGES]
        modules += [Path(folder, name) for name in names if name.endswith(".py")]
    checksum = zlib.crc32(b"".join(path.read_bytes() for path in sorted(modules)))
    return f"{__version__}/{checksum:08x}"
