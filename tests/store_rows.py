"""Rows of the store's smallest table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from tallystick.store import Entry
from tallystick.store.tables import revisions


def entry(name: str, number: Any = 1) -> Entry:
    """Return a row with this name."""
    return revisions, (name, number)


def names(connection: Connection) -> set[str]:
    """Return the names of all rows."""
    return set(connection.scalars(select(revisions.c.name)))


def put(connection: Connection, name: str) -> str:
    """Insert a row within a transaction, and return its name."""
    connection.execute(insert(revisions).values(name=name, revision=1))
    return name
