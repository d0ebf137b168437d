"""The migrations make what the code asks for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import tallystick.apis
from tallystick.store import Database, metadata, schema

pytestmark = pytest.mark.anyio


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def import_all_tables() -> None:
    for path in Path(tallystick.apis.__path__[0]).glob("*/tables.py"):
        import_module(f"tallystick.apis.{path.parent.name}.tables")


async def test_tables_and_migrations_agree(database: Database) -> None:
    import_all_tables()
    assert await database.read(differences) == []
    found = await database.read(lambda connection: inspect(connection).get_table_names())
    assert set(found) == {"alembic_version", *metadata.tables}


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
