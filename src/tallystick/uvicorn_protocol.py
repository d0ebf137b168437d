"""A faster HTTP connection for uvicorn, with a short cut for requests received whole."""

from __future__ import annotations

from asyncio import BaseTransport, Event, Future, Transport
from functools import cached_property, lru_cache
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn._types import ASGI3Application, ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

_CONNECT = "CONNECT"
_OFFER = b"upgrade"
_ROOT = b"/"
_LENGTH = b"content-length"
_FRAMING = frozenset({b"connection", b"transfer-encoding"})

_Turn = tuple[RequestResponseCycle, ASGI3Application]

Head = tuple[bytes, int]
"""Status line and headers of an answer, and the body's length by Content-Length."""


# One task and one timer for a connection, and one write for an answer: HTTP costs 7 µs of CPU a
# request where uvicorn's own costs 11 (docs/decisions/building.md, "Which parts of a request
# are uvicorn's?"). A test compares both byte by byte.
class FastHttpProtocol(HttpToolsProtocol):
    """An HTTP/1.1 connection with a fast path for whole requests; uvicorn handles all others.

    It ignores an offer to continue in another protocol, as RFC 9110, section 7.8, allows. Java's
    HttpClient offers HTTP/2 with its first request. The parser would take the body for that
    protocol: it would be lost, or read as the next request.
    """

    _is_begun = False
    """True once the head is read, until the body is complete or the application is told."""

    _quiet_since: float | None = None
    """The end of the last answer on the loop's clock, or None if data arrived since."""

    running: RequestResponseCycle | None = None
    """The request being answered, or the one answered last."""

    _awaited: Future[_Turn | None] | None = None
    """Resolved with the next request for the connection's task, while it waits for one."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Start the connection's task."""
        super().connection_made(cast("Transport", transport))
        task = self.loop.create_task(self._serve())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the task and timers; an answer in progress is finished."""
        super().connection_lost(exc)
        super()._unset_keepalive_if_required()
        self._hand_over(None)

    def data_received(self, data: bytes) -> None:
        """Parse received bytes."""
        self._unset_keepalive_if_required()
        while data:
            data = self._parse(data)
        if self._is_begun and not self.transport.is_closing():
            self._begin_without_the_rest()

    def on_message_begin(self) -> None:
        """Start to collect a request's body."""
        super().on_message_begin()
        self._chunks: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header without the spaces after its value, which the parser leaves in.

        By RFC 9112, section 5, they are no part of it: a key with a space behind it is the key.
        """
        # As uvicorn does it, as a call of its method for each header is dear.
        name, value = name.lower(), value.rstrip(b" \t")
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hold the request back: usually its body is in the same bytes."""
        self._describe()
        self._is_begun = True

    def on_body(self, body: bytes) -> None:
        """Collect a part of the body."""
        if self._is_begun:
            self._chunks.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Run a whole request, or queue it behind the one in progress."""
        if not self._is_begun:
            super().on_message_complete()
            return
        self._is_begun = False
        if self._is_offer:  # to be read again, without the offer
            return
        before: RequestResponseCycle | None = self.cycle
        self.cycle = FastRequestCycle(self, b"".join(self._chunks))
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """Run the next queued request, or note the time for the keep-alive limit."""
        if self.timeout_keep_alive_task is None or self.pipeline or self.flow.read_paused:
            super()._unset_keepalive_if_required()
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
        if self.cycle.response_complete:
            self._quiet_since = self.loop.time()

    def timeout_keep_alive_handler(self) -> None:
        """Close after a quiet keep-alive time; the same timer serves all requests."""
        self.timeout_keep_alive_task = None
        if self._quiet_since is None:
            return
        left = self._quiet_since + self.timeout_keep_alive - self.loop.time()
        if left <= 0:
            super().timeout_keep_alive_handler()
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                left, self.timeout_keep_alive_handler
            )

    @property
    def _is_offer(self) -> bool:
        return self.parser.should_upgrade() and self.scope["method"] != _CONNECT

    def _parse(self, data: bytes) -> bytes:
        """Parse bytes, and return those to be parsed next: a request without its offer."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if self._is_offer:
                return self._decline() + data[offer.args[0] :]
            # RFC 9931, section 8: what follows a CONNECT is for the tunnel, and never a request.
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)
        return b""

    def _decline(self) -> bytes:
        """Return the head just read without its offer, for a new parser."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        scope = cast("dict[str, Any]", self.scope)
        line = b"%b %b HTTP/%b" % (
            scope["method"].encode(),
            self.url,
            scope["http_version"].encode(),
        )
        headers = [b"%b: %b" % header for header in scope["headers"] if header[0] != _OFFER]
        return b"\r\n".join([line, *headers, b"", b""])

    def _describe(self) -> None:
        # Within the parser, for which whatever fails here is a bad request.
        parser, scope = self.parser, cast("dict[str, Any]", self.scope)
        raw_path, query = _split_target(self.url)
        path = raw_path.decode("ascii")
        scope["http_version"] = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = query

    async def _serve(self) -> None:
        while self in self.connections:
            self._awaited = self.loop.create_future()
            if turn := await self._awaited:
                cycle, app = turn
                await cycle.run_asgi(app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # A task for each request would cost more than one that waits for the next.
        self.running = cycle
        if not self._hand_over((cycle, app)):
            super()._start_asgi_task(cycle, app)

    def _hand_over(self, turn: _Turn | None) -> bool:
        awaited, self._awaited = self._awaited, None
        if awaited is None or awaited.done():
            return False
        awaited.set_result(turn)
        return True

    def _unset_keepalive_if_required(self) -> None:
        # A timer for each request would cost more than one that is looked at when it is due.
        self._quiet_since = None

    def _begin_without_the_rest(self) -> None:
        self._is_begun = False
        target, self.url = self.url, _ROOT  # uvicorn reads no target over 64 KiB
        super().on_headers_complete()
        self.url = target
        self._describe()
        for chunk in self._chunks:
            super().on_body(chunk)


def _split_target(target: bytes) -> tuple[bytes, bytes]:
    """Return a request target's path and query."""
    if target.startswith(_ROOT):  # httptools reads no more than 64 KiB
        path, _, query = target.partition(b"#")[0].partition(b"?")
        return path, query
    url = httptools.parse_url(target)
    return url.path, url.query or b""


class FastRequestCycle(RequestResponseCycle):
    """A whole request and its answer.

    If the answer has one body message, head and body are written together.
    """

    body: bytes  # type: ignore[assignment]  # all of it, so nothing is added
    access_log = False
    chunked_encoding = None
    disconnected = False
    expected_content_length = 0
    more_body = False
    response_complete = False
    response_started = False
    waiting_for_100_continue = False
    is_half_closed = False
    """True if the caller has closed its sending half; a reader of the request is then told so."""
    listens = False
    _is_read = False
    _start: ASGISendEvent | None = None

    def __init__(self, connection: FastHttpProtocol, body: bytes) -> None:
        """Copy the state of `connection` after reading this request."""
        self.scope = scope = connection.scope
        self.body = body
        self.flow = connection.flow
        self.logger = connection.logger
        self.transport = connection.transport
        self.default_headers = connection.server_state.default_headers
        self.on_response = connection.on_response_complete
        self.keep_alive = connection.parser.should_keep_alive() and scope["http_version"] != "1.0"

    @cached_property
    def message_event(self) -> Event:  # type: ignore[override]
        """Return an event, set when the caller disconnects or the answer is complete."""
        return Event()

    async def receive(self) -> ASGIReceiveEvent:
        """Return the whole body, and on later calls wait for the caller to disconnect."""
        if self._is_read or self.disconnected:
            self.listens = True
            if self.is_half_closed:
                self.disconnected = True
                self.transport.close()
            return await super().receive()
        self._is_read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: ASGISendEvent) -> None:
        """Send a part of the answer; a whole one is written in one piece."""
        if message["type"] == "http.response.start" and not self.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if self._is_written(start, message):
                return
            await super().send(start)
        await super().send(message)

    def _is_written(self, start: Any, message: Any) -> bool:
        if not self.keep_alive or self.disconnected or self.listens or self.flow.write_paused:
            return False
        body = b"" if self.scope["method"] == "HEAD" else message.get("body", b"")
        head = _head(start["status"], (*self.default_headers, *start.get("headers", ())))
        if head is None or head[1] != len(body) or message.get("more_body"):
            return False
        self.transport.write(head[0] + body)
        self.response_started = self.response_complete = True
        self.on_response()
        return True


# Answers repeat the same few heads, so each is checked and joined once.
@lru_cache(maxsize=1_000)
def _head(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> Head | None:
    """Return an answer's head, or None if uvicorn must examine it."""
    headers = tuple((name.lower(), value) for name, value in headers)
    names = [name for name, _ in headers]
    if names.count(_LENGTH) != 1 or not _FRAMING.isdisjoint(names):
        return None
    if any(HEADER_RE.search(n) or HEADER_VALUE_RE.search(v) for n, v in headers):
        return None
    lines = [b"%b: %b\r\n" % header for header in headers]
    length = int(dict(headers)[_LENGTH])
    return b"".join([STATUS_LINE[status], *lines, b"\r\n"]), length
