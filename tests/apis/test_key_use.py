"""Last uses of keys are written together, and never by the request."""

from __future__ import annotations

import asyncio

import pytest

from manual_clock import ManualClock
from tallystick.apis import key_use
from tallystick.apis.key_use import KeyUse
from tallystick.apis.keys import ApiKeys
from tallystick.contract.exceptions import Forbidden, Unavailable
from tallystick.store import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def keys(database: Database, clock: ManualClock) -> ApiKeys:
    made = ApiKeys(database, clock)
    await made.open()
    return made


async def used(keys: ApiKeys) -> list[int | None]:
    return [key.used for key in await keys.list_keys()]


async def test_the_keys_that_were_used_are_written_when_the_service_ends(
    keys: ApiKeys, clock: ManualClock
) -> None:
    _, one = await keys.create_key("gateway", "one")
    await keys.create_key("gateway", "two")
    keys.authenticate("gateway", one)
    assert await used(keys) == [None, None]
    clock.seconds += 60
    await keys.close()
    assert await used(keys) == [clock.now_ms(), None]


async def test_the_keys_that_were_used_are_written_now_and_then(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_use, "INTERVAL_S", 0.01)
    keys = ApiKeys(database, clock)
    await keys.open()
    _, secret = await keys.create_key("gateway", "one")
    keys.authenticate("gateway", secret)
    async with asyncio.timeout(10):
        while await used(keys) != [clock.now_ms()]:
            await asyncio.sleep(0.01)
    await keys.close()


async def test_a_call_without_the_scope_is_a_use_and_an_unknown_secret_is_none(
    keys: ApiKeys, clock: ManualClock
) -> None:
    _, secret = await keys.create_key("gateway", "one", ["events:read"])
    assert keys.get_key("gateway", "unknown") is None
    with pytest.raises(Forbidden):
        keys.authenticate("gateway", secret, ["crons:write"])
    await keys.close()
    assert await used(keys) == [clock.now_ms()]


async def test_a_key_was_used_before_it_was_revoked(
    keys: ApiKeys, database: Database, clock: ManualClock
) -> None:
    key, _ = await keys.create_key("gateway", "one")
    use = KeyUse(database, clock)
    use.add_key(key.id)
    await keys.revoke_key(key.id)
    clock.seconds += 60
    await use.write()
    assert await used(keys) == [clock.now_ms() - 60_000]


async def test_what_could_not_be_written_is_written_the_next_time(
    url: str, clock: ManualClock
) -> None:
    database = Database(url, fault="away")
    await database.open()
    keys = ApiKeys(database, clock)
    key, _ = await keys.create_key("gateway", "one")
    use = KeyUse(database, clock)
    use.add_key(key.id)
    database.arm_fault()
    with pytest.raises(Unavailable):
        await use.write()
    database._is_failing = False
    await use.write()
    assert await used(keys) == [clock.now_ms()]
    await database.close()
