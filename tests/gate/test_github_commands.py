"""GitHub shows a change at the line of the new document."""

from __future__ import annotations

from gate.runs import run_of
from tallystick.gate.github_commands import github_commands
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome

PLACES = (ContractPlace("old", "old.yaml", 3), ContractPlace("new", "a,b.yaml", 7))


def changed(outcome: Outcome, reason: str) -> CheckResult:
    return CheckResult(
        "a", "diff", "r GET /a: 5 %\nmore", outcome, reason=reason, places=PLACES, rule="r"
    )


def test_a_break_is_an_error_at_its_line_of_the_new_document() -> None:
    [line] = github_commands(run_of(changed(Outcome.FAILED, "breaking"))).splitlines()
    assert line.startswith("::error file=a%2Cb.yaml,line=7,title=r::r GET /a: 5 %25%0Amore%0A")


def test_a_warning_and_a_break_that_does_not_fail_are_warnings() -> None:
    for reason in ("warning", "breaking"):
        text = github_commands(run_of(changed(Outcome.PASSED, reason)))
        assert text.startswith("::warning file=")


def test_additions_and_known_breaks_are_not_shown() -> None:
    known = changed(Outcome.DISABLED, "known failure, b:1")
    assert github_commands(run_of(changed(Outcome.PASSED, "addition"), known)) == ""


def test_what_could_not_be_compared_is_an_error() -> None:
    error = CheckResult("a", "diff", "not compared", Outcome.ERROR, reason="it is no path")
    text = github_commands(run_of(error))
    assert text == "::error title=not compared::not compared%0Ait is no path\n"
