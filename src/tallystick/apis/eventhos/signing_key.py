"""The key that signs tokens."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from tallystick.apis.eventhos.tables import signing_keys
from tallystick.settings import Settings
from tallystick.store import Database

DEV_KEY = b"a key that everybody knows, for --dev alone"
_BYTES = 32


async def signing_key(settings: Settings, database: Database) -> bytes:
    """The key of the settings, else the dev world's, else the one made at the first start."""
    if settings.eventhos_jwt_key is not None:
        return settings.eventhos_jwt_key.get_secret_value().encode()
    if settings.dev:
        return DEV_KEY
    return await database.read(_read_key) or await _create_key(database)


async def _create_key(database: Database) -> bytes:
    key = secrets.token_bytes(_BYTES)
    try:
        await database.write(lambda connection: _insert_key(connection, key))
    except IntegrityError:  # another process, at its first start, was faster
        return await database.read(_read_key) or b""
    return key


def _read_key(connection: Connection) -> bytes | None:
    return connection.scalar(select(signing_keys.c.key))


def _insert_key(connection: Connection, key: bytes) -> None:
    connection.execute(insert(signing_keys).values(id=1, key=key))
