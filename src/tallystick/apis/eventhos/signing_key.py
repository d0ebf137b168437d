"""The key that signs tokens."""

from __future__ import annotations

import logging
import secrets

from sqlalchemy import Connection, insert, select, update

from tallystick.apis.eventhos.tables import signing_keys
from tallystick.encryption import Encryptor, NoEncryptionKey, Undecryptable
from tallystick.settings import Settings
from tallystick.shared_warnings import COMMON
from tallystick.store import Database, lock_name, overwriting

DEV_KEY = b"a key that everybody knows, for --dev alone"
_BYTES = 32

_log = logging.getLogger(__name__)


async def signing_key(settings: Settings, database: Database, encryptor: Encryptor) -> bytes | None:
    """Return the key of the settings, or the dev world's, or the stored one.

    The first start creates the stored key. It is encrypted as soon as there is an encryption key,
    and stays the same. None means that the key for its decryption is missing.
    """
    if settings.eventhos_jwt_key is not None:
        return settings.eventhos_jwt_key.encode()
    if settings.dev:
        return DEV_KEY
    return await database.write(lambda connection: _keep_key(connection, encryptor))


def _keep_key(connection: Connection, encryptor: Encryptor) -> bytes | None:
    lock_name(connection, "eventhos signing key")
    kept = connection.execute(select(signing_keys)).first()
    if kept and kept.sealed_key:
        return _open_key(kept.sealed_key, encryptor)
    key: bytes = kept.key if kept else secrets.token_bytes(_BYTES)
    sealed = _seal_key(key, encryptor)
    columns = {"key": b"" if sealed else key, "sealed_key": sealed}
    if kept is None:
        connection.execute(insert(signing_keys).values(id=1, **columns))
    elif sealed:
        with overwriting(connection):
            connection.execute(update(signing_keys).values(columns))
    return key


def _seal_key(key: bytes, encryptor: Encryptor) -> str:
    try:
        return encryptor.encrypt(key.hex())
    except NoEncryptionKey:
        _log.warning(
            "the key that signs eventhos' tokens is not sealed in the database: "
            "set TALLYSTICK_SECRET_KEY, and the next start seals it",
            extra=COMMON,
        )
        return ""


def _open_key(sealed: str, encryptor: Encryptor) -> bytes | None:
    try:
        return bytes.fromhex(encryptor.decrypt(sealed))
    except Undecryptable:
        return None
