"""An event that was acknowledged is kept, whatever ends the server."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import pytest
import requests
from tallystick.contract_tests.api_facts import judged_apis
from tallystick.contract_tests.client import RecordingClient
from tallystick.contract_tests.credentials import ServerCredentials
from tallystick.contract_tests.event_calls import EventCall, list_event_calls, prepared
from tallystick.contract_tests.servers import Server
from tallystick.contract_tests.vectors import VectorRequest

from postgres import Cluster
from reliability import Figures, scaled
from server_process import ServerProcess, StartServer

KILLS = scaled(10, 50)
CRASHES = scaled(1, 20)
SENDERS_PER_API = 2
ACKNOWLEDGED_BEFORE_THE_END = 60
SECONDS_BEFORE_THE_END = 30.0

APIS = judged_apis()
MARK = re.compile(r"number (\d+)")


class Numbers(Iterator[int]):
    """Counts, for many threads at once, until it is told to end."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.is_over = False

    def __next__(self) -> int:
        if self.is_over:
            raise StopIteration
        return next(self._numbers)


class Load:
    """Sends numbered events to all APIs at once, and notes which were acknowledged."""

    def __init__(self, url: str, numbers: Iterator[int]) -> None:
        self.acknowledged: dict[str, set[int]] = {api: set() for api in APIS}
        self._refused: Counter[tuple[str, object]] = Counter()
        self._numbers = numbers
        self._host = urlsplit(url).netloc
        client = RecordingClient(url)
        self._server = Server(url, client, ServerCredentials(client))
        self._prepared = ExitStack()
        self._threads = [
            threading.Thread(target=self._send, args=(self._call(api),), daemon=True)
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

    def wait_for_more(self) -> None:
        """Wait until each API has acknowledged some more."""
        before = {api: len(numbers) for api, numbers in self.acknowledged.items()}
        deadline = time.monotonic() + SECONDS_BEFORE_THE_END
        while any(len(self.acknowledged[api]) == count for api, count in before.items()):
            assert time.monotonic() < deadline, f"{before} and no more, refused {self._refused}"
            time.sleep(0.01)

    @property
    def refused(self) -> int:
        """How many events were not acknowledged."""
        return self._refused.total()

    def wait_until_over(self) -> None:
        """Wait until no sender waits for an answer."""
        for thread in self._threads:
            thread.join(timeout=10)
        self._prepared.close()

    def _call(self, api: str) -> EventCall:
        return self._prepared.enter_context(prepared(list_event_calls(api)[-1], self._server))

    def _send(self, call: EventCall) -> None:
        connection = HTTPConnection(self._host, timeout=10)
        try:
            for number in self._numbers:
                request = call.authorized(self._server, f"number {number}")
                status = _status(connection, request)
                if status in {200, 201}:
                    self.acknowledged[call.api].add(number)
                else:
                    self._refused[call.api, status] += 1
        except (OSError, HTTPException) as gone:
            self._refused[call.api, repr(gone)] += 1
        finally:
            connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, start_server: StartServer) -> ServerProcess:
    """A server on each kind of database that lasts."""
    if request.param == "postgresql":
        return start_server("--database", request.getfixturevalue("postgres_url"))
    return start_server()


@pytest.mark.reliability("SIGKILL of the server")
def test_a_killed_server_keeps_every_acknowledged_event(
    server: ServerProcess, figures: Figures
) -> None:
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
    figures.note(
        kills=KILLS,
        acknowledged=sum(map(len, acknowledged.values())),
        ready_again=f"{min(starts):.2f} to {max(starts):.2f} s",
    )


@pytest.mark.reliability("PostgreSQL killed, restarted, away under load")
def test_a_killed_postgresql_keeps_every_acknowledged_event(
    start_server: StartServer, figures: Figures
) -> None:
    numbers = Numbers()
    with Cluster(real=True).running() as cluster:
        server = start_server("--database", cluster.url("postgres"))
        load = _load(server, numbers)
        for _ in range(CRASHES):
            cluster.stop()
            time.sleep(1)
            cluster.start()
            load.wait_for_more()
        numbers.is_over = True
        load.wait_until_over()
        for api, stored in _stored_numbers(server.url).items():
            assert load.acknowledged[api] <= set(stored)
    acknowledged = sum(map(len, load.acknowledged.values()))
    figures.note(kills=CRASHES, acknowledged=acknowledged, refused=load.refused)


@pytest.mark.reliability("SIGTERM under load")
def test_a_stopped_server_keeps_every_acknowledged_event(
    server: ServerProcess, figures: Figures
) -> None:
    load = _load(server, itertools.count(1))
    began = time.monotonic()
    assert server.stop() == 0
    figures.note(ended_in=f"{time.monotonic() - began:.2f} s")
    load.wait_until_over()
    server.start()
    figures.note(acknowledged=sum(map(len, load.acknowledged.values())))
    for api, stored in _stored_numbers(server.url).items():
        assert load.acknowledged[api] <= set(stored)


def test_a_stopping_server_finishes_the_request_that_it_has_begun(
    start_server: StartServer,
) -> None:
    server = start_server()
    api = APIS[-1]
    request, rest = _halves_of_a_request(server.url, api)
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
    assert _stored_numbers(server.url)[api] == [7]


def _load(server: ServerProcess, numbers: Iterator[int]) -> Load:
    load = Load(server.url, numbers)
    load.start()
    load.wait_until_well_under_way()
    return load


def _status(connection: HTTPConnection, request: VectorRequest) -> int:
    connection.request(request.method, request.target, request.body, dict(request.headers))
    response = connection.getresponse()
    response.read()
    return response.status


def _halves_of_a_request(url: str, api: str) -> tuple[bytes, bytes]:
    client = RecordingClient(url)
    call = list_event_calls(api)[-1]
    request = call.authorized(Server(url, client, ServerCredentials(client)), "number 7")
    assert request.body
    lines = [f"{request.method} {request.target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(request.body)}", "", ""])
    return head.encode() + request.body[:10], request.body[10:]


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise AssertionError(url)
    return parts.hostname, parts.port


def _stored_numbers(url: str) -> dict[str, list[int]]:
    return {
        api: [int(mark[1]) for event in _events(url, api) if (mark := _mark(event))] for api in APIS
    }


def _mark(event: dict[str, object]) -> re.Match[str] | None:
    """The number of an event; None for what the API tells of itself, such as a start."""
    return MARK.search(json.dumps(event.get("data")))


def _events(url: str, api: str) -> Iterator[dict[str, object]]:
    cursor: str | None = ""
    while cursor is not None:
        page = {"api": api, "limit": "1000"} | ({"cursor": cursor} if cursor else {})
        key = {"Authorization": "Bearer dev-gateway-key"}
        answer = requests.get(f"{url}/gateway/v1/events", params=page, headers=key, timeout=10)
        answer.raise_for_status()
        yield from answer.json()["events"]
        cursor = answer.json()["next"]
