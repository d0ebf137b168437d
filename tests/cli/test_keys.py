"""Keys are created, listed and revoked beside a server that runs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import requests

from command_line import tallystick
from server_process import ServerProcess, StartServer

QUERY = "cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=hello"


def keys(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    return tallystick("keys", *arguments, "--database", f"sqlite:///{server.database}")


def status(server: ServerProcess, secret: str) -> int:
    headers = {"x-api-key": secret}
    return requests.get(f"{server.url}/create?{QUERY}", headers=headers, timeout=10).status_code


def within_a_second(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 1.5
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


def test_a_key_counts_within_a_second_and_is_refused_so_soon_too(start_server: StartServer) -> None:
    server = start_server()
    made = keys(server, "create", "event_store", "--name", "ci")
    secret = made.stdout.strip()
    key_id = made.stderr.split()[1].rstrip(";")

    assert within_a_second(lambda: status(server, secret) == 200)
    assert keys(server, "revoke", key_id).returncode == 0
    assert within_a_second(lambda: status(server, secret) == 403)


def test_the_list_shows_keys_and_no_secrets(start_server: StartServer) -> None:
    server = start_server()
    secret = keys(server, "create", "keyastrom", "--name", "ci", "--scope", "events.ingest").stdout
    listed = keys(server, "list").stdout

    assert "ci" in listed
    assert "events.ingest" in listed
    assert secret.strip() not in listed


def test_revoking_what_is_not_there_fails_in_words(start_server: StartServer) -> None:
    ran = keys(start_server(), "revoke", "nobody's")

    assert (ran.returncode, ran.stderr) == (2, "tallystick: there is no live key nobody's\n")


def test_a_key_of_no_api_is_refused_with_the_choice() -> None:
    ran = tallystick("keys", "create", "event-store", "--database", "sqlite://")

    assert ran.returncode == 2
    assert "it is one of" in ran.stderr
    assert "event_store" in ran.stderr
