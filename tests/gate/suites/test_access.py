"""A credential that is nearly right must be refused."""

from __future__ import annotations

import pytest

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome
from tallystick.gate.suites.access import judge_access
from tallystick.gate.target_server import target_server


@pytest.mark.parametrize("api", ["event_store", "charon", "eventhos", "keyastrom", "eventgrid"])
def test_a_server_that_refuses_what_is_nearly_right_passes(server: ServerProcess, api: str) -> None:
    results = list(judge_access(target_server(Configuration(server.url)), api))
    assert {result.outcome for result in results} == {Outcome.PASSED}


def test_a_server_that_takes_every_key_fails_and_no_report_shows_one(stub: Stub) -> None:
    key = {"event_store.key": "AbcdefSecret"}
    target = target_server(Configuration(stub.url, credentials=key))
    results = list(judge_access(target, "event_store"))
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert '"AbcdefSecret"' in {asked.key for asked in stub.asked}
    shown = "".join(result.sent for result in results)
    assert "your credential in quotes" in shown
    assert "bcdef" not in shown.lower()
