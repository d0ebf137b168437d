"""Keep the channels of eventgrid that an event has reached by way of others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "eventgrid_arrivals",
        sa.Column("root", sa.Text, primary_key=True),
        sa.Column("channel_id", sa.Text, primary_key=True),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column(
            "event_id",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            sa.ForeignKey("events.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Index("eventgrid_arrivals_by_event", "event_id"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("eventgrid_arrivals")
