"""The migrations make what the code asks for."""

from __future__ import annotations

import json
import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, StaticPool, create_engine, inspect, text

import tallystick.apis
from tallystick.store import Database, metadata, schema
from tallystick.store.partitions import partitioned_tables, read_partitions

pytestmark = pytest.mark.anyio


PARTIAL_INDEXES = {
    "charon_executions_open",
    "deliveries_ended",
    "deliveries_kept",
    "deliveries_of_contracts",
    "deliveries_pending",
    "deliveries_pending_ids",
    "deliveries_tried",
    "event_digest_groups_open",
    "event_digests_open",
    "eventgrid_traces_by_event",
    "eventgrid_traces_by_long_event",
    "eventhos_received",
}


def differences(connection: Connection) -> list[object]:
    partitions = partition_names(connection)
    options = {"include_name": lambda name, kind, _: kind != "table" or name not in partitions}
    context = MigrationContext.configure(connection, opts=options)
    return [each for each in compare_metadata(context, metadata) if not is_meant(connection, each)]


def is_meant(connection: Connection, found: Any) -> bool:
    """Return whether a difference is one of those that we chose."""
    kind, what = found[:2]
    if kind == "remove_index":
        return what.name in PARTIAL_INDEXES
    # PostgreSQL's pruning deletes what refers to an event.
    refers = kind == "add_fk" and what.referred_table.name == "events"
    return refers and connection.dialect.name == "postgresql"


def partition_names(connection: Connection) -> set[str]:
    return {
        partition.name
        for table in partitioned_tables()
        for partition in read_partitions(connection, table)
    }


def import_all_tables() -> None:
    package = Path(tallystick.apis.__path__[0]).parent
    for path in package.glob("**/tables.py"):
        import_module(".".join(("tallystick", *path.relative_to(package).with_suffix("").parts)))


async def test_tables_and_migrations_agree(database: Database) -> None:
    import_all_tables()
    assert await database.read(differences) == []
    found = await database.read(lambda connection: inspect(connection).get_table_names())
    partitions = await database.read(partition_names)
    assert set(found) - partitions == {"alembic_version", *metadata.tables}


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


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """The engine of an empty database."""
    if request.param == "sqlite":
        return create_engine(f"sqlite:///{tmp_path}/x.db")
    url: str = request.getfixturevalue("empty_postgres_url")
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def test_keys_that_were_made_before_scopes_keep_what_they_could_do(engine: Engine) -> None:
    config = alembic_config()
    made = text(
        "INSERT INTO keys (id, api, name, digest, scopes, admin, dev, created) VALUES"
        " ('1', 'gateway', '', '1', '', true, false, 0), ('2', 'charon', '', '2', 'x', false,"
        " false, 0), ('3', 'keyastrom', '', '3', 'events.ingest', false, false, 0)"
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        connection.execute(made)
        command.upgrade(config, "0011")
        kept = connection.execute(text("SELECT scopes FROM keys ORDER BY id")).scalars().all()
        assert kept == ["*", "*", "events.ingest"]
        command.downgrade(config, "0010")
        assert connection.scalar(text("SELECT count(*) FROM keys WHERE NOT admin")) == 3
    engine.dispose()


def test_people_who_could_do_everything_become_admins(engine: Engine) -> None:
    config = alembic_config()
    key = (
        "INSERT INTO keys (id, api, name, digest, scopes, dev, created) VALUES"
        " ('{0}', 'eventhos', '{0}', '{0}', '{1}', false, 0)"
    )
    person = (
        "INSERT INTO eventhos_people (id, username, password_digest, dev, created) VALUES"
        " ('{0}', '{0}', '', false, 0)"
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        for name, scopes in (("alice", "*"), ("bob", "events:read")):
            connection.execute(text(key.format(name, scopes)))
            connection.execute(text(person.format(name)))
        command.upgrade(config, "0023")
        named = (
            "SELECT username FROM eventhos_people JOIN eventhos_subject_roles USING (subject_id)"
        )
        assert connection.execute(text(named)).scalars().all() == ["alice"]
        numbers = connection.execute(text("SELECT subject_id FROM eventhos_people ORDER BY id"))
        assert numbers.scalars().all() == [1, 2]
        command.downgrade(config, "0018")
    engine.dispose()


def test_attributes_of_before_are_shown_with_their_types(engine: Engine) -> None:
    config = alembic_config()
    entity = text(
        "INSERT INTO keyastrom_entities (id, type, name, name_folded, first_seen) VALUES"
        " (:id, :type, :name, :name, 0)"
    )
    attribute = text(
        "INSERT INTO keyastrom_attributes (entity_id, name, name_folded, value) VALUES"
        " (:id, :name, lower(:name), :value)"
    )
    device, host, long = "CUSTOM_DEVICE-1", "HOST-1", "x" * 300
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0014")
        for id_, type_ in ((device, "CUSTOM_DEVICE"), (host, "CLOUD:AZURE")):
            connection.execute(entity, {"id": id_, "type": type_, "name": long})
        for id_, name, value in (
            (device, "ipAddress", "10.0.0.1"),
            (device, "listenPorts", "80"),
            (host, "listenPorts", "²"),
            (host, "listenPorts", "9" * 30),
            (device, "rack", "7"),
            (device, "a", "b:c"),
            (device, "a:b", "c"),
            (host, "osType", long),
        ):
            connection.execute(attribute, {"id": id_, "name": name, "value": value})
        command.upgrade(config, "0016")
        rows = connection.execute(text("SELECT * FROM keyastrom_entities ORDER BY id")).all()
        assert [row.type for row in rows] == ["CUSTOM_DEVICE", "cloud:azure"]
        shown = json.loads(rows[0].properties)
        assert (shown["ipAddress"], shown["listenPorts"]) == (["10.0.0.1"], [80])
        assert {(p["key"], p["value"]) for p in shown["customProperties"]} == {
            ("rack", "7"),
            ("a", "b:c"),
            ("a:b", "c"),
        }
        of_host = json.loads(rows[1].properties)
        assert of_host["osType"] == long
        assert set(of_host["listenPorts"]) == {"²", "9" * 30}
        keys = connection.execute(
            text("SELECT key FROM keyastrom_attributes WHERE name_folded = 'customproperties'")
        )
        assert len(set(keys.scalars())) == 2
        assert [len(row.name_key) for row in rows] == [232, 232]
        command.downgrade(config, "0014")
    engine.dispose()


def test_subscriptions_of_before_are_webhooks(engine: Engine) -> None:
    config = alembic_config()
    made = text(
        "INSERT INTO subscriptions (id, name, sink, mode, filters, active, secrets, created) VALUES"
        " ('1', '', 'http://a.example/?%25=\"', 'binary', '[]', true, '', 0)"
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        connection.execute(made)
        command.upgrade(config, "0021")
        kept = connection.execute(text("SELECT kind, options, sealed_options FROM subscriptions"))
        [(kind, options, sealed)] = kept
        assert (kind, sealed) == ("webhook", "")
        assert json.loads(options) == {"url": 'http://a.example/?%25="', "mode": "binary"}
        command.downgrade(config, "0018")
        assert connection.scalar(text("SELECT count(*) FROM subscriptions")) == 1
    engine.dispose()


def test_open_executions_of_before_have_the_limits_of_their_crons(engine: Engine) -> None:
    config = alembic_config()
    cron = text(
        "INSERT INTO charon_crons (id, slug, name, active, timezone, grace_s, max_runtime_s,"
        " overlap, created, since, state, state_since) VALUES"
        " (:id, :slug, '', true, 'UTC', 0, :limit, true, 0, 0, :state, 7)"
    )
    execution = text(
        "INSERT INTO charon_executions (cron_id, started, ended, success)"
        " VALUES (:id, 1, :end, :ok)"
    )
    year_s, day_s = 31_536_000, 86_400
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        for id_, limit, state in ((3, None, "running"), (4, 60, "failed"), (5, year_s, "paused")):
            connection.execute(cron, {"id": id_, "slug": str(id_), "limit": limit, "state": state})
            for end, ok in ((None, None), (2, False)):
                connection.execute(execution, {"id": id_, "end": end, "ok": ok})
        command.upgrade(config, "0020")
        limits = connection.execute(
            text("SELECT overrun_at FROM charon_executions ORDER BY cron_id, ended IS NOT NULL")
        )
        assert limits.scalars().all() == [1 + 1_000 * day_s, 0, 60_001, 0, 1 + 1_000 * year_s, 0]
        told = connection.execute(
            text("SELECT state, told_state, told_at, check_at FROM charon_crons ORDER BY id")
        )
        assert [tuple(row) for row in told] == [
            (state, state, 7, 0) for state in ("on_time", "failed", "paused")
        ]
        command.downgrade(config, "0018")
        assert connection.scalar(text("SELECT count(*) FROM charon_executions")) == 6
    engine.dispose()


def test_digests_that_anybody_can_make_are_forgotten(engine: Engine) -> None:
    config = alembic_config()
    done = text(
        "INSERT INTO done_calls (id, caller, time, request, outcome) VALUES"
        " ('a', 'b', 1, 'c', :outcome)"
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0036")
        connection.execute(done, {"outcome": b"[]"})
        command.upgrade(config, "0038")
        assert connection.scalar(text("SELECT count(*) FROM done_calls")) == 0
        connection.execute(done, {"outcome": b"[]"})
        command.downgrade(config, "0036")
        assert connection.scalar(text("SELECT count(*) FROM done_calls")) == 0
    engine.dispose()


def test_the_migrations_are_one_line_and_their_files_have_their_numbers() -> None:
    revisions = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert [revision.revision for revision in reversed(revisions)] == schema.known()
    assert [revision.down_revision for revision in reversed(revisions)] == [
        None,
        *schema.known()[:-1],
    ]
