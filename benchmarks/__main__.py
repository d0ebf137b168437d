"""Measure one request of Tallystick beside its peers: ``python -m benchmarks``.

Each round starts one program after the other, so that what else the machine does falls on all.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from benchmarks import load, report, work
from benchmarks.process import Serving, cpu_seconds, free_port, resident_mb, serving
from benchmarks.programs import Program, programs
from benchmarks.results import Cell, Results, Run

WARM_UP_S = 1
QUIET = {"TALLYSTICK_ACCESS_LOG": "false"}
"""A request's log line is no part of the comparison: the peers write none."""


def main() -> None:
    """Measure, then print the table and write the JSON."""
    options = _options()
    console = Console(stderr=True)
    name, generate = load.generator()
    with ExitStack() as stack:
        present, left_out = programs(stack)
        results = Results.of_this_machine(name, options.seconds, left_out)
        for number in range(1, options.rounds + 1):
            for program in present:
                console.print(f"round {number} of {options.rounds}: {program.name}", style="dim")
                results.add(program, _run(program, generate, options.seconds))
    results.write(options.out)
    report.show(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each program is measured")
    parser.add_argument("--seconds", type=int, default=3, help="load on each kind of request")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    return parser.parse_args()


def _run(program: Program, generate: load.Generator, seconds: int) -> Run:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as name:
        folder = Path(name)
        command = program.command(port, folder)
        with serving(command, QUIET, folder, port, work.create()) as server:
            given = work.token(server.url) if program.knows_clients else "any"
            works = (work.send(given), work.create())
            _refuse_unchecked(program, server, works)
            cells = {w.name: _cell(program, server, w, generate, seconds) for w in works}
            return Run(cells, resident_mb(server.pid), server.first_answer_s)


def _refuse_unchecked(program: Program, server: Serving, works: tuple[work.Work, ...]) -> None:
    """End if a program does less than is said of it: the comparison would be no use."""
    for each in works:
        is_refused = work.broken(each).status(server.url) >= 400
        if each.status(server.url) != 200 or is_refused != (each.name in program.checks):
            sys.exit(f"{program.name} does not check {each.name} as it should")


def _cell(
    program: Program, server: Serving, each: work.Work, generate: load.Generator, seconds: int
) -> Cell:
    generate(server.url, each, WARM_UP_S)
    database = program.database_pid
    own, its = cpu_seconds(server.pid), cpu_seconds(database) if database else 0.0
    sent = generate(server.url, each, seconds)
    own = cpu_seconds(server.pid) - own
    its = cpu_seconds(database) - its if database else 0.0
    return Cell(
        cpu_us=own / sent.requests * 1e6,
        database_cpu_us=its / sent.requests * 1e6 if database else None,
        requests_per_s=sent.requests / sent.seconds,
        p50_ms=sent.p50_ms,
        p99_ms=sent.p99_ms,
    )


if __name__ == "__main__":
    main()
