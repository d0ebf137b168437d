"""Faults and delays between a request and its answer."""

from __future__ import annotations

import math
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Protocol

from tallystick.contract.answer import Answer
from tallystick.contract.body import Receive
from tallystick.contract.compiled import Scope, Send
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.intercepted import SentResponse
from tallystick.mock.clock import duration_ms
from tallystick.mock.outside_answer import encode_answer

EXTENSION = "tallystick.transport"
"""The key of the request's connection among an ASGI scope's extensions."""

PIECES = 20
"""The number of pieces of a slow body, if it has as many bytes."""

GARBAGE = b"\x00\xff<<<< this is no HTTP >>>>\xff\x00\r\n"
BROKEN_CHUNK = b"\r\nthis is no size of a chunk\r\n"

# SO_LINGER on, with 0 s: closing then sends a reset and drops all unsent bytes (socket(7)).
_LINGER_0 = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


Wait = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""


class Fault(StrEnum):
    """A way to break a connection."""

    RESET = "reset"
    """The connection is reset before the request has its effect or an answer."""
    EMPTY = "empty"
    """The connection is closed before the request has its effect or an answer."""
    HALF = "half"
    """The answer's head and the first half of its body are sent, then the connection is closed."""
    SLOW = "slow"
    """The answer's body is sent in pieces."""
    GARBAGE = "garbage"
    """Bytes outside HTTP are sent, before the request has its effect."""
    MALFORMED_CHUNK = "malformed-chunk"
    """The answer's head and half its body are sent in chunks, then a broken chunk."""

    @property
    def is_silent(self) -> bool:
        """Return whether the fault leaves the request without an answer."""
        return self in (Fault.RESET, Fault.EMPTY, Fault.GARBAGE)

    @property
    def is_outside(self) -> bool:
        """Return whether the fault sends bytes that no contract allows."""
        return self in (Fault.GARBAGE, Fault.MALFORMED_CHUNK)


class FaultyTransport(Protocol):
    """The methods of asyncio's transports used here."""

    def abort(self) -> None:
        """Close the connection at once."""

    def close(self) -> None:
        """Close the connection when all is sent."""

    def write(self, content: bytes) -> None:
        """Send bytes."""

    def get_extra_info(self, name: str) -> Any:
        """Return an attribute such as ``socket``."""
        ...


@dataclass(frozen=True, slots=True)
class Delay:
    """A waiting time before an answer, in seconds, drawn anew for each request."""

    seconds: Callable[[Random], float]


def delay(given: Mapping[str, Any]) -> Delay:
    """Return a delay by a ``MockDelay`` of the contract; raise `Invalid` for mixed members."""
    kinds = {"fixed": {"fixed"}, "uniform": {"from", "to"}, "lognormal": {"median", "sigma"}}
    for make, names in zip((_fixed, _uniform, _lognormal), kinds.values(), strict=True):
        if given.keys() == names:
            return make(given)
    raise _invalid("has either fixed, or from and to, or median and sigma")


def _fixed(given: Mapping[str, Any]) -> Delay:
    seconds = duration_ms(given["fixed"]) / 1000
    return Delay(lambda _: seconds)


def _uniform(given: Mapping[str, Any]) -> Delay:
    low, high = duration_ms(given["from"]) / 1000, duration_ms(given["to"]) / 1000
    if low > high:
        raise _invalid("has a from that is longer than its to")
    return Delay(lambda random: random.uniform(low, high))


def _lognormal(given: Mapping[str, Any]) -> Delay:
    mu, sigma = math.log(max(duration_ms(given["median"]), 1) / 1000), float(given["sigma"])
    return Delay(lambda random: random.lognormvariate(mu, sigma))


def _invalid(message: str) -> Invalid:
    return Invalid([Violation("body", "delay", "format", None, message, ("delay",))])


class ResponseWriter:
    """A writer of answers, with ways to break them."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_head = scope["method"] == "HEAD"
        self._transport: FaultyTransport | None = scope.get("extensions", {}).get(EXTENSION)
        self._receive = receive
        self._send = send

    async def write(self, answer: Answer) -> SentResponse:
        """Send an answer whole."""
        body, _ = await self._begin(answer)
        await self._send({"type": "http.response.body", "body": body})
        return SentResponse(answer.status, len(body))

    async def write_nothing(self, fault: Fault) -> SentResponse:
        """Close or reset the connection without an answer, perhaps after bytes outside HTTP."""
        if fault is Fault.RESET and self._transport:
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
            return await self.abort()
        if fault is Fault.GARBAGE and self._transport:
            self._transport.write(GARBAGE)
        await self.close()
        return SentResponse(0, 0)

    async def write_half(self, answer: Answer) -> SentResponse:
        """Send an answer's head and half its body, and close the connection."""
        body, _ = await self._begin(answer)
        half = body[: len(body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        await self.close()
        return SentResponse(answer.status, len(half))

    async def write_malformed_chunk(self, answer: Answer) -> SentResponse:
        """Send an answer's head and half its body in chunks, then a broken chunk, and close."""
        body, headers = encode_answer(answer)
        unsized = [header for header in headers if header[0] != b"content-length"]
        unsized.append((b"transfer-encoding", b"chunked"))
        await self._start(answer.status, unsized)
        half = body[: len(body) // 2 + 1]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        if self._transport:
            self._transport.write(BROKEN_CHUNK)
        await self.close()
        return SentResponse(answer.status, len(half))

    async def write_slowly(self, answer: Answer, seconds: float, wait: Wait) -> SentResponse:
        """Send an answer's body in up to `PIECES` pieces over `seconds`, with `wait` between."""
        body, _ = await self._begin(answer)
        size = max(1, -(-len(body) // PIECES))
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        for piece in pieces:
            await wait(seconds / len(pieces))
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})
        return SentResponse(answer.status, len(body))

    async def _begin(self, answer: Answer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        body, headers = encode_answer(answer)
        await self._start(answer.status, headers)
        return b"" if self._is_head else body, headers

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def abort(self) -> SentResponse:
        """Close the connection at once."""
        if self._transport:
            self._transport.abort()
        await self.close()
        return SentResponse(0, 0)

    async def close(self) -> None:
        """Close the connection, even with a part of the answer missing."""
        if self._transport:
            self._transport.close()
        # A return before the connection is gone would have the answer completed.
        while (await self._receive())["type"] != "http.disconnect":
            pass
