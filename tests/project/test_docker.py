"""Images cannot be built or run where no Docker engine runs; what can be held without one is held here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.neo4j import docker, maven
from tests.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE = ROOT / "docker" / "compose.yml"
LINES = DOCKERFILE.read_text(encoding="utf-8").splitlines()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
ASKED_FOR = "${NEO4J_PASSWORD:?set it in docker/.env (see docker/.env.example) or in the environment}"
BIN = Path(sys.executable).parent


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def copied() -> set[str]:
    return {word for line in instructions("COPY") if not line.startswith("--from") for word in line.split()[:-1]}


def ignored_but(text: str) -> tuple[list[str], list[str]]:
    """What .dockerignore lets in, and its other lines."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line[1:] for line in lines if line[0] == "!"], [line for line in lines if line[0] != "!"]


def missing(what: str) -> None:
    """A tool that checks, and is not there."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


# The image of kg -------------------------------------------------------------------------------------------------


def test_the_base_is_pinned() -> None:
    bases = {line.split()[0] for line in instructions("FROM")}
    assert len(bases) == 1 and len(instructions("FROM")) == 2
    base = bases.pop()
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base), base
    assert f'org.opencontainers.image.base.name="docker.io/library/{base}"' in "\n".join(LINES)


def test_everything_the_package_needs_is_copied() -> None:
    assert all((ROOT / name).exists() for name in copied())
    folders = set(PROJECT["tool"]["setuptools"]["package-dir"].values())
    assert folders | {"pyproject.toml", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]} == copied()


def test_nothing_but_what_is_copied_goes_to_the_engine() -> None:
    """An allow-list: a password in docker/.env, a server in .neo4j/ and graphs stay here."""
    let_in, left_out = ignored_but((ROOT / ".dockerignore").read_text(encoding="utf-8"))
    assert set(let_in) == copied()
    assert left_out == ["*", "**/.kg", "**/__pycache__"]


def test_the_image_does_not_run_as_root() -> None:
    last = max(n for n, line in enumerate(LINES) if line.startswith("FROM "))
    users = [line.split()[1] for line in LINES[last:] if line.startswith("USER ")]
    assert users == ["1000:1000"]  # a number, so that others can tell it is not root


def test_the_labels_say_what_the_project_says() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.([\w.]+)="([^"]*)"', "\n".join(LINES)))
    labels.pop("base.name")
    assert labels == {"title": "kg", **{name: PROJECT["project"][name] for name in ("version", "description")}} | {
        "licenses": PROJECT["project"]["license"]
    }


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if hadolint is None:
        missing("hadolint")
        return
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# The server ------------------------------------------------------------------------------------------------------


def test_one_version_of_neo4j_everywhere() -> None:
    version = maven.pinned()
    assert re.fullmatch(r"5\.26\.\d+", version)
    assert SERVICES["neo4j"]["image"] == docker.image(version) == f"neo4j:{version}-community"


def test_a_password_is_required_and_not_written_down() -> None:
    assert SERVICES["neo4j"]["environment"]["NEO4J_AUTH"] == f"neo4j/{ASKED_FOR}"
    assert SERVICES["kg"]["environment"] == {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": ASKED_FOR}
    example = (ROOT / "docker" / ".env.example").read_text(encoding="utf-8")
    assert [line for line in example.splitlines() if line and line[0] != "#"] == ["NEO4J_PASSWORD="]
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_example_names_every_setting_and_its_default() -> None:
    example = (ROOT / "docker" / ".env.example").read_text(encoding="utf-8")
    settings = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", COMPOSE.read_text(encoding="utf-8")))
    assert settings.pop("PWD") == "."
    assert dict(re.findall(r"^#([A-Z0-9_]+)=(.*)$", example, re.MULTILINE)) == settings


def test_every_port_is_on_this_machine_only() -> None:
    assert SERVICES["neo4j"]["ports"] == [
        "127.0.0.1:${NEO4J_BOLT_PORT:-7687}:7687",
        "127.0.0.1:${NEO4J_HTTP_PORT:-7474}:7474",
    ]
    assert "ports" not in SERVICES["kg"]


def test_the_data_outlives_the_container() -> None:
    assert SERVICES["neo4j"]["volumes"] == ["neo4j-data:/data"]
    assert yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"] == {"neo4j-data": None}
    assert SERVICES["neo4j"]["restart"] == "unless-stopped"


def test_the_server_is_asked_a_question_before_it_counts_as_healthy(tmp_path: Path) -> None:
    """And the password is in no command line: cypher-shell finds it in its environment. It may hold a slash."""
    kind, script = SERVICES["neo4j"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert SERVICES["kg"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    shell = tmp_path / "cypher-shell"
    shell.write_text('#!/bin/sh\necho "$NEO4J_USERNAME $NEO4J_PASSWORD: $*"\n', encoding="utf-8")
    shell.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", script.replace("$$", "$")],  # compose's way to write a dollar
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "NEO4J_AUTH": "neo4j/ses/ame"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "neo4j ses/ame: --address bolt://localhost:7687 RETURN 1\n"


def test_the_server_tells_nobody(tmp_path: Path) -> None:
    """Nor is anything else in its environment that the image would take for a setting that Neo4j does not know."""
    environment = SERVICES["neo4j"]["environment"]
    assert environment["NEO4J_dbms_usage__report_enabled"] == environment["NEO4J_client_allow__telemetry"] == "false"
    assert {name for name in environment if not re.fullmatch(r"NEO4J_(server|dbms|client)_[a-z_]+", name)} == {
        "NEO4J_AUTH"
    }


@pytest.fixture(scope="module")
def compose() -> list[str]:
    """The command of Docker Compose 2, which reads and checks files without an engine."""
    for command in (["docker", "compose"], ["docker-compose"], [str(BIN / "docker-compose")]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            if done.returncode == 0 and not done.stdout.startswith("1."):
                return command
    missing("Docker Compose 2")
    return []


def call_compose(compose: list[str], *arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "KG_", "COMPOSE_"))}
    command = [*compose, "--env-file", os.devnull, "-f", str(COMPOSE), "--profile", "kg", *arguments]
    return subprocess.run(
        command, cwd=cwd, env={**kept, "PWD": str(cwd), **settings}, capture_output=True, text=True, check=False
    )


def test_compose_asks_for_a_password(compose: list[str], tmp_path: Path) -> None:
    for settings in ({}, {"NEO4J_PASSWORD": ""}):
        done = call_compose(compose, "config", cwd=tmp_path, **settings)
        assert done.stdout == ""  # not every way to install it hands the exit code on
        assert "NEO4J_PASSWORD is missing a value: set it in docker/.env (see docker/.env.example) or" in done.stderr


def test_compose_reads_the_file_as_it_is_meant(compose: list[str], tmp_path: Path) -> None:
    settings = {"NEO4J_PASSWORD": "ses-ame", "NEO4J_BOLT_PORT": "17687"}
    done = call_compose(compose, "config", "--format", "json", cwd=tmp_path, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    read = json.loads(done.stdout)
    assert read["name"] == "kg"
    server, kg = read["services"]["neo4j"], read["services"]["kg"]
    assert [(port["host_ip"], port["published"], port["target"]) for port in server["ports"]] == [
        ("127.0.0.1", "17687", 7687),
        ("127.0.0.1", "7474", 7474),
    ]
    assert server["environment"]["NEO4J_AUTH"] == "neo4j/ses-ame"
    assert server["environment"]["NEO4J_server_bolt_advertised__address"] == "localhost:17687"
    assert kg["volumes"][0]["source"] == str(tmp_path) and kg["volumes"][0]["target"] == "/review"
    assert (ROOT / "docker" / kg["build"]["context"]).resolve() == ROOT
    assert (kg["user"], kg["cap_drop"], kg["security_opt"]) == ("1000:1000", ["ALL"], ["no-new-privileges:true"])
    assert (ROOT / kg["build"]["dockerfile"]).is_file()
