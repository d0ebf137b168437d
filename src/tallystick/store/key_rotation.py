"""Key rotation: a new key for all encrypted secrets of a database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tallystick.encryption import SETTING, Encryptor
from tallystick.settings import Settings
from tallystick.store.database import Database
from tallystick.store.exceptions import StoreError
from tallystick.store.key_file import KeyFile, KeyFileUnusable, key_file_of
from tallystick.store.sealed import Resealed, count_sealed, reseal
from tallystick.store.secret_keys import setting_keys


class NoKeyToRotate(StoreError):
    """Only an SQLite file has a key file: set TALLYSTICK_SECRET_KEY to NEW,OLD."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


async def rotate_key(settings: Settings) -> Resealed:
    """Encrypt every secret with the setting's first key, or with a new one in the key file.

    With the setting's keys you may do so while servers run that have both keys; the key file is
    replaced while no server runs. Raise `StoreError`, and leave every secret decryptable.
    """
    file = key_file_of(settings.database)
    keys = setting_keys(settings)
    if keys:
        return await _seal_with_setting(settings.database, keys, file)
    if file is None:
        raise NoKeyToRotate
    return await _replace_file(settings.database, file)


async def _seal_with_setting(url: str, keys: Sequence[str], file: KeyFile | None) -> Resealed:
    # With the key file's key as well, so that a database can move from its file to the setting.
    known = [*keys, *(file.read_keys() if file else ())]
    return await _reseal(Database(url, exclusive=False), Encryptor(known, SETTING))


async def _replace_file(url: str, file: KeyFile) -> Resealed:
    database, encryptor = Database(url), Encryptor()
    await database.open()
    try:
        if not file.read_keys():  # made with the first secret
            if await database.read(count_sealed):
                raise KeyFileUnusable(f"the key file {file.path} is missing: put it back first")
            return Resealed(0, 0)
        # From here on both files have a key, and a server that starts reads both.
        file.begin_replacing()
        encryptor.replace_keys(file.read_keys(), file.path.name)
        resealed = await database.write(partial(reseal, encryptor=encryptor))
        file.end_replacing()
    finally:
        await database.close()
    return resealed


async def _reseal(database: Database, encryptor: Encryptor) -> Resealed:
    await database.open()
    try:
        return await database.write(partial(reseal, encryptor=encryptor))
    finally:
        await database.close()
