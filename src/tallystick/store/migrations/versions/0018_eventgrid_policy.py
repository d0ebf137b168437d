"""A channel keeps the policy by which other accounts may publish to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("eventgrid_channels", sa.Column("policy", sa.Text))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("eventgrid_channels", "policy")
