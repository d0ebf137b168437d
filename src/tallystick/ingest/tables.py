"""The table of events that were read from a broker."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table

from tallystick.store.tables import metadata

ingested = Table(
    "ingested",
    metadata,
    # The hash of source and id.
    Column("key", LargeBinary, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Index("ingested_by_time", "time"),
    sqlite_with_rowid=False,
)
