"""Notifications by PostgreSQL of deliveries stored by other processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from tallystick.background_tasks import end_tasks
from tallystick.delivery.addresses import Addresses
from tallystick.shared_warnings import COMMON

if TYPE_CHECKING:
    from psycopg import AsyncConnection

CHANNEL = "tallystick_deliveries"
RECONNECT_S = 5.0

NAME = "tallystick delivers to "
"""The start of a connection's name in PostgreSQL; the permitted networks follow."""

SHOWN = 40
"""The longest list of networks in a connection's name, in characters; longer ones are hashed."""

_OTHERS = """
    SELECT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND starts_with(application_name, %s)
        AND application_name <> %s
    ORDER BY backend_start DESC LIMIT 1
"""

_log = logging.getLogger(__name__)


class DeliveryNotifications:
    """A listener to wake the dispatcher.

    A lost notification costs at most a second, after which the dispatcher polls. The listener also
    warns if another process may send to other networks than this one. On SQLite it does nothing, as
    only one process has the database.
    """

    def __init__(self, url: str, wake: Callable[[], None], addresses: Addresses) -> None:
        parsed = make_url(url)
        self._is_shared = parsed.get_backend_name().startswith("postgres")
        self._target = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        self._wake = wake
        self._networks = _shown(addresses)
        self._is_compared = False
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to listen."""
        if self._is_shared:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop listening."""
        await end_tasks(self._task)
        self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                _log.info("without news of deliveries from PostgreSQL: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        # Imported late, as processes on SQLite never need the driver.
        from psycopg import AsyncConnection

        connection = await AsyncConnection.connect(
            self._target, autocommit=True, application_name=f"{NAME}{self._networks}"
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            if not self._is_compared:
                await self._compare_networks(connection)
            async for _ in connection.notifies():
                self._wake()

    async def _compare_networks(self, connection: AsyncConnection[Any]) -> None:
        """Warn once if a running process has other networks; the later of two processes does it."""
        own = f"{NAME}{self._networks}"
        other = await (await connection.execute(_OTHERS, [NAME, own])).fetchone()
        self._is_compared = True
        if other:
            _log.warning(
                "TALLYSTICK_DELIVERY_NETWORKS (with what --dev adds) is %s here and %s in another "
                "process on this database: a delivery forbidden to one waits for the other",
                self._networks,
                other[0].removeprefix(NAME),
                extra=COMMON,
            )


def _shown(addresses: Addresses) -> str:
    networks = ",".join(sorted(map(str, addresses.allowed))) or "none"
    return networks if len(networks) <= SHOWN else sha256(networks.encode()).hexdigest()[:16]
