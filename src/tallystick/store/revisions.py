"""Revisions: counters by which a server process learns of changes by others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, select, text

from tallystick.background_tasks import end_tasks
from tallystick.store.tables import revisions

T = TypeVar("T")

INTERVAL_S = 0.5

Callback = Callable[[], Awaitable[Any]]

_log = logging.getLogger(__name__)


def bump_revision(connection: Connection, name: str) -> None:
    """Increase a counter, to tell all processes of a change once this transaction commits."""
    connection.execute(_BUMP, {"name": name})


_BUMP = text(
    "INSERT INTO revisions (name, revision) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET revision = revisions.revision + 1"
)


class Read(Protocol):
    """The signature of `Database.read`."""

    async def __call__(self, function: Callable[[Connection], T]) -> T:
        """Return the result of a reading function."""
        ...


class Revisions:
    """The watched counters, polled every half second, with the callbacks for their changes."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._callbacks: list[tuple[str, Callback]] = []
        self._seen: dict[str, int | None] = {}
        self._task: asyncio.Task[None] | None = None

    async def watch(self, name: str, callback: Callback) -> None:
        """Call back now, and after each change of the named counter."""
        found = await self._read(_numbers)
        self._seen.setdefault(name, found.get(name))
        self._callbacks.append((name, callback))
        if self._task is None:
            self._task = asyncio.create_task(self._poll())
        await callback()

    async def call_back(self) -> None:
        """Call every callback, whether or not its counter has changed."""
        self._seen = dict.fromkeys(self._seen, _UNKNOWN)
        await self._notice()

    async def close(self) -> None:
        """Stop watching."""
        await end_tasks(self._task)
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
            # Set after the callbacks: if one fails, all of them are called again.
            self._seen[name] = found.get(name)


_UNKNOWN = -1


def _numbers(connection: Connection) -> Mapping[str, int]:
    rows = connection.execute(select(revisions.c.name, revisions.c.revision))
    return {row.name: row.revision for row in rows}
