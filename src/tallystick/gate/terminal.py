"""Prints a run's results for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tallystick.gate.change import Level
from tallystick.gate.outcome import COULD_NOT_RUN, CheckResult, Outcome, VerifyRun, details

SHOWN = 10
"""The number of failures shown in full; the others are shown by name."""

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.ERROR: "bold magenta",
    Outcome.SKIPPED: "yellow",
    Outcome.DISABLED: "dim",
}
_TOLD = (Outcome.FAILED, Outcome.PASSED)
_VERDICTS = ("conforms", "does not conform", "could not be judged")


def show(run: VerifyRun, console: Console) -> None:
    """Print the failures, a table of all outcomes, and the verdict."""
    failures = run.list_results(Outcome.FAILED, Outcome.ERROR)
    for result in failures[:SHOWN]:
        console.print(Text(f"{result.outcome}  {result.id}", style=_STYLES[result.outcome]))
        console.print(Text(details(result)), soft_wrap=True)
        console.print()
    for result in failures[SHOWN:]:
        console.print(Text(f"{result.outcome}  {result.id}", style=_STYLES[result.outcome]))
    console.print(_table(run))
    for reason, count in _reasons(run):
        console.print(Text(f"{count} × {reason}", style="dim"))
    answers = "1 answer" if run.answers == 1 else f"{run.answers} answers"
    console.print(f"{answers} in {run.duration}; --budget {run.budget} --seed {run.seed}")
    if run.failed_rulings:
        console.print(
            f"{run.failed_rulings} of the failures break rulings of ours, where the vendor's page "
            "leaves a question open; --only page leaves them out",
            highlight=False,
        )
    verdict = f"{run.url} {_VERDICTS[run.exit_code]}; {run.seen}"
    console.print(verdict, style="bold", highlight=False, soft_wrap=True)


def show_changes(run: VerifyRun, console: Console) -> None:
    """Print all changes, breaking ones first, and the verdict."""
    order = (Outcome.FAILED, Outcome.ERROR, Outcome.DISABLED, Outcome.PASSED)
    for result in sorted(run.results, key=lambda result: order.index(result.outcome)):
        if result.outcome is Outcome.PASSED and not result.reason:
            continue
        word = _level(result).partition("\n")[0]
        console.print(Text(f"{word}  {result.name}", style=_STYLES[result.outcome]), soft_wrap=True)
        told = [f"{place.says}: {place}" for place in result.places]
        if result.outcome is Outcome.FAILED:
            told += result.objections[1:]
        for line in told:
            console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    console.print(Text(f"{run.url}: {_verdict(run)}", style="bold"), soft_wrap=True)


def _level(result: CheckResult) -> str:
    return result.reason or (Level.BREAKING if result.outcome is Outcome.FAILED else "")


def _verdict(run: VerifyRun) -> str:
    if run.exit_code == COULD_NOT_RUN:
        return "could not be compared"
    counts = Counter(_level(result) for result in run.results if result.outcome in _TOLD)
    if counts[Level.BREAKING]:
        return "breaking"
    warnings = counts[Level.WARNING]
    return f"compatible, {warnings} to be looked at" if warnings else "compatible"


def _table(run: VerifyRun) -> Table:
    table = Table("api", "checks", box=None)
    for outcome in Outcome:
        table.add_column(outcome, justify="right", style=_STYLES[outcome])
    for key in dict.fromkeys((result.api, result.suite) for result in run.results):
        own = [result for result in run.results if (result.api, result.suite) == key]
        table.add_row(*key, *(_number(own, outcome) for outcome in Outcome))
    return table


def _number(results: list[CheckResult], outcome: Outcome) -> str:
    return str(sum(result.outcome is outcome for result in results) or "")


def _reasons(run: VerifyRun) -> Iterator[tuple[str, int]]:
    reasons = [
        f"{r.outcome}: {r.reason}" for r in run.list_results(Outcome.SKIPPED, Outcome.DISABLED)
    ]
    for reason in dict.fromkeys(reasons):
        yield reason, reasons.count(reason)
