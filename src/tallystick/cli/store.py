"""Opens the database for a command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.cli.options import fail

if TYPE_CHECKING:
    from tallystick.apis.keys import ApiKeys
    from tallystick.settings import Settings
    from tallystick.store import Database as Store


def with_store(settings: Settings, work: Callable[[ApiKeys, Store], Awaitable[None]]) -> None:
    """Run `work` with the keys and the database, beside a running server or without one.

    Ends the command with exit code 2 if the work or the database fails. A database that is not
    there yet is made, and a line on standard error says so.
    """
    from tallystick.apis.keys import ApiKeys
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Problem
    from tallystick.store import Database, StoreError

    async def run() -> None:
        _tell_new(settings.database)
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


def _tell_new(url: str) -> None:
    # A wrong folder or a mistyped name would go unseen otherwise.
    from tallystick.store.engine import parse_url

    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        file = Path(parsed.database)
        if not file.exists():
            print(f"tallystick: making the database {file}", file=sys.stderr)
