"""PostgreSQL tells at once when another process has stored a delivery."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import make_url

CHANNEL = "tallystick_deliveries"
RECONNECT_S = 5.0

_log = logging.getLogger(__name__)


class DeliveryNotifications:
    """Wakes the dispatcher; it looks every second anyway, so a notice that is lost costs no more.

    On SQLite nobody else can store anything, and nothing is listened to.
    """

    def __init__(self, url: str, wake: Callable[[], None]) -> None:
        parsed = make_url(url)
        self._is_shared = parsed.get_backend_name().startswith("postgres")
        self._target = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        self._wake = wake
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to listen."""
        if self._is_shared:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Listen no more."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                _log.info("not told of deliveries at the moment: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        # The driver is loaded only where it is used.
        from psycopg import AsyncConnection

        connection = await AsyncConnection.connect(self._target, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for _ in connection.notifies():
                self._wake()
