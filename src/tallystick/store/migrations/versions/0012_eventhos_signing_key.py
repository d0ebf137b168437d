"""Add an encrypted form of eventhos's signing key; the next start encrypts an existing one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column of the encrypted key; in its row the plain key is empty."""
    op.add_column(
        "eventhos_signing_keys",
        sa.Column("sealed_key", sa.Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Drop the column and encrypted keys, as they would be useless: a start creates a new one."""
    op.execute("DELETE FROM eventhos_signing_keys WHERE sealed_key <> ''")
    op.drop_column("eventhos_signing_keys", "sealed_key")
