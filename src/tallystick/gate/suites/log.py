"""Checks that accepted events are in the log."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from tallystick.contract_tests.client import curl
from tallystick.contract_tests.event_calls import (
    UNPREPARED,
    EventCall,
    list_event_calls,
    newest_events,
    prepared,
)
from tallystick.contract_tests.wire import Unanswered
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places


def list_logged_calls(configuration: Configuration, api: str) -> list[EventCall]:
    """Return the calls of an API with a chosen check; none of your own contract has a log."""
    calls = [] if configuration.contracts else list_event_calls(api)
    return [call for call in calls if is_chosen(configuration, _result(call).id)]


def judge_log(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield whether the event of each call is kept, if the server shows its log."""
    for call in list_logged_calls(target.configuration, api):
        yield _judged_call(target, call)


def _result(call: EventCall) -> CheckResult:
    return CheckResult(
        call.api,
        "log",
        f"what {call.label} accepts is kept",
        Outcome.PASSED,
        operation=call.label,
        asked="the accepted event is in the log once",
        places=(*places(call.api, call.operation.method, call.operation.path, 200, ""),),
    )


def _judged_call(target: TargetServer, call: EventCall) -> CheckResult:
    result = _result(call)
    if target.configuration.safe:
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    try:
        with prepared(call, target.server) as ready:
            return _judged(target, ready, result)
    except UNPREPARED as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    except (Unanswered, OSError) as silence:
        return failed(result, [f"no answer came: {silence}"], "", None)


def _judged(target: TargetServer, call: EventCall, result: CheckResult) -> CheckResult:
    mark = f"Tally {uuid.uuid4()}"
    request = call.authorized(target.server, mark)
    before = newest_events(target.server, call.api)
    accepted = target.server.client.send(request)
    after = newest_events(target.server, call.api)
    if before is None or after is None or accepted.status >= 300:
        return replace(result, outcome=Outcome.SKIPPED, reason=_NO_LOG)
    times = after.count(mark.encode())
    if times == 1:
        return result
    sent = curl(target.server.url, request)
    return failed(result, [f"the event is in the log {times} times"], sent, accepted)


_NO_LOG = "the server lacks the log of its events at /gateway/v1/events"
