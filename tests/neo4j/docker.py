"""Neo4j from its official image, where a Docker engine runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

from tests.neo4j.common import PATIENCE, Failed, call


def image(version: str) -> str:
    """The official image of a version."""
    return f"neo4j:{version}-community"


def available() -> bool:
    """Whether there is a Docker engine, not only the command."""
    return shutil.which("docker") is not None and call("docker", "info").returncode == 0


def running(container: str) -> bool:
    """Whether a container runs."""
    done = call("docker", "inspect", "--format", "{{.State.Running}}", container)
    return done.returncode == 0 and done.stdout.strip() == "true"


def run(container: str, version: str, auth: str, bolt: str, http: str | None) -> None:
    """Start a new container and wait for its server; ``bolt`` and ``http`` are the addresses it is published on.

    ``auth`` is user/password. Raises Failed, with the end of its log.
    """
    settings = {
        "NEO4J_AUTH": auth,
        "NEO4J_server_memory_heap_max__size": os.environ.get("NEO4J_HEAP", "1g"),
        "NEO4J_server_memory_pagecache_size": "256m",
        "NEO4J_server_bolt_advertised__address": bolt,
        "NEO4J_dbms_usage__report_enabled": "false",
        "NEO4J_client_allow__telemetry": "false",
    }
    call("docker", "rm", "--force", "--volumes", container)  # left by a crash
    published = ["--publish", f"{bolt}:7687", *(["--publish", f"{http}:7474"] if http else [])]
    # The command line is visible to all users, so it has only the names; docker takes the values from its environment.
    passed = [word for name in settings for word in ("--env", name)]
    command = ["docker", "run", "--detach", "--name", container, *published, *passed, image(version)]
    done = call(*command, env={**os.environ, **settings})
    if done.returncode:
        raise Failed(f"docker could not start Neo4j {version}:\n{done.stderr}")
    deadline = time.monotonic() + PATIENCE
    while "Started." not in (log := call("docker", "logs", container)).stdout:
        if not running(container) or time.monotonic() > deadline:
            remove(container)
            raise Failed(f"Neo4j {version} did not start in Docker:\n{(log.stdout + log.stderr)[-3000:]}")
        time.sleep(0.25)


def remove(container: str, *, gently: bool = False) -> None:
    """Kill or stop a container, and remove it with its data."""
    if gently:
        call("docker", "stop", container)
    call("docker", "rm", "--force", "--volumes", container)


def admin(container: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``neo4j-admin`` inside a container."""
    return call("docker", "exec", container, "neo4j-admin", *arguments)
