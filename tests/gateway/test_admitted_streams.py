"""A stream ends soon after the key or the session of its reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import pytest
import requests

from gateway_world import GatewayWorld
from server_process import ServerProcess
from tallystick.apis.gateway import admitted_streams
from tallystick.apis.gateway.admitted_streams import AdmittedStreams
from tallystick.mock.process import MockProcess
from tallystick.store import DatabaseUnavailable

OWNER = {"Authorization": "Bearer dev-gateway-key"}
SENDER = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
CREATE = "/create?cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Successful"
WRITES = {"X-Requested-With": "tallystick"}
CHANGES, REQUESTS = "/gateway/v1/changes", "/gateway/v1/mock/requests/stream"
ALIVE = b": alive"
"""The line of a stream that goes on, every fifteen seconds."""


@contextmanager
def watching(url: str, path: str, reader: requests.Session) -> Iterator[Iterator[bytes]]:
    """Yield the lines of a stream after its first one."""
    with reader.get(f"{url}{path}", stream=True, timeout=30) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith((b"event: change", b": requests"))
        yield lines


def sign_in(url: str) -> requests.Session:
    reader = requests.Session()
    key = {"key": "dev-gateway-key"}
    reader.post(f"{url}/gateway/v1/session", json=key, timeout=20).raise_for_status()
    return reader


def sign_out(url: str, reader: requests.Session) -> None:
    session = f"{url}/gateway/v1/session"
    with requests.Session() as other:  # the connection of the reader is busy
        other.cookies.update(reader.cookies)
        other.delete(session, headers=WRITES, timeout=20).raise_for_status()


def test_a_stream_ends_with_its_session(server: ServerProcess) -> None:
    reader, other = sign_in(server.url), sign_in(server.url)
    with (
        watching(server.url, CHANGES, reader) as lines,
        watching(server.url, CHANGES, other) as others,
    ):
        sign_out(server.url, reader)
        assert ALIVE not in list(lines)
        requests.get(f"{server.url}{CREATE}", headers=SENDER, timeout=20).raise_for_status()
        assert b"event: change" in others  # it goes on


def test_a_stream_of_a_mock_ends_with_its_session() -> None:
    mock = MockProcess()
    try:
        reader = sign_in(mock.url)
        with watching(mock.url, REQUESTS, reader) as lines:
            sign_out(mock.url, reader)
            assert ALIVE not in list(lines)
    finally:
        mock.stop()


def test_a_stream_ends_with_its_key(server: ServerProcess) -> None:
    keys = f"{server.url}/gateway/v1/keys"
    body = {"api": "gateway", "name": "watcher", "scopes": ["events:read"]}
    key = requests.post(keys, json=body, headers=OWNER, timeout=20).json()
    with requests.Session() as reader:
        reader.headers["Authorization"] = f"Bearer {key['secret']}"
        with watching(server.url, CHANGES, reader) as lines:
            requests.delete(f"{keys}/{key['id']}", headers=OWNER, timeout=20).raise_for_status()
            assert ALIVE not in list(lines)


async def ticks() -> AsyncGenerator[bytes, None]:
    yield b"first"
    await asyncio.Event().wait()


def test_a_stream_goes_on_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admitted_streams, "INTERVAL_S", 0.01)
    looks = 0

    async def main() -> None:
        async with GatewayWorld("sqlite://") as world:
            key, _ = await world.keys.create_key("gateway", "watcher", ["events:read"])
            look = world.sessions.are_in_force

            async def failing(callers: list[dict[str, str]]) -> list[bool]:
                nonlocal looks
                looks += 1
                if looks < 3:
                    raise DatabaseUnavailable
                return await look(callers)

            monkeypatch.setattr(world.sessions, "are_in_force", failing)
            streams = AdmittedStreams(world.sessions)
            stream = streams.hold(ticks(), {"sub": key.id})
            assert await anext(stream) == b"first"
            next_ = asyncio.ensure_future(anext(stream, None))
            async with asyncio.timeout(20):
                while looks < 4:
                    await asyncio.sleep(0.01)
                assert not next_.done()
                await world.keys.revoke_key(key.id)
                assert await next_ is None

    asyncio.run(main())
