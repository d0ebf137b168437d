from __future__ import annotations

import socket

import pytest

from .byte_cases import ByteCase, cases
from .coverage import Coverage
from .servers import Server
from .wire import Unanswered, WireReply, address_of, exchange

_CASES = list(cases())


@pytest.fixture(autouse=True)
def _not_connexion(connexion: bool) -> None:
    if connexion:
        pytest.skip("unmodified Connexion makes no promise about broken bytes")


@pytest.mark.parametrize("case", _CASES, ids=[case.id for case in _CASES])
def test_broken_bytes_are_answered_and_break_nothing(
    case: ByteCase, server: Server, coverage: Coverage
) -> None:
    target = case.target
    credential = server.world.credential(target.api, target.credential)
    header = f"{credential.name}: {credential.secret}".encode()
    pieces = [piece.replace(b"@CREDENTIAL@", header) for piece in case.pieces]
    reply = _reply(case, pieces, server)
    if reply is None:
        assert case.may_close, "the connection was closed without an answer"
    else:
        path = pieces[0].split(b" ", 2)[1].decode("latin-1") if b" " in pieces[0] else ""
        coverage.saw(target.method, path, reply.status, reply.body)
        assert reply.status in case.statuses, f"{reply.status} {reply.body[:500]!r}"
    assert server.alive


def _reply(case: ByteCase, pieces: list[bytes], server: Server) -> WireReply | None:
    try:
        return exchange(
            server.url,
            pieces,
            method=case.target.method,
            half_close=case.half_close,
            pause_s=case.pause_s,
        )
    except Unanswered:
        return None


def test_connections_closed_at_once_leave_the_server_alive(server: Server) -> None:
    for _ in range(200):
        socket.create_connection(address_of(server.url)).close()
    assert server.alive
