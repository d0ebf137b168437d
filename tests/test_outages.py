"""A server outlives what befalls its disk: nothing acknowledged is lost, and it goes on."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from tallystick.contract_tests.api_facts import judged_apis
from tallystick.contract_tests.client import RecordingClient
from tallystick.contract_tests.credentials import ServerCredentials
from tallystick.contract_tests.event_calls import EventCall, list_event_calls, prepared
from tallystick.contract_tests.servers import Server

from server_process import ServerProcess, StartServer

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
ACCEPTED = {200, 201}
TOLD = "Calls that need it are answered by a 503."


@pytest.mark.reliability("Full disk, I/O errors")
def test_a_disk_without_room_is_a_503_of_every_api_until_there_is_room(
    start_server: StartServer,
) -> None:
    server = start_server()
    with event_calls(server) as calls:
        assert {send(server, call, "before").status_code for call in calls} <= ACCEPTED
        with no_room(server):
            for call in calls * 2:
                assert_unavailable(send(server, call, "lost"))
            ready = requests.get(f"{server.url}/readyz", timeout=30)
            assert_unavailable(ready)
            assert "the disk fails, or is full" in ready.json()["detail"]
            assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
            assert all("before" in events_of(server, call.api) for call in calls)
        assert {send(server, call, "after").status_code for call in calls} <= ACCEPTED
        assert requests.get(f"{server.url}/readyz", timeout=30).status_code == 200
        for call in calls:
            stored = events_of(server, call.api)
            assert "before" in stored
            assert "after" in stored
            assert "lost" not in stored
    assert server.stderr.count(TOLD) == 1
    assert server.stderr.count("The database answers and stores again.") == 1
    assert "Traceback" not in server.stderr
    assert server.stop() == 0


@pytest.mark.reliability("A second process, a locked file")
def test_a_lock_of_another_process_is_a_503_until_it_is_let_go(start_server: StartServer) -> None:
    server = start_server()
    with event_calls(server) as calls, ThreadPoolExecutor(len(calls)) as sending:
        with locked(server.database):
            waiting = [sending.submit(send, server, call, "lost") for call in calls]
            # The loop is free meanwhile, and readers wait for nobody.
            while not any(answer.done() for answer in waiting):
                assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
                assert requests.get(events_url(server), headers=GATEWAY, timeout=30).ok
                time.sleep(0.1)
            for answer in waiting:
                assert_unavailable(answer.result())
            ready = requests.get(f"{server.url}/readyz", timeout=30)
            assert_unavailable(ready)
            assert "another process holds its lock" in ready.json()["detail"]
        assert {send(server, call, "after").status_code for call in calls} <= ACCEPTED
        assert all("lost" not in events_of(server, call.api) for call in calls)
    assert requests.get(f"{server.url}/readyz", timeout=30).status_code == 200
    assert server.stderr.count(TOLD) == 1
    assert server.stderr.count("The database answers and stores again.") == 1


@pytest.mark.reliability("A second process, a locked file")
def test_a_lock_that_is_let_go_soon_is_waited_for(start_server: StartServer) -> None:
    server = start_server()
    with event_calls(server) as calls, ThreadPoolExecutor(len(calls)) as sending:
        with locked(server.database):
            waiting = [sending.submit(send, server, call, "waited") for call in calls]
            time.sleep(0.5)
        assert {answer.result().status_code for answer in waiting} <= ACCEPTED
    assert TOLD not in server.stderr


@pytest.mark.reliability("Full disk, I/O errors")
def test_a_file_that_is_moved_away_is_a_503_until_it_is_back(start_server: StartServer) -> None:
    server = start_server()
    away = server.database.with_name("away.db")
    with event_calls(server) as calls:
        server.database.rename(away)
        for call in calls:
            assert_unavailable(send(server, call, "lost"))
        ready = requests.get(f"{server.url}/readyz", timeout=30)
        assert_unavailable(ready)
        assert "was moved or removed" in ready.json()["detail"]
        # Reads make no other file in its place.
        with ThreadPoolExecutor(8) as reading:
            list(reading.map(lambda call: events_of(server, call.api), calls * 4))
        assert not server.database.exists()
        away.rename(server.database)
        assert {send(server, call, "after").status_code for call in calls} <= ACCEPTED
        assert requests.get(f"{server.url}/readyz", timeout=30).status_code == 200
        assert all("lost" not in events_of(server, call.api) for call in calls)
    assert server.stderr.count(TOLD) == 1
    assert "Traceback" not in server.stderr


@contextmanager
def event_calls(server: ServerProcess) -> Iterator[list[EventCall]]:
    """A call of every API that has an event stored, with all that it needs."""
    client = RecordingClient(server.url)
    known = Server(server.url, client, ServerCredentials(client))
    with ExitStack() as stack:
        yield [
            stack.enter_context(prepared(list_event_calls(api)[-1], known)) for api in judged_apis()
        ]


def send(server: ServerProcess, call: EventCall, words: str) -> requests.Response:
    client = RecordingClient(server.url)
    request = call.authorized(Server(server.url, client, ServerCredentials(client)), words)
    return requests.request(
        request.method,
        server.url + request.target,
        data=request.body,
        headers=dict(request.headers),
        timeout=30,
    )


def events_url(server: ServerProcess, api: str = "charon") -> str:
    return f"{server.url}/gateway/v1/events?api={api}&limit=1000"


def events_of(server: ServerProcess, api: str) -> str:
    return requests.get(events_url(server, api), headers=GATEWAY, timeout=30).text


def assert_unavailable(answer: requests.Response) -> None:
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True), answer.text


@contextmanager
def no_room(server: ServerProcess) -> Iterator[None]:
    """Let no file of the server grow, as a full disk does."""
    written = server.database.with_name(f"{server.database.name}-wal").stat().st_size
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (written, before[1]))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the lock of an SQLite file, as its own program does after ``BEGIN EXCLUSIVE``."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    yield
    holder.close()
