"""What SQLite and PostgreSQL spell differently does the same on both."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, select

from store_rows import names, put
from tallystick.store import Database
from tallystick.store.sql import insert_new, lock_name
from tallystick.store.tables import revisions

pytestmark = pytest.mark.anyio


async def test_an_insert_of_new_rows_leaves_existing_ones_alone(database: Database) -> None:
    def add(connection: Connection) -> None:
        rows = [{"name": name, "revision": 7} for name in ("old", "new")]
        connection.execute(insert_new(connection, revisions), rows)

    await database.write(lambda connection: put(connection, "old"))
    await database.write(add)
    found = select(revisions.c.name, revisions.c.revision)
    rows = await database.read(lambda connection: connection.execute(found).all())
    assert {row.name: row.revision for row in rows} == {"old": 1, "new": 7}


async def test_what_is_read_under_a_lock_stays_until_the_transaction_ends(url: str) -> None:
    database = Database(url)
    await database.open()

    def count_up(connection: Connection) -> None:
        lock_name(connection, "counter")
        known = len(names(connection))
        put(connection, f"a{known}")

    writes = (database.write(count_up) for _ in range(20))
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert outcomes == [None] * 20
    assert await database.read(names) == {f"a{n}" for n in range(20)}
    await database.close()


async def test_other_names_are_not_waited_for(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    both_hold = asyncio.Barrier(2)
    loop = asyncio.get_running_loop()

    def hold(connection: Connection, name: str) -> None:
        lock_name(connection, name)
        waiting = asyncio.run_coroutine_threadsafe(_pass(both_hold), loop)
        waiting.result(10)

    await asyncio.gather(*(database.write(lambda c, n=n: hold(c, n)) for n in ("one", "two")))  # type: ignore[misc]  # mypy takes no defaults here
    await database.close()


async def _pass(barrier: asyncio.Barrier) -> None:
    await barrier.wait()
