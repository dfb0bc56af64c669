"""The modules of the page on their own, by the test runner of Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.npx
def test_the_modules() -> None:
    node = shutil.which("node")
    if node is None:
        reason = "the modules of the page are tested with node, which is not installed (apt-get install nodejs)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    files = sorted(map(str, HERE.glob("*.test.js")))
    assert len(files) == 5
    command = [node, "--experimental-detect-module", "--no-warnings", "--test", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
