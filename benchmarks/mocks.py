"""Measure the mock beside other mock servers: ``python -m benchmarks.mocks``.

Each serves the event POST as its users would have it, and keeps the newest requests to show them.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import load, programs, report, rounds, work
from benchmarks.programs import NODE_TOOLS, Program, Programs
from benchmarks.results import Results

OURS = "tallystick mock"
PRISM = programs.PRISM
MOCKOON = "Mockoon"
WIREMOCK = "WireMock"
_MAPPINGS = Path("benchmarks/peers/wiremock")


def main() -> None:
    """Measure, then print the table and write the JSON."""
    options = _options()
    console = Console(stderr=True)
    name, generate = load.generator()
    present, left_out = _mocks(options.wiremock)
    results = Results.of_this_machine(name, options.seconds, left_out)
    for number in range(1, options.rounds + 1):
        for program in present:
            console.print(f"round {number} of {options.rounds}: {program.name}", style="dim")
            results.add(program, rounds.run(program, generate, options.seconds, _send_alone))
    results.write(options.out)
    report.show_mocks(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mocks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each program is measured")
    parser.add_argument("--seconds", type=int, default=3, help="of load in each round")
    parser.add_argument("--wiremock", type=Path, help="WireMock's standalone jar")
    parser.add_argument("--out", type=Path, default=Path("build/bench-mocks.json"))
    return parser.parse_args()


def _send_alone(token: str) -> Sequence[work.Work]:
    return (work.send(token),)


def _mocks(jar: Path | None) -> Programs:
    present, left_out = [_ours()], {}
    for name, tool, make in _FROM_NPM:
        if programs.has_node_tool(tool):
            present.append(make())
        else:
            left_out[name] = programs.NOT_INSTALLED
    if jar and jar.exists() and shutil.which("java"):
        present.append(_wiremock(jar))
    else:
        left_out[WIREMOCK] = "its jar, or Java, is not installed"
    return Programs(present, left_out)


def _ours() -> Program:
    def command(port: int, _folder: Path) -> list[str]:
        return [sys.executable, "-m", "tallystick", "mock", "--port", str(port)]

    return Program(OURS, "our contracts: checks, stores the event, answers the truth", command)


def _mockoon() -> Program:
    file = programs.joined()

    def command(port: int, _folder: Path) -> list[str]:
        start = [str(NODE_TOOLS / "mockoon-cli"), "start", "--data", str(file)]
        return [*start, "--port", str(port), "--disable-log-to-file"]

    does = "our contracts, imported: checks nothing, answers an example"
    return Program(MOCKOON, does, command, frozenset(), knows_clients=False)


_FROM_NPM = ((PRISM, "prism", programs.prism), (MOCKOON, "mockoon-cli", _mockoon))


def _wiremock(jar: Path) -> Program:
    def command(port: int, folder: Path) -> list[str]:
        shutil.copytree(_MAPPINGS, folder, dirs_exist_ok=True)
        start = ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(folder)]
        # Its journal has no end of its own; the answer with its length is what the others send.
        journal = ["--max-request-journal-entries", "1000", "--use-chunked-encoding", "never"]
        return [*start, "--disable-banner", *journal]

    does = "a mapping by hand: matches path, key, identifier and JSON, answers the same"
    # Its virtual machine compiles while the first requests come.
    return Program(WIREMOCK, does, command, knows_clients=False, warm_up_s=10)


if __name__ == "__main__":
    main()
