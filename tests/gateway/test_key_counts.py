"""Keys that end soon are counted by their API."""

from __future__ import annotations

import pytest

from manual_clock import ManualClock
from tallystick.apis.gateway.key_counts import count_expiring_keys
from tallystick.apis.keys import ApiKeys
from tallystick.store import Database

DAY_MS = 86_400_000


@pytest.mark.anyio
async def test_a_key_counts_from_two_weeks_before_its_end() -> None:
    clock, database = ManualClock(1_767_268_800), Database("sqlite://")
    await database.open()
    now = clock.now_ms()
    keys = ApiKeys(database, clock)
    for days in (-1, 13, 15, None):
        await keys.create_key("charon", "a", expires=days and now + days * DAY_MS)
    revoked, _ = await keys.create_key("gateway", "b", expires=now + DAY_MS)
    await keys.revoke_key(revoked.id)
    found = await database.read(lambda connection: count_expiring_keys(connection, now))
    await database.close()
    assert found.samples == {("charon",): 1}
