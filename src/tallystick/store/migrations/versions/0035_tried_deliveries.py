"""Index deliveries that wait for another attempt, so that the oldest one is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index; a delivery that succeeds at its first attempt is never in it."""
    tried = sa.text("state = 'pending' AND attempts > 0")
    op.create_index(
        "deliveries_tried", "deliveries", ["id"], sqlite_where=tried, postgresql_where=tried
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("deliveries_tried", "deliveries")
