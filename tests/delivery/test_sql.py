"""Statements of the outbox hold where two processes work at the same rows."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.engine import Engine

from tallystick.delivery import sql
from tallystick.delivery.tables import deliveries
from tallystick.events import new_id
from tallystick.store import Database
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio

TENANTS = ("a", "b", "c")
TURN = 7
"""The advisory lock behind which a statement waits, after it has begun to read."""
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
CHANGE = text("UPDATE deliveries SET tries = 1 WHERE id = :id")


async def test_a_claim_of_rows_that_another_process_has_just_changed_takes_them(
    postgres_url: str,
) -> None:
    database = Database(postgres_url)
    await database.open()
    await database.close()
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        ids = [store(connection, tenant) for tenant in TENANTS for _ in range(100)]
    claimed: list[Any] = []
    with engine.connect() as other:
        other.execute(text(f"SELECT pg_advisory_lock({TURN})"))
        claiming = threading.Thread(target=claim_behind_lock, args=(engine, claimed))
        claiming.start()
        while not other.scalar(WAITING):
            time.sleep(0.01)
        other.execute(CHANGE, {"id": ids[0]})
        other.commit()
        other.execute(text(f"SELECT pg_advisory_unlock({TURN})"))
        claiming.join()
    engine.dispose()
    # The changed row as it is now, and the size of each one's event.
    expected = {id_: (int(id_ == ids[0]), 6) for id_ in ids}
    assert {found.id: (found.tries, found[-1]) for found in claimed} == expected


def store(connection: Connection, tenant: str) -> str:
    """Store an event of six bytes with a delivery of it; return the delivery's id."""
    event = new_id(int(time.time() * 1000))
    connection.execute(insert(events).values(row(events, id=event, data=b"1234", attributes="{}")))
    found = {"id": f"{event}_", "event_id": event, "state": "pending", "tenant": tenant}
    connection.execute(insert(deliveries).values(row(deliveries, **found)))
    return f"{event}_"


def row(table: Any, **given: Any) -> dict[str, Any]:
    """Return these values, with an empty one for each other column that needs one."""
    needed = [column for column in table.columns if not column.nullable]
    return {column.name: column.type.python_type() for column in needed} | given


def claim_behind_lock(engine: Engine, claimed: list[Any]) -> None:
    """Claim what is pending, by a statement that waits for the lock once it sees the rows."""
    with engine.begin() as connection:
        dialect = sql.dialect_of(connection)
        lanes = "FROM json_array_elements(CAST(:rows AS json))"
        statement = str(dialect.claimable())
        assert statement.count(lanes) == 1
        waiting = statement.replace(lanes, f"{lanes}, pg_advisory_xact_lock({TURN})")
        rows = sql.given_rows([(tenant, "", 0, sql.EVER, 300) for tenant in TENANTS])
        claimed += connection.execute(text(waiting), {"rows": rows, "cap": 300, "free": 300}).all()
