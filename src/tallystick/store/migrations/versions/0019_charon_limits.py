"""Give each execution of charon its own end: a limit, a lease, and how it was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_DAY_S = 86_400
_OPEN = sa.text("ended IS NULL")


def upgrade() -> None:
    """Add the columns, and limit the unfinished executions by their crons' terms."""
    limit = sa.Column("overrun_at", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("charon_executions", limit)
    op.add_column("charon_executions", sa.Column("lease_until", sa.BigInteger))
    lost = sa.Column("lost", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("charon_executions", lost)
    op.add_column("charon_executions", sa.Column("exit_code", sa.Integer))
    op.create_index(
        "charon_executions_open",
        "charon_executions",
        ["cron_id", "overrun_at"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    # PostgreSQL's product of two integers is one too, and a limit of 25 days is more in ms.
    op.execute(
        "UPDATE charon_executions SET overrun_at = started + CAST(1000 AS BIGINT) * COALESCE("
        "(SELECT max_runtime_s FROM charon_crons WHERE id = cron_id), "
        f"{_DAY_S}) WHERE ended IS NULL"
    )
    # An open execution is not a cron's health any more: the next look tells what is.
    op.execute("UPDATE charon_crons SET state = 'on_time' WHERE state = 'running'")
    op.execute("UPDATE charon_crons SET check_at = 0 WHERE active")


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("charon_executions_open", "charon_executions")
    for name in ("overrun_at", "lease_until", "lost", "exit_code"):
        op.drop_column("charon_executions", name)
