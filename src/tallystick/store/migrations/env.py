"""Alembic's script for migrations, which run on the connection passed in its configuration."""

from __future__ import annotations

from alembic import context

from tallystick.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller has begun the one transaction for all statements, on every database.
    transactional_ddl=True,
)
context.run_migrations()
