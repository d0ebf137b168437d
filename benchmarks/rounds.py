"""One program in one round: started anew, asked to refuse what it must, loaded."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import load, work
from benchmarks.process import Serving, cpu_seconds, free_port, resident_mb, serving
from benchmarks.programs import Program
from benchmarks.results import Cell, Run

QUIET = {"TALLYSTICK_ACCESS_LOG": "false"}
"""A request's log line is no part of the comparison: the peers write none."""

Works = Callable[[str], Sequence[work.Work]]
"""``f(token)``: the requests to measure."""


def both(token: str) -> Sequence[work.Work]:
    """Both requests that every program answers."""
    return work.send(token), work.create()


def run(program: Program, generate: load.Generator, seconds: int, works: Works = both) -> Run:
    """What a program costs, from its start to the end of the load."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as name:
        folder = Path(name)
        command = program.command(port, folder)
        with serving(command, QUIET, folder, port, work.create().succeeds) as server:
            given = work.token(server.url) if program.knows_clients else "any"
            measured = works(given)
            _refuse_unchecked(program, server, measured)
            cells = {w.name: _cell(program, server, w, generate, seconds) for w in measured}
            return Run(cells, resident_mb(server.pid), server.first_answer_s)


def _refuse_unchecked(program: Program, server: Serving, works: Sequence[work.Work]) -> None:
    """End if a program does less than is said of it: the comparison would be no use."""
    for each in works:
        is_refused = work.broken(each).status(server.url) >= 400
        if each.status(server.url) != 200 or is_refused != (each.name in program.checks):
            sys.exit(f"{program.name} does not check {each.name} as it should")


def _cell(
    program: Program, server: Serving, each: work.Work, generate: load.Generator, seconds: int
) -> Cell:
    generate(server.url, each, program.warm_up_s)
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
