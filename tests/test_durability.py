"""An event that was acknowledged is kept, whatever ends the server."""

from __future__ import annotations

import itertools
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from server_process import ServerProcess, StartServer

KILLS = int(os.environ.get("KILLS", "20"))
SENDERS_PER_API = 2
ACKNOWLEDGED_BEFORE_THE_END = 60
SECONDS_BEFORE_THE_END = 30.0

KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
APIS = ("event_store", "eventhos", "keyastrom")


class Call(NamedTuple):
    """One HTTP request."""

    method: str
    target: str
    headers: dict[str, str]
    body: object = None


class Load:
    """Sends numbered events to all APIs at once, and notes which were acknowledged."""

    def __init__(self, url: str, numbers: Iterator[int]) -> None:
        self.acknowledged: dict[str, set[int]] = {api: set() for api in APIS}
        self._refused: Counter[tuple[str, object]] = Counter()
        self._numbers = numbers
        self._host = urlsplit(url).netloc
        self._calls = _calls(url)
        self._threads = [
            threading.Thread(target=self._send, args=(api,), daemon=True)
            for api in APIS
            for _ in range(SENDERS_PER_API)
        ]

    def start(self) -> None:
        """Send until the server is gone."""
        for thread in self._threads:
            thread.start()

    def wait_until_well_under_way(self) -> None:
        """Wait until every API has acknowledged some, and all together many."""
        deadline = time.monotonic() + SECONDS_BEFORE_THE_END
        counts: list[int] = []
        while time.monotonic() < deadline:
            counts = [len(numbers) for numbers in self.acknowledged.values()]
            if all(counts) and sum(counts) >= ACKNOWLEDGED_BEFORE_THE_END:
                return
            time.sleep(0.01)
        raise AssertionError(f"acknowledged only {counts}, refused {self._refused}")

    def wait_until_over(self) -> None:
        """Wait until no sender waits for an answer."""
        for thread in self._threads:
            thread.join(timeout=10)

    def _send(self, api: str) -> None:
        connection = HTTPConnection(self._host, timeout=10)
        try:
            for number in self._numbers:
                status = _status(connection, self._calls[api](number))
                if status in {200, 201}:
                    self.acknowledged[api].add(number)
                else:
                    self._refused[api, status] += 1
        except (OSError, HTTPException) as gone:
            self._refused[api, repr(gone)] += 1
        finally:
            connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, start_server: StartServer) -> ServerProcess:
    """A server on each kind of database that lasts."""
    if request.param == "postgresql":
        return start_server("--database", request.getfixturevalue("postgres_url"))
    return start_server()


def test_a_killed_server_keeps_every_acknowledged_event(server: ServerProcess) -> None:
    numbers = itertools.count(1)
    acknowledged: dict[str, set[int]] = {api: set() for api in APIS}
    starts = []
    for _ in range(KILLS):
        load = _load(server, numbers)
        server.kill()
        load.wait_until_over()
        began = time.monotonic()
        server.start()
        starts.append(time.monotonic() - began)
        for api, stored in _stored_numbers(server.url).items():
            acknowledged[api] |= load.acknowledged[api]
            assert acknowledged[api] <= set(stored)
            assert len(stored) == len(set(stored))
    # A figure to read, with `-s`: how long a start takes is the machine's matter, and no test's.
    print(f"ready again after {min(starts):.2f} to {max(starts):.2f} s")


def test_a_stopped_server_keeps_every_acknowledged_event(server: ServerProcess) -> None:
    load = _load(server, itertools.count(1))
    assert server.stop() == 0
    load.wait_until_over()
    server.start()
    for api, stored in _stored_numbers(server.url).items():
        assert load.acknowledged[api] <= set(stored)


def test_a_stopping_server_finishes_the_request_that_it_has_begun(
    start_server: StartServer,
) -> None:
    server = start_server()
    request, rest = _halves_of_a_request()
    with socket.create_connection(_address(server.url), timeout=10) as connection:
        connection.sendall(request)
        time.sleep(0.3)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        time.sleep(0.3)
        connection.sendall(rest)
        assert connection.recv(4096).startswith(b"HTTP/1.1 201 ")
    stopping.join(timeout=15)
    server.start()
    assert _stored_numbers(server.url)["keyastrom"] == [7]


def _load(server: ServerProcess, numbers: Iterator[int]) -> Load:
    load = Load(server.url, numbers)
    load.start()
    load.wait_until_well_under_way()
    return load


def _calls(url: str) -> dict[str, Callable[[int], Call]]:
    return {
        "event_store": _event_store_call,
        "eventhos": partial(_eventhos_call, _eventhos_token(url)),
        "keyastrom": _keyastrom_call,
    }


def _event_store_call(number: int) -> Call:
    event = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
    query = urlencode({**event, "st": "OK", "me": f"number {number}"})
    return Call("GET", f"/create?{query}", {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"})


def _eventhos_call(token: str, number: int) -> Call:
    target = "/event/send?event-identifier=quiet-bomb-0000000000"
    return Call("POST", target, {"access-key": token}, f"number {number}")


def _eventhos_token(url: str) -> str:
    client = {"client_id": "dev-client", "client_secret": "dev-secret"}
    client["grant_type"] = "client_credentials"
    answer = requests.post(f"{url}/auth/token", json=client, timeout=10).json()
    token: str = answer["content"]["access_token"]
    return token


def _keyastrom_call(number: int) -> Call:
    event = {"eventType": "CUSTOM_INFO", "title": f"number {number}"}
    return Call("POST", "/api/v2/events/ingest", KEYASTROM, event)


def _status(connection: HTTPConnection, call: Call) -> int:
    content = None if call.body is None else json.dumps(call.body)
    headers = {**call.headers, "Content-Type": "application/json"}
    connection.request(call.method, call.target, content, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _halves_of_a_request() -> tuple[bytes, bytes]:
    body = json.dumps({"eventType": "CUSTOM_INFO", "title": "number 7"}).encode()
    head = (
        "POST /api/v2/events/ingest HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {KEYASTROM['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body[:10], body[10:]


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise AssertionError(url)
    return parts.hostname, parts.port


def _stored_numbers(url: str) -> dict[str, list[int]]:
    return {api: [_number(event) for event in _events(url, api)] for api in APIS}


def _events(url: str, api: str) -> Iterator[dict[str, object]]:
    cursor: str | None = ""
    while cursor is not None:
        page = {"api": api, "limit": "1000"} | ({"cursor": cursor} if cursor else {})
        key = {"Authorization": "Bearer dev-gateway-key"}
        answer = requests.get(f"{url}/gateway/v1/events", params=page, headers=key, timeout=10)
        answer.raise_for_status()
        yield from answer.json()["events"]
        cursor = answer.json()["next"]


def _number(event: dict[str, object]) -> int:
    data = event["data"]
    text = data if isinstance(data, str) else _text(data)
    return int(text.removeprefix("number "))


def _text(data: object) -> str:
    assert isinstance(data, dict)
    return str(data.get("me") or data["title"])
