"""The end of the log, followed while events come in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tallystick.clock import Clock
from tallystick.events.event import Event
from tallystick.events.ids import lowest_id
from tallystick.events.log import EVERYTHING, EventLog
from tallystick.events.selection import EventSelection

PAUSE_S = 0.5
"""The pause in seconds between two looks at the log."""

LATE_MS = 2_000
"""How much later than its id's time an event becomes visible, in milliseconds, as a rule."""

LATEST_MS = 30_000
"""The same after a slow commit, or by a server with a clock that is behind."""

LOOK_BACK_S = 10
"""The seconds from a look at all of that time to the next: each costs as much as many others."""


class LogTail:
    """The selected events of a log, each told once, in the order they are seen."""

    def __init__(self, log: EventLog, clock: Clock, selection: EventSelection = EVERYTHING) -> None:
        self._log = log
        self._clock = clock
        self._selection = selection
        self._told: set[str] = set()
        self._newest = ""
        self._look_back_at_ms = 0

    async def follow(
        self, tell: Callable[[Event], object], last: int, is_over: Callable[[], bool]
    ) -> None:
        """Tell the `last` newest events, and then each new one until `is_over` returns True."""
        await self.begin(tell, last)
        while not is_over():
            await asyncio.sleep(PAUSE_S)
            await self.go_on(tell)

    async def begin(self, tell: Callable[[Event], object], last: int) -> None:
        """Tell the `last` newest events, and leave out those before them from then on."""
        self._newest = lowest_id(self._clock.now_ms())
        await self.go_on(lambda _: None)
        if last:
            page = await self._log.list_events(self._selection, limit=last)
            for event in reversed(page.events):
                tell(event)
                self._told.add(event.id)

    async def go_on(self, tell: Callable[[Event], object]) -> None:
        """Tell the events that came in since."""
        # Ids are given before the commit, and other processes give theirs: a late one lies before
        # those already told.
        next_: str | None = min(self._newest, lowest_id(self._clock.now_ms() - self._late_ms()))
        while next_ is not None:
            page = await self._log.list_events_after(next_, self._selection)
            for event in page.events:
                if event.id not in self._told:
                    tell(event)
                    self._told.add(event.id)
                    self._newest = max(self._newest, event.id)
            next_ = page.next

    def _late_ms(self) -> int:
        """Return how far to look back; forget what was told before that if it is the farthest."""
        if self._clock.monotonic_ms() < self._look_back_at_ms:
            return LATE_MS
        self._look_back_at_ms = self._clock.monotonic_ms() + 1_000 * LOOK_BACK_S
        oldest = min(self._newest, lowest_id(self._clock.now_ms() - LATEST_MS))
        self._told = {id_ for id_ in self._told if id_ > oldest}
        return LATEST_MS
