"""Add the indexes for the look-up of a traced event of eventgrid by its own id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SHORT = sa.text("length(event_id) <= 512")
_LONG = sa.text("length(event_id) > 512")


def upgrade() -> None:
    """Create an index for most ids, and one for the long ones, which few events have."""
    # 512 characters are 2,048 bytes at most: PostgreSQL takes 2,704 in an entry of an index.
    op.create_index(
        "eventgrid_traces_by_event",
        "eventgrid_traces",
        ["project", "event_id", "id"],
        sqlite_where=_SHORT,
        postgresql_where=_SHORT,
    )
    op.create_index(
        "eventgrid_traces_by_long_event",
        "eventgrid_traces",
        ["project", "id"],
        sqlite_where=_LONG,
        postgresql_where=_LONG,
    )


def downgrade() -> None:
    """Drop the indexes."""
    op.drop_index("eventgrid_traces_by_long_event", "eventgrid_traces")
    op.drop_index("eventgrid_traces_by_event", "eventgrid_traces")
