"""Add the tables of keyastrom: entities, and the events on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of keyastrom."""
    op.create_table(
        "keyastrom_entities",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger),
        sa.Index("keyastrom_entities_by_name", "type", "name_folded", "last_seen"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyastrom_tags",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("context", sa.Text, primary_key=True),
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Index("keyastrom_tags_by_entity", "entity_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyastrom_attributes",
        sa.Column("name_folded", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index("keyastrom_attributes_by_entity", "entity_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyastrom_relationships",
        sa.Column("from_id", sa.Text, primary_key=True),
        sa.Column("name_folded", sa.Text, primary_key=True),
        sa.Column("to_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index("keyastrom_relationships_by_end", "to_id", "name_folded", "from_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyastrom_zones",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index("keyastrom_zones_by_name", "name", "entity_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyastrom_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Index("keyastrom_events_by_entity", "entity_id", "end_ms"),
    )
    op.create_table(
        "keyastrom_problems",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("event_id", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables of keyastrom."""
    for name in ("problems", "events", "zones", "relationships", "attributes", "tags", "entities"):
        op.drop_table(f"keyastrom_{name}")
