"""Keep what became of calls with a key of their own, for those who send them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "done_calls",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("outcome", sa.LargeBinary, nullable=False),
    )
    op.create_index("done_calls_by_caller", "done_calls", ["caller", "time"])
    op.create_index("done_calls_by_time", "done_calls", ["time"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("done_calls")
