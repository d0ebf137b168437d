"""The key that signs tokens is sealed wherever there is something to seal it with."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from eventhos_world import SECRET, World, short_live
from tallystick.apis.eventhos.signing_key import signing_key
from tallystick.apis.eventhos.tables import signing_keys
from tallystick.contract.exceptions import Unauthenticated, Unavailable
from tallystick.encryption import SEALED_START, Encryptor
from tallystick.settings import Settings
from tallystick.store import Database, load_keys

pytestmark = pytest.mark.anyio

CLEAR = b"a key of thirty-two bytes or mor"
SEALING_KEY = "a key that seals of thirty-two characters or more"
OTHER_KEY = "another key of thirty-two characters or more"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def key_at_start(url: str, secret_key: str | None = None) -> bytes | None:
    """The key of one start, without --dev; None where it can't be opened."""
    database = Database(url)
    await database.open()
    try:
        settings, encryptor = Settings(database=url, secret_key=secret_key), Encryptor()
        await load_keys(settings, database, encryptor)
        return await signing_key(settings, database, encryptor)
    finally:
        await database.close()


async def keep_clear_key(url: str) -> None:
    """Keep a key as it was kept before keys were sealed."""
    database = Database(url)
    await database.open()
    values = {"id": 1, "key": CLEAR, "sealed_key": ""}
    await database.write(lambda c: c.execute(signing_keys.insert().values(values)).rowcount)
    await database.close()


async def kept(url: str) -> tuple[bytes, str]:
    """What the database has of the key: in clear, and sealed."""
    database = Database(url)
    await database.open()

    def read(connection: Connection) -> tuple[bytes, str]:
        kept = connection.execute(select(signing_keys)).one()
        return kept.key, kept.sealed_key

    try:
        return await database.read(read)
    finally:
        await database.close()


def written(folder: Path) -> bytes:
    """All that the files of the database have."""
    return b"".join(path.read_bytes() for path in folder.glob("x.db*"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/x.db"


async def test_a_new_key_is_in_no_file_of_the_database_and_stays(url: str, tmp_path: Path) -> None:
    key = await key_at_start(url)
    assert key is not None
    assert len(key) == 32
    assert key not in written(tmp_path)
    assert await key_at_start(url) == key


async def test_a_key_that_was_kept_in_clear_is_sealed_and_stays(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await keep_clear_key(url)
    assert CLEAR in written(tmp_path)
    assert await key_at_start(url) == CLEAR
    assert CLEAR not in written(tmp_path)
    assert await key_at_start(url) == CLEAR
    assert caplog.messages == []


async def test_on_postgresql_a_key_is_sealed_once_there_is_something_to_seal_with(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = await key_at_start(postgres_url)
    assert await kept(postgres_url) == (key, "")
    [warning] = caplog.messages
    assert "set TALLYSTICK_SECRET_KEY" in warning
    assert await key_at_start(postgres_url, SEALING_KEY) == key
    clear, sealed = await kept(postgres_url)
    assert clear == b""
    assert sealed.startswith(SEALED_START)
    assert await key_at_start(postgres_url, f"{OTHER_KEY},{SEALING_KEY}") == key
    assert caplog.messages == [warning]


async def test_a_key_that_was_sealed_with_another_one_is_not_replaced(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = await key_at_start(url, SEALING_KEY)
    assert await key_at_start(url, OTHER_KEY) is None
    [warning] = caplog.messages
    assert "1 in eventhos_signing_keys.sealed_key: TALLYSTICK_SECRET_KEY lacks" in warning
    assert await key_at_start(url, SEALING_KEY) == key


def test_without_the_sealing_key_the_service_opens_and_tokens_are_a_503(world: World) -> None:
    world.put(signing_keys, id=1, key=b"", sealed_key=Encryptor([OTHER_KEY]).encrypt("00"))
    service = world.open(eventhos_jwt_key=None)
    with pytest.raises(Unavailable, match="can't be opened"):
        service.create_token("bomber", SECRET)
    assert world.refusal(short_live()) is Unavailable


def test_tokens_that_were_given_out_before_the_key_was_sealed_stay_good(world: World) -> None:
    world.put(signing_keys, id=1, key=CLEAR, sealed_key="")
    before = {"eventhos_jwt_key": CLEAR.decode()}
    given = world.open(**before).create_token("bomber", SECRET)["content"]["jwt_token"]
    for _ in range(2):
        world.open(eventhos_jwt_key=None)
        assert world.caller(given) == {"sub": "bomber"}


def test_the_signing_key_is_made_once_and_kept(world: World) -> None:
    service = world.open(eventhos_jwt_key=None)
    token = service.create_token("bomber", SECRET)["content"]["jwt_token"]
    world.open(eventhos_jwt_key=None)
    assert world.caller(token)["sub"] == "bomber"
    assert world.refusal(short_live()) is Unauthenticated
