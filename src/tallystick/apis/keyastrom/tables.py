"""The tables of entities and of the events on them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from tallystick.store.tables import metadata

entities = Table(
    "keyastrom_entities",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    # Null: never out of sight, as the environment itself.
    Column("last_seen", BigInteger),
    # JSON, as it is shown: attributes with their types, in their order.
    Column("properties", Text, nullable=False, server_default="{}"),
    # JSON; null for the icon of the type.
    Column("icon", Text),
    # `name_folded` as an index can hold it: PostgreSQL's rows of an index take 2,700 bytes.
    Column("name_key", Text, nullable=False, server_default=""),
    Index("keyastrom_entities_by_name", "type", "name_key", "last_seen"),
    sqlite_with_rowid=False,
)

tags = Table(
    "keyastrom_tags",
    metadata,
    Column("key", Text, primary_key=True),
    # Empty for a tag that is only a key.
    Column("value", Text, primary_key=True),
    Column("context", Text, primary_key=True),
    Column("entity_id", Text, primary_key=True),
    Index("keyastrom_tags_by_entity", "entity_id"),
    sqlite_with_rowid=False,
)

# What selectors find attributes by; answers are made from `entities.properties`.
attributes = Table(
    "keyastrom_attributes",
    metadata,
    Column("name_folded", Text, primary_key=True),
    # An attribute with several values has a row for each; a long one is cut, and its digest added.
    Column("value", Text, primary_key=True),
    Column("entity_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # Of a pair of key and value, the key; else empty.
    Column("key", Text, nullable=False, server_default=""),
    # The JSON type of the whole attribute, in the vendor's words.
    Column("kind", Text, nullable=False, server_default="String"),
    Index("keyastrom_attributes_by_entity", "entity_id"),
    sqlite_with_rowid=False,
)

relationships = Table(
    "keyastrom_relationships",
    metadata,
    Column("from_id", Text, primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("to_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("keyastrom_relationships_by_end", "to_id", "name_folded", "from_id"),
    sqlite_with_rowid=False,
)

zones = Table(
    "keyastrom_zones",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entity_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("keyastrom_zones_by_name", "name", "entity_id"),
    sqlite_with_rowid=False,
)

events = Table(
    "keyastrom_events",
    metadata,
    # The correlation ID, as the signed number of 64 bits that begins an event's ID.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("entity_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    # An event is open before this time.
    Column("end_ms", BigInteger, nullable=False),
    # JSON: the title and the properties, as text may hold what PostgreSQL's text may not.
    Column("content", Text, nullable=False),
    # A mark for each property, by which events are found.
    Column("marks", Text, nullable=False, server_default=""),
    # The title in small letters, for a search; empty for events of before it was kept.
    Column("title_folded", Text, nullable=False, server_default=""),
    Index("keyastrom_events_by_entity", "entity_id", "end_ms"),
    Index("keyastrom_events_by_time", "end_ms", "start_ms"),
)

problems = Table(
    "keyastrom_problems",
    metadata,
    # Entity, type, title and properties in one digest: what opens a problem, or refreshes it.
    Column("digest", Text, primary_key=True),
    # The latest event of this digest. Null only within the transaction that opens the first.
    Column("event_id", BigInteger),
    sqlite_with_rowid=False,
)

comments = Table(
    "keyastrom_comments",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    # The event that opened the problem.
    Column("event_id", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    # JSON: text, author and context.
    Column("content", Text, nullable=False),
    Index("keyastrom_comments_by_event", "event_id", "id"),
)

page_keys = Table(
    "keyastrom_page_keys",
    metadata,
    # 1: there is one row.
    Column("id", Integer, primary_key=True, autoincrement=False),
    # 32 bytes in hexadecimal, which sign the keys of further pages.
    Column("secret", Text, nullable=False),
)
