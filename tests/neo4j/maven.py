"""Neo4j from its Maven artifacts (``pom.xml``), run by a JDK."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.neo4j.common import STATE, Failed, Unavailable, call, read

POM = Path(__file__).parent / "pom.xml"
#: What the server reaches into and the JDK closes; the list of Neo4j's own start script.
OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang", "jdk.internal.misc")
]
#: Compile a method after fewer calls than usual. Most of what the tests ask for is a plan of a query that is new to the
#: server, and the code that makes it is slow before it is compiled.
SOON = [
    "-XX:Tier3InvocationThreshold=40",
    "-XX:Tier3MinInvocationThreshold=20",
    "-XX:Tier3CompileThreshold=200",
    "-XX:Tier3BackEdgeThreshold=6000",
]


def pinned() -> str:
    """The version that the project is tested with: that of ``pom.xml``."""
    found = re.search(r"<neo4j\.version>([^<]+)</neo4j\.version>", POM.read_text(encoding="utf-8"))
    assert found, POM
    return found[1]


def wanted() -> str:
    """The version to run: ``NEO4J_VERSION``, else the pinned one."""
    return os.environ.get("NEO4J_VERSION") or pinned()


def is_calendar(version: str) -> bool:
    """Whether a version is numbered by year and month (2025.01 and later), not 5.26 or before."""
    return int(version.split(".")[0]) > 2000


def java(version: str) -> str:
    """The Java that runs a version of Neo4j: ``JAVA``, else ``JAVA_HOME``, else the first installed one that fits.

    Raises Unavailable where there is none, and Failed where all there are do not fit.
    """
    chosen = os.environ.get("JAVA")
    if not chosen and (java_home := os.environ.get("JAVA_HOME")):
        chosen = str(Path(java_home) / "bin" / "java")
    candidates = [chosen] if chosen else _installed()
    need = f"Neo4j {version} runs on " + ("Java 21 or newer" if is_calendar(version) else "Java 17 or 21")
    if not candidates:
        raise _nothing(f"there is no java; {need}")
    seen = []
    for candidate in candidates:
        release = _java_release(candidate)
        if release and _fits(release, version):
            return candidate
        seen.append(f"{candidate} is {f'Java {release}' if release else 'no Java'}")
    raise Failed(f"{need}, and {', '.join(seen)}: set JAVA or JAVA_HOME to one that fits")


def _nothing(missing: str) -> Unavailable:
    return Unavailable(
        "no Neo4j: set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD, or start Docker, or install a JDK and Maven "
        f"({missing})"
    )


def _installed() -> list[str]:
    """Every java of this machine, the one on the path first."""
    folders = (*Path("/usr/lib/jvm").glob("*"), *Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"))
    found = [str(folder / "bin" / "java") for folder in sorted(folders) if (folder / "bin" / "java").is_file()]
    return [path for path in (shutil.which("java"), *found) if path]


def _fits(release: int, version: str) -> bool:
    return release >= 21 if is_calendar(version) else 17 <= release <= 21


def _java_release(command: str) -> int | None:
    try:
        done = call(command, "-version")
    except OSError:
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def fetch(version: str) -> None:
    """Fetch the jars, once; the caller holds the lock."""
    java(version)  # first, because the message of Maven is less clear
    lib = STATE / f"lib-{version}"
    if lib.is_dir():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise _nothing("there is a java, and no mvn")
    print(f"fetching Neo4j {version} with Maven ...", file=sys.stderr)
    part = lib.with_name(f"{lib.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    done = call(
        *(maven, "--quiet", "--batch-mode", "-f", str(POM), f"-Dneo4j.version={version}"),
        *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"),
    )
    if done.returncode:
        raise Failed(f"Maven could not fetch Neo4j {version}:\n{(done.stdout + done.stderr)[-3000:]}")
    part.rename(lib)  # so that the folder is complete or absent


def launch(version: str, home: Path, console: Path) -> int:
    """Start a server in the background with its output in ``console``; return its process id."""
    command = [
        *_java(version, heap=os.environ.get("NEO4J_HEAP", "1g")),
        *SOON,
        "-Xms256m",
        "-XX:+UseSerialGC",
        "org.neo4j.server." + ("Neo4jCommunity" if is_calendar(version) else "CommunityEntryPoint"),
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
    ]
    # Started through a shell, it is not a child of this process: it outlives `make neo4j-start` and leaves no zombie.
    shell = ["/bin/sh", "-c", 'out=$1; shift; "$@" </dev/null >"$out" 2>&1 & echo $!', "sh", str(console), *command]
    done = subprocess.run(
        shell, stdout=subprocess.PIPE, text=True, check=True, start_new_session=True, env=_environment(home)
    )
    pid, deadline = int(done.stdout), time.monotonic() + 5
    # For an instant, while the shell's child becomes Java, its command line reads as empty, like that of a dead process.
    while not command_line(pid).startswith(command[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return pid


def admin(version: str, home: Path, *arguments: str, show: bool = False) -> subprocess.CompletedProcess[str]:
    """Run ``neo4j-admin`` on a home; with ``show`` its output goes where ours does, else it is captured."""
    command = [*_java(version, heap="1g"), "org.neo4j.cli.AdminTool", *arguments]
    return subprocess.run(command, capture_output=not show, text=True, check=False, env=_environment(home))


def _java(version: str, *, heap: str) -> list[str]:
    """Return how to start Java.

    A server that lives for minutes gains nothing from the optimizing compiler. Without it, Java keeps room for 48 MB of
    compiled code, which Neo4j fills: what it evicts is interpreted and compiled again.
    """
    compiler = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=256m")
    return [java(version), *OPENS, *compiler, f"-Xmx{heap}", "-cp", f"{STATE / f'lib-{version}'}/*"]


def _environment(home: Path) -> dict[str, str]:
    """The environment of the server's programs, without variables that would configure them."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return {**ours, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}


def command_line(pid: int) -> str:
    """The command line of a process, its arguments ended by NUL or a blank; empty where there is no such process."""
    if Path("/proc/self").exists():
        return read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")
    return call("ps", "-ww", "-o", "command=", "-p", str(pid)).stdout.replace("\n", " ")  # macOS
