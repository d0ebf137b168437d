"""What PostgreSQL alone does: a database that many servers share."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest
from sqlalchemy import Connection, text, update

from changes_at_once import change_at_once
from postgres import Cluster
from store_rows import entry, names, put
from tallystick.store import (
    Database,
    DatabaseUnavailable,
    DatabaseUnusable,
    Deadlocked,
    NoDatabase,
    Unstorable,
    postgresql,
)
from tallystick.store.tables import revisions

pytestmark = pytest.mark.anyio
SYNCHRONOUS_COMMIT = text("SHOW synchronous_commit")
LEAN = [text(f"SHOW {name}") for name in ("jit", "max_parallel_workers_per_gather")]


async def test_an_acknowledged_write_is_synced_whatever_the_postgresql_defaults_are(
    postgres: Cluster, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    for default, used in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = {default}")
        database = Database(postgres_url)
        await database.open()
        mode = await database.write(partial(Connection.scalar, statement=SYNCHRONOUS_COMMIT))
        assert mode == used
        await database.close()


async def test_no_statement_is_compiled_or_takes_a_second_core(
    postgres: Cluster, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET jit = on")
    postgres.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 4")
    database = Database(postgres_url)
    await database.open()
    for work in (database.read, database.write):
        used = [await work(partial(Connection.scalar, statement=shown)) for shown in LEAN]
        assert used == ["off", "0"]
    await database.close()


async def test_a_postgresql_that_is_not_there_is_refused_without_repeating_a_password() -> None:
    with pytest.raises(DatabaseUnusable, match=r"can't use .*127\.0\.0\.1:1/none: .*") as refusal:
        await Database("postgresql://me:secret@127.0.0.1:1/none").open()
    assert "refused" in str(refusal.value)
    assert "secret" not in str(refusal.value)


async def test_a_postgresql_database_that_is_not_there_is_refused(postgres: Cluster) -> None:
    with pytest.raises(DatabaseUnusable, match='database "none" does not exist'):
        await Database(postgres.url("none")).open()


async def test_a_postgresql_database_that_can_t_hold_every_text_is_refused(
    postgres: Cluster,
) -> None:
    postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(NoDatabase, match="has the encoding LATIN1; it must have UTF8"):
        await Database(postgres.url("latin")).open()
    postgres.execute("DROP DATABASE latin")


async def test_the_tables_are_made_once_when_many_open_a_postgresql_together(
    postgres_url: str,
) -> None:
    databases = [Database(postgres_url) for _ in range(10)]
    await asyncio.gather(*(database.open() for database in databases))
    for database in databases:
        await database.ping()
        await database.close()


async def test_a_text_that_not_every_database_can_hold_is_refused(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    outcomes = await asyncio.gather(
        database.append(entry("before")),
        database.append(entry("N\0L")),
        database.append(entry("after")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), Unstorable, type(None)]
    with pytest.raises(Unstorable):
        await database.write(lambda connection: put(connection, "N\0L"))
    assert await database.read(names) == {"before", "after"}
    await database.close()


async def test_a_process_that_is_frozen_in_a_transaction_keeps_its_locks_for_a_while_alone(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_S", 0.5)
    frozen, other = Database(postgres_url), Database(postgres_url)
    for database in (frozen, other):
        await database.open()
    has_locked, may_go_on = threading.Event(), threading.Event()

    def freeze(connection: Connection) -> None:
        put(connection, "name")
        has_locked.set()
        may_go_on.wait()

    writing = asyncio.ensure_future(frozen.write(freeze))
    await asyncio.to_thread(has_locked.wait)
    assert await other.write(lambda connection: put(connection, "name")) == "name"
    may_go_on.set()
    with pytest.raises(DatabaseUnavailable):
        await writing
    assert await frozen.write(lambda connection: put(connection, "later")) == "later"
    assert await other.read(names) == {"name", "later"}
    for database in (frozen, other):
        await database.close()


def test_a_write_that_postgresql_ends_in_a_deadlock_is_made_again(postgres_url: str) -> None:
    called: list[str] = []

    def make(connection: Connection) -> None:
        for name in ("a", "b"):
            put(connection, name)

    def bump(connection: Connection, *names: str) -> None:
        for name in names:
            its = update(revisions).where(revisions.c.name == name)
            connection.execute(its.values(revision=revisions.c.revision + 1))

    def backwards(connection: Connection) -> str:
        # PostgreSQL looks for a deadlock once a wait, and ends who looks: this one, when both wait.
        connection.execute(text("SET LOCAL deadlock_timeout = '2s'"))
        called.append("called")
        bump(connection, "b", "a")
        return "done"

    def forwards(connection: Connection) -> None:
        connection.execute(text("SET LOCAL deadlock_timeout = '1min'"))
        bump(connection, "a")

    done = change_at_once(postgres_url, make, forwards, backwards, lambda c: bump(c, "b"))
    assert (done, called) == ("done", ["called"] * 2)


async def test_a_write_that_always_meets_deadlocks_is_unavailable_and_no_outage(
    postgres_url: str,
) -> None:
    def deadlock(connection: Connection) -> None:
        raised = "DO $$ BEGIN RAISE EXCEPTION 'a' USING ERRCODE = 'deadlock_detected'; END $$"
        connection.execute(text(raised))

    database = Database(postgres_url)
    await database.open()
    with pytest.raises(Deadlocked):
        await database.write(deadlock)
    assert database.outage == ""
    assert database.take_untold_outage() is None
    await database.close()
