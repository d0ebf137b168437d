"""The tables of delivery; times are in milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from tallystick.store.tables import PARTITIONED, Id, metadata

# The columns are in the order of `tallystick.delivery.Delivery`.
deliveries = Table(
    "deliveries",
    metadata,
    # `<event>_<kind>_<target>`: the deliveries of one kind for one event are one range of ids.
    Column("id", Id, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("position", Integer, nullable=False),
    # 1 if a later group of the event waits for this one.
    Column("followed", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Increases with each claim, so it also tells an older lease from a newer one.
    Column("attempts", Integer, nullable=False),
    # Attempts since it was stored or replayed, and so the position in the retry schedule.
    Column("tries", Integer, nullable=False),
    Column("retried", SmallInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    # The end of the lease by the database's clock.
    Column("until", BigInteger, nullable=False),
    # The reason of its state, in words.
    Column("detail", Text, nullable=False),
    # The tenant whose shares its requests use. Older rows have none.
    Column("tenant", Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

PENDING = "state = 'pending'"
KEPT = "state IN ('leased', 'held', 'dead')"
ENDED = "state IN ('waiting', 'done', 'cancelled')"
OF_CONTRACTS = "kind = 'eventhos'"
TRIED = "state = 'pending' AND attempts > 0"
# Six partial indexes have these conditions: `deliveries_pending`, which finds due deliveries,
# `deliveries_pending_ids`, `deliveries_kept`, `deliveries_ended`, `deliveries_of_contracts` and
# `deliveries_tried`. They are in the migrations only, as PostgreSQL's own index options would load
# its dialect at every start.

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    # JSON text: request, and response or error, with masked secrets.
    Column("record", Text, nullable=False),
    info=PARTITIONED,
    sqlite_with_rowid=False,
)

# Failing and disabled targets; healthy ones have no row.
targets = Table(
    "delivery_targets",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    # The time of the first failure since the last success.
    Column("failing_since", BigInteger),
    # The time at which it was disabled, and the reason.
    Column("off", BigInteger),
    Column("reason", Text, nullable=False),
)
