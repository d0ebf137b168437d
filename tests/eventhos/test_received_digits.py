"""An id of digits names one event."""

from __future__ import annotations

import pytest

from manual_clock import ManualClock
from stored import Stored
from tallystick.apis.eventhos.received_digits import from_digits, to_digits
from tallystick.events import Event, EventLog, new_id


def test_events_of_one_millisecond_have_digits_of_their_own(stored: Stored) -> None:
    log = EventLog(stored.database, ManualClock(), 100)
    ids = [new_id(1_800_000_000_000) for _ in range(3)] + [new_id(1_800_000_000_001)]

    async def append() -> None:
        for id_ in ids:
            await log.append(Event(id_, "eventhos", "/s", "t", "", 0, b"{}", "{}"))

    stored.run(append())
    digits = [stored.write(to_digits, id_) for id_ in ids]
    assert len({*digits}) == 4
    assert max(map(int, digits)) < 2**53
    assert [stored.write(from_digits, each) for each in digits] == ids


@pytest.mark.parametrize("digits", ["", "x", "-1", "1", "٣", "9" * 18, "9" * 400, "1.0"])
def test_other_digits_name_no_event(stored: Stored, digits: str) -> None:
    assert stored.write(from_digits, digits) is None
