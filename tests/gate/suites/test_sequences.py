"""Behaviour that only a second call can show is judged by sequences of calls."""

from __future__ import annotations

import pytest

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE
from tallystick.gate.suites.sequences import judge_sequences
from tallystick.gate.target_server import target_server


def judged(url: str, api: str, *, safe: bool = False) -> list[CheckResult]:
    return list(judge_sequences(target_server(Configuration(url, safe=safe)), api))


@pytest.mark.parametrize("api", ["event_store", "charon"])
def test_a_server_that_keeps_what_it_answers_passes(server: ServerProcess, api: str) -> None:
    assert {result.outcome for result in judged(server.url, api)} == {Outcome.PASSED}


def test_an_id_that_is_given_twice_fails_with_all_that_was_sent(stub: Stub) -> None:
    stub.text = b'{"id": "one"}'
    result = judged(stub.url, "event_store")[0]
    assert result.objections == (
        "call 2, POST /create: body.id is 'one', which another call was given already",
    )
    assert result.sent.count("curl ") == 2
    assert result.came.startswith("200\n")


def test_a_member_that_later_calls_need_must_be_there(stub: Stub) -> None:
    assert judged(stub.url, "event_store")[0].objections == (
        "call 1, POST /create: body.id is missing",
    )


def test_safe_sends_nothing(stub: Stub) -> None:
    results = judged(stub.url, "charon", safe=True)
    assert {(result.outcome, result.reason) for result in results} == {(Outcome.DISABLED, SAFE)}
    assert stub.asked == []
