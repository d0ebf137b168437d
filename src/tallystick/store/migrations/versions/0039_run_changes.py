"""A cron counts the ends of its runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    column = sa.Column("run_changes", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("charon_crons", column)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("charon_crons", "run_changes")
