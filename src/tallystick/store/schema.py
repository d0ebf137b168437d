"""The version of the tables: what a database has, what the program knows, and the way there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tallystick.store.errors import SchemaTooNew

MIGRATIONS = Path(__file__).parent / "migrations"


def known() -> list[str]:
    """All versions that the program knows, the oldest first.

    A migration's file is named by its version: Alembic itself, slow to load, need not be asked.
    """
    return sorted(path.name[:4] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


def is_current(connection: Connection) -> bool:
    """Whether the tables are as the program needs them; raises `SchemaTooNew`."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    versions = known()
    if found is not None and found not in versions:
        raise SchemaTooNew(
            f"the database has schema version {found}, and this program knows up to "
            f"{versions[-1]}: a newer version of the program has used it"
        )
    return bool(found == versions[-1])


def migrate(connection: Connection) -> None:
    """Bring the tables to what the program needs, within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    # Alembic reads `%` as the start of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
