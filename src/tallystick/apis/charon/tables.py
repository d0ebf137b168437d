"""The tables of charon; times are in milliseconds since the epoch, or null."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from tallystick.store.tables import metadata

# SQLite generates ids only for a primary key declared as INTEGER (https://sqlite.org/autoinc.html).
Id = BigInteger().with_variant(Integer, "sqlite")

crons = Table(
    "charon_crons",
    metadata,
    # The dev world has 1 and 2.
    Column("id", Id, Identity(start=3), primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("schedule", Text),
    Column("timezone", Text, nullable=False),
    Column("grace_s", Integer, nullable=False),
    Column("max_runtime_s", Integer),
    Column("overlap", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    # The time from which the schedule applies.
    Column("since", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_since", BigInteger, nullable=False),
    # The next time at which the state may change by itself.
    Column("check_at", BigInteger),
    Column("every", Text),
    Column("early_s", Integer),
    Column("min_interval_s", Integer),
    Column("min_runtime_s", Integer),
    Column("failure_threshold", Integer, nullable=False, server_default="1"),
    Column("reminder_s", Integer),
    Column("muted_until", BigInteger),
    # The state of the last event, which differs from the state while the cron is muted.
    Column("told_state", Text, nullable=False, server_default="on_time"),
    Column("told_at", BigInteger, nullable=False, server_default="0"),
    # How often a run of it ended, or went on after it was lost.
    Column("run_changes", BigInteger, nullable=False, server_default="0"),
    Index("charon_crons_by_check", "check_at"),
    sqlite_autoincrement=True,
)

executions = Table(
    "charon_executions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("cron_id", BigInteger, ForeignKey(crons.c.id, ondelete="CASCADE"), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    # Null until the end, and for an abandoned execution.
    Column("success", Boolean),
    # The time from which an unfinished execution has overrun.
    Column("overrun_at", BigInteger, nullable=False, server_default="0"),
    # The time until which the execution has said that it is alive; null if it says nothing.
    Column("lease_until", BigInteger),
    # True for an execution ended because its lease ran out.
    Column("lost", Boolean, nullable=False, server_default=false()),
    Column("exit_code", Integer),
    Index("charon_executions_by_cron", "cron_id", "id"),
    Index("charon_executions_by_end", "cron_id", "ended"),
    # `charon_executions_open` is in the migrations only, as are all partial indexes.
    sqlite_autoincrement=True,
)

messages = Table(
    "charon_messages",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column(
        "execution_id", BigInteger, ForeignKey(executions.c.id, ondelete="CASCADE"), nullable=False
    ),
    Column("type", Text, nullable=False),
    # JSON text, which may hold U+0000 and half surrogate pairs as escapes.
    Column("message", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Index("charon_messages_by_execution", "execution_id", "id"),
    sqlite_autoincrement=True,
)
