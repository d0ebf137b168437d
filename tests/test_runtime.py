"""All of a server process, put together and called in this process."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from asgi_reply import AsgiReply
from tallystick.delivery.addresses import AddressRefused
from tallystick.events import Event, EventLog
from tallystick.mock.mock import Mock
from tallystick.mock.proxy import Proxy
from tallystick.mock.settings import ALWAYS, MockSettings
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings
from tallystick.store import Entry

pytestmark = pytest.mark.anyio

GATEWAY = {"authorization": "Bearer dev-gateway-key"}
QUIET: dict[str, Any] = {"database": "sqlite://", "dev": True, "access_log": False}


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of the tests that are coroutines."""
    return "asyncio"


async def get(runtime: ServerRuntime, target: str, headers: Mapping[str, str]) -> AsgiReply:
    path, _, query = target.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope |= {"query_string": query.encode(), "headers": raw, "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    reply = AsgiReply()
    await runtime.app(scope, receive, reply)
    return reply


async def test_what_is_open_answers_and_is_counted() -> None:
    runtime = ServerRuntime(Settings(**QUIET))
    async with runtime.opened():
        assert (await get(runtime, "/readyz", {})).status == 200
        assert (await get(runtime, "/gateway/v1/events", GATEWAY)).status == 200
        assert (await get(runtime, "/gateway/v1/events", {})).status == 401
        metrics = (await get(runtime, "/metrics", {})).body.decode()
    labels = 'api="gateway",operation="listStoredEvents"'
    for status in (200, 401):
        assert f'tallystick_requests_total{{{labels},status="{status}"}} 1.0' in metrics


async def test_each_request_is_a_line_if_it_is_wished(capfd: pytest.CaptureFixture[str]) -> None:
    runtime = ServerRuntime(Settings(**{**QUIET, "access_log": True}))
    async with runtime.opened():
        await get(runtime, "/gateway/v1/events?limit=1&api-token=hidden", GATEWAY)
    [line] = capfd.readouterr().out.splitlines()
    assert '"operation":"listStoredEvents"' in line
    assert "hidden" not in line


async def test_callers_are_limited_if_it_is_wished() -> None:
    runtime = ServerRuntime(Settings(**QUIET, rate_limit=1))
    async with runtime.opened():
        # A minute of the clock may end between two calls, but not between each two of three.
        answers = [await get(runtime, "/gateway/v1/events", GATEWAY) for _ in range(3)]
    assert 429 in [answer.status for answer in answers]


async def test_browsers_may_call_from_the_origins_that_are_set_alone() -> None:
    origin = {"origin": "https://app.example"}
    for origins, allowed in (((), None), (("https://app.example",), b"https://app.example")):
        runtime = ServerRuntime(Settings(**QUIET, cors_origins=origins))
        async with runtime.opened():
            reply = await get(runtime, "/healthz", origin)
        assert reply.headers.get(b"access-control-allow-origin") == allowed


async def test_a_page_of_this_machine_may_call_a_mock_and_read_its_headers() -> None:
    settings = MockSettings(**{**QUIET, **ALWAYS})
    runtime = ServerRuntime(settings, Mock(settings))
    async with runtime.opened():
        reply = await get(runtime, "/healthz", {"origin": "http://localhost:5173"})
        other = await get(runtime, "/healthz", {"origin": "https://evil.example"})
    assert reply.headers[b"access-control-allow-origin"] == b"http://localhost:5173"
    exposed = reply.headers[b"access-control-expose-headers"]
    assert exposed == b"Preference-Applied, Tallystick-Mock"
    assert b"access-control-allow-origin" not in other.headers


async def test_a_page_may_read_what_a_proxy_says_of_a_call() -> None:
    settings = MockSettings(**{**QUIET, **ALWAYS}, cors_origins=("https://app.example",))
    proxy = Proxy(settings, "http://127.0.0.1:1", ssl.create_default_context())
    runtime = ServerRuntime(settings, proxy)
    async with runtime.opened():
        reply = await get(runtime, "/mock", {"origin": "https://app.example"})
        local = await get(runtime, "/mock", {"origin": "http://localhost"})
    exposed = reply.headers[b"access-control-expose-headers"]
    assert exposed == b"Tallystick-Violations, Tallystick-Unjudged, Tallystick-Proxy"
    assert b"access-control-allow-origin" not in local.headers


async def test_a_fault_begins_when_the_world_is_made() -> None:
    runtime = ServerRuntime(Settings(**QUIET, fault="store"))
    async with runtime.opened():
        assert (await get(runtime, "/gateway/v1/events", GATEWAY)).status == 500
        assert (await get(runtime, "/healthz", {})).status == 200


@pytest.mark.parametrize("dev", [True, False])
async def test_only_the_dev_world_delivers_to_this_machine(dev: bool) -> None:
    runtime = ServerRuntime(Settings(**{**QUIET, "dev": dev}, secret_key="k" * 32))
    addresses = runtime._sender.addresses
    try:
        if dev:
            addresses.check_url("http://127.0.0.1/")
            return
        with pytest.raises(AddressRefused):
            addresses.check_url("http://127.0.0.1/")
    finally:
        await runtime._sender.close()


async def test_what_could_not_be_opened_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(**{**QUIET, "database": f"sqlite:///{tmp_path}/tallystick.db"})
    runtime = ServerRuntime(settings)
    monkeypatch.setattr(runtime.services["charon"], "open", _fail)
    with pytest.raises(LookupError):
        async with runtime.opened():
            raise NotImplementedError
    async with ServerRuntime(settings).opened():  # the file is not in use any more
        pass


async def _fail() -> None:
    raise LookupError


async def test_whatever_is_stored_at_start_is_matched_by_every_listener(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tallystick.db"
    settings = Settings(**{**QUIET, "database": f"sqlite:///{file}"})
    stored: list[tuple[str, int]] = []
    build_rows = EventLog.build_rows

    def observe(log: EventLog, event: Event, *more: Entry) -> list[Entry]:
        stored.append((event.type, len(log._listeners)))
        return build_rows(log, event, *more)

    first = ServerRuntime(settings)
    async with first.opened():
        wanted = {"name": "alarms", "sink": "http://127.0.0.1:9/", "filters": []}
        await first.services["gateway"].subscriptions.create_subscription(wanted)  # type: ignore[attr-defined]  # the gateway's alone
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE charon_crons SET since = 0, check_at = 1 WHERE active")

    monkeypatch.setattr(EventLog, "build_rows", observe)
    second = ServerRuntime(settings)
    async with second.opened():
        assert stored == [("charon.cron.missed", len(second.context.log._listeners))]
    with closing(sqlite3.connect(file)) as database:
        kinds = database.execute("SELECT kind FROM deliveries").fetchall()
    assert kinds == [("gateway",)]
