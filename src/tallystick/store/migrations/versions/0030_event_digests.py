"""Add the digests of the log, which tell the blocks that a filter must read.

They are made while the server runs: to begin with, one open block has all events.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables, and the one block."""
    digests = op.create_table(
        "event_digests",
        sa.Column("first", _ID, primary_key=True),
        sa.Column("streams", sa.LargeBinary),
        sa.Column("subjects", sa.LargeBinary),
    )
    is_open = sa.text("streams IS NULL")
    op.create_index(
        "event_digests_open",
        "event_digests",
        ["first"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table("late_events", sa.Column("id", _ID, primary_key=True), sqlite_with_rowid=False)
    op.bulk_insert(digests, [{"first": ""}])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("late_events")
    op.drop_table("event_digests")
