"""A DNS resolver in which a slow look-up delays only its own request."""

from __future__ import annotations

import socket
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from tallystick.delivery.daemon_threads import DaemonThreads

LOOKUPS = 512
"""The number of look-ups at a time, including abandoned ones."""


class NameResolver(AbstractResolver):
    """A resolver that runs each look-up of the operating system in a thread of its own.

    An event loop has four threads for all look-ups. With them, four names with a silent server
    would stop all deliveries.
    """

    def __init__(self) -> None:
        self._threads = DaemonThreads(LOOKUPS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raise `OSError` if it has none."""
        look_up = partial(
            socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=family_,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family_, _, protocol, _, address in await self._threads.run(look_up)
        ]

    async def close(self) -> None:
        """Do nothing: a waiting thread ends with the process."""
