"""A client of the server behind a proxy."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import aiohttp
from yarl import URL

from tallystick.contract.exceptions import Problem
from tallystick.contract.request import Request
from tallystick.mock.decoded_body import NotDecoded, decode_body
from tallystick.mock.environment_proxy import find_proxy
from tallystick.mock.request_view import undecoded
from tallystick.mock.upstream_failures import explain_failure

TIMEOUT_S = 60.0
"""The seconds to wait for an answer of up to `JUDGED` bytes, and for each later piece."""

JUDGED = 16 * 1024 * 1024
"""Bytes of an answer read before it is passed on; a longer one is passed on as it arrives."""

# Fields of one connection, which end with it: RFC 9110, section 7.6.1, and RFC 7540, 3.2.1.
_OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade http2-settings".split()
)
Headers = Sequence[tuple[bytes, bytes]]


class Unreachable(Problem):
    """The upstream server gave no answer."""

    status = 502


@dataclass(frozen=True)
class UpstreamReply:
    """An answer as it was received."""

    status: int
    headers: Headers
    body: bytes
    rest: AsyncGenerator[bytes, None] | None = None
    """The rest after `body`, or None; raises `Unreachable`."""
    length: int | None = None
    """The length of body and rest together, if the server gives it."""

    def header(self, name: bytes) -> str:
        """Return the first header with this lower-case name, or an empty text."""
        return next((v.decode("latin-1") for n, v in self.headers if n.lower() == name), "")

    @property
    def encoding(self) -> str:
        """Return the whole of its Content-Encoding."""
        found = [v.decode("latin-1") for n, v in self.headers if n.lower() == b"content-encoding"]
        return ", ".join(found)

    @cached_property
    def text(self) -> bytes | None:
        """Return the decoded body; None if it can't be decoded, or did not come whole."""
        if self.rest is not None:
            return None
        try:
            return decode_body(self.body, self.encoding, JUDGED)
        except NotDecoded:
            return None

    @property
    def unjudged(self) -> Sequence[str]:
        """Return the reason why the body can't be judged, if there is one."""
        if self.rest is not None:
            return ["answer body is too large, or a stream"]
        return undecoded("answer", self.encoding) if self.text is None else ()


class Upstream:
    """An HTTP client to pass requests on unchanged."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        """Use the environment's HTTP proxy, if it names one; raise `BadProxy`."""
        self._url = url.rstrip("/")
        self._context = context
        self._proxy = find_proxy(URL(self._url))
        self.name = _name_url(URL(self._url))
        """Its URL without user and password, and the HTTP proxy on the way."""
        if self._proxy:
            self.name += f" by the proxy {_name_url(self._proxy)}"
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()

    async def forward(self, request: Request, raw_path: bytes) -> UpstreamReply:
        """Return the upstream's answer, of any status; raise `Unreachable`."""
        target = self._url + raw_path.decode("latin-1")
        if request.query:
            target += "?" + request.query.decode("latin-1")
        try:
            return await self._send(request, URL(target, encoded=True))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self.name} gave no answer: {explain_failure(error)}") from None

    async def _send(self, request: Request, url: URL) -> UpstreamReply:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_read=TIMEOUT_S),
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            )
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in _passed(request.headers)]
        async with asyncio.timeout(TIMEOUT_S):
            response = await self._session.request(
                request.method,
                url,
                headers=headers,
                data=request.body or None,
                allow_redirects=False,
                ssl=self._context,
                proxy=self._proxy,
            )
            try:
                return await self._reply(response)
            except BaseException:
                response.close()
                raise

    async def _reply(self, response: aiohttp.ClientResponse) -> UpstreamReply:
        body = bytearray()
        # An event stream has no end to wait for.
        while response.content_type != "text/event-stream" and len(body) <= JUDGED:
            portion = await response.content.readany()
            if not portion:
                break
            body += portion
        rest = None if response.content.at_eof() else self._rest(response)
        headers = list(_passed(response.raw_headers, b""))
        return UpstreamReply(response.status, headers, bytes(body), rest, response.content_length)

    async def _rest(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        try:
            async for portion in response.content.iter_any():
                yield portion
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self.name} broke off: {explain_failure(error)}") from None
        finally:
            response.close()


def _name_url(url: URL) -> str:
    return str(url.with_user(None))


def _passed(
    headers: Iterable[tuple[bytes, bytes]], host: bytes = b"host"
) -> Iterable[tuple[bytes, bytes]]:
    """Return all headers except those of one connection."""
    left_out = {*_OF_ONE_CONNECTION, b"content-length", host}
    return ((name, value) for name, value in headers if name.lower() not in left_out)
