"""Why a PostgreSQL database can't be written, in its own words."""

from __future__ import annotations

from sqlalchemy import Connection, text

from tallystick.store import outage
from tallystick.store.all_tables import find_tables

_IS_READ_ONLY = text("SELECT current_setting('transaction_read_only') = 'on'")
_REFUSED_SCHEMA = text(
    "SELECT 'permission denied for schema ' || current_schema()"
    " WHERE NOT has_schema_privilege(current_schema(), 'CREATE')"
)
_REFUSED_TABLE = text(
    "SELECT 'permission denied for table ' || relname FROM pg_class"
    " WHERE oid = ANY (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS t(name))"
    " AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT'))"
    " ORDER BY relname LIMIT 1"
)


def find_refusal(connection: Connection, *, is_new: bool) -> str | None:
    """Return why rows can't be added, or tables made in a new database; None if they can."""
    if connection.scalar(_IS_READ_ONLY):
        return outage.READ_ONLY
    refused = _REFUSED_SCHEMA if is_new else _REFUSED_TABLE
    names = {} if is_new else {"names": sorted(find_tables())}
    words: str | None = connection.scalar(refused, names)
    return words
