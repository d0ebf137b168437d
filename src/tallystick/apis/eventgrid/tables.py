"""The tables of eventgrid; times are milliseconds since the epoch."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from tallystick.store.tables import SEALED, Id, metadata

channels = Table(
    "eventgrid_channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("enterprise_project_id", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("policy", Text),  # JSON; null: no other account may publish
    UniqueConstraint("project", "name", name="eventgrid_channels_by_name"),
)

sources = Table(
    "eventgrid_sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("provider_type", Text, nullable=False),
    Column("event_types", Text, nullable=False),  # JSON
    Column("channel_id", Text, ForeignKey("eventgrid_channels.id")),  # null: `default`
    Column("type", Text, nullable=False),
    Column("detail", Text, info=SEALED),  # JSON: it holds secrets
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    UniqueConstraint("project", "name", name="eventgrid_sources_by_name"),
    Index("eventgrid_sources_by_channel", "channel_id"),
)

subscriptions = Table(
    "eventgrid_subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("channel_id", Text, ForeignKey("eventgrid_channels.id")),  # null: `default`
    Column("status", Text, nullable=False),
    Column("sources", Text, nullable=False),  # JSON
    Column("targets", Text, nullable=False, info=SEALED),  # JSON
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    # JSON: what deliveries call each target and its endpoint, which no key is needed for.
    Column("destinations", Text),
    UniqueConstraint("project", "name", name="eventgrid_subscriptions_by_name"),
    Index("eventgrid_subscriptions_by_channel", "channel_id"),
)

# What a project has of each kind goes up in the transaction that makes one: the check holds,
# however many processes make some at a time.
usage = Table(
    "eventgrid_usage",
    metadata,
    Column("project", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("quota", Integer, nullable=False),
    CheckConstraint("used BETWEEN 0 AND quota", name="eventgrid_usage_within_quota"),
)

access_keys = Table(
    "eventgrid_access_keys",
    metadata,
    Column("access_key", Text, primary_key=True),
    Column("key_id", Text, ForeignKey("keys.id"), nullable=False),
    Column("secret_key", Text, nullable=False, info=SEALED),
)

# One row for each event and subscription that it matched; if it matched none, one without. It is
# deleted with the event. The migrations alone have the indexes by `event_id`, which are partial.
traces = Table(
    "eventgrid_traces",
    metadata,
    Column("id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("subscription_id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subscription", Text, nullable=False),
    Column("received", BigInteger, nullable=False),
    Index("eventgrid_traces_by_channel", "project", "channel_id", "received"),
)

# The channels that an event was to reach by way of others, and the delivery that brings it there. A
# row is deleted with the event of that delivery.
arrivals = Table(
    "eventgrid_arrivals",
    metadata,
    Column("root", Text, primary_key=True),  # the log's id of the event as it was published
    Column("channel_id", Text, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Index("eventgrid_arrivals_by_event", "event_id"),
)

# The process that reads the queue of a source, until its lease ends, and the state that it told.
consumers = Table(
    "eventgrid_consumers",
    metadata,
    Column(
        "source_id", Text, ForeignKey("eventgrid_sources.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("owner", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    # Why it reads nothing; empty while it does.
    Column("reason", Text, nullable=False),
)
