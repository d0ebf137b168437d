"""Add destinations to subscriptions; those that exist are webhooks."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SUBSCRIPTIONS = sa.table(
    "subscriptions",
    *map(sa.column, ("id", "sink", "mode", "options")),
)


def upgrade() -> None:
    """Add the columns, and write the options of each webhook."""
    for name, default in (("kind", "webhook"), ("options", "{}"), ("sealed_options", "")):
        column = sa.Column(name, sa.Text, nullable=False, server_default=default)
        op.add_column("subscriptions", column)
    connection, c = op.get_bind(), _SUBSCRIPTIONS.c
    for row in connection.execute(sa.select(c.id, c.sink, c.mode)).all():
        options = json.dumps({"url": row.sink, "mode": row.mode})
        connection.execute(sa.update(_SUBSCRIPTIONS).where(c.id == row.id).values(options=options))


def downgrade() -> None:
    """Drop the columns, and other destinations than webhooks."""
    op.execute("DELETE FROM subscriptions WHERE kind <> 'webhook'")
    for name in ("kind", "options", "sealed_options"):
        op.drop_column("subscriptions", name)
