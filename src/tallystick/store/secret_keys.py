"""The keys for the encryption of stored secrets, and the warning if one is missing."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from tallystick.encryption import DEV_KEY, SETTING, Encryptor
from tallystick.settings import Settings
from tallystick.shared_warnings import COMMON
from tallystick.store.database import Database
from tallystick.store.engine import parse_url
from tallystick.store.key_file import KeyFile, key_file_of
from tallystick.store.sealed import count_sealed, lost_texts

_log = logging.getLogger(__name__)


async def load_keys(settings: Settings, database: Database, encryptor: Encryptor) -> None:
    """Give the encryptor the keys of the setting, or else those of the key file.

    The first start creates the key file, unless the database has encrypted secrets already. Secrets
    that can't be decrypted are counted in a warning in the log. Raise `KeyFileUnusable`.
    """
    file = key_file_of(settings.database)
    keys = [*setting_keys(settings)]
    if not file and parse_url(settings.database).get_backend_name() == "sqlite":
        # A database in memory starts without secrets, and those to come end with the process.
        encryptor.replace_keys(keys or [secrets.token_urlsafe(32)], SETTING)
        return
    if not keys and file:
        keys = [*await _file_keys(database, file)]
    if settings.dev:
        keys.append(DEV_KEY)
    encryptor.replace_keys(keys, SETTING if settings.secret_key or not file else file.path.name)
    if lost := await database.read(lambda c: describe_lost(c, settings, encryptor)):
        _log.warning("%s", lost, extra=COMMON)


def setting_keys(settings: Settings) -> Sequence[str]:
    """Return the keys of the setting, the one for encryption first."""
    return [key.strip() for key in (settings.secret_key or "").split(",") if key.strip()]


def describe_lost(connection: Connection, settings: Settings, encryptor: Encryptor) -> str:
    """Return the warning about undecryptable secrets; empty if all can be decrypted."""
    counts, one = Counter[str](), ""
    for column, sealed in lost_texts(connection, encryptor):
        counts[f"{column.table.name}.{column.name}"] += 1
        one = sealed
    places = ", ".join(f"{count} in {name}" for name, count in sorted(counts.items()))
    return f"secrets can't be opened, {places}: {_advice(settings, one)}" if counts else ""


async def _file_keys(database: Database, file: KeyFile) -> Sequence[str]:
    keys = file.read_keys()
    # A new key beside secrets that need the old one would hide its loss (docs/decisions/store.md,
    # "What does a start do if its key file is missing?").
    if not keys and not await database.read(count_sealed):
        file.create()
        keys = file.read_keys()
    return keys


def _advice(settings: Settings, sealed: str) -> str:
    file = key_file_of(settings.database)
    if file is None or settings.secret_key:
        return f"{SETTING} lacks the key that sealed them; add it after a comma"
    lack = "lacks the key that sealed them" if file.path.exists() else "is missing"
    if other := file.find_other(sealed):
        return f"{file.path} {lack}; {other.name} beside it opens them, so copy that"
    return f"{file.path} {lack}; copy it from where the database came from, or a backup"
