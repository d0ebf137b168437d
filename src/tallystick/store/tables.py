"""The tables shared by all APIs; times are in milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

SEALED = {"sealed": True}
"""The ``info`` of a column with encrypted texts, by which a key rotation finds it."""

PARTITIONED = {"partitioned": True}
"""The ``info`` of a table that PostgreSQL divides by the ids of its key (`store.partitions`)."""

# Compared byte by byte, so that ids sort in the order of time.
Id = Text().with_variant(Text(collation="C"), "postgresql")

# The columns are in the order of `tallystick.events.Event`, whose tuple is inserted as it is.
events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("api", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    # JSON text may hold U+0000 as an escape, which PostgreSQL's text type refuses as a character.
    Column("attributes", Text, nullable=False),
    info=PARTITIONED,
    sqlite_with_rowid=False,
)

# Blocks of the log: each has the events from its first id on, up to the next block's. The oldest
# begins with "", and the newest is open.
event_digests = Table(
    "event_digests",
    metadata,
    Column("first", Id, primary_key=True),
    # What the events of the block have, as `tallystick.events.digests` writes it; NULL while the
    # block is open, so that it may have anything.
    Column("streams", LargeBinary),
    Column("subjects", LargeBinary),
    # The number of its events when it was digested; NULL while it is open.
    Column("number", Integer),
    Index("event_digests_counted", "first", "number"),
)

# Groups of these blocks, as `tallystick.events.digest_groups` makes them: each from its first id
# on, up to the next group's. The oldest begins with "", and the newest is open.
event_digest_groups = Table(
    "event_digest_groups",
    metadata,
    Column("first", Id, primary_key=True),
    # What the blocks of the group have together; NULL while the group is open.
    Column("streams", LargeBinary),
    Column("subjects", LargeBinary),
)

# Events that came into a block after its digest was made.
late_events = Table(
    "late_events", metadata, Column("id", Id, primary_key=True), sqlite_with_rowid=False
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("api", Text, nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the secret, in hexadecimal.
    Column("digest", Text, nullable=False),
    # Separated by spaces; `*` stands for all scopes of the API.
    Column("scopes", Text, nullable=False),
    Column("project", Text),
    # A key of the dev world: its secret is public, so it is valid with --dev only.
    Column("dev", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Column("expires", BigInteger),
    # The last use, exact to a minute.
    Column("used", BigInteger),
    # Sources, types and quotas as JSON text; NULL for a key without limits.
    Column("limits", Text),
    UniqueConstraint("api", "digest", name="keys_by_digest"),
)

# What keys use of their quotas, until the end of the minute or the day.
key_uses = Table(
    "key_uses",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("ends", BigInteger, primary_key=True, autoincrement=False),
    Column("used", BigInteger, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

# The columns are in the order of `tallystick.apis.audit_log.AuditEntry`.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("time", BigInteger, nullable=False),
    # Empty for a change by the command line.
    Column("key_id", Text, nullable=False),
    Column("key_name", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index("audit_entries_by_key", "key_id", "id"),
    Index("audit_entries_by_operation", "operation", "id"),
)

# The address of a RabbitMQ that a source of eventgrid names by its instance.
rabbitmq_instances = Table(
    "rabbitmq_instances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False, info=SEALED),
    Column("updated", BigInteger, nullable=False),
)

# The columns are in the order of `tallystick.apis.dead_letters.DeadLetter`.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("api", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    # What read the message, such as the name of a source, and where from.
    Column("source", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # The message: JSON text of its properties and headers, and its body.
    Column("properties", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# The events that were read from a broker, by a hash of what tells each from others.
ingested = Table(
    "ingested",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Index("ingested_by_time", "time"),
    sqlite_with_rowid=False,
)
