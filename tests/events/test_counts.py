"""Counts of the log's events, on every kind of database."""

from __future__ import annotations

import pytest

from events.test_log import an_event, appended
from manual_clock import ManualClock
from tallystick.events import CountedBy, EventLog, EventSelection, counts
from tallystick.events.ids import Ids

pytestmark = pytest.mark.anyio

MINUTE_MS = 60_000
NINE_MS = 1_764_061_200_000


async def test_the_most_frequent_value_comes_first(log: EventLog, clock: ManualClock) -> None:
    kinds = ["RARE", "OFTEN", "OFTEN", "NEVER"]
    await appended(log, *(an_event(clock.now_ms(), type=kind) for kind in kinds))
    selection = EventSelection(type="OFTEN")
    found, is_complete = await log.count_events(EventSelection(), CountedBy.TYPE)
    assert (found[0], sorted(found[1:]), is_complete) == (
        ("OFTEN", 2),
        [("NEVER", 1), ("RARE", 1)],
        True,
    )
    assert await log.count_events(selection, CountedBy.API) == ([("event_store", 2)], True)
    assert await log.count_events(selection, CountedBy.SOURCE) == ([("/event_store/EDF", 2)], True)


async def test_the_newest_minute_comes_first(log: EventLog) -> None:
    new = Ids().new
    times = [NINE_MS, NINE_MS + MINUTE_MS - 1, NINE_MS + MINUTE_MS]
    await appended(log, *(an_event(time, id=new(time)) for time in times))
    everything = EventSelection()
    assert await log.count_events(everything, CountedBy.MINUTE) == (
        [(NINE_MS + MINUTE_MS, 1), (NINE_MS, 2)],
        True,
    )
    assert await log.count_events(everything, CountedBy.HOUR) == ([(NINE_MS, 3)], True)
    until = EventSelection(to_ms=NINE_MS + MINUTE_MS)
    assert await log.count_events(until, CountedBy.HOUR) == ([(NINE_MS, 2)], True)


async def test_counts_of_the_newest_events_alone_say_so(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await appended(log, *(an_event(clock.now_ms()) for _ in range(4)))
    monkeypatch.setattr(counts, "COUNTED_ROWS", 3)
    assert await log.count_events(EventSelection(), CountedBy.API) == ([("event_store", 3)], False)
    since = EventSelection(from_ms=clock.now_ms())
    assert await log.count_events(since, CountedBy.API) == ([("event_store", 3)], False)
    monkeypatch.setattr(counts, "COUNTED_ROWS", 4)
    assert await log.count_events(EventSelection(), CountedBy.API) == ([("event_store", 4)], True)


async def test_counts_of_a_time_are_complete_with_more_events_before_it(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "COUNTED_ROWS", 3)
    new = Ids().new
    times = [NINE_MS, NINE_MS + 1, NINE_MS + 2, NINE_MS + 3, NINE_MS + 4, NINE_MS + 5]
    await appended(log, *(an_event(time, id=new(time)) for time in times))
    three = EventSelection(from_ms=NINE_MS + 2, to_ms=NINE_MS + 5)
    assert await log.count_events(three, CountedBy.API) == ([("event_store", 3)], True)
    four = three._replace(from_ms=NINE_MS + 1)
    assert await log.count_events(four, CountedBy.API) == ([("event_store", 3)], False)


async def test_counts_of_the_first_values_alone_say_so(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ["OFTEN", "OFTEN", "RARE"]
    await appended(log, *(an_event(clock.now_ms(), type=kind) for kind in kinds))
    monkeypatch.setattr(counts, "VALUES", 1)
    assert await log.count_events(EventSelection(), CountedBy.TYPE) == ([("OFTEN", 2)], False)
