"""Give a cron its terms of alarm: tolerance, threshold, reminder, mute, and the state last told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; each state was told when it changed."""
    for column in _columns():
        op.add_column("charon_crons", column)
    op.execute("UPDATE charon_crons SET told_state = state, told_at = state_since")


def downgrade() -> None:
    """Drop the columns."""
    for column in reversed(_columns()):
        op.drop_column("charon_crons", column.name)


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("every", sa.Text),
        sa.Column("early_s", sa.Integer),
        sa.Column("min_interval_s", sa.Integer),
        sa.Column("min_runtime_s", sa.Integer),
        sa.Column("failure_threshold", sa.Integer, nullable=False, server_default="1"),
        sa.Column("reminder_s", sa.Integer),
        sa.Column("muted_until", sa.BigInteger),
        sa.Column("told_state", sa.Text, nullable=False, server_default="on_time"),
        sa.Column("told_at", sa.BigInteger, nullable=False, server_default="0"),
    )
