"""An older database of PostgreSQL gets partitions, in one transaction that may break off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert, text
from sqlalchemy.exc import OperationalError

from postgres import Cluster
from tallystick.apis.eventgrid.tables import traces
from tallystick.delivery.tables import attempts
from tallystick.events import Event
from tallystick.events.ids import Ids
from tallystick.store import Database, schema
from tallystick.store.partitions import partitioned_tables, read_partitions
from tallystick.store.tables import events

BEFORE = "0030"
STORED = 2_000
DAY_MS = 86_400_000
FAR_MS = 4_000_000_000_000
"""A time that only a wrong clock has."""


@pytest.fixture
def engine(empty_postgres_url: str) -> Iterator[Engine]:
    """The engine of a database of the version before, with events, attempts and traces."""
    made = create_engine(empty_postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with made.begin() as connection:
        schema.migrate(connection, BEFORE)
        fill(connection)
    yield made
    made.dispose()


def fill(connection: Connection) -> None:
    ids, now_ms = Ids(), int(time.time() * 1_000)
    times = [now_ms - n * DAY_MS // 10 for n in range(STORED, 0, -1)] + [FAR_MS]
    made = [Event(ids.new(at), "eventhos", "/s", "t", "", at, b"{}", "{}") for at in times]
    connection.execute(insert(events), [event._asdict() for event in made])
    for event in made[:: STORED // 2]:
        row = dict.fromkeys(traces.c.keys(), "") | {"id": event.id, "received": 0}
        connection.execute(insert(traces), row)
        row = dict.fromkeys(attempts.c.keys(), "") | {
            "delivery_id": f"{event.id}_k_t",
            "number": 1,
            "started": 0,
            "ended": 0,
            "status": 200,
        }
        connection.execute(insert(attempts), row)


def content(connection: Connection) -> dict[str, list[Any]]:
    return {
        name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1"))]
        for name in ("events", "attempts", "eventgrid_traces")
    }


def file_of(connection: Connection, name: str) -> Any:
    return connection.scalar(text("SELECT pg_relation_filenode(:name)"), {"name": name})


@pytest.mark.anyio
async def test_a_filled_table_becomes_the_first_partition_though_the_first_try_breaks_off(
    engine: Engine, empty_postgres_url: str, postgres: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.connect() as connection:
        stored = content(connection)
        file = file_of(connection, "events")
    break_off(engine, postgres)
    with engine.connect() as connection:
        assert schema.version(connection) == BEFORE
        assert content(connection) == stored
    caplog.clear()
    database = Database(empty_postgres_url)
    await database.open()
    told = [line for line in caplog.messages if line.startswith("The table ")]
    assert [line.split()[2] for line in told] == ["events", "attempts"]
    assert await database.read(schema.is_current)
    assert await database.read(content) == stored
    # The rows stay in the file that they were in.
    assert await database.read(partial(file_of, name="events_first")) == file
    last = await database.read(
        lambda c: list(c.execute(text("SELECT id FROM events_last")).scalars())
    )
    assert last == [stored["events"][-1][0]]
    for table in partitioned_tables():
        found = await database.read(partial(read_partitions, table=table))
        assert [each.name for each in found] == [f"{table.name}_first", f"{table.name}_last"]
    await database.close()


def break_off(engine: Engine, postgres: Cluster) -> None:
    """Migrate, and lose the connection before the commit."""
    with engine.connect() as connection:
        schema.migrate(connection)
        assert schema.version(connection) != BEFORE
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        postgres.execute(f"SELECT pg_terminate_backend({pid}, 10000)")
        with pytest.raises(OperationalError):
            connection.commit()


def test_there_is_no_way_back_but_a_backup(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    with engine.connect() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "0031")
        with pytest.raises(Exception, match="go back to a backup"):
            command.downgrade(config, BEFORE)
