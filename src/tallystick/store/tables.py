"""The tables of all APIs; times are milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

SEALED = {"sealed": True}
"""The ``info`` of a column whose texts are sealed: they are found by it, and sealed anew."""

# An id is compared byte by byte: its order is that of time.
Id = Text().with_variant(Text(collation="C"), "postgresql")

# The columns are in the order of `tallystick.events.Event`, which is written as it is.
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
    # JSON: text may hold what PostgreSQL's text may not.
    Column("attributes", Text, nullable=False),
    sqlite_with_rowid=False,
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("api", Text, nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the secret, in hexadecimal.
    Column("digest", Text, nullable=False),
    # Separated by spaces; `*` is all of its API.
    Column("scopes", Text, nullable=False),
    Column("project", Text),
    # Everybody knows its secret: good with --dev only.
    Column("dev", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Column("expires", BigInteger),
    # Its last use, to the minute.
    Column("used", BigInteger),
    UniqueConstraint("api", "digest", name="keys_by_digest"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
