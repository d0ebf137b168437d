"""Readers are told what changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
import requests

from events.test_log import an_event
from manual_clock import ManualClock
from server_process import StartServer
from store.conftest import database, url
from tallystick.apis.gateway import change_feed
from tallystick.apis.gateway.change_feed import ChangeFeed
from tallystick.call_context import CALL, CallContext
from tallystick.contract.exceptions import Unavailable
from tallystick.events import EventLog
from tallystick.store import Database

__all__ = ["database", "url"]

pytestmark = pytest.mark.anyio

NOW_S = 1_764_061_200


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def feed(
    database: Database,  # pytest's way to name a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[ChangeFeed]:
    monkeypatch.setattr(change_feed, "INTERVAL_S", 0.01)
    made = ChangeFeed(database, ManualClock(NOW_S))
    yield made
    made.close()


async def following(stream: AsyncGenerator[bytes, None]) -> Any:
    """The data of the next change."""
    async with asyncio.timeout(20):
        piece = await anext(stream)
    name, data, *_ = piece.decode().split("\n")
    assert name == "event: change"
    return json.loads(data.removeprefix("data: "))


async def test_the_reading_for_all_belongs_to_no_call(
    feed: ChangeFeed, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[CallContext | None] = []
    read = database.read

    async def noting(function: Any) -> Any:
        calls.append(CALL.get())
        return await read(function)

    monkeypatch.setattr(database, "read", noting)
    own = CallContext("r1")
    token = CALL.set(own)
    stream = await feed.open_stream(None)
    await following(stream)
    async with asyncio.timeout(20):
        while len(calls) < 2:
            await asyncio.sleep(0.01)
    CALL.reset(token)
    assert calls[:2] == [own, None]


async def test_a_new_event_is_told_to_every_reader(
    feed: ChangeFeed,
    database: Database,
) -> None:
    streams = [await feed.open_stream(None) for _ in range(2)]
    for stream in streams:
        first = await following(stream)
        assert (first["events"], first["events_per_second"], first["crons"]) == (None, 0, None)
    event = an_event(NOW_S * 1_000)
    await EventLog(database, ManualClock(NOW_S), 10).append(event)
    for stream in streams:
        assert await following(stream) == first | {"events": event.id, "events_per_second": 0.2}
        await stream.aclose()


async def test_nothing_is_read_without_a_reader(feed: ChangeFeed) -> None:
    stream = await feed.open_stream(None)
    await following(stream)
    assert feed._task is not None
    await stream.aclose()
    assert feed._task is None


async def test_a_stream_ends_after_its_limit(feed: ChangeFeed) -> None:
    stream = await feed.open_stream(1)
    await following(stream)
    assert await anext(stream, None) is None


async def test_a_quiet_stream_shows_that_it_is_alive_and_ends_with_the_feed(
    feed: ChangeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "HEARTBEAT_S", 0.01)
    stream = await feed.open_stream(None)
    await following(stream)
    assert await anext(stream) == b": alive\n\n"
    feed.close()
    assert await anext(stream, None) is None


async def test_one_reader_too_many_is_refused(
    feed: ChangeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "READERS", 1)
    stream = await feed.open_stream(None)
    await following(stream)
    with pytest.raises(Unavailable):
        await feed.open_stream(None)
    await stream.aclose()
    await feed.open_stream(None)


def test_an_open_stream_does_not_keep_a_server_from_ending(start_server: StartServer) -> None:
    server = start_server()
    headers = {"Authorization": "Bearer dev-gateway-key"}
    address = f"{server.url}/gateway/v1/changes"
    with requests.get(address, headers=headers, stream=True, timeout=30) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b"event: change"
        assert server.stop() == 0
        assert not [line for line in lines if line.startswith(b"event")]
