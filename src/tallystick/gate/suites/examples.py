"""Sends the examples of your own contract: a server must take each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tallystick.contract_tests import contract
from tallystick.contract_tests.api_facts import read_facts
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.vectors import read_request
from tallystick.contract_tests.wire import Unanswered
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places

_MAY_BE = (404, 409, 410, 412, 422)
"""Refusals of an example that names something the server does not have, or has already."""


def list_examples(configuration: Configuration, api: str) -> list[Mapping[str, Any]]:
    """Return the chosen examples of an API."""
    examples = read_facts(api).examples
    return [each for each in examples if is_chosen(configuration, _result(api, each).id)]


def judge_examples(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield the result of each example."""
    for example in list_examples(target.configuration, api):
        yield _judged(target, api, example)


def _judged(target: TargetServer, api: str, example: Mapping[str, Any]) -> CheckResult:
    result = _result(api, example)
    request = read_request(example["request"])
    operation = contract.operation(request.method, request.target.partition("?")[0])
    if target.configuration.safe and (operation is None or operation.writes):
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    try:
        if example["credential"]:
            request = target.server.world.credential(api, example["credential"]).applied(request)
        reply = target.server.client.send(request)
    except NoCredential as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    except (Unanswered, OSError) as silence:
        return failed(
            result, [f"no answer came: {silence}"], curl(target.server.url, request), None
        )
    declared = {answer.status for answer in operation.declared} if operation else set()
    in_range = operation is not None and not operation.ranges.isdisjoint({"4XX", "default"})
    if (
        reply.status < 400
        or (reply.status in _MAY_BE and (in_range or reply.status in declared))
        or (example["unknown"] and reply.status == 404)
    ):
        return result
    objection = f"the example is refused with {reply.status}"
    return failed(result, [objection], curl(target.server.url, request), reply)


def _result(api: str, example: Mapping[str, Any]) -> CheckResult:
    request = read_request(example["request"])
    path = request.target.partition("?")[0]
    operation = contract.operation(request.method, path)
    label = f"{operation.method} {operation.path}" if operation else path
    return CheckResult(
        api,
        "example",
        f"{label} is taken" + (f", as {example['branch']}" if "branch" in example else ""),
        Outcome.PASSED,
        operation=label,
        asked="an answer below 400, as this is the contract's own example, or made of its schema",
        places=tuple(places(api, request.method, path, None, "")),
    )
