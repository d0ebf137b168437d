"""A run with everything that a report can show."""

from __future__ import annotations

from tallystick.gate.outcome import CheckResult, ContractPlace, CoverageCell, Outcome, VerifyRun

CONTRACT = ContractPlace("contract", "openapi/event_store.yaml", 104)
PAGE = ContractPlace("vendor's page", "event_store.txt", 12)
NASTY = "<script>alert(1)</script> \x00 \ud83d \x1b[2J &"
"""A text in a server's answer that a report must escape."""

FAILED = CheckResult(
    "event_store",
    "vector",
    "A client name of eleven letters is too long",
    Outcome.FAILED,
    "POST /create",
    objections=("code is 'C002', not 'C003'", "the rule is from: event_store notes"),
    sent="curl -i -X POST http://127.0.0.1:9000/create",
    came="400\n<script>alert(1)</script>",
    asked="400",
    places=(CONTRACT, PAGE),
)
RESULTS = (
    CheckResult("event_store", "vector", "The shell's POST creates an event", Outcome.PASSED),
    FAILED,
    CheckResult("event_store", "run", "run Schemathesis", Outcome.ERROR, reason="it could not"),
    CheckResult(
        "event_store", "vector", "A full queue is a 503", Outcome.SKIPPED, reason="not here"
    ),
    CheckResult("charon", "bytes", "POST: NaN", Outcome.DISABLED, reason="--safe sends nothing"),
)
COVERAGE = (
    CoverageCell("POST /create", 200, "", 7),
    CoverageCell("POST /create", 400, "C003", 0),
    CoverageCell("POST /create", 418, "", 1, declared=False),
)


def run_of(*results: CheckResult) -> VerifyRun:
    """Return a run with these results."""
    return VerifyRun(
        url="http://127.0.0.1:9000",
        apis=("event_store", "charon"),
        budget="quick",
        seed=1,
        started="2026-01-31T08:00:00+00:00",
        seconds=8.25,
        answers=1_124,
        results=results,
        coverage=COVERAGE,
    )


RUN = run_of(*RESULTS)
RUNS = [RUN, run_of(), run_of(FAILED, FAILED)]
