"""Deliveries have a tenant, by which they share what a process can do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and have it first in the index of what is pending."""
    column = sa.Column("tenant", sa.Text, nullable=False, server_default="")
    op.add_column("deliveries", column)
    op.drop_index("deliveries_pending", "deliveries")
    _create_index(["tenant", "endpoint", "retried", "due"])


def downgrade() -> None:
    """Have the index as it was, and drop the column."""
    op.drop_index("deliveries_pending", "deliveries")
    _create_index(["endpoint", "retried", "due"])
    op.drop_column("deliveries", "tenant")


def _create_index(columns: list[str]) -> None:
    pending = sa.text("state = 'pending'")
    op.create_index(
        "deliveries_pending", "deliveries", columns, sqlite_where=pending, postgresql_where=pending
    )
