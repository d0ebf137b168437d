"""The monitor of crons, for state changes by the passage of time, such as a missed run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from tallystick.apis.charon import crons, execution_leases
from tallystick.apis.charon.far_times import AHEAD_MS, AT_ONCE, recall_far_times
from tallystick.apis.charon.write_context import WriteContext
from tallystick.background_tasks import end_tasks
from tallystick.contract.log_failure import log_failure
from tallystick.store import Database

LONGEST_SLEEP_S = 30.0
"""The longest sleep in seconds, as another process may end or the machine may be suspended."""

RETRY_S = 5.0


class CronMonitor:
    """A task sleeping until a state may change, to update it then."""

    def __init__(self, database: Database, now: Callable[[], WriteContext]) -> None:
        self._database = database
        self._now = now
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_well = True
        self._latest_ms = 0

    async def start(self) -> None:
        """Update the states changed while the server was stopped, and go on watching."""
        await self._extend_leases()
        await self._recall_far_times()
        await self.update_due()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        await end_tasks(self._task)

    def wake(self) -> None:
        """Compute the time of the next state change anew."""
        self._woken.set()

    async def update_due(self) -> float:
        """Update all crons whose time has come; return the seconds until the next."""
        async with self._looking:
            return await self._update_due()

    async def _update_due(self) -> float:
        while True:
            now = self._now()
            if now.ms < self._latest_ms - AHEAD_MS:
                await self._recall_far_times()
            self._latest_ms = now.ms
            check_at = await self._database.read(crons.next_check)
            if check_at is None:
                return LONGEST_SLEEP_S
            if check_at > now.ms:
                return min((check_at - now.ms) / 1000, LONGEST_SLEEP_S)
            if await self._settle(now) == 0:
                return RETRY_S  # another process is at it

    async def _settle(self, now: WriteContext) -> int:
        return await self._database.write(lambda c: crons.update_due_states(c, now))

    async def _extend_leases(self) -> None:
        now = self._now()
        await self._database.write(lambda c: execution_leases.extend_leases(c, now))

    async def _recall_far_times(self) -> None:
        in_last = AT_ONCE
        while in_last == AT_ONCE:
            now = self._now()
            in_last = await self._database.write(partial(recall_far_times, context=now))

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            pause_s = await self._look_safely()
            # Not `wait_for`: until Python 3.12 it loses a cancellation that comes with a wake.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def _look_safely(self) -> float:
        try:
            if not self._is_well:
                await self._extend_leases()
            pause_s = await self.update_due()
        except Exception as error:
            if self._is_well:
                log_failure(error, "can't watch charon's crons")
            self._is_well = False
            return RETRY_S
        self._is_well = True
        return pause_s
