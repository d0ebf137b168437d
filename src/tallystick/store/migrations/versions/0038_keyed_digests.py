"""Forget calls that were done with a key: their digests let anybody guess a weak secret."""

from __future__ import annotations

from alembic import op

from tallystick.store.sql import overwriting

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Delete them: a server can't make new digests of them."""
    _forget()


def downgrade() -> None:
    """Delete them: an earlier version would look for other digests."""
    _forget()


def _forget() -> None:
    with overwriting(op.get_bind()):
        op.execute("DELETE FROM done_calls")
