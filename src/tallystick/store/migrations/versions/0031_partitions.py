"""Divide PostgreSQL's events and attempts by time, so that old ones are dropped whole.

The table of before becomes the first partition as it is: its rows are read once, and stay where
they are. All of it is one transaction, so that one that breaks off leaves the tables of before.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_log = logging.getLogger("tallystick.store.migrations")

# What refers to an event is deleted by the pruning: PostgreSQL would look for references to a
# partition in all of both before it drops it, while all writers wait.
_REFERENCES = (
    "SELECT conrelid::regclass::text, conname FROM pg_constraint"
    " WHERE contype = 'f' AND confrelid = 'events'::regclass"
)
_TOMORROW_MS = "SELECT (floor(extract(epoch FROM now()) / 86400)::bigint + 1) * 86400000"
_RECEIVED = "(api, id, type) WHERE api = 'eventhos'"


class NoWayBack(Exception):
    """Partitions are not joined again: go back to a backup that is older than they are."""


def upgrade() -> None:
    """Make each table the first partition of a new one."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table, name in bind.execute(sa.text(_REFERENCES)).all():
        op.drop_constraint(name, table)
    op.execute("ALTER INDEX eventhos_received RENAME TO events_first_received")
    # Ids begin with their time, in hexadecimal (`tallystick.events.ids`).
    digits = f"{bind.scalar(sa.text(_TOMORROW_MS)):012x}"
    end = f"{digits[:8]}-{digits[8:]}-0000-0000-000000000000"
    _divide("events", "id", end)
    op.execute(f"CREATE INDEX eventhos_received ON events {_RECEIVED}")
    _divide("attempts", "delivery_id, number", end)


def downgrade() -> None:
    """Refuse, but on SQLite, where there is nothing to undo."""
    if op.get_bind().dialect.name == "postgresql":
        raise NoWayBack(NoWayBack.__doc__)


def _divide(table: str, primary_key: str, end: str) -> None:
    """Divide a table at an id, by the first column of its primary key."""
    first, last, key = f"{table}_first", f"{table}_last", primary_key.partition(",")[0]
    size = op.get_bind().scalar(sa.text(f"SELECT pg_relation_size('{table}')"))
    if size:
        _log.warning("The table %s gets partitions: %d KB are read once.", table, size // 1_000)
    op.rename_table(table, first)
    op.execute(f"ALTER INDEX {table}_pkey RENAME TO {first}_pkey")
    like = "INCLUDING ALL EXCLUDING INDEXES"
    op.execute(f"CREATE TABLE {table} (LIKE {first} {like}) PARTITION BY RANGE ({key})")
    op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({primary_key})")
    op.execute(f"CREATE TABLE {last} (LIKE {first} INCLUDING ALL)")
    # Ids of the days to come are those of a wrong clock.
    op.execute(
        f"WITH moved AS (DELETE FROM {first} WHERE {key} >= '{end}' RETURNING *)"
        f" INSERT INTO {last} SELECT * FROM moved"
    )
    attach = f"ALTER TABLE {table} ATTACH PARTITION"
    op.execute(f"{attach} {first} FOR VALUES FROM (MINVALUE) TO ('{end}')")
    op.execute(f"{attach} {last} FOR VALUES FROM ('{end}') TO (MAXVALUE)")
