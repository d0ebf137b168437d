"""Bytes that no decent client sends, case by case."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from tallystick.contract_tests import byte_cases
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.wire import Silent, Unanswered, WireReply, exchange
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed
from tallystick.gate.target_server import PATIENCE_S, TargetServer, places

_REPEATED = re.compile(rb"(.{1,8}?)\1{39,}", re.DOTALL)


def list_byte_cases(api: str) -> list[byte_cases.ByteCase]:
    """Return an API's cases of bytes that no decent client sends."""
    return [case for case in byte_cases.cases() if case.target.api == api]


def judge_bytes(target: TargetServer, case: byte_cases.ByteCase) -> CheckResult:
    """Return what became of one case of bytes."""
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
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    try:
        pieces = _pieces(target, case)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    reply = _reply(target, case, pieces)
    if objection := _objection(target, case, reply):
        return failed(result, [objection], _command(target.server.url, pieces), reply)
    return result


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


def _command(base_url: str, pieces: Sequence[bytes]) -> str:
    """A shell command; what is repeated in the bytes is written once."""
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
