"""Builds the programs beside this file, which use the vendors' SDKs, and runs them.

What the registries give and the compilers make is kept in `build/sdk_programs`, until a file of a
program changes.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from toolchain import do_without, need

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "build" / "sdk_programs"
REGISTRY_S = 600


class Language(NamedTuple):
    """How the programs of one language are built and run."""

    tools: Sequence[str]
    fetch: Callable[[Path], Sequence[str]]
    """The command that gets the SDKs from their registry, into a folder."""
    compile: Callable[[Path], Sequence[str]]
    run: Callable[[Path], Sequence[str]]


def run(language: str, *arguments: str) -> Any:
    """Return what a program prints, which is JSON."""
    made = _built(language)
    command = [*LANGUAGES[language].run(made), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _built(language: str) -> Path:
    """Build the programs of a language, unless they are; skip without tools or registry."""
    chosen = LANGUAGES[language]
    need(*chosen.tools, tested="the vendors' SDKs")
    made = BUILT / f"{language}-{_digest(language)}"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / f"{language}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of the test run build them too
        if not (made / "done").exists():
            shutil.copytree(HERE / language, made, dirs_exist_ok=True)
            fetched = _call(chosen.fetch(made), made, timeout=REGISTRY_S)
            if fetched.returncode:
                do_without(
                    f"the vendors' SDKs are NOT tested: no registry: {fetched.stderr[-500:]}"
                )
            compiled = _call(chosen.compile(made), made)
            assert compiled.returncode == 0, compiled.stdout + compiled.stderr
            (made / "done").touch()
    return made


def _call(
    command: Sequence[str], folder: Path, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    argv = ["nice", "-n", "10", *command]
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, check=False, timeout=timeout
    )


def _digest(language: str) -> str:
    found = sorted(path for path in (HERE / language).rglob("*") if path.is_file())
    return sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:12]


def _sources(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.java"))]


_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_LINT = "-Xlint:all,-processing,-classfile"

LANGUAGES = {
    "go": Language(
        ("go",),
        lambda _: ["go", "mod", "download"],
        lambda folder: ["go", "build", "-o", str(folder / "sdks"), "."],
        lambda folder: [str(folder / "sdks")],
    ),
    "java": Language(
        ("javac", "mvn"),
        lambda folder: ["mvn", "-q", "-B", _COPY, f"-DoutputDirectory={folder / 'lib'}"],
        lambda folder: [
            *["javac", _LINT, "-Werror", "-proc:none", "-encoding", "UTF-8", "--release", "17"],
            *["-cp", str(folder / "lib" / "*"), "-d", str(folder / "classes"), *_sources(folder)],
        ],
        lambda folder: [
            "java",
            "-cp",
            f"{folder / 'classes'}{os.pathsep}{folder / 'lib' / '*'}",
            "Sdks",
        ],
    ),
}
