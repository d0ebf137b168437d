"""The tables of the gateway; times are in milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from tallystick.store.tables import SEALED, metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # The destination's address for people, and the mode of a webhook.
    Column("sink", Text, nullable=False),
    Column("mode", Text, nullable=False),
    # JSON text, as it was sent.
    Column("filters", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    # Sealed JSON text: `[[secret, the end of its use or null], …]`.
    Column("secrets", Text, nullable=False, info=SEALED),
    Column("created", BigInteger, nullable=False),
    # The kind of the destination, and its options as JSON text; those that are secrets are sealed.
    Column("kind", Text, nullable=False, server_default="webhook"),
    Column("options", Text, nullable=False, server_default="{}"),
    Column("sealed_options", Text, nullable=False, info=SEALED, server_default=""),
)

# The service's own alarms that have begun and not ended, so that each is told once.
alarms = Table(
    "alarms",
    metadata,
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # The data of its event as JSON text.
    Column("content", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    # SHA-256 of the cookie's secret, in hexadecimal.
    Column("digest", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("sessions_by_key", "key_id", "created"),
    Index("sessions_by_end", "expires"),
)
