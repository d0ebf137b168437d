"""The key that signs tokens."""

from __future__ import annotations

import logging
import secrets

from sqlalchemy import Connection, insert, select, update

from tallystick.apis.eventhos.tables import signing_keys
from tallystick.contract.exceptions import Problem
from tallystick.encryption import Encryptor, NoEncryptionKey, Undecryptable, create_encryptor
from tallystick.settings import Settings
from tallystick.store import Database, lock_name, overwriting

DEV_KEY = b"a key that everybody knows, for --dev alone"
_BYTES = 32

_log = logging.getLogger(__name__)


LOST = (
    "the key that signs eventhos' tokens was sealed with a key that is not given: add that one to "
    "TALLYSTICK_SECRET_KEY, after a comma, or have all tokens made anew by setting "
    "TALLYSTICK_EVENTHOS_JWT_KEY"
)


class SigningKeyLost(Problem):
    """The key that signs tokens can't be opened."""


async def signing_key(settings: Settings, database: Database) -> bytes:
    """Return the key of the settings, else the dev world's, else the one that the database keeps.

    The first start makes that one. It is sealed as soon as there is a key to seal with, and stays
    the same. Raise `SigningKeyLost` where it can't be opened.
    """
    if settings.eventhos_jwt_key is not None:
        return settings.eventhos_jwt_key.get_secret_value().encode()
    if settings.dev:
        return DEV_KEY
    encryptor = create_encryptor(settings)
    return await database.write(lambda connection: _keep_key(connection, encryptor))


def _keep_key(connection: Connection, encryptor: Encryptor) -> bytes:
    lock_name(connection, "eventhos signing key")
    kept = connection.execute(select(signing_keys)).first()
    if kept and kept.sealed:
        return _open_key(kept.key, encryptor)
    key: bytes = kept.key if kept else secrets.token_bytes(_BYTES)
    sealed = _seal_key(key, encryptor)
    columns = {"key": sealed or key, "sealed": sealed is not None}
    if kept is None:
        connection.execute(insert(signing_keys).values(id=1, **columns))
    elif sealed:
        with overwriting(connection):
            connection.execute(update(signing_keys).values(columns))
    return key


def _seal_key(key: bytes, encryptor: Encryptor) -> bytes | None:
    try:
        return encryptor.encrypt(key.hex()).encode()
    except NoEncryptionKey:
        _log.warning(
            "the key that signs eventhos' tokens is not sealed in the database: "
            "set TALLYSTICK_SECRET_KEY, and the next start seals it"
        )
        return None


def _open_key(sealed: bytes, encryptor: Encryptor) -> bytes:
    try:
        return bytes.fromhex(encryptor.decrypt(sealed.decode()))
    except Undecryptable:
        raise SigningKeyLost(LOST) from None
