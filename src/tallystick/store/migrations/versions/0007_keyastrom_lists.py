"""Add the columns, the index and the key for lists of keyastrom's events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let events be listed; earlier events can't be found by their properties."""
    op.add_column(
        "keyastrom_events", sa.Column("marks", sa.Text, nullable=False, server_default="")
    )
    op.create_index("keyastrom_events_by_time", "keyastrom_events", ["end_ms", "start_ms"])
    op.create_table(
        "keyastrom_page_keys",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("secret", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the columns, the index and the key."""
    op.drop_table("keyastrom_page_keys")
    op.drop_index("keyastrom_events_by_time", "keyastrom_events")
    op.drop_column("keyastrom_events", "marks")
