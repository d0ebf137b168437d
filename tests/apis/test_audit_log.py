"""Each successful change is recorded: who made it, what, when and from where."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import requests
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from command_line import tallystick
from gateway_world import GatewayWorld
from server_process import ServerProcess, StartServer
from tallystick.apis.audit_log import AuditLog, AuditSelection, expire_entries
from tallystick.contract.exceptions import NotFound, Problem, Unavailable
from tallystick.contract.recorded_changes import Change, Recording, recorded
from tallystick.contract.request import Request
from tallystick.store.tables import keys

KEY = {"Authorization": "Bearer dev-gateway-key"}
ANN = ("k", "ann")
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
    for dry_run, expected in ((True, []), (False, ["replayDeliveries"])):
        body = {"target": "nobody", "dry_run": dry_run}
        answer = requests.post(url, json=body, headers=KEY, timeout=10)
        assert (answer.status_code, answer.json()) == (200, {"replayed": 0})
        assert [entry["operation"] for entry in entries(server)] == expected


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
            for operation, target in (("old", "/\0"), ("new", "/")):
                world.clock.seconds += 3600
                async with log.recording(ANN, Change(operation, target, "")) as record:
                    pass
                await record.finish(target)
            await world.log.prune_events(max_age_ms=60_000)
            [entry] = await log.list_entries(AuditSelection(), 10, None)
            assert entry.operation == "new"

    asyncio.run(main())


@pytest.fixture(params=["memory", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return "sqlite://" if request.param == "memory" else request.getfixturevalue("postgres_url")


def in_world(url: str, work: Callable[[GatewayWorld, AuditLog], Awaitable[None]]) -> None:
    async def main() -> None:
        async with GatewayWorld(url) as world:
            await work(world, AuditLog(world.database, world.keys, world.clock))

    asyncio.run(main())


async def kept(log: AuditLog) -> list[str]:
    return [entry.target for entry in await log.list_entries(AuditSelection(), 10, None)]


def test_a_change_takes_its_entry_along(url: str) -> None:
    async def work(world: GatewayWorld, log: AuditLog) -> None:
        async with log.recording(ANN, Change("createKey", "/keys", "")) as record:
            key, _ = await world.keys.create_key("gateway", "first")
            # A crash from here on loses the name of what was made alone.
            assert await kept(log) == ["/keys"]
            await world.keys.create_key("gateway", "second")
            assert await kept(log) == ["/keys"]
        await record.finish(f"/keys/{key.id}")
        assert await kept(log) == [f"/keys/{key.id}"]

    in_world(url, work)


def test_neither_a_change_nor_its_entry_is_stored_if_one_fails(url: str) -> None:
    async def work(world: GatewayWorld, log: AuditLog) -> None:
        def change(connection: Connection) -> None:
            connection.execute(insert(keys), _key("first"))
            raise ZeroDivisionError

        async with log.recording(ANN, Change("createKey", "/keys", "")) as record:
            with pytest.raises(ZeroDivisionError):
                await world.database.write(change)
            assert await kept(log) == []
            await world.database.write(lambda c: c.execute(insert(keys), _key("second")))
            assert await kept(log) == ["/keys"]
            record.companion.is_stored = False  # a second entry of its id is refused
            with pytest.raises(IntegrityError):
                await world.database.write(lambda c: c.execute(insert(keys), _key("third")))
        names = await world.database.read(lambda c: set(c.scalars(select(keys.c.name))))
        assert names & {"first", "second", "third"} == {"second"}

    in_world(url, work)


@pytest.mark.parametrize(("refusal", "left"), [(NotFound, []), (Unavailable, ["/keys"])])
def test_a_refusal_leaves_no_entry_and_a_failure_that_of_its_change(
    refusal: type[Problem], left: list[str]
) -> None:
    async def work(world: GatewayWorld, log: AuditLog) -> None:
        async def change() -> None:
            async with log.recording(ANN, Change("createKey", "/keys", "")):
                await world.keys.create_key("gateway", "first")
                raise refusal

        with pytest.raises(refusal):
            await change()
        assert await kept(log) == left

    in_world("sqlite://", work)


@pytest.mark.parametrize(("status", "left"), [(204, ["/keys"]), (409, [])])
def test_a_handler_s_change_and_its_entry_are_one_transaction(status: int, left: list[str]) -> None:
    async def work(world: GatewayWorld, log: AuditLog) -> None:
        caller, _ = await world.keys.create_key("gateway", "ann")
        seen: list[list[str]] = []

        async def handler() -> tuple[None, int]:
            await world.keys.create_key("gateway", "second")
            seen.append(await kept(log))
            return None, status

        change = recorded(handler, "createKey", log, Recording(None, None))
        request = Request("POST", "/keys", b"", (), b"")
        await change(token_info={"sub": caller.id}, request=request, caller_address="::1")
        assert seen == [["/keys"]]
        assert await kept(log) == left

    in_world("sqlite://", work)


def test_what_others_write_meanwhile_takes_no_entry_along() -> None:
    async def work(world: GatewayWorld, log: AuditLog) -> None:
        async with log.recording(ANN, Change("reset", "/", "")) as record:
            await asyncio.create_task(world.keys.create_key("gateway", "first"))
            assert await kept(log) == []
        await record.finish("/")
        assert await kept(log) == ["/"]

    in_world("sqlite://", work)


def _key(name: str) -> dict[str, Any]:
    row = dict.fromkeys(("id", "digest", "name"), name)
    return {**row, "api": "gateway", "scopes": "", "dev": False, "created": 0}
