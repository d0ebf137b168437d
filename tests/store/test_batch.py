"""What is committed together: each of it is undone alone, or all of it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError

from store_rows import entry, names, put
from tallystick.store import Database
from tallystick.store.tables import keys, revisions

pytestmark = pytest.mark.anyio


async def test_one_bad_row_fails_alone(database: Database) -> None:
    rows = ["one", "two", "two", "three"]
    outcomes = await asyncio.gather(
        *(database.append(entry(name)) for name in rows), return_exceptions=True
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, False, True, False]
    assert await database.read(names) == {"one", "two", "three"}


@pytest.mark.parametrize("unfit", [None, ..., 1 << 70, "\ud800"], ids=repr)
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
    key = (keys, ("id", "api", "name", "digest", "", None, False, 0, None, None, None, None))
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
