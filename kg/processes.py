"""Another Python process that runs code of kg."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def start_python(code: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that runs ``code`` with these arguments in ``sys.argv[1:]``.

    It has the module path of this process without the current folder, which may be a review folder. Its stdout is a
    pipe, and its stderr is discarded; ``options`` are further ones of ``subprocess.Popen``. Raises OSError.
    """
    paths = [*filter(None, sys.path), str(Path(__file__).parents[1])]  # kg may have been found in the current folder
    end = len(arguments) + 1
    begin = f"import sys; sys.path[:] = sys.argv[{end}:]; del sys.argv[{end}:]; "
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", begin + code, *arguments, *paths],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **options,
    )
