"""Keys have scopes in every API, an end, and a last use; what they could do, they still can."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and give keys all scopes where none were asked for before."""
    op.add_column("keys", sa.Column("expires", sa.BigInteger))
    op.add_column("keys", sa.Column("used", sa.BigInteger))
    op.drop_column("keys", "admin")
    # keyastrom alone asked for scopes.
    op.execute("UPDATE keys SET scopes = '*' WHERE api <> 'keyastrom'")


def downgrade() -> None:
    """Take the columns away; a key keeps its scopes, which only keyastrom looks at then."""
    op.drop_column("keys", "used")
    op.drop_column("keys", "expires")
    op.add_column("keys", sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()))
