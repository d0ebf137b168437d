"""What is kept of the resources of contracts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from tallystick.store.tables import Id, metadata

resources = Table(
    "resources",
    metadata,
    Column("api", Text, primary_key=True),
    # The path of the collection, with the ids of those that it belongs to.
    Column("collection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    # The id of the event that made it: their order is that of time.
    Column("position", Id, nullable=False),
    # JSON; null once it is deleted, so that its id is not taken for one that never was.
    Column("body", LargeBinary),
    Index("resources_by_position", "api", "collection", "position"),
)

# Calls that were done with an `Idempotency-Key`. Digests are by the key of the stored secrets.
done_calls = Table(
    "done_calls",
    metadata,
    # The digest of who called, where, and by which key, so that no key is too long.
    Column("id", Text, primary_key=True),
    # The digest of the API and the caller.
    Column("caller", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    # The digest of what was asked for.
    Column("request", Text, nullable=False),
    # JSON: `tallystick.apis.generic.repeats.Outcome`.
    Column("outcome", LargeBinary, nullable=False),
    Index("done_calls_by_caller", "caller", "time"),
    Index("done_calls_by_time", "time"),
)
