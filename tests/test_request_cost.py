"""What a request costs this process, from the bytes read to the bytes written: counted."""

from __future__ import annotations

import itertools
import json
from asyncio import Event, Transport, get_running_loop
from collections.abc import Mapping
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from instruction_count import count_instructions
from tallystick.bounded_protocol import BoundedHttpProtocol
from tallystick.clock import SystemClock
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

COSTS = {
    "GET /create": 4852,
    "POST /create": 4230,
    "POST /event/send": 4340,
    "POST /api/v2/events/ingest": 4711,
    "GET /healthz": 2009,
}
"""Instructions of Python for a request: write a lower number here when you have won it."""

MOST = 1.03
LEAST = 0.97
ROUNDS = 4
NOW_MS = 1_790_000_000_000

STORE = b"x-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n"
QUERY = b"cl=EDF&ty=START_EC2&hs=AWS&ac=PRODUCTION&re=eu-west-3&st=OK&me=Operation%20successful"
EVENT = (
    b'{"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3", '
    b'"st": "OK", "me": "Operation successful"}'
)
ASTROM = b"Authorization: Api-Token dt0c01.abc123.abcdefjhij1234567890\r\n"
CLIENT = b'"client_id": "dev-client", "client_secret": "dev-secret"'
INFO = b'{"eventType": "CUSTOM_INFO", "title": "A title"}'


def written(head: bytes, headers: bytes, body: bytes = b"") -> bytes:
    """Return a request as a client writes it."""
    if body:
        headers += b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return b"%b HTTP/1.1\r\nHost: localhost\r\n%b\r\n%b" % (head, headers, body)


def requests(access_key: str) -> Mapping[str, bytes]:
    """Return the request of each row of `COSTS`."""
    owner = b"access-key: " + access_key.encode() + b"\r\n"
    send = b"POST /event/send?event-identifier=quiet-bomb-0000000000"
    return {
        "GET /create": written(b"GET /create?" + QUERY, STORE),
        "POST /create": written(b"POST /create", STORE, EVENT),
        "POST /event/send": written(send, owner, EVENT),
        "POST /api/v2/events/ingest": written(b"POST /api/v2/events/ingest", ASTROM, INFO),
        "GET /healthz": written(b"GET /healthz", b""),
    }


class WrittenAnswers(Transport):
    """A transport that keeps the last answer and tells of it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 9), "sockname": ("127.0.0.1", 8)})
        self.is_written = Event()
        self.last = b""

    def write(self, data: Any) -> None:
        self.last = bytes(data)
        self.is_written.set()

    def is_closing(self) -> bool:
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        pass


class Connection:
    """A connection to a runtime, without a socket."""

    def __init__(self, runtime: ServerRuntime) -> None:
        # As in `tallystick.server`.
        config = Config(
            runtime.app,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        self._answers = WrittenAnswers()
        self._protocol = BoundedHttpProtocol(config, ServerState(), {}, get_running_loop())
        self._protocol.connection_made(self._answers)

    async def send(self, request: bytes) -> bytes:
        """Return the answer to a request, which is one of success."""
        self._answers.is_written.clear()
        self._protocol.data_received(request)
        await self._answers.is_written.wait()
        assert self._answers.last.startswith(b"HTTP/1.1 2"), self._answers.last
        return self._answers.last

    async def get_token(self) -> str:
        """Return a token of the dev world's client of eventhos."""
        client = b'{"grant_type": "client_credentials", %b}' % CLIENT
        answer = await self.send(written(b"POST /auth/token", b"", client))
        token: str = json.loads(answer.partition(b"\r\n\r\n")[2])["content"]["access_token"]
        return token

    async def count_instructions(self, request: bytes) -> int:
        """Return the instructions of a request, from its bytes to those of its answer."""

        async def send() -> None:
            await self.send(request)

        # The least of some rounds: in others the server's own tasks had a turn.
        return round(min([await count_instructions(send) for _ in range(ROUNDS)]))

    def close(self) -> None:
        """Close it."""
        self._protocol.connection_lost(None)


async def test_no_request_costs_over_three_percent_more_or_less_than_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # An id takes another way within the millisecond of the one before.
    ticks = itertools.count(NOW_MS)
    monkeypatch.setattr(SystemClock, "now_ms", lambda _self: next(ticks))
    runtime = ServerRuntime(Settings(database="sqlite://", access_log=False, dev=True))
    async with runtime.opened():
        connection = Connection(runtime)
        sent = requests(await connection.get_token())
        found = {name: await connection.count_instructions(sent[name]) for name in COSTS}
        connection.close()

    assert {name: n for name, n in found.items() if not _is_about(n, COSTS[name])} == {}


def _is_about(found: int, noted: int) -> bool:
    return noted * LEAST <= found <= noted * MOST
