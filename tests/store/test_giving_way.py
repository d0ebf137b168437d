"""A long read lets writes go first, though not for ever."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from sqlalchemy import Connection, create_engine, text

from store_rows import names, put
from tallystick.store import Database, giving_way
from tallystick.store.giving_way import give_way

pytestmark = pytest.mark.anyio


async def test_a_long_read_lets_the_write_that_is_under_way_go_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_way, "MOST_PAUSES", 100_000)
    has_begun, may_end = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        has_begun.set()
        may_end.wait()
        put(connection, "new")

    writing = asyncio.ensure_future(database.write(write))
    await asyncio.to_thread(has_begun.wait)
    reading = asyncio.ensure_future(database.read_long(names))
    await asyncio.wait([reading], timeout=0.2)
    may_end.set()
    await writing
    assert await reading == {"new"}


async def test_a_long_read_of_a_database_in_memory_waits_for_its_turn_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(giving_way, "sleep", pauses.append)
    database = Database("sqlite://")
    await database.open()

    def read_beside_a_write(connection: Connection) -> set[str]:
        has_begun.set()
        while not database.waiting:
            time.sleep(0.001)
        return names(connection)

    has_begun = threading.Event()
    reading = asyncio.ensure_future(database.read_long(read_beside_a_write))
    await asyncio.to_thread(has_begun.wait)
    await database.write(lambda connection: put(connection, "new"))
    assert await reading == set()
    assert pauses == []
    await database.close()


@pytest.mark.parametrize("statements", [1, 3])
def test_a_long_read_goes_on_beside_writes_that_never_end(
    monkeypatch: pytest.MonkeyPatch, statements: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(giving_way, "sleep", pauses.append)
    with create_engine("sqlite://").connect() as connection:
        give_way(connection, lambda: True)
        for number in range(statements):
            assert connection.scalar(text(f"SELECT {number}")) == number
    assert len(pauses) == giving_way.MOST_PAUSES
