"""A run at any server, with any of its answers."""

from __future__ import annotations

import pytest
from tallystick.contract_tests import contract

from gate.stub import Stub
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome, VerifyRun


def judged(url: str, *suites: str, **told: object) -> VerifyRun:
    return runner.run_suites(Configuration(url, **told), suites=suites)  # type: ignore[arg-type]


def vectors(run: VerifyRun, outcome: Outcome) -> list[str]:
    return [result.name for result in run.list_results(outcome)]


def test_a_failure_says_where_the_vendors_page_has_the_rule(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    places = {place.says for result in run.list_results(Outcome.FAILED) for place in result.places}
    assert places == {"vector", "contract", "error code", "vendor's page"}


def test_what_cant_be_provoked_is_skipped_and_said(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    assert vectors(run, Outcome.SKIPPED) != []
    assert {result.reason for result in run.list_results(Outcome.SKIPPED)} == {
        "you can't provoke such a failure from outside"
    }


@pytest.mark.usefixtures("few")
def test_safe_sends_nothing_that_writes(stub: Stub) -> None:
    run = judged(stub.url, *runner.SUITES, apis=("event_store", "charon"), safe=True)
    assert stub.asked != []
    for asked in stub.asked:
        operation = contract.operation(asked.method, asked.path.partition("?")[0])
        assert asked.method in ("GET", "HEAD", "OPTIONS"), asked
        assert operation is None or not operation.writes, asked
    assert {result.suite for result in run.list_results(Outcome.DISABLED)} == {
        "vector",
        "bytes",
        "log",
        "fuzz",
    }


@pytest.mark.usefixtures("few")
def test_a_seed_repeats_a_run() -> None:
    sent = []
    for seed in (1, 1, 2):
        with Stub().running() as server:
            judged(server.url, "vector", "fuzz", apis=("event_store",), seed=seed)
            sent.append(server.asked)
    assert sent[0] == sent[1]
    assert sent[0] != sent[2]
