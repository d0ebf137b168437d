"""The encrypted columns of a database, with functions to count and re-encrypt their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    func,
    inspect,
    literal_column,
    select,
    union_all,
    update,
)

from tallystick.encryption import SEALED_START, Encryptor, Undecryptable
from tallystick.store.all_tables import find_tables
from tallystick.store.schema import is_current
from tallystick.store.tables import SEALED


class Resealed(NamedTuple):
    """The number of texts encrypted anew, and of undecryptable ones."""

    done: int
    lost: int


def count_sealed(connection: Connection) -> int:
    """Return the number of encrypted texts in the database."""
    return sum(
        connection.scalar(select(func.count()).where(_is_sealed(column))) or 0
        for column in sealed_columns(connection)
    )


def lost_texts(connection: Connection, encryptor: Encryptor) -> Iterator[tuple[Column[Any], str]]:
    """Yield each undecryptable text, with its column."""
    columns = sealed_columns(connection)
    if not columns:
        return
    # In one statement, because each start waits for it.
    parts = [
        select(literal_column(str(number)), column).where(_is_sealed(column))
        for number, column in enumerate(columns)
    ]
    for number, sealed in connection.execute(union_all(*parts)):
        try:
            encryptor.decrypt(sealed)
        except Undecryptable:
            yield columns[number], sealed


def reseal(connection: Connection, encryptor: Encryptor) -> Resealed:
    """Encrypt every text anew with the first key, within the connection's transaction."""
    done = lost = 0
    for column in sealed_columns(connection):
        keys = list(column.table.primary_key.columns)
        found = select(column, *keys).where(_is_sealed(column))
        for sealed, *key in connection.execute(found).all():
            try:
                anew = encryptor.reseal(sealed)
            except Undecryptable:
                lost += 1
                continue
            # Only an unchanged row is updated: a server that wrote it meanwhile used the first key
            # already.
            same = [c == value for c, value in zip([column, *keys], [sealed, *key], strict=True)]
            connection.execute(update(column.table).where(*same).values({column: anew}))
            done += 1
    return Resealed(done, lost)


def sealed_columns(connection: Connection) -> Sequence[Column[Any]]:
    """Return the columns declared with `SEALED`; tables of an older version lack some."""
    declared = [
        column
        for table in find_tables().values()
        for column in table.columns
        if SEALED.items() <= column.info.items()
    ]
    if is_current(connection):
        return declared
    found = inspect(connection).get_multi_columns()
    there = {(name, column["name"]) for (_, name), columns in found.items() for column in columns}
    return [column for column in declared if (column.table.name, column.name) in there]


def _is_sealed(column: Column[Any]) -> ColumnElement[bool]:
    return column.startswith(SEALED_START)
