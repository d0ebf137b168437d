"""A start finds the keys of what is sealed, and says which one is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from tallystick.apis.gateway.tables import subscriptions
from tallystick.encryption import Encryptor, NoEncryptionKey
from tallystick.settings import Settings
from tallystick.store import Database, KeyFileUnusable, load_keys
from tallystick.store.key_file import KeyFile

pytestmark = pytest.mark.anyio

KEY = "a key of 32 characters or of even more"
OTHER_KEY = "another key of 32 characters or more"
PASSWORD = "a password"


def put_sealed(connection: Connection, sealed: str) -> None:
    fixed = {"name": "", "sink": "https://example.org", "mode": "structured", "filters": "[]"}
    row = {"id": sealed[-8:], "active": True, "created": 0, "secrets": sealed, **fixed}
    connection.execute(insert(subscriptions), row)


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "x.db")


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings(**{"database": f"sqlite:///{tmp_path}/x.db", **given})  # type: ignore[arg-type]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await database.open()
    yield database
    await database.close()


async def loaded(given: Settings, *sealed: str) -> Encryptor:
    """An encryptor that a start has given its keys, where so much was sealed before."""
    encryptor = Encryptor()
    async with opened(given.database) as database:
        for each in sealed:
            await database.write(partial(put_sealed, sealed=each))
        await load_keys(given, database, encryptor)
    return encryptor


async def test_the_first_start_makes_a_key_and_the_next_one_reads_it(
    tmp_path: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    sealed = (await loaded(settings(tmp_path))).encrypt(PASSWORD)
    [key] = file.read_keys()
    assert (await loaded(settings(tmp_path), sealed)).decrypt(sealed) == PASSWORD
    assert file.read_keys() == [key]
    assert caplog.messages == []


async def test_no_key_is_made_where_something_is_sealed(
    tmp_path: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    encryptor = await loaded(settings(tmp_path), Encryptor([KEY]).encrypt(PASSWORD))
    assert not file.path.exists()
    assert caplog.messages == [
        f"secrets can't be opened, 1 in subscriptions.secrets: {file.path} is missing; "
        "copy it from where the database came from, or a backup"
    ]
    with pytest.raises(NoEncryptionKey, match=r"x\.db\.key is missing"):
        encryptor.encrypt(PASSWORD)


async def test_the_key_file_of_the_database_that_was_copied_is_named(
    tmp_path: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "first.db.key").write_text(KEY)
    await loaded(settings(tmp_path), Encryptor([KEY]).encrypt(PASSWORD))
    [line] = caplog.messages
    assert line.endswith(f"{file.path} is missing; first.db.key beside it opens them, so copy that")


async def test_a_key_file_that_opens_nothing_is_named(
    tmp_path: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.write_text(OTHER_KEY)
    await loaded(settings(tmp_path), Encryptor([KEY]).encrypt(PASSWORD))
    [line] = caplog.messages
    assert f"{file.path} lacks the key that sealed them" in line


async def test_a_key_that_is_being_replaced_opens_too(
    tmp_path: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.write_text(OTHER_KEY)
    file.old.write_text(KEY)
    sealed = Encryptor([KEY]).encrypt(PASSWORD)
    assert (await loaded(settings(tmp_path), sealed)).decrypt(sealed) == PASSWORD
    assert caplog.messages == []


async def test_the_setting_s_keys_come_before_the_file_s(tmp_path: Path, file: KeyFile) -> None:
    encryptor = await loaded(settings(tmp_path, secret_key=f"{KEY}, {OTHER_KEY}"))
    assert Encryptor([KEY]).decrypt(encryptor.encrypt(PASSWORD)) == PASSWORD
    assert encryptor.decrypt(Encryptor([OTHER_KEY]).encrypt(PASSWORD)) == PASSWORD
    assert not file.path.exists()


async def test_a_setting_that_lacks_a_key_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await loaded(settings(tmp_path, secret_key=KEY), Encryptor([OTHER_KEY]).encrypt(PASSWORD))
    [line] = caplog.messages
    assert "TALLYSTICK_SECRET_KEY lacks the key that sealed them" in line


async def test_a_database_in_memory_has_a_key_of_its_own() -> None:
    first, second = [await loaded(Settings(database="sqlite://")) for _ in range(2)]
    assert first.decrypt(first.encrypt(PASSWORD)) == PASSWORD
    assert second.encrypt(PASSWORD) != first.encrypt(PASSWORD)


async def test_elsewhere_only_the_dev_world_has_a_key_without_a_setting(postgres_url: str) -> None:
    with pytest.raises(NoEncryptionKey, match="TALLYSTICK_SECRET_KEY is missing"):
        (await loaded(Settings(database=postgres_url))).encrypt(PASSWORD)
    assert (await loaded(Settings(database=postgres_url, dev=True))).encrypt(PASSWORD)


async def test_a_key_file_that_can_t_be_read_is_refused(tmp_path: Path, file: KeyFile) -> None:
    file.path.mkdir()
    with pytest.raises(KeyFileUnusable, match="Is a directory"):
        await loaded(settings(tmp_path))
