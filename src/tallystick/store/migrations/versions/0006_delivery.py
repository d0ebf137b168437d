"""Add the tables of deliveries, attempts, targets and subscriptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
# No migration 0005 was ever committed. Databases hold these numbers, so none is changed to fill it.
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "deliveries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("followed", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("retried", sa.SmallInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    _create_index("deliveries_pending", ["endpoint", "retried", "due"], "state = 'pending'")
    _create_index("deliveries_kept", ["state", "id"], "state IN ('leased', 'held', 'dead')")
    if op.get_bind().dialect.name == "postgresql":
        # Wakes every process that delivers, once the transaction is committed.
        op.execute(_NOTIFY)
        op.execute(_TRIGGER)
    op.create_table(
        "attempts",
        sa.Column("delivery_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("record", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_targets",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("off", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("secrets", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
    )


_NOTIFY = """
CREATE FUNCTION tallystick_notify_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tallystick_deliveries', '');
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER deliveries_notify AFTER INSERT ON deliveries
FOR EACH STATEMENT EXECUTE FUNCTION tallystick_notify_deliveries()
"""


def downgrade() -> None:
    """Drop the tables."""
    for table in ("subscriptions", "delivery_targets", "attempts", "deliveries"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION tallystick_notify_deliveries()")


def _create_index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "deliveries", columns, sqlite_where=condition, postgresql_where=condition)
