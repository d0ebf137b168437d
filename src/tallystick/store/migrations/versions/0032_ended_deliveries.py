"""Index deliveries that have ended or wait, so that a list of one state looks at them alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index; the kind in it saves a look at each delivery of another API."""
    ended = sa.text("state IN ('waiting', 'done', 'cancelled')")
    op.create_index(
        "deliveries_ended",
        "deliveries",
        ["state", "id", "kind"],
        sqlite_where=ended,
        postgresql_where=ended,
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("deliveries_ended", "deliveries")
