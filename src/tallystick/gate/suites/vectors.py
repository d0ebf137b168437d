"""Runs the vectors of an API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache

from tallystick.contract_tests import checks, contract, created_resources, vectors
from tallystick.contract_tests.api_facts import is_ruling, page_line, read_facts
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.matching import Anything, Matching, with_any_ids
from tallystick.contract_tests.vectors import Expected, Vector, VectorRequest
from tallystick.contract_tests.wire import Unanswered, WireReply
from tallystick.gate.configuration import PAGE, Configuration
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome
from tallystick.gate.suites.result import NOT_PROVOKED, ONLY_PAGE, SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places

_READS = {"GET", "HEAD", "OPTIONS"}


def list_vectors(configuration: Configuration, api: str) -> list[Vector]:
    """Return the chosen vectors of an API."""
    return [each for each in _read(api) if is_chosen(configuration, f"{api} vector: {each.name}")]


@cache
def _read(api: str) -> tuple[Vector, ...]:
    return tuple(vectors.read_all(api))


def judge_vector(target: TargetServer, vector: Vector) -> CheckResult:
    """Return the result of one vector."""
    request_target = vector.request.target
    result = CheckResult(
        vector.api,
        "vector",
        vector.name,
        Outcome.PASSED,
        operation=_operation(vector.request.method, request_target),
        asked=_asked(vector.expected),
        places=(*_vector_places(vector),),
        ruling=is_ruling(vector.api, vector.source),
    )
    if vector.needs != "default":
        return replace(result, outcome=Outcome.SKIPPED, reason=NOT_PROVOKED)
    if target.configuration.only == PAGE:
        if result.ruling:
            return replace(result, outcome=Outcome.DISABLED, reason=ONLY_PAGE)
        vector = replace(vector, expected=replace(vector.expected, headers={}))
    if target.configuration.safe and _may_write(vector.request.method, request_target):
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    if reason := _no_way_in(target, vector):
        return replace(result, outcome=Outcome.SKIPPED, reason=reason)
    try:
        own = target.server.world.known(vector.api).vector(_for_any_server(vector))
        request = checks.authorized(own, target.server.world)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    return _judged(target, own, request, result)


def _no_way_in(target: TargetServer, vector: Vector) -> str:
    """Return the reason to ask nothing of an operation, or an empty text.

    A server without any credential for it may well lack it.
    """
    path = vector.request.target.partition("?")[0]
    operation = contract.operation(vector.request.method, path)
    names = read_facts(vector.api).fuzz.get("auth", {})
    schemes = sorted(operation.schemes & set(names)) if operation else []
    reasons = []
    for scheme in schemes:
        try:
            target.server.world.credential(vector.api, names[scheme])
        except NoCredential as missing:
            reasons.append(f"no credential for {scheme}: {missing}")
        else:
            return ""
    return "; ".join(reasons)


def _for_any_server(vector: Vector) -> Vector:
    """Return the vector for a server with ids of its own form, and further members.

    A server may wait for an announced body, so all of it is sent.
    """
    request, expected = vector.request, vector.expected
    announced = int(dict(request.headers).get("Content-Length", 0))
    if announced > len(request.body or b""):
        headers = tuple(pair for pair in request.headers if pair[0] != "Content-Length")
        request = replace(request, headers=headers, body=b" " * announced)
    body, headers = with_any_ids(expected.body), with_any_ids(dict(expected.headers))
    return replace(
        vector, request=request, expected=replace(expected, exact=False, body=body, headers=headers)
    )


def _operation(method: str, request_target: str) -> str:
    operation = contract.operation(method, request_target.partition("?")[0])
    return f"{operation.method} {operation.path}" if operation else ""


def _may_write(method: str, request_target: str) -> bool:
    operation = contract.operation("GET", request_target.partition("?")[0])
    return method not in _READS or bool(operation and operation.writes)


def _vector_places(vector: Vector) -> Iterator[ContractPlace]:
    yield ContractPlace("vector", f"contract_tests/vectors/{vector.file}", vector.line)
    expected = vector.expected
    body = repr(expected.body) if expected.has_body else ""
    request = vector.request
    yield from places(vector.api, request.method, request.target, expected.status, body)
    line = page_line(vector.api, vector.source)
    if line and not is_ruling(vector.api, vector.source):
        yield ContractPlace("vendor's page", f"{vector.api}.txt", line)


def _judged(
    target: TargetServer, vector: Vector, request: VectorRequest, result: CheckResult
) -> CheckResult:
    sent = curl(target.server.url, request)
    reply: WireReply | None = None
    try:
        for _ in range(vector.repeat):
            reply = target.server.client.send(request)
    except (Unanswered, OSError) as reason:
        return failed(result, [f"no answer came: {reason}"], sent, None)
    assert reply is not None
    found = checks.objections(vector.expected, reply)
    _clear(target, request, reply)
    if not found:
        return result
    origin = "the rule is a ruling of ours" if result.ruling else "the rule is from"
    return failed(result, [*found, f"{origin}: {vector.source}"], sent, reply)


def _clear(target: TargetServer, request: VectorRequest, reply: WireReply) -> None:
    """Delete the resource made by the request, so another run finds the server unchanged."""
    path = request.target.partition("?")[0]
    made = created_resources.made(request.method, path, reply.status, reply.body)
    undo = created_resources.deletion(path, made, dict(request.headers)) if made else None
    if undo:
        with suppress(Unanswered, OSError):
            target.server.client.send(undo)


def _asked(expected: Expected) -> str:
    lines = [str(expected.status)]
    lines += [f"{name}: {_stand_in(value)}" for name, value in dict(expected.headers).items()]
    if expected.text is not None:
        lines += ["", str(_stand_in(expected.text))]
    if expected.has_body:
        lines += ["", json.dumps(expected.body, ensure_ascii=False, default=_stand_in)]
    return "\n".join(lines)


def _stand_in(value: object) -> object:
    """Return the text shown for an open expected value, such as a pattern."""
    if isinstance(value, Matching):
        return f"<{value.pattern}>"
    if isinstance(value, Anything):
        return "<any>"
    return "<none>" if value is None else value
