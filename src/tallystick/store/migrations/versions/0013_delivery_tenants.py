"""Add the tenant to deliveries, for fair shares of a process's requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and put it first in the index of pending deliveries."""
    column = sa.Column("tenant", sa.Text, nullable=False, server_default="")
    op.add_column("deliveries", column)
    op.drop_index("deliveries_pending", "deliveries")
    _create_index(["tenant", "endpoint", "retried", "due"])


def downgrade() -> None:
    """Restore the index, and drop the column."""
    op.drop_index("deliveries_pending", "deliveries")
    _create_index(["endpoint", "retried", "due"])
    op.drop_column("deliveries", "tenant")


def _create_index(columns: list[str]) -> None:
    pending = sa.text("state = 'pending'")
    op.create_index(
        "deliveries_pending", "deliveries", columns, sqlite_where=pending, postgresql_where=pending
    )
