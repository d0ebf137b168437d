"""Measure one request of Tallystick beside its peers: ``python -m benchmarks``.

Each round starts one program after the other, so that what else the machine does falls on all.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from benchmarks import load, report, rounds
from benchmarks.programs import programs
from benchmarks.results import Results


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
                results.add(program, rounds.run(program, generate, options.seconds))
    results.write(options.out)
    report.show(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each program is measured")
    parser.add_argument("--seconds", type=int, default=3, help="load on each kind of request")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
