"""All processes on a PostgreSQL go by its clock, and a machine's wrong clock is told."""

from __future__ import annotations

import time

import pytest

from manual_clock import ManualClock
from tallystick.store import Database
from tallystick.store.shared_time import SharedTime

pytestmark = pytest.mark.anyio


async def test_sqlite_goes_by_the_machine_s_clock(
    database: Database, url: str, clock: ManualClock
) -> None:
    now_ms = await database.read(SharedTime(clock).read)
    assert (now_ms == clock.now_ms()) is url.startswith("sqlite")


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [(0, []), (1, []), (-90, ["is 90 s behind the"]), (3600, ["is 3600 s ahead of the"])],
)
async def test_a_wrong_clock_beside_postgresql_is_told_once(
    ahead_s: int, words: list[str], postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(postgres_url)
    await database.open()
    shared = SharedTime(ManualClock(round(time.time()) + ahead_s))
    for _ in range(2):
        await database.read(shared.read)
    await database.close()
    assert [line for line in caplog.messages if "clock" in line] == caplog.messages
    assert len(caplog.messages) == len(words)
    assert all(word in line for word, line in zip(words, caplog.messages, strict=True))
