"""Each successful change is recorded: who made it, what, when and from where."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from command_line import tallystick
from gateway_world import GatewayWorld
from server_process import ServerProcess, StartServer
from tallystick.apis.audit_log import AuditLog, AuditSelection, expire_entries
from tallystick.contract.recorded_changes import Change

KEY = {"Authorization": "Bearer dev-gateway-key"}
READER = {"Authorization": "Bearer dev-gateway-read-key"}


def entries(server: ServerProcess, **query: Any) -> list[dict[str, Any]]:
    url = f"{server.url}/gateway/v1/audit"
    answer = requests.get(url, query, headers=READER, timeout=10)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


@pytest.mark.parametrize("options", [[], ["--connexion"]])
def test_a_change_is_recorded_and_a_refusal_or_a_read_is_not(
    start_server: StartServer, options: list[str]
) -> None:
    server = start_server(*options)
    url = f"{server.url}/gateway/v1"
    body = {"sink": "tallystick:sink"}
    assert (
        requests.post(f"{url}/subscriptions", json=body, headers=READER, timeout=10).status_code
        == 403
    )
    assert requests.post(f"{url}/subscriptions", json=7, headers=KEY, timeout=10).status_code == 400
    assert requests.get(f"{url}/crons", headers=KEY, timeout=10).status_code == 200
    assert entries(server) == []
    made = requests.post(f"{url}/subscriptions", json=body, headers=KEY, timeout=10)
    assert made.status_code == 201
    assert (
        requests.delete(f"{url}/crons/nightly-report", headers=KEY, timeout=10).status_code == 204
    )
    deleted, created = entries(server)
    assert (created["operation"], created["target"]) == (
        "createSubscription",
        f"/gateway/v1/subscriptions/{made.json()['id']}",
    )
    assert (deleted["operation"], deleted["target"]) == (
        "deleteCron",
        "/gateway/v1/crons/nightly-report",
    )
    assert {e["key_name"] for e in (deleted, created)} == {"dev"}
    assert {e["address"] for e in (deleted, created)} == {"127.0.0.1"}
    assert entries(server, operation="deleteCron") == [deleted]
    assert entries(server, key=created["key_id"], limit=1) == [deleted]
    assert entries(server, to=created["time"]) == []


def test_a_replay_is_recorded_and_its_dry_run_is_not(start_server: StartServer) -> None:
    server = start_server()
    url = f"{server.url}/gateway/v1/deliveries/replay"
    for dry_run, recorded in ((True, []), (False, ["replayDeliveries"])):
        body = {"target": "nobody", "dry_run": dry_run}
        answer = requests.post(url, json=body, headers=KEY, timeout=10)
        assert (answer.status_code, answer.json()) == (200, {"replayed": 0})
        assert [entry["operation"] for entry in entries(server)] == recorded


def test_an_entry_names_what_the_call_made(start_server: StartServer) -> None:
    server = start_server()
    url = f"{server.url}/gateway/v1"

    def make(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{url}/{path}", json=body, headers=KEY, timeout=10)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    old = make("keys", {"api": "charon", "name": "ci", "scopes": ["*"]})
    new = make(f"keys/{old['id']}/rotate", {})
    make("crons", {"slug": "weekly"})
    assert [entry["target"] for entry in reversed(entries(server))] == [
        f"/gateway/v1/keys/{old['id']}",
        f"/gateway/v1/keys/{old['id']}/rotate/{new['id']}",
        "/gateway/v1/crons/weekly",
    ]


def test_a_session_s_change_has_its_key_and_a_key_may_revoke_itself(
    start_server: StartServer,
) -> None:
    server = start_server()
    url = f"{server.url}/gateway/v1"
    terms = {"api": "gateway", "name": "ann", "scopes": ["*"]}
    made = requests.post(f"{url}/keys", json=terms, headers=KEY, timeout=10).json()
    browser = requests.Session()
    browser.headers["X-Requested-With"] = "tallystick"
    assert browser.post(f"{url}/session", json={"key": made["secret"]}).status_code == 201
    assert browser.delete(f"{url}/keys/{made['id']}").status_code == 204
    assert browser.get(f"{url}/session").status_code == 401
    [entry] = entries(server, operation="revokeKey")
    assert (entry["key_id"], entry["key_name"]) == (made["id"], "ann")
    assert made["secret"] not in str(entries(server))


def test_the_command_line_s_keys_are_recorded(start_server: StartServer) -> None:
    server = start_server()
    database = ("--database", f"sqlite:///{server.database}")
    made = tallystick("keys", "create", "charon", "--scope", "*", *database)
    key_id = made.stderr.split()[1].rstrip(";")
    tallystick("keys", "revoke", key_id, *database)
    found = [(e["operation"], e["key_name"], e["target"]) for e in entries(server)]
    target = f"/gateway/v1/keys/{key_id}"
    assert found == [(o, "command line", target) for o in ("revokeKey", "createKey")]


def test_entries_are_removed_with_events_of_their_age() -> None:
    async def main() -> None:
        async with GatewayWorld("sqlite://") as world:
            log = AuditLog(world.database, world.keys, world.clock)
            world.log.add_expirer(expire_entries)
            await log.record_change(("k", "ann"), Change("old", "/\0", ""))
            world.clock.seconds += 3600
            await log.record_change(("k", "ann"), Change("new", "/", ""))
            await world.log.prune_events(max_age_ms=60_000)
            [entry] = await log.list_entries(AuditSelection(), 10, None)
            assert entry.operation == "new"

    asyncio.run(main())
