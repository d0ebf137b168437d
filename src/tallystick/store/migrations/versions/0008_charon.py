"""Add the tables of charon: crons, executions and messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of charon."""
    # SQLite counts up by itself only in a column that it calls INTEGER.
    id_type = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "charon_crons",
        sa.Column("id", id_type, sa.Identity(start=3), primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("schedule", sa.Text),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("grace_s", sa.Integer, nullable=False),
        sa.Column("max_runtime_s", sa.Integer),
        sa.Column("overlap", sa.Boolean, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_since", sa.BigInteger, nullable=False),
        sa.Column("check_at", sa.BigInteger),
        sa.Index("charon_crons_by_check", "check_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "charon_executions",
        sa.Column("id", id_type, sa.Identity(), primary_key=True),
        sa.Column(
            "cron_id",
            sa.BigInteger,
            sa.ForeignKey("charon_crons.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("success", sa.Boolean),
        sa.Index("charon_executions_by_cron", "cron_id", "id"),
        sa.Index("charon_executions_by_end", "cron_id", "ended"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "charon_messages",
        sa.Column("id", id_type, sa.Identity(), primary_key=True),
        sa.Column(
            "execution_id",
            sa.BigInteger,
            sa.ForeignKey("charon_executions.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Index("charon_messages_by_execution", "execution_id", "id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop the tables of charon."""
    for name in ("messages", "executions", "crons"):
        op.drop_table(f"charon_{name}")
