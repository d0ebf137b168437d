"""Two changes at once by two processes on PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from tallystick.store import Database

T = TypeVar("T")


def change_at_once(
    url: str,
    make: Callable[[Connection], Any],
    first: Callable[[Connection], object],
    second: Callable[[Connection], T],
    last: Callable[[Connection], object] = lambda _: None,
) -> T:
    """Return what the second change returns; it is made while the first one is not committed.

    The transaction of the first one makes the last one too, once the second waits for it.
    """
    return asyncio.run(_change_at_once(url, make, first, second, last))


async def _change_at_once(
    url: str,
    make: Callable[[Connection], Any],
    first: Callable[[Connection], object],
    second: Callable[[Connection], T],
    last: Callable[[Connection], object],
) -> T:
    ours, theirs = Database(url), Database(url)
    for database in (ours, theirs):
        await database.open()
    await ours.write(make)
    loop = asyncio.get_running_loop()

    def change(connection: Connection) -> asyncio.Future[T]:
        first(connection)
        other = asyncio.run_coroutine_threadsafe(theirs.write(second), loop)
        _wait_until_blocked(connection)
        last(connection)
        return asyncio.wrap_future(other, loop=loop)

    changed = await (await ours.write(change))
    for database in (ours, theirs):
        await database.close()
    return changed


def _wait_until_blocked(connection: Connection) -> None:
    """Return when another transaction waits for one of this connection's locks."""
    deadline = time.monotonic() + 10
    while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
