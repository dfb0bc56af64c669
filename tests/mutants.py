"""Mutation tests of the core: ``make mutants``, or ``python -m tests.mutants kg/graph/counts.py``.

Cosmic Ray changes one operator, constant or statement at a time in a copy of the checkout and runs the tests of the
module. A mutant that no test kills is printed: a test is missing there, or the change makes no difference.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.paths import ROOT

_LAYOUTS = "tests/loaders/test_sheets_layouts.py"
#: Module -> the tests that are to kill its mutants: few and fast, because each mutant runs them anew.
CORE = {
    "kg/graph/counts.py": "tests/graph tests/query tests/check/test_bundled_review.py",
    "kg/linkage/clusters.py": "tests/linkage/test_resolve.py -k 'not nothing_is_lost and not idempotent'",
    "kg/linkage/resolve.py": "tests/linkage/test_resolve.py -k 'not nothing_is_lost and not idempotent'",
    "kg/cypher/catalogue.py": "tests/cypher",
    "kg/cypher/readonly.py": "tests/security/test_queries.py "
    "-k 'frame or refusal_says or refusal_of or what_a_statement or sent_as_it_is or ours_passes'",
    "loaders/sheets/columns.py": "tests/loaders/test_columns.py tests/loaders/test_guess.py",
    "loaders/sheets/kinds.py": "tests/loaders/test_kinds.py",
    "loaders/sheets/guess.py": f"tests/loaders/test_guess.py tests/loaders/test_sheets_excluded.py {_LAYOUTS}",
    "loaders/sheets/keys.py": "tests/loaders/test_keys.py",
    "loaders/sheets/groups.py": f"tests/loaders/test_groups.py {_LAYOUTS}",
    "loaders/sheets/unfold.py": "tests/loaders/test_unfold.py",
    "loaders/sheets/excluded.py": "tests/loaders/test_sheets_excluded.py",
    "loaders/sheets/filled.py": "tests/loaders/test_sheets_filled.py",
    "loaders/sheets/findings.py": f"tests/loaders/test_findings.py {_LAYOUTS}",
    "loaders/sheets/studies.py": f"tests/loaders/test_studies.py {_LAYOUTS}",
    "kg/check/audit/facts.py": "tests/check/test_audit.py",
    "kg/check/audit/lists.py": "tests/check/test_audit.py",
}
BIN = Path(sys.executable).parent
SECONDS = 120  # for one mutant; the slowest tests take 20


def copied(to: Path) -> None:
    """Copy the files that git tracks."""
    names = subprocess.run(
        [str(shutil.which("git")), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, names.split("\0")):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name, follow_symlinks=False)


def survivors(module: str, tests: str) -> tuple[int, list[str]]:
    """Return the number of mutants of a module, and the changes that its tests did not notice."""
    with tempfile.TemporaryDirectory() as scratch:
        checkout, session = Path(scratch) / "checkout", Path(scratch) / "session.sqlite"
        copied(checkout)
        command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -m 'not server and not browser' {tests}"
        config = Path(scratch) / "config.toml"
        config.write_text(
            f"[cosmic-ray]\nmodule-path = {module!r}\ntimeout = {SECONDS}.0\nexcluded-modules = []\n"
            f"test-command = {json.dumps(command)}\n\n[cosmic-ray.distributor]\nname = 'local'\n\n"
            # Nearly every | of this code is in an annotation, which is not run.
            "[cosmic-ray.filters.operators-filter]\nexclude-operators = ['core/ReplaceBinaryOperator_BitOr_.*']\n",
            encoding="utf-8",
        )
        environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}

        def call(*arguments: object, program: str = "cosmic-ray") -> str:
            words = [str(BIN / program), *map(str, arguments)]
            ran = subprocess.run(words, cwd=checkout, env=environment, capture_output=True, text=True, check=True)
            return ran.stdout

        subprocess.run(["/bin/sh", "-c", command], cwd=checkout, env=environment, check=True, capture_output=True)
        call("init", config, session)
        call(session, config, program="cr-filter-operators")
        call("exec", config, session)
        found = [json.loads(line) for line in call("dump", session).splitlines()]
    results = [result for _, result in found if result and result["worker_outcome"] != "skipped"]
    return len(results), [result["diff"] for result in results if result["test_outcome"] == "survived"]


def main() -> None:
    """Print the survivors of the modules that are named, or of all of CORE, and how many mutants were killed."""
    modules = sys.argv[1:] or list(CORE)
    for module in modules:
        number, alive = survivors(module, CORE[module])
        for diff in alive:
            print(diff)
        print(f"{module}: {number - len(alive)} of {number} mutants killed", flush=True)


if __name__ == "__main__":
    main()
