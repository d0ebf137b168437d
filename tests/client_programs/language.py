"""A language of clients: strict builds with its own tools, and programs that use them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from client_programs.scenario import Scenario, scenarios
from tallystick.clients import list_apis, read_document, write_programs

HARNESSES = Path(__file__).parent / "harnesses"

NICE = ("nice", "-n", "10")


class BuildFailed(AssertionError):
    """A tool of a language reports an error or a warning."""


@dataclass(frozen=True)
class Build:
    """The generated clients of a language, and a folder for their build."""

    made: Path
    work: Path

    def client(self, api: str) -> Path:
        """Return the package of an API."""
        return self.made / api

    def packages(self) -> list[Path]:
        """Return all packages: those of the APIs, and those of the small contracts."""
        return sorted(self.made.iterdir())


@dataclass(frozen=True)
class Language:
    """The way to build and run the clients of a language."""

    name: str
    tools: tuple[str, ...]
    """Programs that must be installed."""
    program: Callable[[Scenario], tuple[str, str]]
    compile: Callable[[Build], None]
    """Compiles clients and scenarios; raises `BuildFailed` for a warning."""
    command: Callable[[Build], list[str]]
    """Returns the command that runs the scenarios, without their arguments."""
    first_call: Callable[[Build, str, str], str]
    """Runs a program against an API's client; returns its output."""
    sample: Callable[[str, str, str], tuple[str, str]]
    """Returns the name and content of a file with the sample of an API's operation."""
    suffix: str
    """The end of the names of its source files."""
    declarations: Callable[[str], Iterator[str]]
    """Yields the public declarations of a source file, a line each."""
    published: tuple[str, str, str]
    """A name to publish by, the file of a package that has it, and how."""
    behaviour: tuple[str, ...] = ()
    """What its program in `programs` prints beside the lines of all languages."""
    forms: frozenset[str] = frozenset()
    """The forms of its `sample.jinja` that few languages have."""
    environment: Callable[[Build], Mapping[str, str]] = lambda _: {}
    index: Callable[[list[str]], tuple[str, str]] | None = None
    """Returns the file that maps an API to its scenario, where the language needs one."""
    sample_index: Callable[[list[str]], tuple[str, str]] | None = None
    """Returns the file that names those of the samples, where the language needs one."""

    def build(self, build: Build) -> None:
        """Write scenarios and samples beside the clients and compile all of it."""
        shutil.copytree(HARNESSES / self.name, build.work, dirs_exist_ok=True)
        programs = [self.program(scenario) for scenario in scenarios(self.name)]
        if self.index:
            programs.append(self.index(list_apis()))
        samples = list(self._samples())
        if self.sample_index:
            programs.append(self.sample_index([name for name, _ in samples]))
        for name, text in programs + samples:
            (build.work / name).parent.mkdir(parents=True, exist_ok=True)
            (build.work / name).write_text(text, encoding="utf-8")
        self.compile(build)

    def _samples(self) -> Iterator[tuple[str, str]]:
        for api in list_apis():
            for operation, programs in _programs(api).items():
                yield self.sample(api, operation, programs[self.name] + "\n")

    def run(self, build: Build, server: str, away: str) -> list[str]:
        """Run every scenario against a server; return a line `done` or `refused` for each call.

        Calls of the client `away` go to the server at that URL.
        """
        values = {"away": away}
        for scenario in scenarios(self.name):
            values |= scenario.values
        arguments = [server, json.dumps(values), *list_apis()]
        environment = self.environment(build)
        return run([*self.command(build), *arguments], build.work, **environment).splitlines()


@cache
def _programs(api: str) -> Mapping[str, Mapping[str, str]]:
    return write_programs(read_document(api))


def run(command: Iterable[str | Path], folder: Path, **env: str) -> str:
    """Return a command's output; raise `BuildFailed` with all of it if the command fails."""
    argv = [*NICE, *map(str, command)]
    done = subprocess.run(
        argv, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildFailed(f"{' '.join(argv)}\n{done.stdout}{done.stderr}")
    return done.stdout
