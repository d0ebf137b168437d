"""The check of a database before a start, without any change to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.encryption import DEV_KEY, Encryptor
from tallystick.settings import Settings
from tallystick.store import schema
from tallystick.store.engine import engine_for
from tallystick.store.exceptions import DatabaseUnavailable, StoreError
from tallystick.store.key_file import key_file_of
from tallystick.store.sealed import count_sealed
from tallystick.store.secret_keys import describe_lost, setting_keys


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


class Finding(NamedTuple):
    """The result of one check, as a sentence for the operator."""

    level: Level
    words: str


def inspect_database(settings: Settings) -> Iterator[Finding]:
    """Yield findings on the database, its schema and its encrypted secrets."""
    try:
        engine = engine_for(settings.database, exclusive=True)
        file = key_file_of(settings.database)
        keys = [*setting_keys(settings)] or [*(file.read_keys() if file else ())]
        if engine.is_in_use():
            yield Finding(Level.WRONG, "another tallystick process uses the database")
        with engine.looking() as connection:
            if connection is None:
                yield Finding(Level.OK, "the database is new: a start makes it")
            else:
                yield from _inspect_content(connection, settings, keys)
    except (StoreError, DatabaseUnavailable) as error:
        yield Finding(Level.WRONG, str(error))


def _inspect_content(
    connection: Connection, settings: Settings, keys: Sequence[str]
) -> Iterator[Finding]:
    tables = _inspect_schema(connection)
    yield Finding(Level.OK, "the database can be read and written")
    yield tables
    yield _inspect_secrets(connection, settings, keys)


def _inspect_schema(connection: Connection) -> Finding:
    newest = schema.known()[-1]
    if schema.is_current(connection):
        return Finding(Level.OK, f"its tables have the version {newest}")
    found = schema.version(connection)
    if found is None:
        return Finding(Level.OK, f"it has no tables yet: a start makes those of version {newest}")
    words = f"its tables have the version {found}: a start brings them to {newest}"
    return Finding(Level.NOTE, f"{words}, so back it up first")


def _inspect_secrets(connection: Connection, settings: Settings, keys: Sequence[str]) -> Finding:
    sealed = count_sealed(connection)
    if not sealed:
        return Finding(Level.OK, "no secret is sealed in it")
    encryptor = Encryptor([*keys, *([DEV_KEY] if settings.dev else ())])
    if lost := describe_lost(connection, settings, encryptor):
        return Finding(Level.WRONG, lost)
    return Finding(Level.OK, f"its secrets can be opened: {sealed}")
