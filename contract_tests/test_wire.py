from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from . import contract
from .byte_cases import ByteCase, api_cases, authorized_pieces, cases
from .coverage import Coverage
from .event_calls import list_event_calls, prepared
from .servers import Server
from .wire import Unanswered, WireReply, address_of, exchange

_CASES = [case.id for api in contract.apis() for case in api_cases(api)]


@pytest.fixture(autouse=True)
def _not_connexion(connexion: bool) -> None:
    if connexion:
        pytest.skip("unmodified Connexion makes no promise about broken bytes")


@pytest.fixture(scope="module")
def ready_cases(server: Server) -> Iterator[Mapping[str, ByteCase]]:
    """Every case by its id, of calls that this server is ready for."""
    with ExitStack() as stack:
        calls = [call for api in contract.apis() for call in list_event_calls(api)]
        ready = [stack.enter_context(prepared(call, server)) for call in calls]
        yield {case.id: case for call in ready for case in cases(call)}


@pytest.mark.parametrize("case_id", _CASES)
def test_broken_bytes_are_answered_and_break_nothing(
    case_id: str, ready_cases: Mapping[str, ByteCase], server: Server, coverage: Coverage
) -> None:
    case = ready_cases[case_id]
    target = case.target
    pieces = authorized_pieces(case, server)
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
