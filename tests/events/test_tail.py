"""The end of the log is told once an event, also when one becomes visible late."""

from __future__ import annotations

import pytest

from events.test_log import an_event
from manual_clock import ManualClock
from tallystick.events import EventLog, EventSelection
from tallystick.events.tail import LATE_MS, LATEST_MS, LOOK_BACK_S, LogTail

pytestmark = pytest.mark.anyio


async def test_the_newest_come_first_and_then_each_new_one_once(
    log: EventLog, clock: ManualClock
) -> None:
    old = [an_event(clock.now_ms()) for _ in range(3)]
    await log.append_all([(event, []) for event in old])
    tail = LogTail(log, clock)
    told: list[str] = []
    await tail.begin(lambda event: told.append(event.id), 2)
    assert told == [event.id for event in old[1:]]
    new = an_event(clock.now_ms())
    await log.append(new)
    for _ in range(2):
        await tail.go_on(lambda event: told.append(event.id))
        clock.seconds += LATE_MS // 1000
    assert told[2:] == [new.id]


async def test_an_event_that_is_visible_late_is_told(log: EventLog, clock: ManualClock) -> None:
    late, early = an_event(clock.now_ms()), an_event(clock.now_ms() + 1)
    tail = LogTail(log, clock)
    told: list[str] = []
    await tail.begin(lambda event: told.append(event.id), 0)
    for event in (early, late):
        await log.append(event)
        await tail.go_on(lambda event: told.append(event.id))
    assert told == [early.id, late.id]


async def test_an_event_of_a_slow_commit_is_told_once_at_the_next_look_back(
    log: EventLog, clock: ManualClock
) -> None:
    tail = LogTail(log, clock)
    told: list[str] = []
    slow = an_event(clock.now_ms())
    await tail.begin(lambda event: told.append(event.id), 0)
    clock.seconds += 15  # ids may keep a time that is up to 10 s ahead
    early = an_event(clock.now_ms())
    for event in (early, slow):
        await log.append(event)
        await tail.go_on(lambda event: told.append(event.id))
    assert told == [early.id]
    for _ in range(LATEST_MS // (1_000 * LOOK_BACK_S) + 1):
        clock.seconds += LOOK_BACK_S
        await tail.go_on(lambda event: told.append(event.id))
    assert told == [early.id, slow.id]


async def test_what_does_not_match_is_left_out(log: EventLog, clock: ManualClock) -> None:
    tail = LogTail(log, clock, EventSelection(type="OTHER"))
    told: list[str] = []
    await tail.begin(lambda event: told.append(event.id), 5)
    await log.append(an_event(clock.now_ms()))
    await tail.go_on(lambda event: told.append(event.id))
    assert told == []
