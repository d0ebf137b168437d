"""A request that is answered while its body is still coming: how it is read, and how it ends."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import MutableMapping
from typing import Any, Protocol

from tallystick.contract.exceptions import RequestTimeout


class Connection(Protocol):
    """The connection that the request comes by."""

    app: Any
    transport: Transport
    is_half_closed: bool

    def end(self) -> None:
        """Close in time."""
        ...

    def is_late(self, cycle: Any) -> bool:
        """Whether the body of this request came too slowly."""
        ...


class GentleTransport:
    """A transport that a request's cycle can't close before its caller has read the answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, content: bytes) -> None:
        """Write."""
        self._connection.transport.write(content)

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._connection.transport.is_closing()

    def close(self) -> None:
        """Close in time."""
        self._connection.end()


class UnfinishedRequest:
    """The application, for one request whose body is still coming."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._app = connection.app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer it; reading a body that is late raises `RequestTimeout`."""
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
