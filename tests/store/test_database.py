"""What every kind of database promises."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DatabaseError

from store_rows import entry, names, put
from tallystick.contract.exceptions import Failed, Unavailable
from tallystick.store import (
    Database,
    DatabaseClosed,
    SchemaTooNew,
    Unstorable,
)

pytestmark = pytest.mark.anyio


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


async def test_a_write_returns_what_its_function_returns(database: Database) -> None:
    assert await database.write(lambda connection: put(connection, "one")) == "one"
    assert await database.read(names) == {"one"}


async def test_a_read_changes_nothing(database: Database) -> None:
    with pytest.raises(DatabaseError):
        await database.read(lambda connection: put(connection, "one"))
    assert await database.read(names) == set()
    await database.append(entry("two"))
    assert await database.read(names) == {"two"}


async def test_half_a_surrogate_pair_is_refused(database: Database) -> None:
    with pytest.raises(Unstorable):
        await database.write(lambda connection: put(connection, "half \ud800"))
    with pytest.raises(Unstorable):
        await database.read(lambda connection: connection.scalar(select(literal("half \ud800"))))
    assert await database.read(names) == set()


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


async def test_without_a_fault_there_is_nothing_to_arm(database: Database) -> None:
    database.arm_fault()
    await database.append(entry("one"))
    await database.ping()


async def test_the_command_line_works_beside_a_server(lasting_url: str) -> None:
    server, command = Database(lasting_url), Database(lasting_url, exclusive=False)
    await server.open()
    await command.open()
    name = "INSERT INTO revisions VALUES ('from the command line', 1)"
    await command.write(lambda connection: connection.execute(text(name)).rowcount)
    await command.close()
    count = text("SELECT count(*) FROM revisions")
    assert await server.read(lambda connection: connection.scalar(count)) == 1
    await server.close()


async def test_the_command_line_may_come_first(lasting_url: str) -> None:
    first, second = Database(lasting_url, exclusive=False), Database(lasting_url, exclusive=False)
    await first.open()
    await second.open()
    server = Database(lasting_url)
    await server.open()
    for database in (first, second, server):
        await database.ping()
        await database.close()


async def test_a_database_of_a_newer_program_is_refused(lasting_url: str) -> None:
    database = Database(lasting_url)
    await database.open()
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda connection: connection.execute(newer).rowcount)
    await database.close()
    for exclusive in (True, False):
        with pytest.raises(SchemaTooNew, match=r"9999.*newer version of the program"):
            await Database(lasting_url, exclusive=exclusive).open()
