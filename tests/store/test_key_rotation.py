"""A new key opens all that the old one had sealed, also where replacing it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from store.test_secret_keys import OTHER_KEY, PASSWORD, opened, put_sealed, settings
from tallystick.apis.gateway.tables import subscriptions
from tallystick.encryption import Encryptor
from tallystick.store import DatabaseInUse, KeyFileUnusable
from tallystick.store.key_file import KeyFile
from tallystick.store.key_rotation import NoKeyToRotate, rotate_key

pytestmark = pytest.mark.anyio

KEY = "a key of 32 characters or of even more"


@pytest.fixture
async def file(tmp_path: Path) -> KeyFile:
    """The key file of a database in which it has sealed something."""
    file = KeyFile(tmp_path / "x.db")
    file.path.write_text(KEY)
    async with opened(f"sqlite:///{tmp_path}/x.db") as database:
        sealed = Encryptor([KEY]).encrypt(PASSWORD)
        await database.write(lambda connection: put_sealed(connection, sealed))
    return file


async def kept(tmp_path: Path) -> str:
    async with opened(f"sqlite:///{tmp_path}/x.db") as database:
        found = select(subscriptions.c.secrets)
        [sealed] = await database.read(lambda connection: list(connection.scalars(found)))
    return str(sealed)


async def test_the_key_file_gets_a_new_key_and_all_is_sealed_with_it(
    tmp_path: Path, file: KeyFile
) -> None:
    assert await rotate_key(settings(tmp_path)) == (1, 0)
    [key] = file.read_keys()
    assert key != KEY
    assert Encryptor([key]).decrypt(await kept(tmp_path)) == PASSWORD
    assert not file.old.exists()


async def test_a_database_without_a_secret_needs_no_key_file(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/x.db"):
        pass
    assert await rotate_key(settings(tmp_path)) == (0, 0)
    assert not KeyFile(tmp_path / "x.db").read_keys()


async def test_a_run_that_was_stopped_is_ended_by_the_next(tmp_path: Path, file: KeyFile) -> None:
    file.begin_replacing()
    new, _ = file.read_keys()
    assert await rotate_key(settings(tmp_path)) == (1, 0)
    assert file.read_keys() == [new]
    assert Encryptor([new]).decrypt(await kept(tmp_path)) == PASSWORD


async def test_a_key_file_is_not_replaced_beside_a_server(tmp_path: Path, file: KeyFile) -> None:
    async with opened(f"sqlite:///{tmp_path}/x.db"):
        with pytest.raises(DatabaseInUse):
            await rotate_key(settings(tmp_path))
    assert file.read_keys() == [KEY]


async def test_a_database_moves_from_its_key_file_to_the_setting(
    tmp_path: Path, file: KeyFile
) -> None:
    assert await rotate_key(settings(tmp_path, secret_key=OTHER_KEY)) == (1, 0)
    assert Encryptor([OTHER_KEY]).decrypt(await kept(tmp_path)) == PASSWORD
    assert file.read_keys() == [KEY]


async def test_without_a_key_nothing_is_touched(tmp_path: Path, file: KeyFile) -> None:
    file.path.unlink()
    before = await kept(tmp_path)
    with pytest.raises(KeyFileUnusable, match=r"x\.db\.key is missing"):
        await rotate_key(settings(tmp_path))
    assert await kept(tmp_path) == before
    assert not file.path.exists()


async def test_only_a_file_has_a_key_file_to_replace() -> None:
    with pytest.raises(NoKeyToRotate):
        await rotate_key(settings(Path(), database="postgresql://127.0.0.1:1/none"))
