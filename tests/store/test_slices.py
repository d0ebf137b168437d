"""Long work is cut into slices, between which others have their turn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store_rows import entry, names
from tallystick.store import Database, SliceResult, work_in_slices
from tallystick.store.slices import FIRST_ROWS, MAX_ROWS, SliceSize

pytestmark = pytest.mark.anyio


class ScriptedClock:
    """A clock by which each slice takes as long as the test says."""

    def __init__(self, *took_ms: int) -> None:
        self._times = [time for took in took_ms for time in (0, took)]

    def monotonic_ms(self) -> int:
        return self._times.pop(0)

    def now_ms(self) -> int:
        raise AssertionError("a clock that may be set measures nothing")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC)


class Slices:
    """Work that notes how many rows each slice was given."""

    def __init__(self, count: int) -> None:
        self.given: list[int] = []
        self._left = count

    def work(self, _connection: Connection, rows: int) -> SliceResult:
        self.given.append(rows)
        self._left -= 1
        return SliceResult(rows, is_last=self._left == 0)


async def test_after_a_slice_that_took_too_long_the_next_is_smaller(database: Database) -> None:
    slices = Slices(4)
    await work_in_slices(database, ScriptedClock(200, 100, 50, 50), slices.work)
    assert slices.given == [100, 25, 12, 12]


async def test_after_a_short_slice_the_next_is_larger(database: Database) -> None:
    slices = Slices(6)
    done = await work_in_slices(database, ScriptedClock(25, 26, 0, 10, 10, 10), slices.work)
    assert slices.given == [100, 200, 200, 400, 800, MAX_ROWS]
    assert done == sum(slices.given)


def test_a_slice_has_a_row_however_long_one_takes() -> None:
    size = SliceSize()
    size.adapt(60_000)
    assert size.rows == 1
    size.adapt(60_000)
    assert size.rows == 1


def test_a_clock_that_is_set_back_makes_no_slice_smaller() -> None:
    size = SliceSize()
    size.adapt(-3_600_000)
    assert size.rows == 2 * FIRST_ROWS


async def test_what_others_write_goes_between_two_slices(tmp_path: Path) -> None:
    # PostgreSQL has more than one writer: there, nobody waits for a slice.
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    seen: list[set[str]] = []

    def work(connection: Connection, _rows: int) -> SliceResult:
        seen.append(names(connection))
        loop.call_soon_threadsafe(append_another)
        # The slice lasts until the other row waits to be written.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        return SliceResult(1, is_last=len(seen) == 5)

    def append_another() -> None:
        appended.append(database.append(entry(f"between {len(appended)}")))

    loop = asyncio.get_running_loop()
    appended: list[asyncio.Future[None]] = []
    await work_in_slices(database, ScriptedClock(*[0] * 5), work)
    await asyncio.gather(*appended)
    # Of a row that came during one slice the next but one knows at the latest.
    assert all(len(found) >= number - 1 for number, found in enumerate(seen))
    await database.close()


async def test_a_slice_that_fails_undoes_itself_alone(database: Database) -> None:
    insert = text("INSERT INTO revisions VALUES (:name, 1)")
    slices: list[int] = []

    def work(connection: Connection, rows: int) -> SliceResult:
        connection.execute(insert, {"name": f"slice {len(slices)}"})
        slices.append(rows)
        if len(slices) == 2:
            raise ValueError("the second fails")
        return SliceResult(1, is_last=False)

    with pytest.raises(ValueError, match="the second"):
        await work_in_slices(database, ScriptedClock(0, 0), work)
    assert await database.read(names) == {"slice 0"}
