"""Completion in bash, zsh and fish: the scripts are click's; here they complete our commands, quickly."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Libraries that take long to import, and that no completion needs.
HEAVY = ("kglite", "neo4j", "numpy", "openpyxl", "pandas", "pyalex", "rapidfuzz", "rdflib", "requests")

#: Runs the completion function of a bash script the way bash does when Tab is pressed, and prints what it offers.
BASH = """
eval "$(_KG_COMPLETE=bash_source kg)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_kg_completion kg
printf '%s\\n' "${COMPREPLY[@]}"
"""

#: The same in zsh, with the two functions that show completions replaced by ones that print them.
ZSH = """
compdef() { }
_describe() { print -l -- ${(P)3} }
compadd() { print -l -- ${(P)@[-1]} }
eval "$(_KG_COMPLETE=zsh_source kg)"
words=("$@") CURRENT=$#
_kg_completion
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``kg`` is this package."""
    command = tmp_path / "kg"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kg "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}


def shell(name: str, environment: dict[str, str], *arguments: str) -> list[str]:
    """Run a shell and return the lines it prints."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    ran = subprocess.run([path, *arguments], env=environment, capture_output=True, encoding="utf-8", timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def answer(environment: dict[str, str], instruction: str, words: str = "", at: str = "") -> str:
    """Return what kg answers to a shell."""
    asked = {**environment, "_KG_COMPLETE": instruction, "COMP_WORDS": words, "COMP_CWORD": at}
    ran = subprocess.run([sys.executable, "-m", "kg"], env=asked, capture_output=True, encoding="utf-8", timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.parametrize(("words", "offered"), [
    (["kg", "ta"], ["table"]),
    (["kg", "table", "--wi"], ["--without-retracted"]),
    (["kg", "table", "outcomes", "--format", "x"], ["xlsx"]),
    (["kg", "export", "h"], ["html"]),
])  # fmt: skip
def test_bash_completes_commands_options_and_values(
    words: list[str], offered: list[str], environment: dict[str, str]
) -> None:
    assert shell("bash", environment, "-c", BASH, "bash", *words) == offered


@pytest.mark.parametrize(("line", "offered"), [
    ("kg ta", ["table"]),
    ("kg table --wi", ["--without-retracted"]),
    ("kg table outcomes --format x", ["xlsx"]),
    ("kg export h", ["html"]),
])  # fmt: skip
def test_fish_completes_commands_options_and_values(line: str, offered: list[str], environment: dict[str, str]) -> None:
    script = f"_KG_COMPLETE=fish_source kg | source; complete -C {shlex.quote(line)}"
    assert [shown.split("\t")[0] for shown in shell("fish", environment, "--no-config", "-c", script)] == offered


@pytest.mark.parametrize(("words", "offered"), [
    (["kg", "ta"], ["table"]),
    (["kg", "table", "--wi"], ["--without-retracted"]),
    (["kg", "export", "h"], ["html"]),
])  # fmt: skip
def test_zsh_completes_commands_and_options(words: list[str], offered: list[str], environment: dict[str, str]) -> None:
    printed = shell("zsh", environment, "-f", "-c", ZSH, "zsh", *words)
    assert [shown.split(":")[0] for shown in printed] == offered


@pytest.mark.parametrize(("name", "line"), [
    ("bash", "complete -o nosort -F _kg_completion kg"),
    ("zsh", "#compdef kg"),
    ("fish", 'complete --no-files --command kg --arguments "(_kg_completion)"'),
])  # fmt: skip
def test_a_script_is_made_for_each_shell_whether_it_is_installed_or_not(
    name: str, line: str, environment: dict[str, str]
) -> None:
    if name == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    assert line in answer(environment, f"{name}_source")


@pytest.mark.parametrize(("instruction", "at", "line"), [
    ("bash_complete", "1", "plain,table"),
    ("zsh_complete", "1", "plain\ntable\nShow a table: evidence counts, outcomes,"),
    ("fish_complete", "ta", "plain,table\tShow a table: evidence counts, outcomes,"),
])  # fmt: skip
def test_the_answer_to_each_shell(instruction: str, at: str, line: str, environment: dict[str, str]) -> None:
    assert answer(environment, instruction, "kg ta", at).startswith(line)


@pytest.mark.parametrize("words", ["kg ", "kg add ", "kg table --", "kg fetch --", "kg export html -"])
def test_completion_imports_nothing_heavy(words: str, environment: dict[str, str]) -> None:
    """Not even for the list of all commands, which imports each of them for its help."""
    asked = {
        **environment, "_KG_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kg"], env=asked, capture_output=True, encoding="utf-8", timeout=120
    )
    assert ran.returncode == 0 and ran.stdout.startswith(("plain,", "file,"))
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "click" in imported
    assert imported & set(HEAVY) == set()
