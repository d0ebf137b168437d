"""The migrations make what the code asks for."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, StaticPool, create_engine, inspect

import tallystick.apis
from tallystick.store import Database, metadata, schema

pytestmark = pytest.mark.anyio


PARTIAL_INDEXES = {"deliveries_kept", "deliveries_pending", "eventhos_received"}


def differences(connection: Connection) -> list[object]:
    found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [
        each
        for each in found
        if not (each[0] == "remove_index" and each[1].name in PARTIAL_INDEXES)
    ]


def import_all_tables() -> None:
    package = Path(tallystick.apis.__path__[0]).parent
    for path in package.glob("**/tables.py"):
        import_module(".".join(("tallystick", *path.relative_to(package).with_suffix("").parts)))


async def test_tables_and_migrations_agree(database: Database) -> None:
    import_all_tables()
    assert await database.read(differences) == []
    found = await database.read(lambda connection: inspect(connection).get_table_names())
    assert set(found) == {"alembic_version", *metadata.tables}


async def test_partial_indexes_are_in_the_migrations(database: Database) -> None:
    def indexes(connection: Connection) -> set[str | None]:
        asked = inspect(connection)
        return {i["name"] for name in asked.get_table_names() for i in asked.get_indexes(name)}

    assert await database.read(indexes) >= PARTIAL_INDEXES


def test_a_new_sqlite_database_is_what_the_migrations_make() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        schema.prepare(connection)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        made = schema.dump(driver)
    engine.dispose()
    assert made == schema.migrated(), "write migrations/new_sqlite.sql anew by `make schema`"


async def test_a_database_is_current_once_it_is_open(database: Database) -> None:
    assert await database.read(schema.is_current)


def test_the_migrations_are_one_line_and_their_files_have_their_numbers() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [revision.revision for revision in reversed(revisions)] == schema.known()
    assert [revision.down_revision for revision in reversed(revisions)] == [
        None,
        *schema.known()[:-1],
    ]
