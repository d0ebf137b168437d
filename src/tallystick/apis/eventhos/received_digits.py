"""Ids of received events in digits: the millisecond, and the place among the events of it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from tallystick.events.ids import lowest_id
from tallystick.store.tables import events

PLACES = 4096
"""The most events of one millisecond with digits of their own; until 2039 they fit a double."""

MAX_DIGITS = 18


def to_digits(connection: Connection, id_: str) -> str:
    """Return the digits of an event's id."""
    ms = int(id_[:8] + id_[9:13], 16)
    before = (events.c.id >= lowest_id(ms)) & (events.c.id < id_)
    place = connection.scalar(select(func.count()).select_from(events).where(before)) or 0
    return str(ms * PLACES + place)


def from_digits(connection: Connection, digits: str) -> str | None:
    """Return the id of the event with these digits, if there is one."""
    if len(digits) > MAX_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    ms, place = divmod(int(digits), PLACES)
    within = (events.c.id >= lowest_id(ms)) & (events.c.id < lowest_id(ms + 1))
    chosen = select(events.c.id).where(within).order_by(events.c.id).offset(place).limit(1)
    return connection.scalar(chosen)
