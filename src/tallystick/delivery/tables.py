"""The tables of delivery; times are milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from tallystick.store.tables import Id, metadata

# The columns are in the order of `tallystick.delivery.Delivery`.
deliveries = Table(
    "deliveries",
    metadata,
    # `<event>_<kind>_<target>`: one range of ids is all that a kind does for one event.
    Column("id", Id, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("position", Integer, nullable=False),
    # 1 if a later group of the event waits for this one.
    Column("followed", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Goes up with every claim, and so is the generation of the lease too.
    Column("attempts", Integer, nullable=False),
    # Attempts since it was stored or replayed: the place in the schedule.
    Column("tries", Integer, nullable=False),
    Column("retried", SmallInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    # The lease's end, by the database's clock.
    Column("until", BigInteger, nullable=False),
    # Why it is in its state, in words.
    Column("detail", Text, nullable=False),
    # Who has it delivered: pools are shared by tenants. Older rows have none.
    Column("tenant", Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

PENDING = "state = 'pending'"
KEPT = "state IN ('leased', 'held', 'dead')"
# Two partial indexes have these conditions: `deliveries_pending`, by which what is due is found,
# and `deliveries_kept`. They stand in the migrations alone: what they say in PostgreSQL's own words
# would load its dialect at every start.

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    # JSON: request, response and error, with secrets masked.
    Column("record", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Targets that are not well; the others have no row.
targets = Table(
    "delivery_targets",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    # Since when there has been nothing but failures.
    Column("failing_since", BigInteger),
    # When it was turned off, and why.
    Column("off", BigInteger),
    Column("reason", Text, nullable=False),
)
