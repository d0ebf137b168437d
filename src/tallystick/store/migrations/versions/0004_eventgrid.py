"""Add the tables of eventgrid: channels, sources, subscriptions, usage, keys and traces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of eventgrid."""
    op.create_table(
        "eventgrid_channels",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("enterprise_project_id", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("project", "name", name="eventgrid_channels_by_name"),
    )
    op.create_table(
        "eventgrid_sources",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("provider_type", sa.Text, nullable=False),
        sa.Column("event_types", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, sa.ForeignKey("eventgrid_channels.id")),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("project", "name", name="eventgrid_sources_by_name"),
        sa.Index("eventgrid_sources_by_channel", "channel_id"),
    )
    op.create_table(
        "eventgrid_subscriptions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, sa.ForeignKey("eventgrid_channels.id")),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("targets", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("project", "name", name="eventgrid_subscriptions_by_name"),
        sa.Index("eventgrid_subscriptions_by_channel", "channel_id"),
    )
    op.create_table(
        "eventgrid_usage",
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("quota", sa.Integer, nullable=False),
        sa.CheckConstraint("used BETWEEN 0 AND quota", name="eventgrid_usage_within_quota"),
    )
    op.create_table(
        "eventgrid_access_keys",
        sa.Column("access_key", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, sa.ForeignKey("keys.id"), nullable=False),
        sa.Column("secret_key", sa.Text, nullable=False),
    )
    op.create_table(
        "eventgrid_traces",
        sa.Column(
            "id",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            sa.ForeignKey("events.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("subscription_id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subscription", sa.Text, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Index("eventgrid_traces_by_channel", "project", "channel_id", "received"),
    )


def downgrade() -> None:
    """Drop the tables of eventgrid."""
    for table in ("traces", "access_keys", "usage", "subscriptions", "sources", "channels"):
        op.drop_table(f"eventgrid_{table}")
