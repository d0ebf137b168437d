"""Dead letters: messages of a broker that can't be events, kept with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from tallystick.events.ids import PATTERN, lowest_id
from tallystick.storable_text import replace_unstorable
from tallystick.store import Database, Entry
from tallystick.store.tables import dead_letters


class DeadLetter(NamedTuple):
    """A message, in the order of the table's columns; the time is in milliseconds."""

    id: str
    time: int
    api: str
    tenant: str
    source: str
    queue: str
    reason: str
    properties: str
    """JSON text."""
    body: bytes


class DeadLetterHead(NamedTuple):
    """A dead letter without its body."""

    id: str
    time: int
    api: str
    tenant: str
    source: str
    queue: str
    reason: str
    properties: str
    size: int
    """The bytes of the body."""


def dead_letter_row(letter: DeadLetter) -> Entry:
    """Return the row of a dead letter, in texts for every database."""
    storable = letter._replace(
        source=replace_unstorable(letter.source),
        queue=replace_unstorable(letter.queue),
        reason=replace_unstorable(letter.reason),
    )
    return dead_letters, storable


def write_properties(properties: Mapping[str, Any]) -> str:
    """Return the properties of a message as JSON text, values of other types as texts."""
    return json.dumps(properties, default=_to_text)


async def list_dead_letters(
    database: Database, limit: int, before: str | None
) -> Sequence[DeadLetterHead]:
    """Return dead letters before the one with this id, the newest first, without their bodies."""
    c = dead_letters.c
    shown = [c[name] for name in DeadLetterHead._fields[:-1]]
    newest = select(*shown, func.length(c.body)).order_by(c.id.desc()).limit(limit)
    if before is not None:
        newest = newest.where(c.id < before)
    rows = await database.read(lambda connection: list(connection.execute(newest)))
    return [DeadLetterHead._make(row) for row in rows]


async def get_dead_letter(database: Database, id_: str) -> DeadLetter | None:
    """Return the dead letter of this id, or None."""
    if not PATTERN.fullmatch(id_):  # a database might refuse the text
        return None
    wanted = select(dead_letters).where(dead_letters.c.id == id_)
    row = await database.read(lambda connection: connection.execute(wanted).first())
    return DeadLetter._make(row) if row else None


def expire_dead_letters(connection: Connection, before_ms: int, limit: int) -> int:
    """Remove up to `limit` of the oldest before a time; return their number."""
    old = select(dead_letters.c.id).where(dead_letters.c.id < lowest_id(before_ms))
    oldest = old.order_by(dead_letters.c.id).limit(limit)
    return connection.execute(delete(dead_letters).where(dead_letters.c.id.in_(oldest))).rowcount


def _to_text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
