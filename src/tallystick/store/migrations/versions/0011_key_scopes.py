"""Add scopes of every API, an expiry and a last use to keys; earlier keys keep their rights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and give all scopes to keys of APIs that checked none before."""
    op.add_column("keys", sa.Column("expires", sa.BigInteger))
    op.add_column("keys", sa.Column("used", sa.BigInteger))
    op.drop_column("keys", "admin")
    # keyastrom alone asked for scopes.
    op.execute("UPDATE keys SET scopes = '*' WHERE api <> 'keyastrom'")


def downgrade() -> None:
    """Drop the columns; a key keeps its scopes, but only keyastrom checks them."""
    op.drop_column("keys", "used")
    op.drop_column("keys", "expires")
    op.add_column("keys", sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()))
