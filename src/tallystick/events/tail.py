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
"""How much later than its id's time an event may become visible, in milliseconds."""


class LogTail:
    """The selected events of a log, each told once, in the order they are seen."""

    def __init__(self, log: EventLog, clock: Clock, selection: EventSelection = EVERYTHING) -> None:
        self._log = log
        self._clock = clock
        self._selection = selection
        self._told: set[str] = set()
        self._newest = ""

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
        start = min(self._newest, lowest_id(self._clock.now_ms() - LATE_MS))
        self._told = {id_ for id_ in self._told if id_ > start}
        next_: str | None = start
        while next_ is not None:
            page = await self._log.list_events_after(next_, self._selection)
            for event in page.events:
                if event.id not in self._told:
                    tell(event)
                    self._told.add(event.id)
                    self._newest = max(self._newest, event.id)
            next_ = page.next
