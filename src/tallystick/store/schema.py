"""The schema's version in a database, and the migrations to the current one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine, inspect, text

from tallystick.store.exceptions import SchemaTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
NEW_SQLITE = MIGRATIONS / "new_sqlite.sql"
"""The SQL of a new SQLite database, equal to the migrations' result; `make schema` writes it."""


def known() -> list[str]:
    """Return all versions known to the program, the oldest first.

    They are read from the migrations' file names, as Alembic takes long to load.
    """
    return sorted(path.name[:4] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


def version(connection: Connection) -> str | None:
    """Return the version of the database's schema; None for a database without one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_current(connection: Connection) -> bool:
    """Return whether the schema is at the newest version; raise `SchemaTooNew`."""
    found = version(connection)
    versions = known()
    if found is not None and found not in versions:
        raise SchemaTooNew(
            f"the database has schema version {found}, and this program knows up to "
            f"{versions[-1]}: a newer version of the program has used it"
        )
    return bool(found == versions[-1])


def prepare(connection: Connection) -> None:
    """Create or migrate the tables, within the connection's transaction."""
    is_new = not inspect(connection).get_table_names()
    if is_new and connection.dialect.name == "sqlite":
        _create_tables(connection)
    else:
        migrate(connection)


def migrate(connection: Connection, version: str = "head") -> None:
    """Migrate the tables to a version by Alembic."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    # Alembic reads `%` as the start of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, version)


def _create_tables(connection: Connection) -> None:
    """Create the tables of a new SQLite database from `NEW_SQLITE`."""
    # Faster than the migrations by a third of a second and 12 MB at each start in memory
    # (docs/decisions/store.md, "Why is a new SQLite database not made by the migrations?").
    # Rows stand by the names of their tables, which is not the order of their references.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    statement = ""
    for line in NEW_SQLITE.read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.exec_driver_sql(statement)
            statement = ""


def dump(connection: sqlite3.Connection) -> str:
    """Return a database as SQL statements, without those of the transaction around them."""
    statements = [s for s in connection.iterdump() if s not in ("BEGIN TRANSACTION;", "COMMIT;")]
    statements.sort(key=_rank)
    return "".join(f"{statement}\n" for statement in statements)


def _rank(statement: str) -> str:
    """Return the key that puts tables first, then indexes by name, then rows."""
    # Migrations create a table's indexes in any order, and a row refers to other tables.
    if statement.startswith("INSERT"):
        return "INSERT"
    return statement if statement.startswith("CREATE INDEX") else ""


def migrated() -> str:
    """Return the expected content of `NEW_SQLITE`: the dump of a migrated database."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        migrate(connection)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        made = dump(driver)
    engine.dispose()
    return made
