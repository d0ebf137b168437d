"""Sends malformed and unusual bytes; ordinary clients don't send them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from tallystick.contract_tests import byte_cases
from tallystick.contract_tests.event_calls import UNPREPARED, EventCall, list_event_calls, prepared
from tallystick.contract_tests.wire import Silent, Unanswered, WireReply, exchange
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import PATIENCE_S, TargetServer, places

_REPEATED = re.compile(rb"(.{1,8}?)\1{39,}", re.DOTALL)


_WAITED_S = 2.0
"""The seconds to wait where a server may rightly wait for bytes that never come."""


def list_byte_cases(configuration: Configuration, api: str) -> list[byte_cases.ByteCase]:
    """Return the chosen cases of malformed and unusual bytes for an API."""
    return [case for call in list_event_calls(api) for case in _cases(configuration, call)]


def _cases(configuration: Configuration, call: EventCall) -> list[byte_cases.ByteCase]:
    return [case for case in byte_cases.cases(call) if is_chosen(configuration, _result(case).id)]


def judge_bytes(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield the result of each case."""
    for call in list_event_calls(api):
        if own := _cases(target.configuration, call):
            yield from _judged_call(target, call, own)


def _judged_call(
    target: TargetServer, call: EventCall, own: Sequence[byte_cases.ByteCase]
) -> Iterator[CheckResult]:
    if target.configuration.safe:
        yield from _not_sent(own, Outcome.DISABLED, SAFE)
        return
    try:
        with prepared(call, target.server) as ready:
            for case in _cases(target.configuration, ready):
                yield _judged(target, case)
    except UNPREPARED as missing:
        yield from _not_sent(own, Outcome.SKIPPED, str(missing))


def _not_sent(
    cases: Iterable[byte_cases.ByteCase], outcome: Outcome, reason: str
) -> Iterator[CheckResult]:
    for case in cases:
        yield replace(_result(case), outcome=outcome, reason=reason)


def _result(case: byte_cases.ByteCase) -> CheckResult:
    call = case.target.call
    method, path = call.operation.method, call.operation.path
    return CheckResult(
        call.api,
        "bytes",
        f"{method}: {case.name}",
        Outcome.PASSED,
        operation=call.label,
        asked=_statuses(case),
        places=(*places(call.api, method, path, None, ""),),
    )


def _judged(target: TargetServer, case: byte_cases.ByteCase) -> CheckResult:
    pieces = byte_cases.authorized_pieces(case, target.server)
    if pieces:
        pieces[0] = _at(target.server.url, pieces[0])
    reply = _reply(target, case, pieces)
    if objection := _objection(target, case, reply):
        return failed(_result(case), [objection], _command(target.server.url, pieces), reply)
    return _result(case)


def _allowed(case: byte_cases.ByteCase) -> list[int]:
    """Return the statuses; Node answers 400 where more bytes than its length follow a body."""
    others = [*case.others, *([400] if case.may_differ else [])]
    return [*case.statuses, *(each for each in others if each not in case.statuses)]


def _statuses(case: byte_cases.ByteCase) -> str:
    numbers = sorted(_allowed(case))
    span = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 3 else " or ".join(map(str, numbers))
    return f"a status of {span}" + (", or no answer" if case.may_close or case.may_differ else "")


def _at(base_url: str, piece: bytes) -> bytes:
    """Return the start of a request with the base URL's path before its own."""
    base = urlsplit(base_url).path.encode()
    return piece.replace(b" /", b" " + base + b"/", 1) if base else piece


def _reply(
    target: TargetServer, case: byte_cases.ByteCase, pieces: list[bytes]
) -> WireReply | None:
    try:
        reply = _exchanged(target, case, pieces)
        if reply is None and not (case.may_close or case.may_differ):
            # who closes on a caller that still sends may lose its answer: ask once more
            reply = _exchanged(target, case, pieces)
    except Silent:
        return None
    if reply is None:
        return None
    line = [part.decode("latin-1") for part in pieces[0].split(b" ", 2)]
    if len(line) > 2 and reply.status in case.statuses:
        target.coverage.saw(line[0], line[1], reply.status, reply.body)
    return reply


def _exchanged(
    target: TargetServer, case: byte_cases.ByteCase, pieces: list[bytes]
) -> WireReply | None:
    ask = partial(
        exchange,
        target.server.url,
        pieces,
        method=case.target.method,
        half_close=case.half_close,
        pause_s=case.pause_s,
        patience_s=_WAITED_S if case.may_differ else PATIENCE_S,
    )
    try:
        reply = ask()
        while target.server.client.waits.wait(reply.status, reply.header("Retry-After")):
            reply = ask()
    except Silent:
        raise
    except (Unanswered, OSError):
        return None
    return reply


def _objection(
    target: TargetServer, case: byte_cases.ByteCase, reply: WireReply | None
) -> str | None:
    if reply is None and not (case.may_close or case.may_differ):
        return "no answer came"
    if reply is not None and reply.status not in _allowed(case):
        return f"status is {reply.status}, not {_statuses(case)}"
    return None if target.server.alive else "the server does not answer any more"


def _command(base_url: str, pieces: Sequence[bytes]) -> str:
    """Return a shell command for the bytes, with repeated bytes written once."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = f"({parts.hostname!r}, {port})"
    encrypted = "import ssl; s = ssl.create_default_context().wrap_socket(s, server_hostname="
    source = [
        f"import socket; s = socket.create_connection({address}, 20)",
        *([f"{encrypted}{parts.hostname!r})"] if parts.scheme == "https" else []),
        f"s.sendall({' + '.join(_terms(b''.join(pieces))) or 'bytes()'})",
        "print(s.recv(65536).decode(errors='replace'))",
    ]
    return f"python3 -c {shlex.quote('; '.join(source))}"


def _terms(text: bytes) -> list[str]:
    terms, at = [], 0
    for match in _REPEATED.finditer(text):
        if match.start() > at:
            terms.append(repr(text[at : match.start()]))
        terms.append(f"{match[1]!r} * {len(match[0]) // len(match[1])}")
        at = match.end()
    if at < len(text):
        terms.append(repr(text[at:]))
    return terms
