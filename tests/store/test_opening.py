"""Who may open a database, and what is said to those who may not."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from postgres import Cluster
from tallystick.store import (
    Database,
    DatabaseInUse,
    DatabaseUnusable,
    SchemaTooNew,
    UnknownDatabase,
)

pytestmark = pytest.mark.anyio

SYNCHRONOUS_COMMIT = text("SHOW synchronous_commit")


async def test_a_second_server_on_a_file_is_refused_until_the_first_has_closed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/tallystick.db"
    first, second = Database(url), Database(url)
    await first.open()
    with pytest.raises(DatabaseInUse, match=r"tallystick\.db is in use by another"):
        await second.open()
    await first.ping()
    await first.close()
    await second.open()
    await second.close()


async def test_the_command_line_works_beside_a_server(lasting_url: str) -> None:
    server, command = Database(lasting_url), Database(lasting_url, exclusive=False)
    await server.open()
    await command.open()
    name = "INSERT INTO revisions VALUES ('from the command line', 1)"
    await command.write(lambda connection: connection.execute(text(name)).rowcount)
    await command.close()
    count = text("SELECT count(*) FROM revisions")
    assert await server.read(lambda connection: connection.scalar(count)) == 1
    await server.close()


async def test_the_command_line_may_come_first(lasting_url: str) -> None:
    first, second = Database(lasting_url, exclusive=False), Database(lasting_url, exclusive=False)
    await first.open()
    await second.open()
    server = Database(lasting_url)
    await server.open()
    for database in (first, second, server):
        await database.ping()
        await database.close()


async def test_a_database_of_a_newer_program_is_refused(lasting_url: str) -> None:
    database = Database(lasting_url)
    await database.open()
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda connection: connection.execute(newer).rowcount)
    await database.close()
    for exclusive in (True, False):
        with pytest.raises(SchemaTooNew, match=r"9999.*newer version of the program"):
            await Database(lasting_url, exclusive=exclusive).open()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/tallystick",
        "sqlite+aiosqlite:///tallystick.db",
        "sqlite://var/tallystick.db",
        "sqlite:///tallystick.db?mode=ro",
        "var/tallystick.db",
        "postgresql://me:secret@host:port/tallystick",
        "",
    ],
)
async def test_a_url_of_no_known_kind_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(UnknownDatabase, match="write sqlite:///FILE") as refusal:
        Database(url)
    assert "secret" not in str(refusal.value)


async def test_a_file_is_made_with_its_folder(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one/two/tallystick.db")
    await database.open()
    await database.close()
    assert (tmp_path / "one" / "two" / "tallystick.db").is_file()


async def test_a_new_file_is_its_owners_alone_with_all_that_is_beside_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    modes = {f.name: f.stat().st_mode & 0o777 for f in tmp_path.iterdir() if ".lock" not in f.name}
    await database.close()
    assert {"tallystick.db", "tallystick.db-wal", "tallystick.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    before = file.read_bytes()
    for exclusive in (True, False):
        with pytest.raises(DatabaseUnusable, match=r"can't use .*letter\.txt: .*not a database"):
            await Database(f"sqlite:///{file}", exclusive=exclusive).open()
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["folder", "file/tallystick.db"])
async def test_a_path_that_can_hold_no_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusable, match="can't use"):
        await Database(f"sqlite:///{tmp_path}/{name}").open()


async def test_a_database_that_could_not_be_opened_is_locked_for_nobody(tmp_path: Path) -> None:
    file = tmp_path / "tallystick.db"
    file.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    refused = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseUnusable):
        await refused.open()
    file.unlink()
    database = Database(f"sqlite:///{file}")
    await database.open()
    await database.close()
    await refused.close()


async def test_memory_is_another_database_each_time() -> None:
    first, second = Database("sqlite://"), Database("sqlite:///:memory:")
    await first.open()
    await second.open()
    row = text("INSERT INTO revisions VALUES ('one', 1)")
    await first.write(lambda connection: connection.execute(row).rowcount)
    count = text("SELECT count(*) FROM revisions")
    assert await second.read(lambda connection: connection.scalar(count)) == 0
    await first.close()
    await second.close()


async def test_an_acknowledged_write_is_synced_to_disk_before(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await database.open()
    modes = [text("PRAGMA journal_mode"), text("PRAGMA synchronous"), text("PRAGMA foreign_keys")]
    found = await database.write(lambda connection: [connection.scalar(mode) for mode in modes])
    assert found == ["wal", 2, 1]
    await database.close()


async def test_an_acknowledged_write_is_synced_whatever_the_postgresql_defaults_are(
    postgres: Cluster, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    for default, used in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = {default}")
        database = Database(postgres_url)
        await database.open()
        mode = await database.write(partial(Connection.scalar, statement=SYNCHRONOUS_COMMIT))
        assert mode == used
        await database.close()


async def test_a_postgresql_that_is_not_there_is_refused_without_repeating_a_password() -> None:
    with pytest.raises(DatabaseUnusable, match=r"can't use .*127\.0\.0\.1:1/none: .*") as refusal:
        await Database("postgresql://me:secret@127.0.0.1:1/none").open()
    assert "refused" in str(refusal.value)
    assert "secret" not in str(refusal.value)


async def test_a_postgresql_database_that_is_not_there_is_refused(postgres: Cluster) -> None:
    with pytest.raises(DatabaseUnusable, match='database "none" does not exist'):
        await Database(postgres.url("none")).open()


async def test_a_postgresql_database_that_can_t_hold_every_text_is_refused(
    postgres: Cluster,
) -> None:
    postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(DatabaseUnusable, match="has the encoding LATIN1; it must have UTF8"):
        await Database(postgres.url("latin")).open()
    postgres.execute("DROP DATABASE latin")


async def test_the_tables_are_made_once_when_many_open_a_postgresql_together(
    postgres_url: str,
) -> None:
    databases = [Database(postgres_url) for _ in range(10)]
    await asyncio.gather(*(database.open() for database in databases))
    for database in databases:
        await database.ping()
        await database.close()
