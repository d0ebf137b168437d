"""Add the destinations of eventgrid's subscriptions, readable without a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the next start fills it, with the key."""
    op.add_column("eventgrid_subscriptions", sa.Column("destinations", sa.Text))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("eventgrid_subscriptions", "destinations")
