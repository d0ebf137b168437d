"""The suites of a run: vectors, bytes, fuzzing and coverage, each as results one by one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tallystick.contract_tests import (
    byte_cases,
    checks,
    contract,
    created_resources,
    provenance,
    vectors,
)
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.matching import Anything, Matching
from tallystick.contract_tests.vectors import Expected, Vector, VectorRequest
from tallystick.contract_tests.wire import Silent, Unanswered, WireReply, exchange
from tallystick.gate.bytes_command import command
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome
from tallystick.gate.target_server import PATIENCE_S, TargetServer, places

if TYPE_CHECKING:
    from tallystick.contract_tests import fuzz

SHOWN = 2_000
"""Bytes of an answer that a report shows."""

_READS = {"GET", "HEAD", "OPTIONS"}
_OUTSIDE = (405, 414, 417, 431, 501, 505)
"""What an HTTP server itself says of bytes that no operation ever sees."""
_MARKED = (b"Operation successful", b"Morpheush", b"Bytes")
"""What stands for the marker in the requests that accept events."""
_NOT_PROVOKED = "such a failure can't be provoked at a server from outside"
_SAFE = "--safe sends nothing that may write"


@cache
def vectors_of(api: str) -> tuple[Vector, ...]:
    """The API's vectors."""
    return tuple(vectors.read_all(api))


def by_vector(target: TargetServer, vector: Vector) -> CheckResult:
    """What became of one vector."""
    byte_target = vector.request.target
    result = CheckResult(
        vector.api,
        "vector",
        vector.name,
        Outcome.PASSED,
        operation=_operation(vector.request.method, byte_target),
        asked=_asked(vector.expected),
        places=(*_vector_places(vector),),
    )
    if vector.needs != "default":
        return replace(result, outcome=Outcome.SKIPPED, reason=_NOT_PROVOKED)
    if target.configuration.safe and _may_write(vector.request.method, byte_target):
        return replace(result, outcome=Outcome.DISABLED, reason=_SAFE)
    try:
        own = target.server.world.known(vector.api).vector(vector)
        request = checks.authorized(own, target.server.world)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    return _judged(target, own, request, result)


def bytes_of(api: str) -> list[byte_cases.ByteCase]:
    """The API's cases of bytes that no decent client sends."""
    return [case for case in byte_cases.cases() if case.target.api == api]


def events_of(api: str) -> list[byte_cases.ByteTarget]:
    """The API's operations that accept events."""
    return [byte_target for byte_target in byte_cases.TARGETS if byte_target.api == api]


def by_bytes(target: TargetServer, case: byte_cases.ByteCase) -> CheckResult:
    """What became of one case of bytes."""
    byte_target = case.target
    result = CheckResult(
        byte_target.api,
        "bytes",
        f"{byte_target.method}: {case.name}",
        Outcome.PASSED,
        operation=f"{byte_target.method} {byte_target.path}",
        asked=_statuses(case),
        places=(*places(byte_target.api, byte_target.method, byte_target.path, None, ""),),
    )
    if target.configuration.safe:
        return replace(result, outcome=Outcome.DISABLED, reason=_SAFE)
    try:
        pieces = _pieces(target, case)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    reply = _reply(target, case, pieces)
    if objection := _objection(target, case, reply):
        return _failed(result, [objection], command(target.server.url, pieces), reply)
    return result


def by_log(target: TargetServer, byte_target: byte_cases.ByteTarget) -> CheckResult:
    """Whether what was accepted is kept, where the server has a log that shows it."""
    marker = f"Tally {uuid.uuid4()}"
    result = CheckResult(
        byte_target.api,
        "log",
        f"what {byte_target.method} {byte_target.path} accepts is kept",
        Outcome.PASSED,
        operation=f"{byte_target.method} {byte_target.path}",
        asked="the event is in the log, once, after it was accepted",
        places=(*places(byte_target.api, byte_target.method, byte_target.path, 200, ""),),
    )  # fmt: skip
    if target.configuration.safe:
        return replace(result, outcome=Outcome.DISABLED, reason=_SAFE)
    try:
        before = _logged(target, byte_target.api)
        accepted = target.server.client.send(_marked(target, byte_target, marker))
        after = _logged(target, byte_target.api)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    except (Unanswered, OSError) as silence:
        return _failed(result, [f"no answer came: {silence}"], "", None)
    if before is None or after is None or accepted.status >= 300:
        reason = "the server shows no log of its events at /gateway/v1/events"
        return replace(result, outcome=Outcome.SKIPPED, reason=reason)
    times = after.count(marker.encode())
    if times == 1:
        return result
    sent = curl(target.server.url, _marked(target, byte_target, marker))
    return _failed(result, [f"the event is in the log {times} times"], sent, accepted)


def _logged(target: TargetServer, api: str) -> bytes | None:
    """The newest events of an API; None where the server shows none."""
    key = target.server.world.credential("gateway", "key")
    path = f"/gateway/v1/events?api={api}&limit=50"
    reply = target.server.client.get(path, **{key.name: key.secret})
    return reply.body if reply.status == 200 else None


def _marked(target: TargetServer, byte_target: byte_cases.ByteTarget, marker: str) -> VectorRequest:
    known = target.server.world.known(byte_target.api)
    if known.lacks(byte_target.query):
        raise NotKnown("the server's own identifiers were not given")
    credential = target.server.world.credential(byte_target.api, byte_target.credential)
    headers = (("Content-Type", "application/json"), (credential.name, credential.secret))
    path = (
        f"{byte_target.path}?{known.text(byte_target.query)}"
        if byte_target.query
        else byte_target.path
    )
    body = byte_target.body
    for text in _MARKED:
        body = body.replace(text, marker.encode())
    return VectorRequest(byte_target.method, path, headers, body)


@dataclass(slots=True)
class Fuzzed:
    """What fuzzing has found so far, by operation and check."""

    api: str
    results: dict[tuple[str, str, str], CheckResult] = field(default_factory=dict)

    def add(
        self, operation: str, check: str, cases: int, finding: fuzz.Finding | None = None
    ) -> None:
        """Count what one check says of one answer."""
        title = finding.title if finding else ""
        key = (operation, check, title)
        found = self.results.get(key)
        if found is None:
            found = self.results[key] = self._result(operation, check, finding)
        self.results[key] = replace(found, cases=found.cases + cases)

    def judged(self) -> Iterator[CheckResult]:
        """One result a check of an operation, and one each kind of failure."""
        failed = {key[:2] for key in self.results if key[2]}
        for key, result in self.results.items():
            if key[2] or key[:2] not in failed:
                yield result

    def _result(self, operation: str, check: str, finding: fuzz.Finding | None) -> CheckResult:
        method, _, path = operation.partition(" ")
        passed = CheckResult(
            self.api,
            "fuzz",
            f"{operation} {check}",
            Outcome.PASSED,
            operation=operation,
            cases=0,
            places=tuple(places(self.api, method, path, None, "")),
        )
        if finding is None:
            return passed
        return replace(
            passed,
            name=f"{passed.name}, {finding.title}",
            outcome=Outcome.FAILED,
            objections=(f"{finding.title}\n{finding.message}".strip(),),
            sent=finding.curl,
            came=finding.came,
        )


def by_coverage(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Which declared answers were seen, and which were seen that are not declared."""
    seen = set(target.coverage.seen)
    for operation in contract.operations():
        if operation.api == api:
            for answer in sorted(operation.declared):
                yield _covered(operation, answer, answer in seen)
    ids = {operation.id: operation for operation in contract.operations() if operation.api == api}
    for answer in target.coverage.undeclared():
        if answer.operation in ids and is_inside(answer):
            yield _undeclared(ids[answer.operation], answer)


def is_inside(answer: contract.DeclaredAnswer) -> bool:
    """Whether the contract should speak of an answer's status."""
    return not answer.code and answer.status not in _OUTSIDE


def _covered(
    operation: contract.DeclaredOperation, answer: contract.DeclaredAnswer, seen: bool
) -> CheckResult:
    name = f"{operation.method} {operation.path} {answer.status} {answer.code}".rstrip()
    outcome = Outcome.PASSED if seen else Outcome.SKIPPED
    declared = tuple(
        places(
            operation.api, operation.method, operation.path, answer.status, _as_body(answer.code)
        )
    )
    label = f"{operation.method} {operation.path}"
    reason = "" if seen else _unseen(answer.status)
    return CheckResult(
        operation.api, "coverage", name, outcome, label, cases=0, reason=reason, places=declared
    )


def _undeclared(
    operation: contract.DeclaredOperation, answer: contract.DeclaredAnswer
) -> CheckResult:
    label = f"{operation.method} {operation.path}"
    where = tuple(places(operation.api, operation.method, operation.path, None, ""))
    said = f"the operation answered {answer.status}, which the contract does not declare"
    name = f"{label} {answer.status} is not declared"
    return CheckResult(
        operation.api, "coverage", name, Outcome.FAILED, label,
        cases=0, objections=(said,), asked=_declared(operation), places=where,
    )  # fmt: skip


def _declared(operation: contract.DeclaredOperation) -> str:
    statuses = sorted({answer.status for answer in operation.declared})
    return "one of " + ", ".join(map(str, statuses))


def _unseen(status: int) -> str:
    return _NOT_PROVOKED if status >= 500 or status == 429 else "no request of the run led there"


def _as_body(code: str) -> str:
    return f'"code": "{code}"' if code else ""


def _operation(method: str, byte_target: str) -> str:
    operation = contract.operation(method, byte_target.partition("?")[0])
    return f"{operation.method} {operation.path}" if operation else ""


def _may_write(method: str, byte_target: str) -> bool:
    operation = contract.operation("GET", byte_target.partition("?")[0])
    return method not in _READS or bool(operation and operation.writes)


def _vector_places(vector: Vector) -> Iterator[ContractPlace]:
    yield ContractPlace("vector", f"contract_tests/vectors/{vector.file}", vector.line)
    expected = vector.expected
    body = repr(expected.body) if expected.has_body else ""
    request = vector.request
    yield from places(vector.api, request.method, request.target, expected.status, body)
    if line := provenance.page_line(vector.api, vector.source):
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
        return _failed(result, [f"no answer came: {reason}"], sent, None)
    assert reply is not None
    found = checks.objections(vector.expected, reply)
    _clear(target, request, reply)
    if not found:
        return result
    return _failed(result, [*found, f"the rule is from: {vector.source}"], sent, reply)


def _clear(target: TargetServer, request: VectorRequest, reply: WireReply) -> None:
    """Delete what the request has made, so that another run finds the world as this one did."""
    path = request.target.partition("?")[0]
    made = created_resources.made(request.method, path, reply.status, reply.body)
    undo = created_resources.deletion(path, made, dict(request.headers)) if made else None
    if undo:
        with suppress(Unanswered, OSError):
            target.server.client.send(undo)


def _failed(
    result: CheckResult, objections: list[str], sent: str, reply: WireReply | None
) -> CheckResult:
    return replace(
        result,
        outcome=Outcome.FAILED,
        objections=tuple(objections),
        sent=sent,
        came=_came(reply),
    )


def _came(reply: WireReply | None) -> str:
    if reply is None:
        return f"no answer: the connection was closed, or nothing was said for {PATIENCE_S:.0f} s"
    lines = [str(reply.status), *(f"{name}: {value}" for name, value in reply.headers), ""]
    return "\n".join([*lines, reply.body[:SHOWN].decode("utf-8", "backslashreplace")]).rstrip()


def _asked(expected: Expected) -> str:
    lines = [str(expected.status)]
    lines += [f"{name}: {_stand_in(value)}" for name, value in dict(expected.headers).items()]
    if expected.text is not None:
        lines += ["", str(_stand_in(expected.text))]
    if expected.has_body:
        lines += ["", json.dumps(expected.body, ensure_ascii=False, default=_stand_in)]
    return "\n".join(lines)


def _stand_in(value: object) -> object:
    """What is said of a value that is not known before."""
    if isinstance(value, Matching):
        return f"<{value.pattern}>"
    if isinstance(value, Anything):
        return "<any>"
    return "<none>" if value is None else value


def _statuses(case: byte_cases.ByteCase) -> str:
    numbers = sorted(case.statuses)
    span = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 3 else " or ".join(map(str, numbers))
    return f"a status of {span}" + (", or no answer" if case.may_close else "")


def _pieces(target: TargetServer, case: byte_cases.ByteCase) -> list[bytes]:
    world, byte_target = target.server.world, case.target
    known = world.known(byte_target.api)
    if known.lacks(byte_target.query):
        raise NotKnown("the server's own identifiers were not given")
    credential = world.credential(byte_target.api, byte_target.credential)
    header = f"{credential.name}: {credential.secret}".encode()
    query = (byte_target.query.encode(), known.text(byte_target.query).encode())
    pieces = [piece.replace(b"@CREDENTIAL@", header) for piece in case.pieces]
    if pieces:
        pieces[0] = _at(target.server.url, pieces[0].replace(*query, 1))
    return pieces


def _at(base_url: str, piece: bytes) -> bytes:
    """The start of a request, below the path that the base URL has."""
    base = urlsplit(base_url).path.encode()
    return piece.replace(b" /", b" " + base + b"/", 1) if base else piece


def _reply(
    target: TargetServer, case: byte_cases.ByteCase, pieces: list[bytes]
) -> WireReply | None:
    try:
        reply = _exchanged(target, case, pieces)
        if reply is None and not case.may_close:
            # who closes on a caller that still sends may lose its answer: ask once more
            reply = _exchanged(target, case, pieces)
    except Silent:
        return None
    if reply is None:
        return None
    line = pieces[0].split(b" ", 2)
    path = line[1].decode("latin-1") if len(line) > 2 else ""
    target.coverage.saw(case.target.method, path, reply.status, reply.body)
    return reply


def _exchanged(
    target: TargetServer, case: byte_cases.ByteCase, pieces: list[bytes]
) -> WireReply | None:
    try:
        return exchange(
            target.server.url,
            pieces,
            method=case.target.method,
            half_close=case.half_close,
            pause_s=case.pause_s,
            patience_s=PATIENCE_S,
        )
    except Silent:
        raise
    except (Unanswered, OSError):
        return None


def _objection(
    target: TargetServer, case: byte_cases.ByteCase, reply: WireReply | None
) -> str | None:
    if reply is None and not case.may_close:
        return "no answer came"
    if reply is not None and reply.status not in case.statuses:
        return f"status is {reply.status}, not {_statuses(case)}"
    return None if target.server.alive else "the server does not answer any more"
