"""A mock answers as the service does, unless a rule or the caller wants it otherwise."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from asgi_reply import AsgiReply
from parcels import call, mock_settings, plan, specification
from tallystick.contract.answer import Answer
from tallystick.contract.body import Replay
from tallystick.contract.intercepted import SentResponse
from tallystick.mock.journal import JournalEntry
from tallystick.mock.mock import SEEDED_START_MS, Mock, respond

HEADERS = [(b"content-type", b"application/json")]


@pytest.fixture
def mock() -> Mock:
    made = Mock(mock_settings())
    made.prepare(specification(), plan())
    return made


def answered(
    mock: Mock, body: bytes = b'{"name": "a"}', *, path: str = "/parcels/7", prefer: bytes = b""
) -> AsgiReply:
    headers: Sequence[tuple[bytes, bytes]] = [*HEADERS, (b"prefer", prefer)]
    reply = AsgiReply()
    asyncio.run(mock.intercept(call(body, path=path, headers=headers), Replay(body), reply))
    return reply


def kept_calls(mock: Mock) -> list[JournalEntry]:
    async def read() -> list[JournalEntry]:
        return [entry async for entry in mock.journal.list_newest()]

    return asyncio.run(read())


def last(mock: Mock) -> JournalEntry:
    return kept_calls(mock)[0]


def test_without_a_wish_the_service_answers_and_the_call_is_kept(mock: Mock) -> None:
    reply = answered(mock)
    assert (reply.status, json.loads(reply.body)) == (201, {"number": 7, "name": "a"})
    kept = last(mock)
    assert (kept.operation, kept.rule, kept.preferred) == ("sendParcel", None, None)
    assert kept.given is not None
    assert kept.given.status == 201


def test_a_rule_answers_in_place_of_the_service_and_is_named(mock: Mock) -> None:
    rule = mock._rules.add_rule({"operation": "sendParcel", "answer": {"code": 503}})
    reply = answered(mock, b"{}")
    assert (reply.status, reply.headers[b"retry-after"]) == (503, b"7")
    kept = last(mock)
    assert (kept.rule, [v["code"] for v in kept.violations]) == (rule.id, ["P002"])


def test_what_the_caller_prefers_goes_before_a_rule(mock: Mock) -> None:
    mock._rules.add_rule({"operation": "sendParcel", "answer": {"code": 503}})
    reply = answered(mock, prefer=b"code=200")
    assert (reply.status, reply.headers[b"preference-applied"]) == (200, b"code=200")
    assert (last(mock).rule, last(mock).preferred) == (None, "code=200")


def test_what_the_contract_has_not_is_refused_by_the_mock_itself(mock: Mock) -> None:
    reply = answered(mock, prefer=b"code=418")
    assert (reply.status, reply.headers[b"tallystick-mock"]) == (400, b"refused")
    assert b"never answers 418" in reply.body


def test_a_preference_for_a_path_of_nothing_changes_nothing(mock: Mock) -> None:
    assert answered(mock, path="/nowhere", prefer=b"code=200").status == 404


def test_a_call_of_the_mock_itself_is_not_kept(mock: Mock) -> None:
    assert answered(mock, path="/gateway/v1/mock/nothing").status == 404
    assert kept_calls(mock) == []


def test_with_a_seed_the_clock_stands_at_one_time() -> None:
    made = Mock(mock_settings(seed=1))
    assert (made.clock.now_ms(), made.clock.is_frozen) == (SEEDED_START_MS, True)
    assert not Mock(mock_settings()).clock.is_frozen


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [
        ("http://localhost:5173", True),
        ("https://app.localhost", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:80", True),
        ("http://localhost.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_pages_of_this_machine_may_call_it(origin: str, is_local: bool) -> None:
    assert bool(re.fullmatch(Mock.origins, origin)) is is_local


async def pieces(*texts: bytes) -> AsyncIterator[bytes]:
    for text in texts:
        yield text


def streamed(body: AsyncIterator[bytes], receive: Any) -> tuple[AsgiReply, SentResponse]:
    reply = AsgiReply()
    sent = asyncio.run(respond(Answer(body, 200, {"X-A": "b"}), call(), receive, reply))
    return reply, sent


def test_a_stream_is_sent_piece_by_piece_and_has_no_length() -> None:
    async def nobody_leaves() -> Any:
        await asyncio.Event().wait()

    reply, sent = streamed(pieces(b"ab", b"c"), nobody_leaves)
    assert (reply.status, reply.body, sent) == (200, b"abc", SentResponse(200, 3))
    assert b"content-length" not in reply.headers


def test_a_stream_ends_when_its_caller_leaves() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.Event().wait()

    async def leave() -> Any:
        return {"type": "http.disconnect"}

    _, sent = streamed(endless(), leave)
    assert sent.status == 200
