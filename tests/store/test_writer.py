"""Which rows share a transaction, and for what they wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from threading import Event

import pytest
from sqlalchemy import Connection, Table

from store_rows import entry, names
from tallystick.store import Database
from tallystick.store import database as database_module
from tallystick.store.engine import Engine, Row, engine_for
from tallystick.store.postgresql import PostgreSQL
from tallystick.store.tables import revisions

pytestmark = pytest.mark.anyio


async def test_all_that_comes_while_a_transaction_runs_is_the_next_one(
    lasting_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions = 0

    def counting(url: str, *, exclusive: bool) -> Engine:
        engine = engine_for(url, exclusive=exclusive)
        store = engine.store

        def counted(rows: Mapping[Table, Sequence[Row]]) -> None:
            nonlocal transactions
            transactions += 1
            store(rows)

        monkeypatch.setattr(engine, "store", counted)
        return engine

    monkeypatch.setattr(database_module, "engine_for", counting)
    database = Database(lasting_url)
    await database.open()
    first = database.append(entry("first"))
    await asyncio.sleep(0)
    await asyncio.gather(first, *(database.append(entry(f"a{n}")) for n in range(300)))
    assert transactions == 2
    await database.close()


async def test_what_waits_is_counted(database: Database) -> None:
    waiting = [database.append(entry(f"a{n}")) for n in range(7)]
    assert database.waiting == 7
    await asyncio.gather(*waiting)
    assert database.waiting == 0


async def test_rows_wait_a_moment_for_those_of_callers_who_were_answered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.store.writer.GATHER_S", 60)

    async def append(names: str) -> None:
        await asyncio.gather(*(database.append(entry(name)) for name in names))

    await append("abcdefghij")
    most = asyncio.create_task(append("klmnopqr"))
    await asyncio.sleep(0.05)
    assert database.waiting == 8
    await append("s")
    await most


async def test_a_few_callers_are_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.store.writer.GATHER_S", 60)
    await asyncio.gather(*(database.append(entry(name)) for name in "abcd"))
    await database.append(entry("e"))


@pytest.mark.parametrize(("held_s", "begun"), [(60, [1, 2]), (0, [1, 1])])
async def test_beside_a_transaction_that_runs_only_a_larger_one_begins_for_a_while(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, held_s: float, begun: list[int]
) -> None:
    monkeypatch.setattr("tallystick.store.writer.HELD_S", held_s)
    database = Database(postgres_url)
    await database.open()
    go_on = Event()
    sizes: list[int] = []

    def slowly(self: PostgreSQL, rows: Mapping[Table, Sequence[Row]]) -> None:
        sizes.append(len(rows[revisions]))
        go_on.wait()
        store(self, rows)

    store = PostgreSQL.store
    monkeypatch.setattr(PostgreSQL, "store", slowly)

    async def until(count: int) -> None:
        async with asyncio.timeout(5):
            while len(sizes) < count:
                await asyncio.sleep(0.01)

    appended = [database.append(entry("a"))]
    await until(1)
    for name in "bc":
        appended.append(database.append(entry(name)))
        await asyncio.sleep(0.01)
    await until(2)
    assert sizes[:2] == begun
    go_on.set()
    await asyncio.gather(*appended)
    assert await database.read(names) == set("abc")
    await database.close()


async def test_a_few_rows_are_held_no_longer_than_a_moment(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    await database.open()
    go_on = Event()

    def stuck(self: PostgreSQL, rows: Mapping[Table, Sequence[Row]]) -> None:
        if len(rows[revisions]) > 1:
            go_on.wait()
        store(self, rows)

    store = PostgreSQL.store
    monkeypatch.setattr(PostgreSQL, "store", stuck)
    many = [database.append(entry(name)) for name in "abc"]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await database.append(entry("d"))
    assert not many[0].done()
    go_on.set()
    await asyncio.gather(*many)
    await database.close()


async def test_in_memory_rows_wait_for_no_thread_but_one_that_is_at_work() -> None:
    database = Database("sqlite://")
    await database.open()
    appended = database.append(entry("a"))
    await asyncio.sleep(0)
    assert appended.done()
    begun, go_on = Event(), Event()

    def slow(_: Connection) -> None:
        begun.set()
        go_on.wait()

    reading = asyncio.create_task(database.read(slow))
    await asyncio.to_thread(begun.wait)
    appended = database.append(entry("b"))
    await asyncio.sleep(0.01)
    assert not appended.done()
    go_on.set()
    await asyncio.gather(reading, appended)
    assert await database.read(names) == {"a", "b"}
    await database.close()
