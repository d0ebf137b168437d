"""Several processes serve one port: they are replaced, stopped and counted together."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
import requests

from server_process import ServerProcess, StartServer
from tallystick.delivery import dispatcher
from tallystick.process_group import bind_shared

HEADERS = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
EVENT = {
    "cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3", "st": "OK"
}  # fmt: skip
SENDERS = 6
WITHIN_S = 30.0


@pytest.fixture
def group(start_server: StartServer, postgres_url: str) -> ServerProcess:
    """Two processes on one port."""
    return start_server("--workers", "2", "--database", postgres_url)


def members(server: ServerProcess) -> list[int]:
    """Return the processes that serve."""
    found = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return [int(pid) for pid in found.split()]


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + WITHIN_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def send(url: str, name: str) -> bool:
    """Return whether the event was acknowledged; a connection that broke is none."""
    query = {**EVENT, "me": name}
    with suppress(requests.ConnectionError):
        answer = requests.get(f"{url}/create", headers=HEADERS, params=query, timeout=20)
        assert answer.ok, answer.text
        return True
    return False


def stored(url: str) -> set[str]:
    """Return the messages of all events."""
    found: set[str] = set()
    page = f"{url}/gateway/v1/events?api=event_store&limit=100"
    cursor = ""
    while True:
        asked = requests.get(f"{page}{cursor}", headers=GATEWAY, timeout=20).json()
        found |= {event["data"]["me"] for event in asked["events"]}
        if not asked.get("next"):
            return found
        cursor = f"&cursor={asked['next']}"


class Senders:
    """Threads that send until they are stopped."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopped = Event()
        self.acknowledged: list[str] = []
        self.sent = 0

    def run(self, sender: int) -> None:
        """Send one event after the other."""
        number = 0
        while not self._stopped.is_set():
            name = f"{sender}-{number}"
            self.sent += 1
            if send(self._url, name):
                self.acknowledged.append(name)
            number += 1

    def wait_for(self, more: int) -> None:
        """Wait until so many more are acknowledged."""
        aim, deadline = len(self.acknowledged) + more, time.monotonic() + WITHIN_S
        while len(self.acknowledged) < aim:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        """Let each thread send its last."""
        self._stopped.set()


@pytest.fixture
def senders(group: ServerProcess) -> Iterator[Senders]:
    """Threads that send to the group."""
    made = Senders(group.url)
    with ThreadPoolExecutor(SENDERS) as threads:
        for sender in range(SENDERS):
            threads.submit(made.run, sender)
        yield made
        made.stop()


def test_a_killed_process_loses_no_acknowledged_event_and_the_port_answers_on(
    group: ServerProcess, senders: Senders
) -> None:
    senders.wait_for(40)
    killed, left = members(group)
    os.kill(killed, signal.SIGKILL)
    senders.wait_for(40)
    senders.stop()
    wait_until_gone(killed)

    assert set(senders.acknowledged) <= stored(group.url)
    replaced = [pid for pid in members(group) if pid != left]
    assert len(replaced) == 1
    assert replaced != [killed]
    assert f"process {killed} is replaced: it ended with exit code -9" in group.stderr
    assert group.stderr.count("listening on") == 1
    assert group.stop() == 0


def test_a_stop_ends_what_was_begun_and_leaves_no_process(
    group: ServerProcess, senders: Senders
) -> None:
    served = members(group)
    senders.wait_for(40)
    assert group.stop() == 0
    senders.stop()
    for pid in served:
        wait_until_gone(pid)

    group.start()
    assert set(senders.acknowledged) <= stored(group.url)


def test_the_processes_end_with_the_first_one_and_count_together(group: ServerProcess) -> None:
    for number in range(20):
        assert send(group.url, f"event {number}")
    served = members(group)
    deadline = time.monotonic() + WITHIN_S
    while (counted := _created(group.url)) < 20 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert counted == 20

    group.kill()
    for pid in served:
        wait_until_gone(pid)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{group.url}/healthz", timeout=5)


def _created(url: str) -> float:
    text = requests.get(f"{url}/metrics", timeout=20).text
    answers = re.findall(r'requests_total\{api="event_store",.*status="200"\} (\S+)', text)
    return sum(map(float, answers))


def test_a_group_that_cannot_start_says_it_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    nowhere = f"postgresql://nobody@127.0.0.1:{port}/none"
    ran = serve("serve", "--port", "0", "--workers", "2", "--database", nowhere)

    assert ran.returncode == 75
    assert ran.stderr.count("can't use postgresql://nobody@") == 1
    assert "Traceback" not in ran.stderr


def test_a_port_in_use_is_refused_though_it_is_shared() -> None:
    with bind_shared(("127.0.0.1", 0), socket.AF_INET) as taken:
        taken.listen()
        port = str(taken.getsockname()[1])
        options = ["--workers", "2", "--database", "postgresql://nobody@127.0.0.1:1/none"]
        ran = serve("serve", "--port", port, *options)

    assert ran.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}: Address already in use" in ran.stderr


@pytest.mark.parametrize("words", [["serve", "--workers", "2"], ["mock"]])
def test_sqlite_is_refused_in_words(words: list[str]) -> None:
    ran = serve(*words, "--port", "0", TALLYSTICK_WORKERS="2")

    assert ran.returncode == 2
    assert "2 workers need PostgreSQL" in ran.stderr
    assert "--database postgresql://HOST/NAME" in ran.stderr


def serve(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick", *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_callers_are_spread_over_all_sockets_that_listen() -> None:
    with bind_shared(("127.0.0.1", 0), socket.AF_INET) as first:
        address = first.getsockname()
        with (
            bind_shared(address, socket.AF_INET) as second,
            bind_shared(address, socket.AF_INET),  # it waits for its process
        ):
            for listener in (first, second):
                listener.listen()
                listener.setblocking(False)
            callers = [socket.create_connection(address, timeout=5) for _ in range(200)]
            taken = [sum(1 for _ in _accepted(listener)) for listener in (first, second)]
            for caller in callers:
                caller.close()

    assert sum(taken) == 200
    assert min(taken) > 50


def _accepted(listener: socket.socket) -> Iterator[None]:
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            yield


class SlowEndpoint:
    """An endpoint that answers after the processes have compared their leases once at least."""

    def __init__(self) -> None:
        self.received: list[str] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint.received.append(self.headers["webhook-id"])
                time.sleep(dispatcher.RENEW_S + 2)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_no_process_ends_what_another_one_of_the_group_attempts(group: ServerProcess) -> None:
    endpoint = SlowEndpoint()
    made = requests.post(
        f"{group.url}/gateway/v1/subscriptions",
        headers=GATEWAY,
        json={"name": "slow", "sink": endpoint.url},
        timeout=20,
    )
    assert made.status_code == 201
    time.sleep(1)  # all processes know of it
    for number in range(12):
        assert send(group.url, f"event {number}")
        time.sleep(0.05)
    listed = f"{group.url}/gateway/v1/deliveries?state="
    deadline = time.monotonic() + WITHIN_S
    while _count(f"{listed}done") < 12 and time.monotonic() < deadline:
        time.sleep(0.2)
    endpoint.close()
    assert len(endpoint.received) == len(set(endpoint.received)) == 12


def _count(url: str) -> int:
    return len(requests.get(url, headers=GATEWAY, timeout=20).json()["deliveries"])
