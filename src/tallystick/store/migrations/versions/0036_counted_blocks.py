"""Keep the number of events of each block of the log."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_log = logging.getLogger("tallystick.store.migrations")


def upgrade() -> None:
    """Add the column, with an index that has it without the digests."""
    op.add_column("event_digests", sa.Column("number", sa.Integer))
    op.create_index("event_digests_counted", "event_digests", ["first", "number"])
    if op.get_bind().scalar(
        sa.text("SELECT 1 FROM event_digests WHERE streams IS NOT NULL LIMIT 1")
    ):
        _log.warning("The parts of the log are counted: each event is looked at once.")
    op.execute(
        """
        UPDATE event_digests SET number = (
            SELECT count(*) FROM events
            WHERE events.id >= event_digests.first AND events.id < (
                SELECT min(later.first) FROM event_digests later
                WHERE later.first > event_digests.first
            )
        )
        WHERE streams IS NOT NULL
        """
    )


def downgrade() -> None:
    """Drop the index and the column."""
    op.drop_index("event_digests_counted", "event_digests")
    op.drop_column("event_digests", "number")
