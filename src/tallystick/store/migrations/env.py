"""What Alembic runs to migrate: everything happens on the connection that it is given."""

from __future__ import annotations

from alembic import context

from tallystick.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The one transaction that is already begun, on every database.
    transactional_ddl=True,
)
context.run_migrations()
