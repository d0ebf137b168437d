"""Keep the sessions of the gateway's keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_by_key", "sessions", ["key_id", "created"])
    op.create_index("sessions_by_end", "sessions", ["expires"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sessions")
