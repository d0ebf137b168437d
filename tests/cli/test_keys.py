"""Keys are created, listed and revoked beside a server that runs."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
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
    made = keys(server, "create", "event_store", "--name", "ci", "--scope", "events:write")
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


def test_the_list_is_json_for_scripts(start_server: StartServer) -> None:
    server = start_server()
    keys(server, "create", "keyastrom", "--name", "ci", "--scope", "events.ingest")
    found = json.loads(keys(server, "list", "--json").stdout)
    [listed] = [key for key in found if key["name"] == "ci"]

    assert listed.pop("id")
    assert listed.pop("created").endswith("Z")
    expected = {"api": "keyastrom", "name": "ci", "scopes": ["events.ingest"], "project": ""}
    times = {"last_used": None, "expires": None, "revoked": None}
    limits: dict[str, object] = {"sources": [], "types": [], "quotas": {}, "used": {}}
    assert listed == {**expected, **times, **limits}


def test_a_new_key_is_json_for_scripts_with_its_limits(start_server: StartServer) -> None:
    server = start_server()
    limits = ("--source", "/event_store/EDF", "--type", "a", "--type", "b")
    quotas = ("--quota", "events_per_minute=2", "--quota", "deliveries_per_day=3")
    ran = keys(server, "create", "event_store", "--scope", "*", *limits, *quotas, "--json")
    made = json.loads(ran.stdout)

    assert (ran.stderr, made["secret"][:12]) == ("", "event_store_")
    assert (made["sources"], made["types"]) == (["/event_store/EDF"], ["a", "b"])
    assert made["quotas"] == {"events_per_minute": 2, "deliveries_per_day": 3}
    assert within_a_second(lambda: status(server, made["secret"]) == 403)  # of another type
    [listed] = [k for k in json.loads(keys(server, "list", "--json").stdout) if k["types"]]
    assert {**listed, "secret": made["secret"], "last_used": None} == made


def test_revoking_what_is_not_there_fails_in_words(start_server: StartServer) -> None:
    ran = keys(start_server(), "revoke", "nobody's")

    assert (ran.returncode, ran.stderr) == (
        2,
        "tallystick: nobody's is not the id of a live key: see `tallystick keys list`\n",
    )


def test_a_key_of_no_api_is_refused_with_the_choice() -> None:
    ran = tallystick("keys", "create", "event-store", "--database", "sqlite://")

    assert ran.returncode == 2
    assert "choose one of" in ran.stderr
    assert "event_store" in ran.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["gateway"], "a key of gateway needs a scope, one or more of events:read, "),
        (["gateway", "--scope", "read"], "read is not a scope of gateway: choose of events:read, "),
        (["gateway", "--scope", "*", "--expires", "soon"], "soon must be a time such as "),
        (["gateway", "--scope", "*", "--expires", "2020-01-01"], "2020-01-01 is past: "),
    ],
)
def test_a_key_on_unfit_terms_is_refused_in_words(options: list[str], sentence: str) -> None:
    ran = tallystick("keys", "create", *options, "--database", "sqlite://")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"tallystick: {sentence}")


def test_admin_is_another_word_for_all_scopes(start_server: StartServer) -> None:
    server = start_server()
    keys(server, "create", "gateway", "--name", "boss", "--admin")
    [row] = [line for line in keys(server, "list").stdout.splitlines() if "boss" in line]

    assert row.split()[3] == "*"


def test_a_scope_an_end_and_the_last_use_of_a_key_are_shown(start_server: StartServer) -> None:
    server = start_server()
    terms = ("--name", "guest", "--scope", "events:read", "--expires", "2099-12-31T08:00:00Z")
    key = {"Authorization": f"Bearer {keys(server, 'create', 'gateway', *terms).stdout.strip()}"}

    def get(path: str) -> int:
        return requests.get(f"{server.url}/gateway/v1/{path}", headers=key, timeout=10).status_code

    assert within_a_second(lambda: get("events") == 200)
    assert get("crons") == 403
    server.stop()
    [row] = [line for line in keys(server, "list").stdout.splitlines() if "guest" in line]
    assert row.split()[3] == "events:read"
    assert row.count(":") == 4  # of the scope, and of three times
    assert "2099-12-31 08:00" in row


CRM = Path(__file__).parents[2] / "examples" / "crm" / "crm.yaml"


def test_a_key_of_a_contract_of_one_s_own_opens_it(start_server: StartServer) -> None:
    server = start_server("--contract", str(CRM), "--key", "apiKey=another")
    secret = keys(server, "create", "crm", "--contract", str(CRM)).stdout.strip()

    def list_customers(key: str) -> int:
        url = f"{server.url}/customers"
        return requests.get(url, headers={"X-Api-Key": key}, timeout=10).status_code

    assert within_a_second(lambda: list_customers(secret) == 200)
    assert list_customers("another") == 200
    assert list_customers("unknown") == 401


def test_a_key_of_an_unknown_api_is_refused_with_those_of_the_contracts(
    start_server: StartServer,
) -> None:
    ran = keys(start_server(), "create", "erp", "--contract", str(CRM))

    assert ran.returncode == 2
    assert "unknown API erp" in ran.stderr
    assert "crm" in ran.stderr
