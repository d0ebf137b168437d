"""Numbers that go up with every change that other processes must notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, select, text

from tallystick.store.tables import revisions

T = TypeVar("T")

INTERVAL_S = 0.5

Callback = Callable[[], Awaitable[Any]]

_log = logging.getLogger(__name__)


def bump_revision(connection: Connection, name: str) -> None:
    """Tell all processes, with this transaction's commit, that something has changed."""
    connection.execute(_BUMP, {"name": name})


_BUMP = text(
    "INSERT INTO revisions (name, revision) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET revision = revisions.revision + 1"
)


class Read(Protocol):
    """`Database.read`."""

    async def __call__(self, function: Callable[[Connection], T]) -> T:
        """What the function finds."""
        ...


class Revisions:
    """Calls back when a number has changed, at most half a second later."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._callbacks: list[tuple[str, Callback]] = []
        self._seen: dict[str, int | None] = {}
        self._task: asyncio.Task[None] | None = None

    async def watch(self, name: str, callback: Callback) -> None:
        """Call back now, and after each change of that name."""
        found = await self._read(_numbers)
        self._seen.setdefault(name, found.get(name))
        self._callbacks.append((name, callback))
        if self._task is None:
            self._task = asyncio.create_task(self._poll())
        await callback()

    async def call_back(self) -> None:
        """Call everybody back, whatever has changed."""
        self._seen = dict.fromkeys(self._seen, _UNKNOWN)
        await self._notice()

    async def close(self) -> None:
        """Watch no more."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _poll(self) -> None:
        is_well = True
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await self._notice()
                is_well = True
            except Exception as error:
                if is_well:
                    kind = type(error).__name__
                    _log.warning("can't learn the changes of other processes: %s", kind)
                is_well = False

    async def _notice(self) -> None:
        found = await self._read(_numbers)
        for name in [n for n, seen in self._seen.items() if found.get(n) != seen]:
            for watched, callback in self._callbacks:
                if watched == name:
                    await callback()
            # Only now: a callback that failed is called again.
            self._seen[name] = found.get(name)


_UNKNOWN = -1


def _numbers(connection: Connection) -> Mapping[str, int]:
    rows = connection.execute(select(revisions.c.name, revisions.c.revision))
    return {row.name: row.revision for row in rows}
