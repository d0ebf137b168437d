"""Bytes that no decent client sends are sent case by case, and each can be sent again."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tallystick.contract_tests.byte_cases import cases
from tallystick.contract_tests.event_calls import list_event_calls

from gate.stub import Stub
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.suites import bytes as suite
from tallystick.gate.suites.bytes import judge_bytes, list_byte_cases
from tallystick.gate.suites.result import SAFE
from tallystick.gate.target_server import target_server


def judged(url: str, api: str = "event_store", *, safe: bool = False) -> list[CheckResult]:
    return list(judge_bytes(target_server(Configuration(url, safe=safe)), api))


def test_an_api_has_the_cases_of_each_of_its_calls() -> None:
    calls = list_event_calls("event_store")
    assert len(list_byte_cases(Configuration("http://x"), "event_store")) == sum(
        len(list(cases(call))) for call in calls
    )


def test_safe_sends_nothing(stub: Stub) -> None:
    results = judged(stub.url, safe=True)
    assert {(result.outcome, result.reason) for result in results} == {(Outcome.DISABLED, SAFE)}
    assert (len(results), stub.asked) == (
        len(list_byte_cases(Configuration("http://x"), "event_store")),
        [],
    )


def test_a_call_that_cant_be_prepared_is_skipped_and_said() -> None:
    with Stub().running() as stub:
        url = stub.url
    results = judged(url, "charon")
    assert {result.outcome for result in results} == {Outcome.SKIPPED}
    assert {result.reason for result in results} == {"GET /api/1/start was not answered"}


@pytest.fixture
def two_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """One case that a 200 fulfils and one that it does not."""
    known = list(cases(list_event_calls("event_store")[0]))
    fit = next(case for case in known if 200 in case.statuses)
    unfit = next(case for case in known if 200 not in case.statuses and not case.may_close)
    chosen = [replace(case, pause_s=0.0) for case in (fit, unfit)]
    monkeypatch.setattr("tallystick.contract_tests.byte_cases.cases", lambda _call: chosen)


@pytest.mark.usefixtures("two_cases")
def test_a_case_is_judged_by_the_statuses_that_it_allows(stub: Stub) -> None:
    fit, unfit, *_ = judged(stub.url)
    assert (fit.outcome, fit.objections) == (Outcome.PASSED, ())
    assert unfit.outcome is Outcome.FAILED
    assert unfit.objections == (f"status is 200, not {unfit.asked}",)


@pytest.mark.usefixtures("two_cases")
def test_a_failure_is_a_command_that_sends_the_same_bytes_again(stub: Stub) -> None:
    _, unfit, *_ = judged(stub.url)
    before = len(stub.asked)
    assert len(unfit.sent) < 2_000
    done = subprocess.run(["sh", "-c", unfit.sent], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("HTTP/1.0 200")
    assert len(stub.asked) == before + 1


@pytest.mark.usefixtures("two_cases")
def test_no_answer_fails_where_one_must_come() -> None:
    with Stub().running() as stub:
        url = stub.url
    assert {result.objections for result in judged(url)} == {("no answer came",)}


def test_what_is_repeated_in_bytes_is_written_once() -> None:
    assert suite._terms(b"GET /" + b"a" * 90_000 + b"\r\n") == [
        "b'GET /'",
        "b'a' * 90000",
        "b'\\r\\n'",
    ]
    assert suite._terms(b"[[" * 40) == ["b'[' * 80"]
    assert suite._terms(b"short") == ["b'short'"]


NOTES = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      operationId: note
      requestBody:
        required: REQUIRED
        content: {application/json: {schema: {type: object}, example: {a: 1}}}
      responses: {'200': {description: Kept.}}
"""


@pytest.mark.parametrize("required", [True, False])
def test_a_call_without_a_body_is_to_be_refused_where_one_is_required(
    tmp_path: Path, required: bool
) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text(NOTES.replace("REQUIRED", str(required).lower()), encoding="utf-8")
    with own_contracts(Configuration("http://x", contracts=(str(file),))) as told:
        cases = {case.name: case for case in list_byte_cases(told, "notes")}
    assert (200 in cases["an empty chunked body"].statuses) is not required
