"""Problems are searched by their titles, and commented on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which stays empty for the events that are there, and the comments."""
    op.add_column(
        "keyastrom_events", sa.Column("title_folded", sa.Text, nullable=False, server_default="")
    )
    op.create_table(
        "keyastrom_comments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("keyastrom_comments_by_event", "keyastrom_comments", ["event_id", "id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("keyastrom_comments")
    op.drop_column("keyastrom_events", "title_folded")
