"""The server process as its operator meets it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import requests

from server_process import ServerProcess, StartServer

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {
    "cl": "EDF",
    "hs": "AWS",
    "ty": "START_EC2",
    "ac": "525060831330",
    "re": "eu-west-3",
    "st": "OK",
    "me": "Operation successful",
}


def eventually(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 5
    while not (value := found()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def test_it_says_what_to_paste_and_then_that_it_listens(server: ServerProcess) -> None:
    lines = server.stderr.strip().splitlines()

    before = lines[: lines.index(f"listening on {server.url}")]
    for api in ("event_store", "eventhos", "keyastrom", "gateway"):
        assert any(line.startswith(f"{api}: ") for line in before)


def test_it_starts_without_a_warning(server: ServerProcess) -> None:
    assert "Warning" not in server.stderr


def test_every_line_that_it_prints_works_when_pasted(server: ServerProcess) -> None:
    lines = server.stderr.splitlines()
    samples = [pair for pair in pairwise(lines) if pair[1].startswith("  curl ")]

    assert len(samples) >= 4
    for title, line in samples:
        command = f"{line.strip()} -sS -o /dev/null -w '%{{http_code}}'"
        ran = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=20, check=True
        )
        assert ran.stdout.startswith("4" if "be refused" in title else "2"), f"{ran.stdout} {line}"


def test_the_access_log_has_a_line_a_request_without_secrets(start_server: StartServer) -> None:
    server = start_server()
    secret = "dt0c01.abc123.abcdefjhij1234567890"
    requests.post(
        f"{server.url}/api/v2/events/ingest?api-token={secret}",
        json={"eventType": "CUSTOM_INFO", "title": "hello"},
        timeout=10,
    )
    [line] = eventually(lambda: [s for s in server.stdout.splitlines() if "/ingest" in s])
    entry = json.loads(line)

    assert entry["method"] == "POST"
    assert entry["query"] == "api-token=***"
    assert (entry["api"], entry["status"]) == ("keyastrom", 201)
    assert secret not in server.stdout


def test_the_numbers_count_answers_by_operation_and_status(start_server: StartServer) -> None:
    server = start_server()
    for _ in range(3):
        requests.get(f"{server.url}/create", params=EVENT, headers=KEY, timeout=10)
    numbers = requests.get(f"{server.url}/metrics", timeout=10).text

    labels = 'api="event_store",operation="createEventFromQuery"'
    assert f'tallystick_requests_total{{{labels},status="200"}} 3.0' in numbers
    assert f"tallystick_request_seconds_count{{{labels}}} 3.0" in numbers


def test_a_browser_may_call_from_the_origins_that_are_set(start_server: StartServer) -> None:
    server = start_server("--cors-origin", "https://app.example")
    preflight = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key",
    }
    allowed = requests.options(f"{server.url}/create", headers=preflight, timeout=10)
    other = requests.options(
        f"{server.url}/create", headers=preflight | {"Origin": "https://evil.example"}, timeout=10
    )

    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_browser_may_not_call_unless_set(server: ServerProcess) -> None:
    answer = requests.get(
        f"{server.url}/healthz", headers={"Origin": "https://app.example"}, timeout=10
    )

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_path_that_nobody_owns_gets_a_plain_problem(server: ServerProcess) -> None:
    answer = requests.get(f"{server.url}/nobody/owns/this", timeout=10)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_failing_store_is_a_500_without_internals(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_FAULT="store")
    answer = requests.get(f"{server.url}/create", params=EVENT, headers=KEY, timeout=10)

    assert (answer.status_code, answer.json()["code"]) == (500, "500")
    assert "Traceback" not in answer.text + server.stderr


def test_a_full_queue_is_a_503_that_says_when_to_come_back(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_QUEUE="0")
    answer = requests.get(f"{server.url}/create", params=EVENT, headers=KEY, timeout=10)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_the_rate_limit_counts_each_credential(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RATE_LIMIT="1")

    def call() -> int:
        answer = requests.get(f"{server.url}/create", params=EVENT, headers=KEY, timeout=10)
        return answer.status_code

    # The minute may turn between two calls.
    assert 429 in [call() for _ in range(3)]
