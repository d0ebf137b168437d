"""Resources of contracts that have no Python of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create their table."""
    position = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "resources",
        sa.Column("api", sa.Text, primary_key=True),
        sa.Column("collection", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", position, nullable=False),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_index("resources_by_position", "resources", ["api", "collection", "position"])


def downgrade() -> None:
    """Drop their table."""
    op.drop_table("resources")
