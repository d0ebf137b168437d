"""Index the runs of eventhos by state and contract, so that a list looks at its own alone."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_log = logging.getLogger("tallystick.store.migrations")


def upgrade() -> None:
    """Create the index, in one transaction: one that breaks off leaves the tables of before.

    The state comes first: a list of a contract's runs in any state, which this index does not
    sort, is then not taken through it.
    """
    if op.get_bind().scalar(sa.text("SELECT 1 FROM deliveries LIMIT 1")):
        _log.warning("The deliveries get an index: each is read once, ten million in a minute.")
    runs = sa.text("kind = 'eventhos'")
    op.create_index(
        "deliveries_of_contracts",
        "deliveries",
        ["state", "target", "id", "kind"],
        sqlite_where=runs,
        postgresql_where=runs,
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("deliveries_of_contracts", "deliveries")
