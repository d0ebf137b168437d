"""Counts what keys with quotas use, together with all other processes of the database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, text

from tallystick.apis.key_limits import Measure
from tallystick.background_tasks import end_tasks
from tallystick.clock import Clock
from tallystick.contract.exceptions import Problem, TooManyRequests
from tallystick.store import Database, lock_name
from tallystick.store.tables import key_uses

INTERVAL_S = 1.0
"""The seconds after which a process tells the others what it counted, and learns of them."""

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
MOST_DAYS = 30
"""Deliveries wait for one of so many days; those over the quota of the last one wait for it too."""

_SPAN_MS = {
    Measure.REQUESTS: MINUTE_MS,
    Measure.EVENTS: MINUTE_MS,
    Measure.BYTES: MINUTE_MS,
    Measure.DELIVERIES: DAY_MS,
}


class Span(NamedTuple):
    """A minute or a day in which a key uses something, in the order of the table's columns."""

    key_id: str
    measure: str
    ends: int
    """Its end, in milliseconds since the epoch."""


class KeyQuotas:
    """The use of all keys with quotas: what this process counted, and what the database knows.

    Processes tell one another once every `INTERVAL_S`, so all of them together may pass a quota by
    what they let in during that time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: Counter[Span] = Counter()
        self._sending: Counter[Span] = Counter()
        self._unsent: Counter[Span] = Counter()
        # Functions in the database's threads count as well.
        self._lock = Lock()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.is_used = False
        """Whether any key has a quota."""

    def open(self) -> None:
        """Start to tell and to learn."""
        self._task = asyncio.create_task(self._share_now_and_then())

    async def close(self) -> None:
        """Stop, and store the rest."""
        await end_tasks(self._task)
        if self._unsent:
            await self._try_to_share()

    def refuse_excess(self, key_id: str, quotas: Mapping[str, int], *measures: Measure) -> None:
        """Raise `TooManyRequests` if a quota of one of the measures is used up."""
        for measure in measures:
            quota = quotas.get(measure)
            if quota is not None and self._used(self._span(key_id, measure)) >= quota:
                raise self._excess(measure, quota)

    def add(self, key_id: str, quotas: Mapping[str, int], measure: Measure, number: int) -> None:
        """Count something, if the key has a quota of it."""
        if measure in quotas:
            self._add(self._span(key_id, measure), number)

    def add_deliveries(self, key_id: str, quotas: Mapping[str, int], number: int) -> int | None:
        """Count deliveries on the first day with room; return its beginning if it is a later one.

        The time is in milliseconds since the epoch.
        """
        quota = quotas.get(Measure.DELIVERIES)
        if quota is None or not number:
            return None
        today = self._span(key_id, Measure.DELIVERIES)
        days = [today._replace(ends=today.ends + n * DAY_MS) for n in range(MOST_DAYS + 1)]
        day = next((day for day in days if self._used(day) < quota), days[-1])
        self._add(day, number)
        return None if day == today else day.ends - DAY_MS

    async def read_use(self) -> Mapping[tuple[str, str], int]:
        """Return the use of this minute and this day by key and measure, up to now."""
        await self.share()
        return {
            (span.key_id, span.measure): used
            for span, used in self._known.items()
            if span == self._span(span.key_id, Measure(span.measure))
        }

    async def share(self) -> None:
        """Store what was counted since the last time, and learn what the others stored."""
        async with self._turn:
            with self._lock:
                self._sending, self._unsent = self._unsent, Counter()
            try:
                known = await self._exchange()
            except BaseException:
                with self._lock:
                    self._unsent += self._sending
                    self._sending = Counter()
                raise
            self._known, self._sending = known, Counter()

    async def _exchange(self) -> Counter[Span]:
        now_ms, counted = self._clock.now_ms(), dict(self._sending)
        if not counted:
            return await self._database.read(lambda connection: _read(connection, now_ms))

        def exchange(connection: Connection) -> Counter[Span]:
            _add_counts(connection, counted, now_ms)
            return _read(connection, now_ms)

        return await self._database.write(exchange)

    async def _share_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            if self.is_used:
                await self._try_to_share()

    async def _try_to_share(self) -> None:
        with suppress(Problem):  # the calls that need the database report it
            await self.share()

    def _span(self, key_id: str, measure: Measure) -> Span:
        span_ms = _SPAN_MS[measure]
        return Span(key_id, measure.value, (self._clock.now_ms() // span_ms + 1) * span_ms)

    def _used(self, span: Span) -> int:
        return self._known[span] + self._sending[span] + self._unsent[span]

    def _add(self, span: Span, number: int) -> None:
        with self._lock:
            self._unsent[span] += number

    def _excess(self, measure: Measure, quota: int) -> TooManyRequests:
        ends = self._span("", measure).ends
        left_s = -((self._clock.now_ms() - ends) // 1000)
        return TooManyRequests(
            f"The key's quota of {measure.replace('_', ' ')} is used up: {quota}.",
            limit=quota,
            reset=ends / 1000,
            retry_after=max(1, left_s),
        )


_COUNT = text(
    "INSERT INTO key_uses (key_id, measure, ends, used) VALUES (:key_id, :measure, :ends, :used)"
    " ON CONFLICT (key_id, measure, ends) DO UPDATE SET used = key_uses.used + excluded.used"
)


def _add_counts(connection: Connection, counted: Mapping[Span, int], now_ms: int) -> None:
    # One process at a time: the rows of an ended minute are removed in no order.
    lock_name(connection, key_uses.name)
    rows = [span._asdict() | {"used": used} for span, used in counted.items()]
    connection.execute(_COUNT, rows)
    connection.execute(delete(key_uses).where(key_uses.c.ends <= now_ms))


def _read(connection: Connection, now_ms: int) -> Counter[Span]:
    rows = connection.execute(select(key_uses).where(key_uses.c.ends > now_ms))
    return Counter({Span(row.key_id, row.measure, row.ends): row.used for row in rows})
