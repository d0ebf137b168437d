"""One transaction after the other, where several processes write."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def lock_name(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    Whoever reads what he then writes, and locks first, reads what nobody changes meanwhile. SQLite
    has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": f"tallystick {name}"})
