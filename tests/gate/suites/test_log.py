"""Whether what was accepted is in the log is judged at any server."""

from __future__ import annotations

import pytest
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.event_calls import list_event_calls

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.log import judge_log
from tallystick.gate.suites.result import SAFE
from tallystick.gate.target_server import target_server


def judged(url: str, api: str, *, safe: bool = False) -> list[CheckResult]:
    return list(judge_log(target_server(Configuration(url, safe=safe)), api))


@pytest.mark.parametrize("api", ["event_store", "charon"])
def test_a_server_that_keeps_what_it_accepts_passes(server: ServerProcess, api: str) -> None:
    results = judged(server.url, api)
    assert {result.outcome for result in results} == {Outcome.PASSED}
    assert [result.operation for result in results] == [c.label for c in list_event_calls(api)]


def test_a_server_that_keeps_nothing_fails_with_what_was_sent(stub: Stub) -> None:
    for result in judged(stub.url, "event_store"):
        assert result.outcome is Outcome.FAILED
        assert result.objections == ("the event is in the log 0 times",)
        assert result.sent.startswith("curl ")
        assert result.came.startswith("200\n")


def test_an_event_that_is_kept_twice_fails(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = "Tally 6f1c"
    monkeypatch.setattr("tallystick.gate.suites.log.uuid.uuid4", lambda: "6f1c")
    stub.text = f'["{mark}", "{mark}"]'.encode()
    assert judged(stub.url, "event_store")[0].objections == ("the event is in the log 2 times",)


def test_safe_sends_nothing(stub: Stub) -> None:
    results = judged(stub.url, "event_store", safe=True)
    assert {(result.outcome, result.reason) for result in results} == {(Outcome.DISABLED, SAFE)}
    assert stub.asked == []


def test_a_call_that_cant_be_prepared_is_skipped_and_said(stub: Stub) -> None:
    [result] = judged(stub.url, "charon")
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, "GET /api/1/start answers 200")


def test_a_server_that_ends_meanwhile_fails_and_ends_no_run() -> None:
    with Stub().running() as stub:
        ended = target_server(Configuration(stub.url))
    with pytest.raises(NoCredential, match="was not answered"):
        ended.server.world.credential("eventhos", "token")
    kept = next(judge_log(ended, "event_store"))
    assert kept.outcome is Outcome.FAILED
    assert kept.objections[0].startswith("no answer came")
