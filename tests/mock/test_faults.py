"""What goes wrong on a real connection."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tallystick.mock.client import MockRefused, Tallystick

Create = Callable[..., requests.Response]

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
BODY = json.dumps({**EVENT, "st": "OK", "me": "Operation successful"}).encode()


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


def test_delays_are_spread_and_repeat_with_a_seed(
    start_tallystick: Callable[..., Tallystick],
) -> None:
    def delays() -> list[float]:
        mock = start_tallystick("--seed", "7")
        mock.rule(operation="canStart", delay={"median": "20ms", "sigma": 0.6})
        for _ in range(12):
            requests.get(f"{mock.url}/api/nightly-report/can-start", timeout=10)
        return [request.ms for request in mock.requests]

    first, second = delays(), delays()

    assert statistics.pstdev(first) > 3
    assert all(abs(a - b) < 40 for a, b in zip(first, second, strict=True))


def test_the_mock_serves_on_after_any_fault(mock: Tallystick, create: Create) -> None:
    for fault in ("reset", "empty", "half"):
        mock.fail_next("createEvent", fault=fault)
        with pytest.raises(requests.RequestException):
            create()

    assert create().status_code == 200


def test_a_rule_is_followed_so_often_and_no_more(mock: Tallystick, create: Create) -> None:
    mock.fail_next("createEvent", times=2)

    assert [create().status_code for _ in range(3)] == [500, 500, 200]


def test_the_rule_made_last_wins(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"code": 503})
    mock.rule(api="event_store", answer={"code": 429}, times=1)

    assert [create().status_code for _ in range(2)] == [429, 503]


def test_a_rule_may_happen_now_and_then(mock: Tallystick, create: Create) -> None:
    mock.rule(operation="createEvent", answer={"code": 503}, probability=0.5)

    statuses = [create().status_code for _ in range(60)]

    assert 10 < statuses.count(503) < 50


@pytest.mark.parametrize(
    ("match", "members", "is_met"),
    [
        ({"body": {"$.cl": "EDF"}}, {}, True),
        ({"body": {"$.cl": "ENI"}}, {}, False),
        ({"body": {"$.cl": {"$regex": "^E"}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {"im": "MAJOR"}, False),
        ({"body": {"$[?@.a == 1].b": 2}}, {"us_x": "y"}, False),
        ({"header": {"X-API-Key": {"$exists": True}}}, {}, True),
        ({"query": {"cl": "EDF"}}, {}, False),
    ],
)
def test_a_rule_is_for_requests_that_match(
    mock: Tallystick, create: Create, match: Any, members: Any, is_met: bool
) -> None:
    mock.rule(operation="createEvent", match=match, answer={"code": 503})

    assert (create(**members).status_code == 503) is is_met


def test_no_expression_takes_for_ever(mock: Tallystick, create: Create) -> None:
    mock.rule(
        operation="createEvent", match={"body": {"$.me": {"$regex": "^(a+)+$"}}}, fault="reset"
    )

    assert create(me="a" * 250 + "!").elapsed.total_seconds() < 2


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "createEvent"},
        {"operation": "createEvent", "fault": "reset", "answer": {"code": 500}},
        {"operation": "createEvent", "fault": "reset", "over": "1s"},
        {"operation": "createEvent", "delay": {"from": "2s", "to": "1s"}},
        {"operation": "createEvent", "delay": {"fixed": "2s", "sigma": 1}},
        {"operation": "createEvent", "api": "keyastrom", "fault": "reset"},
        {"operation": "resetMock", "fault": "reset"},
        {"api": "nobody", "fault": "reset"},
        {"match": {"body": {"$.a": {"$regex": "("}}}, "fault": "reset"},
        {"match": {"body": {"$.a": {"$regex": "(?=a)"}}}, "fault": "reset"},
        {"match": {"body": {"$.a": {"$exists": "no"}}}, "fault": "reset"},
        {"match": {"body": {"$..a..b": 1}}, "fault": "reset"},
        {"match": {"body": {"$[?": 1}}, "fault": "reset"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(mock: Tallystick, rule: dict[str, Any]) -> None:
    with pytest.raises(MockRefused):
        mock.rule(**rule)
