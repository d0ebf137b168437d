"""An exported log comes back whole, from a whole file or from one that was cut off."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from events.test_log import an_event
from manual_clock import ManualClock
from tallystick.events import Event, EventLog, EventSelection, transfer
from tallystick.events.ids import derived_id
from tallystick.events.transfer import (
    BAD_LINES,
    BATCH_LINES,
    BEGINNING,
    LINE_BYTES,
    ImportReport,
    count_to_come,
    export_events,
    import_events,
    last_id,
    refuse_to_come,
    settle_end,
)
from tallystick.store import Database
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio


def ignore(_: int) -> None:
    """Take a number and do nothing."""


async def exported(log: EventLog, after: str = BEGINNING, **values: Any) -> bytes:
    file = io.BytesIO()
    await export_events(log, file, ignore, EventSelection(**values), after)
    return file.getvalue()


async def imported(database: Database, clock: ManualClock, lines: bytes) -> ImportReport:
    return await import_events(database, clock, io.BytesIO(lines), ignore)


def a_line(number: int) -> bytes:
    return b'{"specversion":"1.0","id":"%d","source":"/crm","type":"t","data":%d}\n' % (
        number,
        number,
    )


def event_of(ms: int) -> Event:
    """Return an event whose id has exactly this time."""
    return an_event(ms)._replace(id=derived_id(ms, b""))


async def test_an_export_has_what_matches_oldest_first(log: EventLog, clock: ManualClock) -> None:
    first, second, third = (an_event(clock.now_ms() + ms) for ms in (0, 1, 2))
    await log.append_all([(event, []) for event in (third, first, second._replace(type="OTHER"))])
    lines = (await exported(log, type="START_EC2")).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [first.id, third.id]


async def test_an_export_goes_on_over_pages(log: EventLog, clock: ManualClock) -> None:
    large = b'"%b"' % (b"x" * 3_000_000)
    events = [an_event(clock.now_ms(), data=large) for _ in range(7)]
    await log.append_all([(event, []) for event in events])
    whole = await exported(log)
    assert [json.loads(line)["id"] for line in whole.splitlines()] == [e.id for e in events]
    assert await exported(log, events[4].id) == b"".join(whole.splitlines(keepends=True)[5:])


async def test_an_export_waits_for_what_is_visible_late(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, early, new = (event_of(clock.now_ms() + ms) for ms in (0, 1, 2))
    await log.append(early)

    async def append_late(_: float) -> None:
        await log.append_all([(late, []), (new, [])])

    monkeypatch.setattr(transfer, "sleep", append_late)
    settled = await settle_end(log, clock, EventSelection())
    lines = (await exported(log, to_ms=settled.to_ms)).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [late.id, early.id]


# On SQLite one transaction writes at a time.
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_an_export_waits_for_a_transaction_under_way(
    log: EventLog, database: Database, clock: ManualClock
) -> None:
    slow, new = event_of(clock.now_ms()), event_of(clock.now_ms() + 1)
    is_inserted, may_commit = threading.Event(), threading.Event()

    def insert_slowly(connection: Connection) -> None:
        connection.execute(insert(events).values(slow._asdict()))
        is_inserted.set()
        may_commit.wait()

    writing = asyncio.create_task(database.write(insert_slowly))
    await asyncio.to_thread(is_inserted.wait)
    await log.append(new)
    clock.seconds += 60
    settling = asyncio.create_task(settle_end(log, clock, EventSelection()))
    is_settled, _ = await asyncio.wait({settling}, timeout=0.5)
    may_commit.set()
    await writing
    settled = await settling
    lines = (await exported(log, to_ms=settled.to_ms)).splitlines()
    assert (is_settled, [json.loads(line)["id"] for line in lines]) == (set(), [slow.id, new.id])


async def test_an_export_ends_before_a_time_to_come(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go_on(_: float) -> None:
        """Take no time."""

    monkeypatch.setattr(transfer, "sleep", go_on)
    now, ahead = event_of(clock.now_ms()), event_of(clock.now_ms() + 86_400_000)
    await log.append_all([(now, []), (ahead, [])])
    settled = await settle_end(log, clock, EventSelection())
    [line] = (await exported(log, to_ms=settled.to_ms)).splitlines()
    assert json.loads(line)["id"] == now.id
    assert await count_to_come(log, clock, EventSelection()) == 1
    refuse_to_come(now.id, clock)
    with pytest.raises(ValueError, match="has a time to come"):
        refuse_to_come(ahead.id, clock)


@pytest.mark.parametrize(("age_s", "pause_s"), [(-3600, 4.0), (1, 1.001), (3600, 0.0)])
async def test_an_export_waits_only_for_new_events(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, age_s: int, pause_s: float
) -> None:
    pauses = []

    async def note_pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(transfer, "sleep", note_pause)
    await log.append(event_of(clock.now_ms() - age_s * 1000))
    await settle_end(log, clock, EventSelection())
    assert pauses == [pause_s]


async def test_an_import_again_changes_nothing(
    log: EventLog, database: Database, clock: ManualClock
) -> None:
    event = an_event(clock.now_ms())
    await log.append(event)
    lines = (
        await exported(log) + b"\n" + a_line(1).replace(b"}", b',"time":"2026-01-31T08:00:00Z"}')
    )
    assert await imported(database, clock, lines) == ImportReport(new=1, known=1)
    assert await imported(database, clock, lines) == ImportReport(new=0, known=2)
    assert await log.get_event(event.id) == event


async def test_every_batch_is_stored_and_every_bad_line_counted(
    log: EventLog, database: Database, clock: ManualClock
) -> None:
    count = BATCH_LINES + 1
    lines = [line for number in range(count) for line in (a_line(number), b"bad\n")]
    found = await imported(database, clock, b"".join(lines))
    assert (found.new, found.bad, len(found.first_bad)) == (count, count, BAD_LINES)
    assert found.first_bad[1].line == 4
    assert await log.count_all_events(EventSelection(api="crm")) == count


async def test_a_line_over_the_bound_is_refused_and_the_next_one_is_read(
    database: Database, clock: ManualClock
) -> None:
    found = await imported(database, clock, b"x" * (3 * LINE_BYTES) + b"\n" + a_line(1))
    assert (found.new, [place.line for place in found.first_bad]) == (1, [1])


@pytest.mark.parametrize("cut", [1, 40])
async def test_a_file_that_was_cut_off_goes_on_after_its_last_whole_line(
    log: EventLog, clock: ManualClock, cut: int
) -> None:
    await log.append_all([(an_event(clock.now_ms()), []) for _ in range(3)])
    whole = await exported(log)
    file = io.BytesIO(whole[:-cut])
    after = last_id(file)
    await export_events(log, file, ignore, after=after)
    assert file.getvalue() == whole


@pytest.mark.parametrize("start", [b"", b'{"specversi', b'{"specversion":"1.0","id":"'])
def test_a_file_without_a_whole_line_begins_anew(start: bytes) -> None:
    file = io.BytesIO(start)
    assert (last_id(file), file.getvalue()) == (BEGINNING, b"")


def test_a_file_of_other_content_stays_as_it_is() -> None:
    file = io.BytesIO(b"my diary")
    with pytest.raises(ValueError, match="is no export of events"):
        last_id(file)
    assert file.getvalue() == b"my diary"
