"""Runs the application for a request whose body is still arriving."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import MutableMapping
from typing import Any, Protocol

from tallystick.contract.exceptions import RequestTimeout


class Connection(Protocol):
    """The interface of the request's connection."""

    app: Any
    transport: Transport
    is_half_closed: bool

    def end(self) -> None:
        """Close the connection once the caller has had time to read the answer."""
        ...

    def is_late(self, cycle: Any) -> bool:
        """Return whether the body of this request arrived too slowly."""
        ...


class GentleTransport:
    """A transport for a request's cycle; it delays closing until the caller can read the answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, content: bytes) -> None:
        """Write bytes to the connection."""
        self._connection.transport.write(content)

    def is_closing(self) -> bool:
        """Return whether the connection is closed, or about to be."""
        return self._connection.transport.is_closing()

    def close(self) -> None:
        """Close the connection once the caller has had time to read the answer."""
        self._connection.end()


class UnfinishedRequest:
    """An ASGI application around the real one, for one request with a body still arriving."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._app = connection.app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the request; a read of a late body raises `RequestTimeout`."""
        cycle = receive.__self__
        cycle.listens = False
        is_read = False

        async def receive_in_time() -> MutableMapping[str, Any]:
            nonlocal is_read
            cycle.listens = is_read
            if is_read and self._connection.is_half_closed:
                cycle.disconnected = True
                cycle.transport.close()
            message: MutableMapping[str, Any] = await receive()
            if self._connection.is_late(cycle):
                raise RequestTimeout
            is_read = not message.get("more_body")
            return message

        await self._app(scope, receive_in_time, send)
