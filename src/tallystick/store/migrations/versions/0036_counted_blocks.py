"""Keep the number of events of each block of the log.

All blocks are open again: the server digests and counts them in the background.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, with an index that has it without the digests."""
    op.add_column("event_digests", sa.Column("number", sa.Integer))
    op.create_index("event_digests_counted", "event_digests", ["first", "number"])
    op.execute("UPDATE event_digests SET streams = NULL, subjects = NULL")


def downgrade() -> None:
    """Drop the index and the column."""
    op.drop_index("event_digests_counted", "event_digests")
    op.drop_column("event_digests", "number")
