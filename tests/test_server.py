"""The server process as its operator meets it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from server_process import ServerProcess, StartServer
from tallystick.server import _credentials_command
from tallystick.settings import Settings

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


def test_it_says_where_it_is_and_how_to_list_credentials(server: ServerProcess) -> None:
    # What other tests did to the server comes after it.
    assert server.stderr.strip().splitlines()[:4] == [
        f"console at {server.url}/console",
        f"docs at {server.url}/docs",
        f"credentials by tallystick credentials --url {server.url}",
        f"listening on {server.url}",
    ]


def test_a_contract_of_one_s_own_is_named_with_its_schemes_and_no_key() -> None:
    given = {"contracts": ("a b.yaml",), "apis": ("charon",), "contract_keys": ("key=hidden",)}
    command = _credentials_command(Settings(**given), "http://x")  # type: ignore[arg-type]  # any settings
    assert command == (
        "tallystick credentials --url http://x --contract 'a b.yaml' --with charon --key key=KEY"
    )


def test_it_starts_without_a_warning(server: ServerProcess) -> None:
    assert "Warning" not in server.stderr


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
