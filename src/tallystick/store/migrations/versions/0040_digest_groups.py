"""Add groups of digests, which tell the digests that a filter must look at.

They are made while the server runs: to begin with, one open group has all blocks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, and the one group."""
    groups = op.create_table(
        "event_digest_groups",
        sa.Column("first", _ID, primary_key=True),
        sa.Column("streams", sa.LargeBinary),
        sa.Column("subjects", sa.LargeBinary),
    )
    is_open = sa.text("streams IS NULL")
    op.create_index(
        "event_digest_groups_open",
        "event_digest_groups",
        ["first"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.bulk_insert(groups, [{"first": ""}])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("event_digest_groups")
