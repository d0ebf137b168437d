"""The HTTP client for deliveries, with connections to permitted addresses only."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiohttp

from tallystick.delivery.adapter import (
    RESPONSE_LIMIT,
    DeliveryFailure,
    EndpointResponse,
    OutgoingRequest,
)
from tallystick.delivery.addresses import Addresses, AddressRefused
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.local_failure import is_local, refusal
from tallystick.delivery.redirects import redirect_request
from tallystick.delivery.resolver import NameResolver
from tallystick.delivery.response_handler import BoundedResponseHandler

CONNECT_S = 10.0
# Standard Webhooks recommends a timeout of 15 to 30 s.
TOTAL_S = 30.0
REASON_LIMIT = 200
"""The longest text of a parser's error on an invalid answer, in characters."""

_ANSWERED = re.compile(r"\n\n|b['\"]")
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class GuardedTransport:
    """A pool of HTTP connections, with a check of each socket's address."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._session = self._connected()

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def send_request(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return the response, whatever its status; raise `DeliveryFailure` if there is none."""
        try:
            async with asyncio.timeout(outgoing.timeout_s or TOTAL_S):
                return await self._follow(outgoing, headers)
        except AddressRefused as error:
            raise refusal(error) from None
        except Exception as error:
            raise DeliveryFailure(_class(error), _words(error)) from error

    async def _follow(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return the response at the end of the redirects allowed by the request."""
        answer = await self._send(outgoing, headers)
        while redirected := redirect_request(outgoing, headers, answer):
            outgoing, headers = redirected
            self._addresses.check_url(outgoing.url)
            answer = await self._send(outgoing, headers)
        return answer

    async def _send(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        async with self._session.request(
            outgoing.method,
            outgoing.url,
            headers=headers,
            data=outgoing.body or None,
            allow_redirects=False,
        ) as answer:
            body, truncated = await _read(answer.content)
            answered = list(answer.headers.items())
            if encoding := answer.headers.get("Content-Encoding"):
                body, more = _unpacked(body, encoding)
                truncated = truncated or more
            if truncated:
                # The rest is left unread, so the connection can't be used for another request.
                answer.close()
            return EndpointResponse(answer.status, answered, body, truncated)

    def _connected(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            # One address after the other, so that a refused one ends the attempt.
            happy_eyeballs_delay=None,
            socket_factory=self._socket,
            resolver=NameResolver(),
            ttl_dns_cache=10,
        )
        # aiohttp has no public option for it; a test floods a connection to see the bounds in use.
        loop = asyncio.get_running_loop()
        connector._factory = partial(BoundedResponseHandler, loop=loop)  # type: ignore[assignment]  # a subclass
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
            auto_decompress=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tallystick"},
            skip_auto_headers=("Content-Type",),
        )

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        # Checked here, on the address that the socket connects to: a name may resolve to another
        # one at each look-up.
        if not self._addresses.permits(address[0]):
            raise AddressRefused(f"nothing may be sent to {address[0]}")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


async def _read(content: aiohttp.StreamReader) -> tuple[bytes, bool]:
    chunks: list[bytes] = []
    size = 0
    while size <= RESPONSE_LIMIT:
        chunk = await content.readany()
        if not chunk:
            return b"".join(chunks), False
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)[:RESPONSE_LIMIT], True


def _unpacked(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """Return the start of a compressed body as far as it is readable, and whether it is cut."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body, False
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        unpacked = unpacker.decompress(body, RESPONSE_LIMIT)
    except zlib.error:
        return body, False
    return unpacked, bool(unpacker.unconsumed_tail)


def _class(error: Exception) -> AttemptOutcome:
    if is_local(error):
        return AttemptOutcome.LOCAL
    for kind, outcome in _CLASSES:
        if isinstance(error, kind):
            return outcome
    return AttemptOutcome.BROKEN


_CLASSES: tuple[tuple[type[Exception], AttemptOutcome], ...] = (
    (asyncio.TimeoutError, AttemptOutcome.TIMEOUT),
    (aiohttp.ClientConnectorDNSError, AttemptOutcome.DNS_ERROR),
    (aiohttp.ClientSSLError, AttemptOutcome.TLS_ERROR),
    (aiohttp.ClientConnectorError, AttemptOutcome.UNREACHABLE),
    (aiohttp.InvalidURL, AttemptOutcome.UNDELIVERABLE),
    # The IDNA encoding of a host such as `a..b` fails.
    (UnicodeError, AttemptOutcome.UNDELIVERABLE),
)


_FIXED_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (asyncio.TimeoutError, "the endpoint did not answer in time"),
    (aiohttp.ServerDisconnectedError, "it closed the connection before it had answered"),
    (aiohttp.ClientPayloadError, "the body of its answer broke off"),
)


def _words(error: Exception) -> str:
    for kind, words in _FIXED_WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"can't connect to {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"can't connect to {error.host}:{error.port}: {_reason(error.os_error)}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"its answer is not HTTP: {_without_answer(error.message)}"
    return str(error) or type(error).__name__


def _without_answer(message: str) -> str:
    # The answer follows an empty line or is quoted; it may be long, or echo a secret.
    return " ".join(_ANSWERED.split(message)[0].split())[:REASON_LIMIT].rstrip(":")


def _reason(error: OSError) -> str:
    # TLS and DNS have error numbers of their own, and the event loop's text repeats the address.
    if isinstance(error, (ssl.SSLError, socket.gaierror)) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)
