"""Keep the sessions of the gateway's keys, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_by_key", "sessions", ["key_id", "created"])
    op.create_index("sessions_by_end", "sessions", ["expires"])
    id_ = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "audit_entries",
        sa.Column("id", id_, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("key_name", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
    )
    op.create_index("audit_entries_by_key", "audit_entries", ["key_id", "id"])
    op.create_index("audit_entries_by_operation", "audit_entries", ["operation", "id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("audit_entries")
    op.drop_table("sessions")
