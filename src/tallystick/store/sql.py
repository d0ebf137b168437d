"""Statements that SQLite and PostgreSQL spell differently, and SQLAlchemy has no word for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Insert, Table, text
from sqlalchemy.dialects import sqlite

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def lock_name(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    Lock before you read what you then write, and it stays as you read it. SQLite has one writer at
    a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": f"tallystick {name}"})


def insert_new(connection: Connection, table: Table) -> Insert:
    """Return an insert that leaves existing rows alone."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@contextmanager
def overwriting(connection: Connection) -> Iterator[None]:
    """Let nothing that is replaced or deleted in the block stay in the file.

    PostgreSQL does so when it vacuums. Copies and archives of before keep it everywhere.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA secure_delete = {before}")
