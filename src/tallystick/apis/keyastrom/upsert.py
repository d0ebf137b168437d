"""The one statement that SQLite and PostgreSQL know alike and SQLAlchemy has twice."""

from __future__ import annotations

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import sqlite


def insert_new(connection: Connection, table: Table) -> Insert:
    """An insert that leaves rows alone which are there already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
