"""Opens the database for a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tallystick.cli.options import fail, say
from tallystick.collector import without_collector

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.apis.keys import ApiKeys
    from tallystick.settings import Settings
    from tallystick.store import Database as Store


def with_existing_store(settings: Settings, work: Callable[[Store], Awaitable[None]]) -> None:
    """Run `work` with a database that must be there already, as `with_store` does."""
    require_store(settings)
    with_store(settings, lambda _, store: work(store))


def require_store(settings: Settings) -> None:
    """End the command with exit code 2 if the database can't be: no URL, or no file in SQLite."""
    from tallystick.store import StoreError

    try:
        file = _missing_file(settings.database)
    except StoreError as error:
        fail(str(error))
    if file is not None:
        fail(f"there is no database {file}: name another with --database")


def with_store(settings: Settings, work: Callable[[ApiKeys, Store], Awaitable[None]]) -> None:
    """Run `work` with the keys and the database, beside a running server or without one.

    Ends the command with exit code 2 if the work or the database fails. A database that is not
    there yet is made, and a line on standard error says so.
    """
    with without_collector():
        import asyncio

        from tallystick.apis.keys import ApiKeys
        from tallystick.clock import SystemClock
        from tallystick.contract.exceptions import Problem
        from tallystick.store import Database, StoreError

    async def run() -> None:
        # A wrong folder or a mistyped name would go unseen otherwise.
        if (file := _missing_file(settings.database)) is not None:
            say(f"making the database {file}")
        store = Database(settings.database, exclusive=False)
        await store.open()
        try:
            await work(ApiKeys(store, SystemClock()), store)
        finally:
            await store.close()

    try:
        asyncio.run(run())
    except (Problem, StoreError) as error:
        fail(str(error))


def _missing_file(url: str) -> Path | None:
    """Return the file of a database in SQLite that is not there yet, or None."""
    from tallystick.store.engine import parse_url, sqlite_file

    file = sqlite_file(parse_url(url))
    return None if file is None or file.exists() else file
