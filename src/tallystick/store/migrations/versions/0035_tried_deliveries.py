"""Index deliveries that wait for another attempt, so that the oldest one is found at once."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_log = logging.getLogger("tallystick.store.migrations")


def upgrade() -> None:
    """Create the index; a delivery that succeeds at its first attempt is never in it."""
    if op.get_bind().scalar(sa.text("SELECT 1 FROM deliveries LIMIT 1")):
        _log.warning("The deliveries get another index: each is read once.")
    tried = sa.text("state = 'pending' AND attempts > 0")
    op.create_index(
        "deliveries_tried", "deliveries", ["id"], sqlite_where=tried, postgresql_where=tried
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("deliveries_tried", "deliveries")
