"""A DNS resolver in which a slow look-up delays only its own request."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

LOOKUPS = 512
"""The number of look-ups at a time, including abandoned ones."""

Found = list[tuple[Any, ...]]


class NameResolver(AbstractResolver):
    """A resolver that runs each look-up of the operating system in a thread of its own.

    An event loop has four threads for all look-ups, and waits for them when it ends. With them,
    four names with a silent server would stop all deliveries.
    """

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(LOOKUPS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raise `OSError` if it has none."""
        await self._places.acquire()
        answer = asyncio.get_running_loop().create_future()
        look_up = partial(
            socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        try:
            Thread(target=self._run, args=(look_up, answer), daemon=True).start()
        except RuntimeError as error:
            self._places.release()
            raise OSError(errno.ENOMEM, str(error)) from None
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=address[1],
                family=family_,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family_, _, protocol, _, address in await answer
        ]

    async def close(self) -> None:
        """Do nothing: a waiting thread ends with the process."""

    def _run(self, look_up: partial[Found], answer: asyncio.Future[Found]) -> None:
        try:
            found: Found | Exception = look_up()
        except Exception as error:
            found = error
        with suppress(RuntimeError):  # the event loop is closed
            answer.get_loop().call_soon_threadsafe(self._end, answer, found)

    def _end(self, answer: asyncio.Future[Found], found: Found | Exception) -> None:
        self._places.release()
        if answer.done():  # it was cancelled
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)
