"""Runs sequences of calls, for behaviour seen only by a second call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tallystick.contract_tests import contract
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.sequences import CallSequence, list_sequences, run_sequence
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places


def list_chosen_sequences(configuration: Configuration, api: str) -> list[CallSequence]:
    """Return the chosen sequences of an API."""
    return [each for each in list_sequences(api) if is_chosen(configuration, _result(each).id)]


def judge_sequences(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield the result of each sequence."""
    for sequence in list_chosen_sequences(target.configuration, api):
        yield _judged(target, sequence)


def _judged(target: TargetServer, sequence: CallSequence) -> CheckResult:
    result = _result(sequence)
    if target.configuration.safe:
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    try:
        run = run_sequence(sequence, target.server)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    if not run.objections:
        return result
    number, last = len(run.sent), run.sent[-1]
    objections = [f"call {number}, {last.method} {last.target}: {each}" for each in run.objections]
    sent = "\n".join(curl(target.server.url, request) for request in run.sent)
    asked = ", ".join(f"{call['request']['method']} {call['status']}" for call in sequence.calls)
    return failed(replace(result, asked=asked), objections, sent, run.reply)


def _result(sequence: CallSequence) -> CheckResult:
    first = sequence.requests[0]
    operation = contract.operation(first.method, first.target.partition("?")[0])
    label = f"{operation.method} {operation.path}" if operation else ""
    return CheckResult(
        sequence.api,
        "sequence",
        sequence.name,
        Outcome.PASSED,
        operation=label,
        cases=len(sequence.calls),
        places=tuple(places(sequence.api, first.method, first.target, None, "")),
    )
