"""Partitions of PostgreSQL's large tables: spans of ids, made ahead and dropped whole.

They follow one another without a gap: the first one has no beginning, and the last one no end. So
an id of any time has its place, and PostgreSQL reads them in the order of their ids, which it would
not do beside a default partition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.exc import OperationalError

from tallystick.store.database import Database
from tallystick.store.exceptions import TableInUse
from tallystick.store.sql import lock_name
from tallystick.store.tables import metadata

NO_END = "~"
"""What is greater than every id: the end of the last partition."""

PATIENCE_MS = 50
"""How long a change waits for the table, in milliseconds: writers wait behind it meanwhile."""

_LOCK_NOT_AVAILABLE = "55P03"
_PARTITIONS = text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = CAST(:name AS regclass)"
)
_BOUNDS = re.compile(r"FOR VALUES FROM \((?:MINVALUE|'(.*)')\) TO \((?:MAXVALUE|'(.*)')\)")


class Partition(NamedTuple):
    """A partition: the ids from the first one on, up to an end that is left out."""

    name: str
    first: str
    end: str


def partitioned_tables() -> list[Table]:
    """Return the tables that have partitions on PostgreSQL; those of SQLite are whole."""
    return [table for table in metadata.sorted_tables if table.info.get("partitioned")]


def read_partitions(connection: Connection, table: Table) -> list[Partition]:
    """Return the partitions in the order of their ids; none on SQLite."""
    if connection.dialect.name == "sqlite":
        return []
    rows = connection.execute(_PARTITIONS, {"name": table.name}).all()
    # One without bounds was dropped by another server since the snapshot was taken.
    found = [_partition(name, bounds) for name, bounds in rows if bounds is not None]
    return sorted(found, key=lambda partition: partition.end)


def end_newest(connection: Connection, table: Table, ends: Sequence[tuple[str, str]]) -> None:
    """End the last partition at an id, once for each name and end; raise `TableInUse`.

    Several servers may do so at once: an end that another one has set is passed over.
    """
    with _locked(connection, table):
        for name, end in ends:
            last = read_partitions(connection, table)[-1]
            if end > last.first:
                _split(connection, table, last, f"{table.name}_{name}", end)


async def drop_partitions(database: Database, table: Table, end: str) -> None:
    """Drop the partitions that end at an id or before it; raise `TableInUse`."""
    if await database.read(partial(_find_due, table=table, end=end)):
        await database.write(partial(_drop, table=table, end=end))


def _drop(connection: Connection, table: Table, end: str) -> None:
    with _locked(connection, table):
        if due := _find_due(connection, table, end):
            connection.exec_driver_sql(f"DROP TABLE {', '.join(each.name for each in due)}")
            first = _create(connection, table, f"{table.name}_first")
            _attach(connection, table, Partition(first, "", due[-1].end))


def _partition(name: str, bounds: str) -> Partition:
    found = _BOUNDS.fullmatch(bounds)
    assert found
    return Partition(name, found[1] or "", found[2] or NO_END)


def _find_due(connection: Connection, table: Table, end: str) -> list[Partition]:
    due = [each for each in read_partitions(connection, table) if each.end <= end]
    if len(due) == 1 and _is_empty(connection, due[0].name):
        return []  # it keeps the place of what comes late
    return due


def _is_empty(connection: Connection, name: str) -> bool:
    return connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is None


# A lock that waits behind a long read holds up all who come after it, so it is given up soon. The
# caller tries again in a minute.
@contextmanager
def _locked(connection: Connection, table: Table) -> Iterator[None]:
    """Hold the table alone, for the rest of the transaction; raise `TableInUse`."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
    try:
        lock_name(connection, f"partitions of {table.name}")
        # The table before its partitions, as readers and writers do.
        connection.exec_driver_sql(f"LOCK TABLE ONLY {table.name} IN ACCESS EXCLUSIVE MODE")
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise TableInUse(table.name) from error
        raise


def _split(connection: Connection, table: Table, last: Partition, name: str, end: str) -> None:
    """Give the ids of the last partition before an end to a new one."""
    _create(connection, table, name)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} DETACH PARTITION {last.name}")
    # Partitions are made ahead, so that there is nothing to move, unless no server ran for days.
    key = _key_of(table).name
    connection.exec_driver_sql(
        f"WITH moved AS (DELETE FROM {last.name} WHERE {key} < '{end}' RETURNING *)"
        f" INSERT INTO {name} SELECT * FROM moved"
    )
    _attach(connection, table, Partition(name, last.first, end))
    _attach(connection, table, Partition(last.name, end, NO_END))


def _key_of(table: Table) -> Column[Any]:
    """Return the column by whose ids a table is divided: the first one of its primary key."""
    return table.primary_key.columns.values()[0]


def _create(connection: Connection, table: Table, name: str) -> str:
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL)")
    return name


def _attach(connection: Connection, table: Table, partition: Partition) -> None:
    first = f"'{partition.first}'" if partition.first else "MINVALUE"
    end = "MAXVALUE" if partition.end == NO_END else f"'{partition.end}'"
    connection.exec_driver_sql(
        f"ALTER TABLE {table.name} ATTACH PARTITION {partition.name}"
        f" FOR VALUES FROM ({first}) TO ({end})"
    )
