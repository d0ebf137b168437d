"""What every kind of database promises."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DatabaseError

from store_rows import entry, names
from tallystick.contract.exceptions import Failed, Unavailable
from tallystick.store import Database, DatabaseClosed, Unstorable
from tallystick.store.tables import keys, revisions

pytestmark = pytest.mark.anyio


def put(connection: Connection, name: str) -> str:
    connection.execute(insert(revisions).values(name=name, revision=1))
    return name


async def test_what_was_appended_is_there_after_reopening(lasting_url: str) -> None:
    database = Database(lasting_url)
    await database.open()
    await asyncio.gather(*(database.append(entry(f"a{n}")) for n in range(500)))
    await database.close()
    database = Database(lasting_url)
    await database.open()
    assert await database.read(names) == {f"a{n}" for n in range(500)}
    await database.close()


async def test_an_appended_row_can_be_read_at_once(database: Database) -> None:
    for n in range(20):
        await database.append(entry(f"a{n}"))
        assert f"a{n}" in await database.read(names)


async def test_one_bad_row_fails_alone(database: Database) -> None:
    rows = ["one", "two", "two", "three"]
    outcomes = await asyncio.gather(
        *(database.append(entry(name)) for name in rows), return_exceptions=True
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, False, True, False]
    assert await database.read(names) == {"one", "two", "three"}


@pytest.mark.parametrize("unfit", [None, object(), 1 << 70, "\ud800"], ids=repr)
async def test_a_value_that_no_column_can_hold_fails_alone(
    database: Database, unfit: object
) -> None:
    bad = entry(unfit, 1) if isinstance(unfit, str) else entry("bad", unfit)
    outcomes = await asyncio.gather(
        database.append(entry("before")),
        database.append(bad),
        database.append(entry("after")),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, True, False]
    assert await database.read(names) == {"before", "after"}


async def test_rows_that_are_appended_together_are_stored_together_or_not_at_all(
    database: Database,
) -> None:
    await database.append(entry("taken"))
    key = (keys, ("id", "api", "name", "digest", "", None, False, 0, None, None, None))
    together = database.append(key, entry("new"), entry("taken"))
    other = database.append(entry("other"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await together
    await other
    assert await database.read(names) == {"taken", "other"}
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(keys))) == 0
    await database.append(key, entry("new"))
    assert await database.read(names) == {"taken", "other", "new"}
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(keys))) == 1


async def test_a_write_returns_what_its_function_returns(database: Database) -> None:
    assert await database.write(lambda connection: put(connection, "one")) == "one"
    assert await database.read(names) == {"one"}


async def test_a_write_that_fails_is_undone_wholly_and_tells_its_caller_alone(
    database: Database,
) -> None:
    class Wrong(Exception):
        pass

    def wrong(connection: Connection) -> None:
        put(connection, "wrong")
        raise Wrong

    writes = [
        asyncio.create_task(database.write(function))
        for function in (lambda c: put(c, "first"), wrong, lambda c: put(c, "last"))
    ]
    await asyncio.sleep(0)
    outcomes = await asyncio.gather(
        *writes, database.append(entry("appended")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [str, Wrong, str, type(None)]
    assert await database.read(names) == {"first", "appended", "last"}


async def test_a_statement_that_the_database_refuses_fails_alone(database: Database) -> None:
    with pytest.raises(DatabaseError):
        await database.write(lambda connection: connection.execute(text("SELECT * FROM nothing")))
    with pytest.raises(DatabaseError):
        await database.read(lambda connection: connection.execute(text("SELECT * FROM nothing")))
    await database.append(entry("after"))
    assert await database.read(names) == {"after"}


async def test_an_exhausted_iterator_reaches_the_caller_as_an_error(database: Database) -> None:
    def exhausted(connection: Connection) -> object:
        return next(iter(connection.execute(select(revisions))))

    for call in (database.read, database.write):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await asyncio.wait_for(call(exhausted), 5)


async def test_a_commit_that_fails_fails_all_that_was_in_it(database: Database) -> None:
    await database.write(lambda c: c.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)")))
    reference = "REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED"
    await database.write(lambda c: c.execute(text(f"CREATE TABLE child (parent INT {reference})")))
    orphan = text("INSERT INTO child VALUES (1)")
    writing = asyncio.create_task(database.write(lambda c: c.execute(orphan).rowcount))
    await asyncio.sleep(0)
    with_it = database.append(entry("with the orphan"))
    outcomes = await asyncio.gather(writing, with_it, return_exceptions=True)
    assert isinstance(outcomes[0], DatabaseError)
    # Whether it was in the same transaction is the database's affair; that it was told is not.
    stored = {"with the orphan"} if outcomes[1] is None else set()
    assert await database.read(names) == stored
    await database.append(entry("after"))
    assert await database.read(names) == {*stored, "after"}


async def test_a_read_changes_nothing(database: Database) -> None:
    with pytest.raises(DatabaseError):
        await database.read(lambda connection: put(connection, "one"))
    assert await database.read(names) == set()
    await database.append(entry("two"))
    assert await database.read(names) == {"two"}


async def test_callers_who_go_away_disturb_nobody(database: Database) -> None:
    async def append(name: str) -> None:
        # Memory keeps nobody waiting who has one row only.
        await database.append(entry(name), entry(f"{name} too"))

    tasks = [asyncio.create_task(append(f"a{n}")) for n in range(10)]
    writing = asyncio.create_task(database.write(lambda connection: put(connection, "w")))
    await asyncio.sleep(0)
    for gone in (*tasks[::2], writing):
        gone.cancel()
    done = await asyncio.gather(*tasks, writing, return_exceptions=True)
    assert [isinstance(o, asyncio.CancelledError) for o in done] == [True, False] * 5 + [True]
    await database.append(entry("after"))
    assert {f"a{n}" for n in range(1, 10, 2)} | {"after"} <= await database.read(names)


async def test_closing_finishes_what_was_accepted(lasting_url: str) -> None:
    database = Database(lasting_url)
    await database.open()
    accepted = [database.append(entry(f"a{n}")) for n in range(200)]
    writing = asyncio.create_task(database.write(lambda connection: put(connection, "w")))
    await asyncio.sleep(0)
    await database.close()
    assert all(future.done() and not future.exception() for future in accepted)
    assert await writing == "w"
    again = Database(lasting_url)
    await again.open()
    assert len(await again.read(names)) == 201
    await again.close()


async def test_a_database_that_is_not_open_refuses(url: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseClosed):
        await database.read(names)
    await database.open()
    await database.close()
    await database.close()
    with pytest.raises(DatabaseClosed):
        database.append(entry("late"))
    with pytest.raises(DatabaseClosed):
        await database.write(names)


async def test_a_fault_fails_everything_but_only_when_it_is_armed(url: str) -> None:
    database = Database(url, fault="store")
    await database.open()
    await database.append(entry("seeded"))
    await database.ping()
    database.arm_fault()
    with pytest.raises(Failed):
        database.append(entry("late"))
    for call in (database.read(names), database.write(names), database.ping()):
        with pytest.raises(Failed):
            await call
    await database.close()


async def test_a_database_can_be_made_to_seem_away(url: str) -> None:
    database = Database(url, fault="away")
    await database.open()
    database.arm_fault()
    with pytest.raises(Unavailable):
        database.append(entry("late"))
    for call in (database.read(names), database.write(names), database.ping()):
        with pytest.raises(Unavailable) as refusal:
            await call
        assert refusal.value.headers == {"Retry-After": "1"}
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


async def test_without_a_fault_there_is_nothing_to_arm(database: Database) -> None:
    database.arm_fault()
    await database.append(entry("one"))
    await database.ping()


async def test_a_full_disk_fails_what_does_not_fit_and_then_all_is_well_again(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    await set_size_limit(database, "1")  # SQLite takes the present size for the least
    outcomes = await asyncio.gather(
        *(database.append(entry(f"a{n}" + "x" * 1_000)) for n in range(200)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {sqlite3.OperationalError}
    names_to_put = ("small", "x" * 100_000, "small too")
    writes = [database.write(partial(put, name=name)) for name in names_to_put]
    for outcome in await asyncio.gather(*writes, return_exceptions=True):
        assert isinstance(outcome, DatabaseError)
        assert "full" in str(outcome)
    assert await database.read(names) == set()
    await set_size_limit(database, "1000000")
    await database.append(entry("after"))
    assert await database.read(names) == {"after"}
    await database.close()


async def set_size_limit(database: Database, pages: str) -> None:
    limit = text(f"PRAGMA max_page_count = {pages}")
    await database.write(lambda connection: connection.scalar(limit))
