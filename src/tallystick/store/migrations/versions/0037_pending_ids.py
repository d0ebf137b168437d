"""Index pending deliveries by their ids, for lists of them alone."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_log = logging.getLogger("tallystick.store.migrations")


def upgrade() -> None:
    """Create the index."""
    if op.get_bind().scalar(sa.text("SELECT 1 FROM deliveries LIMIT 1")):
        _log.warning("The deliveries get another index: each is read once.")
    pending = sa.text("state = 'pending'")
    op.create_index(
        "deliveries_pending_ids",
        "deliveries",
        ["id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("deliveries_pending_ids", "deliveries")
