"""Keep the limits of keys, and what they use of their quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table; earlier keys have no limits."""
    op.add_column("keys", sa.Column("limits", sa.Text))
    op.create_table(
        "key_uses",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("measure", sa.Text, primary_key=True),
        sa.Column("ends", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("used", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("key_uses")
    op.drop_column("keys", "limits")
