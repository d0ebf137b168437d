"""A command's way to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tallystick.cli.options import fail

if TYPE_CHECKING:
    from tallystick.apis.keys import ApiKeys
    from tallystick.settings import Settings
    from tallystick.store import Database as Store


def with_store(settings: Settings, work: Callable[[ApiKeys, Store], Awaitable[None]]) -> None:
    """Work with the keys and all else in the database, beside a server that may be running."""
    from tallystick.apis.keys import ApiKeys
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Problem
    from tallystick.store import Database, StoreError

    async def run() -> None:
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
