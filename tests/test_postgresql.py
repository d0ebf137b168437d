"""Several servers on one PostgreSQL, which may go away and come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

import server_process
from postgres import Cluster
from reliability import Figures, scaled
from server_process import ServerProcess, StartServer

SERVERS = 10
AWAY_S = scaled(2, 60)
AT_ONCE = scaled(24, 100)
BACK_WITHIN_S = 5.0
ANSWERED_WITHIN_S = 10.0
NOTICED_WITHIN_S = 1.0

EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}


@pytest.fixture
def own_postgres() -> Iterator[Cluster]:
    """A PostgreSQL server that the test may stop."""
    with Cluster().running() as cluster:
        yield cluster


def test_ten_servers_start_together_and_share_one_database(
    tmp_path: Path, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ten at once share the machine's few processors, and not with each other alone.
    monkeypatch.setattr(server_process, "START_TIMEOUT_S", 180.0)
    servers = [_server(tmp_path / str(number), empty_postgres_url) for number in range(SERVERS)]
    try:
        with ThreadPoolExecutor(SERVERS) as starting:
            list(starting.map(ServerProcess.start, servers))
        for number, server in enumerate(servers):
            assert _create(server.url, f"by server {number}").status_code == 200
        stored = _messages(servers[0].url)
        assert stored == {f"by server {number}" for number in range(SERVERS)}
    finally:
        for server in servers:
            if server.running:
                server.kill()


@pytest.mark.reliability("PostgreSQL killed, restarted, away under load")
def test_a_database_that_goes_away_is_a_503_and_comes_back(
    start_server: StartServer, own_postgres: Cluster, figures: Figures
) -> None:
    server = start_server("--database", own_postgres.url("postgres"))
    assert _create(server.url, "before").status_code == 200
    own_postgres.stop()
    _assert_unavailable(server.url)
    time.sleep(AWAY_S)
    _assert_unavailable(server.url)
    own_postgres.start()
    began = time.monotonic()
    _wait_until_taken(server.url, "after")
    figures.note(away=f"{AWAY_S} s", taken_again_after=f"{time.monotonic() - began:.1f} s")
    assert {"before", "after"} <= _messages(server.url)
    assert requests.get(f"{server.url}/readyz", timeout=10).status_code == 200


def test_a_database_that_says_nothing_is_a_503_and_comes_back(
    start_server: StartServer, own_postgres: Cluster
) -> None:
    server = start_server("--database", own_postgres.url("postgres"))
    assert _create(server.url, "before").status_code == 200
    processes = _processes_of(own_postgres)
    _signal(processes, signal.SIGSTOP)
    try:
        _assert_unavailable(server.url)
        _assert_unavailable(server.url)
    finally:
        _signal(processes, signal.SIGCONT)
    _wait_until_taken(server.url, "after")
    assert {"before", "after"} <= _messages(server.url)


def test_a_server_that_was_cut_off_while_idle_serves_its_next_request(
    start_server: StartServer, own_postgres: Cluster
) -> None:
    server = start_server("--database", own_postgres.url("postgres"))
    for number in range(3):
        assert _create(server.url, f"number {number}").status_code == 200
        own_postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'tallystick'"
        )
        time.sleep(0.1)
    assert _create(server.url, "number 3").status_code == 200
    assert _messages(server.url) == {f"number {number}" for number in range(4)}


def test_a_key_is_taken_and_refused_by_every_server_within_a_second(
    start_server: StartServer, postgres_url: str
) -> None:
    servers = [start_server("--database", postgres_url) for _ in range(2)]
    wanted = ("--name", "shared", "--scope", "events:read")
    secret = _keys(postgres_url, "create", "gateway", *wanted)
    _wait_until_all_answer(servers, secret, 200)
    listed = _keys(postgres_url, "list").splitlines()
    key_id = next(line.split()[0] for line in listed if "shared" in line)
    _keys(postgres_url, "revoke", key_id)
    _wait_until_all_answer(servers, secret, 401)


@pytest.mark.reliability("The same event at once")
def test_a_problem_that_is_sent_to_several_servers_at_once_is_one(
    start_server: StartServer, postgres_url: str, figures: Figures
) -> None:
    servers = [start_server("--database", postgres_url) for _ in range(2)]
    urls = [servers[number % 2].url for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as sending:
        answers = list(sending.map(lambda url: _ingest(url, "one", "AVAILABILITY_EVENT"), urls))
    assert {answer.status_code for answer in answers} == {201}
    results = [answer.json()["eventIngestResults"] for answer in answers]
    assert len({result["correlationId"] for [result] in results}) == 1
    figures.note(servers=len(servers), at_once=AT_ONCE, problems=1)


def _server(folder: Path, url: str) -> ServerProcess:
    folder.mkdir()
    return ServerProcess("--database", url, folder=folder)


def _create(url: str, message: str) -> requests.Response:
    event = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
    query = {**event, "st": "OK", "me": message}
    return requests.get(f"{url}/create", params=query, headers=EVENT_STORE, timeout=30)


def _ingest(url: str, title: str, type_: str = "CUSTOM_INFO") -> requests.Response:
    event = {"eventType": type_, "title": title}
    path = "/api/v2/events/ingest"
    return requests.post(f"{url}{path}", json=event, headers=KEYASTROM, timeout=30)


def _list(url: str) -> requests.Response:
    return requests.get(f"{url}/gateway/v1/events", headers=GATEWAY, timeout=30)


def _messages(url: str) -> set[str]:
    return {event["data"]["me"] for event in _list(url).json()["events"] if "me" in event["data"]}


def _keys(database: str, *arguments: str) -> str:
    """What `tallystick keys` prints."""
    command = [sys.executable, "-m", "tallystick", "keys", *arguments, "--database", database]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _wait_until_all_answer(servers: list[ServerProcess], secret: str, status: int) -> None:
    deadline = time.monotonic() + NOTICED_WITHIN_S
    key = {"Authorization": f"Bearer {secret}"}
    for server in servers:
        url = f"{server.url}/gateway/v1/events"
        while requests.get(url, headers=key, timeout=30).status_code != status:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _assert_unavailable(url: str) -> None:
    """Nothing is acknowledged, nobody waits for long, and each is told to come again."""
    calls: list[Callable[[], requests.Response]] = [
        lambda: _create(url, "lost"),
        lambda: _ingest(url, "lost"),
        lambda: _list(url),
        lambda: requests.get(f"{url}/readyz", timeout=30),
    ]
    with ThreadPoolExecutor(len(calls)) as calling:
        answers = list(calling.map(lambda call: call(), calls))
    for answer in answers:
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
        assert answer.elapsed.total_seconds() < ANSWERED_WITHIN_S
    assert requests.get(f"{url}/healthz", timeout=30).status_code == 200


def _wait_until_taken(url: str, message: str) -> None:
    started = time.monotonic()
    while _create(url, message).status_code != 200:
        assert time.monotonic() - started < BACK_WITHIN_S
        time.sleep(0.05)


def _processes_of(cluster: Cluster) -> list[int]:
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    return [cluster.pid, *map(int, children)]


def _signal(processes: list[int], number: signal.Signals) -> None:
    for pid in processes:
        os.kill(pid, number)
