"""An event loop in a thread that connects to permitted addresses alone, whichever library asks.

A client of brokers goes to the addresses that a broker tells it, so that the check of an address
given by a person would say nothing. Here each socket is checked as it connects.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Coroutine
from contextvars import ContextVar
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from tallystick.delivery.addresses import Addresses
from tallystick.delivery.daemon_threads import DaemonThreads

T = TypeVar("T")

LOOKUPS = 64
"""The number of look-ups of names at a time, including abandoned ones."""

refused_addresses: ContextVar[list[str] | None] = ContextVar("refused_addresses", default=None)
"""Collects the addresses that were refused to the tasks of a context, if it is set."""


class GuardedLoop(asyncio.SelectorEventLoop):
    """An event loop for the clients of one process; it ends with the process."""

    def __init__(self, addresses: Addresses) -> None:
        super().__init__()
        self._addresses = addresses
        self._lookups = DaemonThreads(LOOKUPS)

    def start(self) -> GuardedLoop:
        """Run in a thread of its own."""
        Thread(target=self.run_forever, name="guarded loop", daemon=True).start()
        return self

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return the result of a coroutine of this loop, for a caller in another one."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self))

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect a socket; raise `PermissionError` for an address that is not permitted."""
        host = str(address[0])
        if not self._addresses.permits(host):
            if (collected := refused_addresses.get()) is not None:
                collected.append(host)
            raise PermissionError(errno.EACCES, f"nothing may be sent to {host}")
        await super().sock_connect(sock, address)

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Return the addresses of a name, by a look-up that delays no other one."""
        return await self._lookups.run(partial(socket.getaddrinfo, host, port, **options))
