"""What goes wrong on a real connection."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.faults import BROKEN_CHUNK, GARBAGE, Delay, delay

Create = Callable[..., requests.Response]

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
BODY = json.dumps({**EVENT, "st": "OK", "me": "Operation successful"}).encode()
SPREAD = {"median": "20ms", "sigma": 0.6}


def _raw(mock: Tallystick) -> bytes:
    """All that comes back on one connection until it is closed."""
    parts = urlsplit(mock.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(
            b"POST /create HTTP/1.1\r\nHost: x\r\nx-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
        )
        came = b""
        while piece := connection.recv(65_536):
            came += piece
        return came


def test_a_reset_is_one_on_the_wire_and_nothing_is_done(
    mock: Tallystick, stored: Callable[[], list[Any]]
) -> None:
    mock.fail_next("createEvent", fault="reset")

    with pytest.raises(ConnectionResetError):
        _raw(mock)

    assert stored() == []
    [request] = mock.requests
    assert (request.fault, request.answer) == ("reset", None)


def test_an_empty_reply_is_a_connection_closed_without_a_byte(mock: Tallystick) -> None:
    mock.fail_next("createEvent", fault="empty")

    assert _raw(mock) == b""


def test_half_a_body_is_less_than_its_head_says(mock: Tallystick) -> None:
    mock.fail_next("createEvent", fault="half")

    head, _, body = _raw(mock).partition(b"\r\n\r\n")

    [length] = [int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"content-len")]
    assert 0 < len(body) < length


def test_garbage_is_no_http_and_nothing_is_done(
    mock: Tallystick, stored: Callable[[], list[Any]]
) -> None:
    mock.fail_next("createEvent", fault="garbage")

    assert _raw(mock) == GARBAGE

    assert stored() == []
    [request] = mock.requests
    assert (request.state, request.outside) == ("broken", True)


def test_a_malformed_chunk_comes_after_half_the_body(
    mock: Tallystick, create: Create, stored: Callable[[], list[Any]]
) -> None:
    mock.fail_next("createEvent", fault="malformed-chunk")
    raw = _raw(mock)
    assert b"transfer-encoding: chunked" in raw.partition(b"\r\n\r\n")[0]
    assert raw.endswith(BROKEN_CHUNK)
    assert len(stored()) == 1

    mock.fail_next("createEvent", fault="malformed-chunk")
    with pytest.raises(requests.RequestException):
        create()


def test_a_slow_body_comes_whole_and_late(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", fault="slow", over="600ms")

    started = time.monotonic()
    answer = create()

    assert answer.json()["statusCode"] == 200
    assert 0.5 < time.monotonic() - started < 5


def test_an_error_can_be_slow_too(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"error": "M004"}, fault="slow", over="200ms")

    assert create().json()["code"] == "M004"


def test_a_delay_is_waited(mock: Tallystick, create: Create) -> None:
    mock.fail_next("createEvent", delay="400ms")

    answer = create()

    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.4


def _draw_delays(seed: int) -> list[float]:
    """The delays of 12 requests, in ms."""
    random, drawn = Random(seed), delay(SPREAD)
    return [_draw_delay(random, drawn) for _ in range(12)]


def _draw_delay(random: Random, drawn: Delay) -> float:
    random.random()  # for the rule's probability
    return drawn.seconds(random) * 1000


def test_delays_are_spread_and_repeat_with_a_seed() -> None:
    assert statistics.pstdev(_draw_delays(7)) > 3
    assert _draw_delays(7) == _draw_delays(7) != _draw_delays(8)


def test_the_mock_waits_as_drawn_with_its_seed(
    start_tallystick: Callable[..., Tallystick],
) -> None:
    mock = start_tallystick("--seed", "7")
    mock.rule(operation="canStart", delay=SPREAD)
    for _ in range(12):
        requests.get(f"{mock.url}/api/nightly-report/can-start", timeout=10)

    waited = [request.ms for request in mock.requests]
    # A busy machine makes a request longer, and never shorter; timers are exact to 1 ms.
    assert all(ms + 1 >= drawn for ms, drawn in zip(waited, _draw_delays(7), strict=True))


def test_the_mock_serves_on_after_any_fault(mock: Tallystick, create: Create) -> None:
    for fault in ("reset", "empty", "half", "garbage", "malformed-chunk"):
        mock.fail_next("createEvent", fault=fault)
        with pytest.raises(requests.RequestException):
            create()

    assert create().status_code == 200
