"""Events of common and rare streams, stored as if each had come at its time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from manual_clock import ManualClock
from tallystick.events import Event, EventLog
from tallystick.events.digest_keys import MANY_KEYS
from tallystick.events.ids import Ids

EARLIER_S = 1_000
MANY = [f"none-{n}" for n in range(MANY_KEYS + 1)]
APIS = ["event_store", "eventhos"]


def make_events(clock: ManualClock, number: int, **fields: Any) -> list[Event]:
    """Return events of the time before now, each of a common or a rare stream."""
    ids, choose = Ids(), random.Random(number)
    first_ms = clock.now_ms() - EARLIER_S * 1_000
    made = []
    for count in range(number):
        time_ms = first_ms + count * EARLIER_S * 1_000 // number
        n = int(choose.expovariate(0.3))
        row = Event(
            ids.new(time_ms), APIS[n % 2], f"/s/{n % 3}", f"t{n}", str(n % 5), time_ms, b"{}", "{}"
        )
        made.append(row._replace(**fields))
    return made


async def store_all(log: EventLog, events: Sequence[Event]) -> None:
    """Store events as if each had come at its time."""
    stored = [(event, ()) for event in events]
    await log.write(lambda connection: log.append_all_within(connection, stored))
