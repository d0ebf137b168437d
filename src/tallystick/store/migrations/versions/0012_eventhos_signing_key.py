"""The signing key of eventhos may be sealed; one that is there is sealed at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: the sealed key, in whose row the clear one is empty."""
    op.add_column(
        "eventhos_signing_keys",
        sa.Column("sealed_key", sa.Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Drop the column, and a key that nobody could use then: a start makes another."""
    op.execute("DELETE FROM eventhos_signing_keys WHERE sealed_key <> ''")
    op.drop_column("eventhos_signing_keys", "sealed_key")
