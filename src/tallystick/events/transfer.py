"""Export of the log into lines, and import of such lines."""

from __future__ import annotations

import os
from asyncio import sleep
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, NamedTuple

import orjson
from sqlalchemy import Connection, select

from tallystick.clock import Clock
from tallystick.events.cloudevent_lines import BadLine, from_line, to_line
from tallystick.events.digests import open_blocks
from tallystick.events.event import Event
from tallystick.events.ids import lowest_id, time_of
from tallystick.events.log import EVERYTHING, EventLog
from tallystick.events.pages import PAGE_BYTES
from tallystick.events.selection import EventSelection
from tallystick.events.tail import LATE_MS, LATEST_MS
from tallystick.store import Database
from tallystick.store.sql import insert_new
from tallystick.store.tables import events

LINE_BYTES = PAGE_BYTES
"""The longest line to import, in bytes."""

BATCH_LINES = 2_000
BATCH_BYTES = 4 * 1024 * 1024
"""The lines, and the bytes of them, that one transaction imports."""

BAD_LINES = 20
"""The number of bad lines whose reason is kept."""

BEGINNING = lowest_id(0)
"""An id before all others."""


FIRST_BYTES = b'{"specversion":"1.0","id":"'
"""What an exported file begins with."""


class BadPlace(NamedTuple):
    """A line that is no event."""

    line: int
    """Its number, from 1 on."""
    reason: str


@dataclass
class ImportReport:
    """What became of the lines so far."""

    new: int = 0
    known: int = 0
    """Events that the log had already, and keeps as they were."""
    bad: int = 0
    first_bad: list[BadPlace] = field(default_factory=list)
    """The first `BAD_LINES` of the bad lines."""

    def refuse(self, line: int, reason: str) -> None:
        """Count a bad line."""
        self.bad += 1
        if len(self.first_bad) < BAD_LINES:
            self.first_bad.append(BadPlace(line, reason))


async def settle_end(log: EventLog, clock: Clock, selection: EventSelection) -> EventSelection:
    """Return the selection up to its newest event, once none becomes visible before that one.

    An export of it ends where another one can go on: before events of a time to come, such as of a
    clock that was wrong, as all that is stored until then lies before them.
    """
    now_ms = clock.now_ms()
    newest = (await log.list_events(selection, limit=1)).events
    end_ms = min(time_of(newest[0].id) + 1, now_ms + LATE_MS) if newest else 0
    await sleep(max(end_ms + LATE_MS - now_ms, 0) / 1000)
    await log.await_commits(LATEST_MS / 1000)
    return selection._replace(to_ms=end_ms)


async def count_to_come(log: EventLog, clock: Clock, selection: EventSelection) -> int:
    """Return the number of selected events that an export leaves out, as their time is to come."""
    from_ms = max(clock.now_ms() + LATE_MS, selection.from_ms or 0)
    return await log.count_all_events(selection._replace(from_ms=from_ms))


def refuse_to_come(id_: str, clock: Clock) -> None:
    """Raise `ValueError` if an export would go on after an event of a time to come."""
    if time_of(id_) >= clock.now_ms() + LATE_MS:
        raise ValueError(
            "its last event has a time to come, and later ones lie before: export anew"
        )


async def export_events(
    log: EventLog,
    file: BinaryIO,
    told: Callable[[int], object],
    selection: EventSelection = EVERYTHING,
    after: str = BEGINNING,
) -> int:
    """Write the selected events after an id as lines, oldest first, and return their number.

    `told` is called with the number of events of each page that is written.
    """
    count = 0
    next_: str | None = after
    while next_ is not None:
        page = await log.list_events_after(next_, selection)
        file.write(b"".join(map(to_line, page.events)))
        count += len(page.events)
        told(len(page.events))
        next_ = page.next
    return count


async def import_events(
    database: Database, clock: Clock, file: BinaryIO, told: Callable[[int], object]
) -> ImportReport:
    """Store the events of lines, each batch in a transaction, and return what became of them.

    An event with the id of a stored one changes nothing, so you may import a file again. Nothing is
    delivered. `told` is called with the number of bytes of each batch that is on disk.
    """
    imported = ImportReport()
    for batch in _batches(file):
        found = list(_read_events(batch, clock.now_ms(), imported))
        new = await database.write(partial(_insert, found=found))
        imported.new += new
        imported.known += len(found) - new
        told(sum(len(line) for _, line in batch))
    return imported


def _batches(file: BinaryIO) -> Iterator[list[tuple[int, bytes]]]:
    """Yield numbered lines, up to the bounds of a batch at a time."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(iter(lambda: file.readline(LINE_BYTES + 1), b""), 1):
        batch.append((number, line))
        size += len(line)
        if len(line) > LINE_BYTES:
            _skip_line(file)
        if len(batch) == BATCH_LINES or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _skip_line(file: BinaryIO) -> None:
    while (more := file.readline(LINE_BYTES)) and not more.endswith(b"\n"):
        pass


def _read_events(
    batch: Sequence[tuple[int, bytes]], now_ms: int, imported: ImportReport
) -> Iterator[Event]:
    for number, line in batch:
        if line.isspace():
            continue
        if len(line) > LINE_BYTES:
            imported.refuse(number, f"is longer than {LINE_BYTES} bytes")
            continue
        try:
            yield from_line(line, now_ms)
        except BadLine as error:
            imported.refuse(number, str(error))


def _insert(connection: Connection, found: Sequence[Event]) -> int:
    """Store the events whose ids are not stored yet, and return their number."""
    wanted = {event.id: event for event in found}
    stored = set(connection.scalars(select(events.c.id).where(events.c.id.in_(wanted))))
    new = [event._asdict() for event in wanted.values() if event.id not in stored]
    if new:
        # A server or another import may store one of them meanwhile.
        connection.execute(insert_new(connection, events), new)
        open_blocks(connection, [event["id"] for event in new])
    return len(new)


def last_id(file: BinaryIO) -> str:
    """Return the id in the last line of an exported file, and cut off a line that was not ended.

    Raise `ValueError` for a file of other content, which stays as it is.
    """
    file.seek(0)
    begin = file.read(len(FIRST_BYTES))
    if not FIRST_BYTES.startswith(begin):
        raise ValueError("is no export of events")
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 2 * LINE_BYTES)
    file.seek(start)
    lines, ended, _ = file.read().rpartition(b"\n")
    file.truncate(start + len(lines) + len(ended))
    file.seek(0, os.SEEK_END)
    return str(orjson.loads(lines.rpartition(b"\n")[2])["id"]) if ended else BEGINNING
