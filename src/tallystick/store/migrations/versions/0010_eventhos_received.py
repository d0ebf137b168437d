"""Add an index for the count of received events in eventhos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    received = sa.text("api = 'eventhos'")
    op.create_index(
        "eventhos_received",
        "events",
        ["api", "id", "type"],
        sqlite_where=received,
        postgresql_where=received,
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("eventhos_received", "events")
