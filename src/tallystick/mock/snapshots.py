"""Keeps and restores the whole state of a mock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from tallystick import randomness
from tallystick.contract.exceptions import NotFound, Refused
from tallystick.events import IDS
from tallystick.mock.clock import ClockReading, MockClock
from tallystick.mock.rules import Rules, RulesState
from tallystick.store import Database

MOST = 20


class TooManySnapshots(Refused):
    """There are 20 snapshots already: delete one."""


class Snapshot(NamedTuple):
    """A state of the database, the rules, the clock, the random numbers and the ids."""

    database: object
    rules: RulesState
    reading: ClockReading
    random: randomness.RandomnessState | None
    ids: tuple[int, int]


class Snapshots:
    """Snapshots by name, and the one of the start."""

    def __init__(
        self,
        database: Database,
        rules: Rules,
        clock: MockClock,
        paused: Callable[[], AbstractAsyncContextManager[None]],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> None:
        """Hold the parts of the state.

        Deliveries stand still in the block of `paused`. `begin_anew` is called in each state that
        is restored: what came due while it was kept away was nobody's to do.
        """
        self._database = database
        self._rules = rules
        self._clock = clock
        self._paused = paused
        self._begin_anew = begin_anew
        self._kept: dict[str, Snapshot] = {}
        self._first: Snapshot

    async def keep_start(self) -> None:
        """Keep the present state as the start."""
        self._first = await self._now()

    async def restore_start(self) -> None:
        """Go back to the start."""
        await self._become(self._first)

    @property
    def list_names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(self._kept)

    async def take_snapshot(self, name: str) -> None:
        """Keep the present state under a name; raise `TooManySnapshots`."""
        if name not in self._kept and len(self._kept) >= MOST:
            raise TooManySnapshots
        self._kept[name] = await self._now()

    async def restore_snapshot(self, name: str) -> None:
        """Go back to a snapshot; raise `NotFound`."""
        await self._become(self._find(name))

    def remove_snapshot(self, name: str) -> None:
        """Delete a snapshot; raise `NotFound`."""
        self._find(name)
        del self._kept[name]

    def _find(self, name: str) -> Snapshot:
        if name not in self._kept:
            raise NotFound("No snapshot has this name.")
        return self._kept[name]

    async def _now(self) -> Snapshot:
        reading = self._clock.reading
        rules = self._rules.state
        database = await self._database.copy()
        return Snapshot(database, rules, reading, randomness.get_state(), IDS.state)

    async def _become(self, snapshot: Snapshot) -> None:
        async with self._paused():
            # SQLite's backup copies whole pages, so a reset takes some 5 ms (docs/performance.md).
            await self._database.restore(snapshot.database)
            self._rules.state = snapshot.rules
            self._clock.reading = snapshot.reading
            randomness.set_state(snapshot.random)
            IDS.state = snapshot.ids
            await self._begin_anew()
