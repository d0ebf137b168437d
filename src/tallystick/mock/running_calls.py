"""The calls between their request and their answer, and the ways to end them early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from tallystick.contract.body import Receive

T = TypeVar("T")

SERVICE_S = 1.0
"""The seconds that a call may take in the service before a reset ends it too."""


class CallerLeft(Exception):
    """The caller closed the connection before the answer."""


class RunningCalls:
    """All calls in progress. A reset ends those before it, and holds those after it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._waiting: set[asyncio.Task[Any]] = set()
        self._ended: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._admitted = asyncio.Event()
        self._admitted.set()
        self._reset = asyncio.Lock()
        self._is_closed = False

    async def run_call(self, call: Coroutine[Any, Any, T]) -> T | None:
        """Return the result of a call, or None if it was ended."""
        await self._admitted.wait()
        task = asyncio.current_task()
        assert task
        self._running.add(task)
        try:
            return await call
        except asyncio.CancelledError:
            if task not in self._ended:
                raise
            task.uncancel()  # the connection has one task for all of its calls
            return None
        finally:
            self._ended.discard(task)
            self._running.discard(task)
            if not self._running:
                self._idle.set()

    async def wait(self, seconds: float, receive: Receive) -> None:
        """Wait so long within a call; raise `CallerLeft`."""
        task = asyncio.current_task()
        assert task
        self._waiting.add(task)
        try:
            if self._is_closed:
                self._end(task)
            async with asyncio.timeout(seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
            raise CallerLeft
        except TimeoutError:
            return
        finally:
            self._waiting.discard(task)

    @asynccontextmanager
    async def ended(self) -> AsyncIterator[None]:
        """End all calls; later ones wait for the end of the block."""
        async with self._reset:
            self._admitted.clear()
            try:
                await self._end_calls()
                yield
            finally:
                self._admitted.set()

    def close(self) -> None:
        """End the calls that wait, now and from now on."""
        self._is_closed = True
        for task in self._waiting:
            self._end(task)

    async def _end_calls(self) -> None:
        for tasks in (self._waiting, self._running):
            for task in tasks:
                self._end(task)
            await self._wait_for_service()

    async def _wait_for_service(self) -> None:
        """Let the calls in the service finish: they take some milliseconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SERVICE_S):
                while self._running:
                    self._idle.clear()
                    await self._idle.wait()

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._ended.add(task)
        task.cancel()
