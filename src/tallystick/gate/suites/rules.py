"""Breaks each rule with an error code, one at a time, and asks for its code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tallystick.contract_tests import contract
from tallystick.contract_tests.api_facts import read_facts
from tallystick.contract_tests.broken_rules import BrokenRule, list_broken_rules
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.coverage import names_code
from tallystick.contract_tests.event_calls import (
    UNPREPARED,
    EventCall,
    list_judged_calls,
    prepared,
)
from tallystick.contract_tests.json_text import loads
from tallystick.contract_tests.wire import Unanswered, WireReply
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places

_MARK = "Tally"


def list_rule_checks(configuration: Configuration, api: str) -> list[CheckResult]:
    """Return the chosen checks of an API, before they are made."""
    return [
        result
        for call in list_judged_calls(api)
        for rule in list_broken_rules(api, call.marked(_MARK), configuration.seed)
        if is_chosen(configuration, (result := _result(call, rule)).id)
    ]


def judge_rules(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield the result of each rule."""
    for call in list_judged_calls(api):
        yield from _of_call(target, call)


def _of_call(target: TargetServer, call: EventCall) -> Iterator[CheckResult]:
    rules = list_broken_rules(call.api, call.marked(_MARK), target.configuration.seed)
    chosen = [each for each in rules if is_chosen(target.configuration, _result(call, each).id)]
    outcome, reason = Outcome.DISABLED, SAFE
    is_reading = not call.operation.writes
    if chosen and (is_reading or not target.configuration.safe):
        try:
            with prepared(call, target.server) as ready:
                yield from _judged_rules(target, ready, {each.name for each in chosen})
            return
        except UNPREPARED as missing:
            outcome, reason = Outcome.SKIPPED, str(missing)
    for rule in chosen:
        yield replace(_result(call, rule), outcome=outcome, reason=reason)


def _judged_rules(
    target: TargetServer, ready: EventCall, chosen: set[str]
) -> Iterator[CheckResult]:
    for rule in list_broken_rules(ready.api, ready.marked(_MARK), target.configuration.seed):
        if rule.name in chosen:
            yield _judged(target, ready, rule)


def _judged(target: TargetServer, call: EventCall, rule: BrokenRule) -> CheckResult:
    result = _result(call, rule)
    for request in rule.requests:
        own = replace(call, request=request).authorized(target.server, _MARK)
        sent = curl(target.server.url, own)
        try:
            reply = target.server.client.send(own)
        except (Unanswered, OSError) as silence:
            return failed(result, [f"no answer came: {silence}"], sent, None)
        if objections := list(_objections(call, rule.code, reply)):
            return failed(result, objections, sent, reply)
    return result


def _objections(call: EventCall, code: str, reply: WireReply) -> Iterator[str]:
    if not code:
        if reply.status not in range(400, 500):
            yield f"status is {reply.status}, not one of 400 to 499"
        return
    status = _status(call, code)
    if reply.status != status:
        yield f"status is {reply.status}, not {status}"
    elif not _has_code(call.api, code, reply):
        yield f"the body does not have the code {code}"


def _status(call: EventCall, code: str) -> int:
    """Return the status of a code at an operation: of 400 and 422, the one that it declares."""
    status = int(contract.codes(call.api)[code]["status"])
    declared = {answer.status for answer in call.operation.declared if not answer.code}
    other = {400: 422, 422: 400}.get(status)
    return other if other in declared and status not in declared else status


def _has_code(api: str, code: str, reply: WireReply) -> bool:
    """Return whether an answer has a code, in whatever member a contract of your own has it."""
    if names_code(api, code, reply.status, reply.body):
        return True
    return read_facts(api).is_own and code.partition("-")[0] in _list_texts(loads(reply.body))


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _list_texts(each)
    else:
        yield str(value)


def _result(call: EventCall, rule: BrokenRule) -> CheckResult:
    method, path = call.operation.method, call.operation.path
    status = _status(call, rule.code) if rule.code else None
    return CheckResult(
        call.api,
        "rule",
        f"{call.label}: {rule.name} is {rule.code or 'refused'}",
        Outcome.PASSED,
        operation=call.label,
        cases=len(rule.requests),
        asked=f"{status} with the code {rule.code}" if status else "a status of 400 to 499",
        places=tuple(places(call.api, method, path, status, f'"code": "{rule.code}"')),
    )
