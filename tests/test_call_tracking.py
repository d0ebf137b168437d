"""Log lines have the ids of their call, where the setting asks for them, and cost nothing else."""

from __future__ import annotations

import json
import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
import requests

from asgi_reply import AsgiReply
from server_process import StartServer
from tallystick import call_context, call_tracking
from tallystick.call_tracking import read_request_id, read_trace_id
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
TRACKING = {module.__file__ for module in (call_context, call_tracking)}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def lines(server: Any) -> list[dict[str, Any]]:
    server.stop()
    return [json.loads(line) for line in server.stdout.splitlines()]


def test_the_access_log_has_the_ids_of_request_trace_and_key(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_LOG_FORMAT="json")
    headers = KEY | {"X-Request-Id": "mine-1", "traceparent": TRACEPARENT}
    requests.get(f"{server.url}/create", headers=headers, timeout=10)
    requests.get(f"{server.url}/create", timeout=10)
    first, second = lines(server)
    assert (first["request_id"], first["trace_id"]) == ("mine-1", TRACE)
    assert len(first["key_id"]) == 36
    assert second["request_id"] not in {"", "mine-1"}
    assert second.keys().isdisjoint({"trace_id", "key_id"})


def test_an_answer_s_own_id_is_that_of_its_line(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_LOG_FORMAT="text")
    path = "/v1/0123456789abcdef0123456789abcdef/channels"
    answer = requests.get(server.url + path, headers={"X-Request-Id": "mine"}, timeout=10)
    [line] = lines(server)
    assert line["request_id"] == answer.headers["X-Request-Id"] != "mine"


def test_what_goes_wrong_in_a_call_has_its_ids(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_LOG_FORMAT="json", TALLYSTICK_FAULT="away")
    headers = {"Authorization": "Bearer dev-gateway-key", "X-Request-Id": "mine-2"}
    url = f"{server.url}/gateway/v1/events"
    assert requests.get(url, headers=headers, timeout=10).status_code == 503
    [line] = lines(server)
    assert (line["status"], line["request_id"]) == (503, "mine-2")


@pytest.mark.parametrize(
    "given", [b"", b"a b", b"a\nb", b"\xff", b"x" * 129, b'"', "ä".encode(), b"a=b"]
)
def test_an_id_that_could_forge_a_line_is_not_taken(given: bytes) -> None:
    assert read_request_id({b"x-request-id": given}) == ""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (TRACEPARENT, TRACE),
        (f"{TRACEPARENT}-of-a-later-version", TRACE),
        (TRACEPARENT.replace("00-", "ff-", 1), ""),
        (TRACEPARENT.upper(), ""),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (TRACEPARENT + "1", ""),
        (TRACEPARENT + "\n", ""),
        ("", ""),
    ],
)
def test_a_trace_is_that_of_a_valid_traceparent(given: str, found: str) -> None:
    assert read_trace_id({b"traceparent": given.encode()}) == found


async def call(runtime: ServerRuntime) -> None:
    scope = {"type": "http", "method": "GET", "path": "/create", "raw_path": b"/create"}
    headers = [(name.encode(), value.encode()) for name, value in KEY.items()]
    scope |= {"query_string": b"", "headers": headers, "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    await runtime.app(scope, receive, AsgiReply())


async def counted_calls(**settings: Any) -> Counter[str]:
    """Return how often functions of each file were called for one request."""
    counts: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            counts[frame.f_code.co_filename] += 1

    runtime = ServerRuntime(Settings(database="sqlite://", dev=True, access_log=False, **settings))
    async with runtime.opened():
        await call(runtime)
        sys.setprofile(count)
        try:
            await call(runtime)
        finally:
            sys.setprofile(None)
    return counts


@pytest.mark.anyio
async def test_without_the_setting_a_call_costs_no_function_more() -> None:
    off = await counted_calls()
    on = await counted_calls(log_format="json")
    assert off.keys().isdisjoint(TRACKING)
    assert not any("opentelemetry" in file or "tracing.py" in file for file in off)
    assert call_tracking.__file__ in on
    assert off.total() < on.total()
