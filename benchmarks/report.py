"""What was measured, in tables: ``python -m benchmarks.report FILE`` shows it again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks import programs
from benchmarks.results import Ratio, Results
from benchmarks.work import CREATE, SEND


class Figure(NamedTuple):
    """A figure to reach, and what was measured."""

    name: str
    needed: str
    measured: str
    is_reached: bool


def show(results: Results) -> None:
    """Print all tables."""
    console = _console()
    for work in (SEND, CREATE):
        console.print(_costs(results, work))
    console.print(_processes(results))
    console.print(_figures(results))
    _show_circumstances(console, results)


def show_mocks(results: Results) -> None:
    """Print the table of mock servers."""
    console = _console()
    console.print(_mocks(results))
    _show_circumstances(console, results)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120)


def _show_circumstances(console: Console, results: Results) -> None:
    for name, why in results.left_out.items():
        console.print(f"left out: {name}: {why}")
    machine, load = results.machine, results.load
    console.print(
        f"{results.date}, {machine['cores']} cores ({machine['cpu']}), load {machine['busy']} at "
        f"start, Python {machine['python']}; {load['generator']}, {load['connections']} "
        f"connections, {load['seconds']} s a cell"
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    return table


def _costs(results: Results, work: str) -> Table:
    names = ("CPU µs", "highest", "times bare", "bare is", "req/s", "p50 ms", "p99 ms")
    table = _table(f"\n{work}: one request, the lowest of the rounds", "program", *names)
    for name in results.runs:
        costs = results.costs(name, work)
        ratio = results.ratio(work, name, programs.BARE)
        best = results.best
        table.add_row(
            name,
            f"{min(costs):.1f}{_beside(results, name, work)}",
            f"{max(costs):.1f}",
            _times(ratio),
            f"{1 / ratio.of_lowest:.0%}" if ratio else "",
            f"{-best(name, work, lambda c: -c.requests_per_s):,.0f}",
            f"{best(name, work, lambda c: c.p50_ms):.2f}",
            f"{best(name, work, lambda c: c.p99_ms):.2f}",
        )
    return table


def _beside(results: Results, name: str, work: str) -> str:
    beside = [c.database_cpu_us for c in results.cells(name, work) if c.database_cpu_us]
    return f" + {min(beside):.1f} of the database" if beside else ""


def _times(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio.of_lowest:.2f} ({ratio.lowest:.2f}…{ratio.highest:.2f})"


def _processes(results: Results) -> Table:
    table = _table("\nEach program", "program", "resident MB", "first answer s", "what it does")
    for name, runs in results.runs.items():
        resident = max(run.resident_mb for run in runs)
        first = min(run.first_answer_s for run in runs)
        table.add_row(name, f"{resident:.0f}", f"{first:.2f}", results.does[name])
    table.columns[-1].justify = "left"
    return table


def _mocks(results: Results) -> Table:
    names = (
        "first answer s",
        "resident MB",
        "CPU µs",
        "highest",
        "req/s",
        "p99 ms",
        "what it does",
    )
    table = _table(f"\n{SEND} at mock servers, the lowest of the rounds", "program", *names)
    for name, runs in results.runs.items():
        costs = results.costs(name, SEND)
        table.add_row(
            name,
            f"{min(run.first_answer_s for run in runs):.2f}",
            f"{max(run.resident_mb for run in runs):.0f}",
            f"{min(costs):.1f}",
            f"{max(costs):.1f}",
            f"{max(cell.requests_per_s for cell in results.cells(name, SEND)):,.0f}",
            f"{results.best(name, SEND, lambda c: c.p99_ms):.2f}",
            results.does[name],
        )
    table.columns[-1].justify = "left"
    table.columns[-1].no_wrap = False
    return table


def _figures(results: Results) -> Table:
    table = _table("\nFigures to reach", "figure", "needed", "measured", "")
    for figure in figures(results):
        verdict = "reached" if figure.is_reached else "MISSED"
        table.add_row(figure.name, figure.needed, figure.measured, verdict)
    return table


def figures(results: Results) -> Iterator[Figure]:
    """Every figure that could be measured here."""
    for name, work, program, share in (
        ("validated", SEND, programs.MEMORY, 0.65),
        ("validated", CREATE, programs.MEMORY, 0.55),
        ("validated and on disk", SEND, programs.DURABLE, 0.45),
        ("validated and on disk", CREATE, programs.DURABLE, 0.40),
    ):
        if ratio := results.ratio(work, program, programs.BARE):
            got = 1 / ratio.of_lowest
            title = f"{name} {work}, share of bare"
            yield Figure(title, f"≥ {share:.0%}", f"{got:.0%}", got >= share)
    for peer, times in ((programs.STOCK, 10), (programs.FASTAPI, 3), (programs.PRISM, 6)):
        if ratio := results.ratio(SEND, peer, programs.MEMORY):
            got = ratio.of_lowest
            title = f"{peer} costs, on {SEND}"
            yield Figure(title, f"≥ {times} ×", f"{_times(ratio)} ×", got >= times)
    yield from _of_processes(results)


def _of_processes(results: Results) -> Iterator[Figure]:
    if {programs.POSTGRESQL, programs.ONE_BY_ONE} <= results.runs.keys():
        ours, one = (
            max(cell.requests_per_s for cell in results.cells(name, SEND))
            for name in (programs.POSTGRESQL, programs.ONE_BY_ONE)
        )
        title = "PostgreSQL, req/s beside one INSERT a request"
        yield Figure(title, "≥ 2 ×", f"{ours / one:.2f} ×", ours >= 2 * one)
    runs = results.runs[programs.DURABLE]
    first = min(run.first_answer_s for run in runs)
    yield Figure("first answer", "≤ 0.6 s", f"{first:.2f} s", first <= 0.6)
    resident = max(run.resident_mb for run in runs)
    yield Figure("resident after the load", "≤ 110 MB", f"{resident:.0f} MB", resident <= 110)


if __name__ == "__main__":
    show(Results.read(Path(sys.argv[1])))
