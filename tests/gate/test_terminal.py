"""The person in front of the terminal reads what failed, all outcomes, and the verdict."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from gate.runs import CONTRACT, FAILED, RESULTS, RUN, run_of
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun
from tallystick.gate.terminal import SHOWN, show, show_changes

PASSED, SKIPPED = RESULTS[0], RESULTS[3]
ADDED = replace(PASSED, name="a new operation", reason="addition", places=(CONTRACT,))


def printed(run: VerifyRun, *, changes: bool = False) -> str:
    console = Console(file=StringIO(), width=120)
    (show_changes if changes else show)(run, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_failure_is_shown_with_all_that_its_owner_needs() -> None:
    lines = printed(RUN).splitlines()
    at = lines.index(f"failed  {FAILED.id}")
    assert lines[at + 1 : at + 3] == list(FAILED.objections)
    assert f"  {FAILED.sent}" in lines
    assert f"contract: {CONTRACT}" in lines


def test_of_many_failures_the_later_ones_are_named_alone() -> None:
    many = [replace(FAILED, name=f"check {n}") for n in range(SHOWN + 3)]
    text = printed(run_of(*many))
    assert text.count(FAILED.objections[0]) == SHOWN
    assert f"failed  event_store vector: check {SHOWN + 2}\n" in text


def test_the_table_counts_each_outcome_of_each_suite() -> None:
    rows = [line.split() for line in printed(RUN).splitlines()]
    assert ["api", "checks", *Outcome] in rows
    assert ["event_store", "vector", "1", "1", "1"] in rows
    assert ["charon", "bytes", "1"] in rows


def test_each_reason_is_said_once_with_how_often_it_counts() -> None:
    text = printed(run_of(PASSED, SKIPPED, SKIPPED))
    assert "2 × skipped: not here\n" in text


def test_the_end_says_how_to_repeat_the_run_and_what_was_covered() -> None:
    text = printed(RUN)
    assert "1124 answers in 8 s" in text
    assert "\n1 answer in 8 s" in printed(replace(RUN, answers=1))
    assert "1 of 2 declared answers were seen\n" in text
    assert "--budget quick --seed 1" in text


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ((PASSED,), "http://127.0.0.1:9000 conforms"),
        ((PASSED, FAILED), "http://127.0.0.1:9000 does not conform"),
        ((SKIPPED,), "http://127.0.0.1:9000 could not be judged"),
    ],
)
def test_the_last_line_is_the_verdict(results: tuple[CheckResult, ...], verdict: str) -> None:
    last = printed(run_of(*results)).splitlines()[-1]
    assert last == f"{verdict}; 1 of 2 declared answers were seen"


def test_the_last_line_names_what_limited_the_run() -> None:
    run = replace(run_of(PASSED), options="--safe")
    assert printed(run).endswith("conforms; 1 of 2 declared answers were seen, --safe\n")


def test_the_time_of_waiting_is_told_apart() -> None:
    run = replace(run_of(PASSED), waited_s=3)
    assert "1124 answers in 8 s, 3 s of it waiting as Retry-After asks; --budget" in printed(run)


def test_a_failed_ruling_is_counted_apart() -> None:
    run = run_of(FAILED, replace(FAILED, ruling=True))
    assert "1 of the failures break rulings of ours" in printed(run)


def test_changes_that_break_come_first_with_their_places() -> None:
    known = replace(FAILED, name="known", outcome=Outcome.DISABLED, reason="known: since May")
    lines = printed(run_of(ADDED, known, FAILED, PASSED), changes=True).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        f"breaking  {FAILED.name}",
        "known: since May  known",
        "addition  a new operation",
        "http://127.0.0.1:9000: breaking",
    ]
    assert f"  contract: {CONTRACT}" in lines


def test_a_comparison_without_a_breaking_change_is_compatible() -> None:
    assert printed(run_of(ADDED), changes=True).endswith("http://127.0.0.1:9000: compatible\n")
