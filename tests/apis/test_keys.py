"""Keys: who may call, known to every process, and secret at rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.apis.keys import ALL_SCOPES, ApiKeys
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.store import Database
from tallystick.store.tables import keys as keys_table

pytestmark = pytest.mark.anyio

SOON_S = 1.0


@pytest.fixture
async def keys(database: Database, clock: ManualClock) -> ApiKeys:
    made = ApiKeys(database, clock)
    await made.open()
    return made


@pytest.fixture
async def dev_keys(database: Database, clock: ManualClock) -> ApiKeys:
    made = ApiKeys(database, clock, dev=True)
    await made.open()
    return made


@pytest.fixture
async def two(lasting_url: str, clock: ManualClock) -> AsyncIterator[tuple[ApiKeys, ApiKeys]]:
    """The keys of a server, and those of a command beside it."""
    server, command = Database(lasting_url), Database(lasting_url, exclusive=False)
    await server.open()
    await command.open()
    served = ApiKeys(server, clock)
    await served.open()
    yield served, ApiKeys(command, clock)
    await command.close()
    await server.close()


async def soon(condition: Callable[[], bool]) -> float:
    """How long it took until the condition was met; fails after a second."""
    started = time.monotonic()
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0.01)
    return time.monotonic() - started


async def test_a_key_is_found_by_its_secret(keys: ApiKeys, clock: ManualClock) -> None:
    key, secret = await keys.create_key("keyastrom", "ci", ["events.ingest"], "p1")
    assert keys.get_key("keyastrom", secret) == keys.get_key_by_id(key.id) == key
    assert (key.api, key.name, key.scopes) == ("keyastrom", "ci", frozenset({"events.ingest"}))
    assert (key.project, key.created, key.revoked) == ("p1", clock.now_ms(), None)
    assert (key.expires, key.used) == (None, None)


async def test_nothing_else_finds_it(keys: ApiKeys) -> None:
    _, secret = await keys.create_key("keyastrom", "ci")
    assert keys.get_key("event_store", secret) is None
    digest = sha256(secret.encode()).hexdigest()
    for wrong in ("", secret[:-1], secret + " ", secret.upper(), digest, "é", "\ud800", "\x00"):
        assert keys.get_key("keyastrom", wrong) is None


async def test_secrets_name_their_api_and_are_no_two_alike(keys: ApiKeys) -> None:
    secrets = {(await keys.create_key("keyastrom", "ci"))[1] for _ in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        assert secret.startswith("keyastrom_")
        assert len(secret) == len("keyastrom_") + 43


async def test_a_revoked_key_is_not_found_any_more_but_listed(
    keys: ApiKeys, clock: ManualClock
) -> None:
    key, secret = await keys.create_key("keyastrom", "ci")
    clock.seconds += 60
    assert await keys.revoke_key(key.id)
    assert keys.get_key("keyastrom", secret) is keys.get_key_by_id(key.id) is None
    assert [k.revoked for k in await keys.list_keys()] == [clock.now_ms()]
    assert not await keys.revoke_key(key.id)
    assert not await keys.revoke_key("nothing")


async def test_all_keys_are_listed_the_oldest_first(keys: ApiKeys, clock: ManualClock) -> None:
    made = []
    for name in ("one", "two", "three"):
        clock.seconds += 1
        made.append((await keys.create_key("keyastrom", name, ["b", "a"]))[0])
    assert await keys.list_keys() == made


async def test_a_known_secret_makes_one_key_however_often(dev_keys: ApiKeys) -> None:
    first, secret = await dev_keys.create_key("event_store", "dev", secret="XXX")
    again, _ = await dev_keys.create_key("event_store", "dev", ["more"], secret="XXX")
    other, _ = await dev_keys.create_key("gateway", "dev", secret="XXX")
    assert secret == "XXX"
    assert again == first
    assert dev_keys.get_key("event_store", "XXX") == first
    assert dev_keys.get_key("gateway", "XXX") == other
    assert len(await dev_keys.list_keys()) == 2


async def test_a_start_asks_for_the_known_keys_of_the_dev_world_without_the_database(
    dev_keys: ApiKeys,
) -> None:
    made = await dev_keys.create_key("event_store", "dev", secret="XXX")
    with noted_statements() as noted:
        assert await dev_keys.create_key("event_store", "dev", secret="XXX") == made
    assert noted == []


async def test_a_secret_that_everybody_knows_opens_nothing_but_the_dev_world(
    database: Database, clock: ManualClock, dev_keys: ApiKeys
) -> None:
    await dev_keys.create_key("event_store", "dev", secret="XXX")
    key, secret = await dev_keys.create_key("event_store", "mine")
    served = ApiKeys(database, clock)
    await served.open()
    assert served.get_key("event_store", "XXX") is None
    assert served.get_key("event_store", secret) == key


async def test_only_a_digest_is_kept(tmp_path: Path, clock: ManualClock) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    keys = ApiKeys(database, clock)
    _, secret = await keys.create_key("keyastrom", "ci")
    rows = await database.read(lambda connection: connection.execute(select(keys_table)).all())
    assert rows[0].digest == sha256(secret.encode()).hexdigest()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    await database.close()
    files += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert rows[0].digest.encode() in files
    assert secret.encode() not in files
    assert secret.removeprefix("keyastrom_").encode() not in files


async def test_a_key_from_the_command_line_is_good_within_a_second(
    two: tuple[ApiKeys, ApiKeys],
) -> None:
    served, command = two
    _, secret = await command.create_key("keyastrom", "ci")
    await soon(lambda: served.get_key("keyastrom", secret) is not None)


async def test_a_key_revoked_elsewhere_is_refused_within_a_second(
    two: tuple[ApiKeys, ApiKeys],
) -> None:
    served, command = two
    key, secret = await served.create_key("keyastrom", "ci")
    assert served.get_key("keyastrom", secret) == key
    assert await command.revoke_key(key.id)
    await soon(lambda: served.get_key("keyastrom", secret) is None)


async def test_keys_outlast_the_server(lasting_url: str, clock: ManualClock) -> None:
    secrets: list[str] = []
    for _ in range(2):
        database = Database(lasting_url)
        await database.open()
        keys = ApiKeys(database, clock)
        await keys.open()
        assert all(keys.get_key("keyastrom", secret) for secret in secrets)
        secrets.append((await keys.create_key("keyastrom", "ci"))[1])
        await database.close()


async def test_a_key_needs_one_of_the_scopes(keys: ApiKeys) -> None:
    key, secret = await keys.create_key("keyastrom", "ci", ["events.read"])
    assert keys.authenticate("keyastrom", secret) == key
    assert keys.authenticate("keyastrom", secret, ["events.ingest", "events.read"]) == key
    with pytest.raises(Forbidden) as refusal:
        keys.authenticate("keyastrom", secret, ["events.ingest"])
    assert refusal.value.scopes == ("events.ingest",)
    with pytest.raises(Unauthenticated):
        keys.authenticate("keyastrom", "wrong", ["events.read"])


async def test_a_key_with_all_scopes_has_those_that_come_later_too(keys: ApiKeys) -> None:
    key, secret = await keys.create_key("gateway", "boss", [ALL_SCOPES])
    assert keys.authenticate("gateway", secret, ["not:yet:known"]) == key


async def test_an_expired_key_is_an_unknown_one(keys: ApiKeys, clock: ManualClock) -> None:
    key, secret = await keys.create_key(
        "gateway", "guest", [ALL_SCOPES], None, clock.now_ms() + 60_000
    )
    clock.seconds += 59
    assert keys.authenticate("gateway", secret) == key
    clock.seconds += 1
    with pytest.raises(Unauthenticated):
        keys.authenticate("gateway", secret)
    assert keys.get_key_by_id(key.id) is None


async def test_a_key_that_is_sent_as_it_is_needs_a_scope_too(keys: ApiKeys) -> None:
    key, secret = await keys.create_key("gateway", "reader", ["events:read"])
    authenticate = keys.authenticator("gateway")
    assert authenticate(secret, ["events:read"]) == {"sub": key.id}
    with pytest.raises(Forbidden, match="this call needs: crons:write"):
        authenticate(secret, ["crons:write"])
