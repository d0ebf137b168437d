"""An HTTP connection with bounds on a caller's bytes, slowness and number of connections."""

from __future__ import annotations

import re
from asyncio import BaseTransport, TimerHandle
from collections.abc import Mapping
from functools import partial
from operator import itemgetter
from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from tallystick.caller_presence import CALLER, GRACE_S, CallerPresence
from tallystick.connection_limits import ConnectionLimits
from tallystick.contract.exceptions import (
    BadHost,
    HeadTooLarge,
    NotHttp,
    Problem,
    RequestTimeout,
    TargetTooLong,
    TooLarge,
    Unavailable,
    UnknownTransferCoding,
)
from tallystick.contract.refusal import REFUSED
from tallystick.transfer_codings import TRANSFER_ENCODING, is_coded_in_chunks
from tallystick.unfinished_request import GentleTransport, UnfinishedRequest
from tallystick.unread_answer import UnreadAnswer
from tallystick.uvicorn_protocol import FastHttpProtocol, FastRequestCycle

_NAME = itemgetter(0)
# RFC 3986, section 3.2: a name, an IPv4 address or an IP literal, and a port.
_HOST = re.compile(rb"(?:[\w.~!$&'()*+,;=%-]*|\[[\w.~!$&'()*+,;=:-]+\])(?::[0-9]*)?")
_SEPARATORS = len(b": \r\n")
_HELLO = b"\x16\x03"
"""The first bytes of a caller who speaks TLS."""


class _Trailers(list[tuple[bytes, bytes]]):
    """A list without content, for the unused headers after a body (trailers)."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Drop the header."""


# The parser calls this for each trailer. One of 300 MB once made the server as large, so
# `ConnectionLimits.body` counts them as well.
_TRAILERS = _Trailers()


class BoundedHttpProtocol(FastHttpProtocol):
    """An HTTP connection that refuses too large, slow or many requests in the called API's shape.

    A request received whole costs two comparisons more and needs no timer.
    """

    url = b""
    _awaits_body = False
    _judged: object = None
    """The scope of the last head read to its end."""

    _is_over = False
    """True once all further bytes are discarded."""

    _ended = False
    """True if a message ended in this read."""

    _read = 0
    """Bytes in the reads that contained the unfinished head."""

    _body = 0
    _since = 0.0
    _timed: object = None
    """The scope whose head is being timed."""

    _timer: TimerHandle | None = None
    _problem: Problem | None = None
    _is_last = False
    _late: RequestResponseCycle | None = None
    is_half_closed = False
    """True if the caller has closed its sending half and waits for the answer."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: Any = None,
        *,
        limits: ConnectionLimits | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits or ConnectionLimits()
        self._left = self._limits.discard

    def connection_made(self, transport: BaseTransport) -> None:
        """Wait for the first request, or refuse the caller if too many connections are open."""
        self._presence = CallerPresence()
        # The connection's task, which begins here, keeps it for all that it calls.
        token = CALLER.set(self._presence)
        super().connection_made(transport)
        CALLER.reset(token)
        self._unread = UnreadAnswer(self.loop, self.transport, self._limits.unread_s)
        self._quiet_since = self.loop.time()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        over = len(self.connections) - self._limits.connections
        if over > 0:
            self._turn_away(over)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        super().connection_lost(exc)
        self._presence.end()
        self._unread.forget()
        self._stop_timer()

    def pause_writing(self) -> None:
        """Pause the answer, and limit the time for the caller to read some of it."""
        super().pause_writing()
        self._unread.watch()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._unread.forget()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes within the bounds."""
        if self._is_over:
            self._discard(len(data))
            return
        quiet_since = self._quiet_since
        self._ended = False
        self._read += len(data)
        super().data_received(data)
        if self._awaits_body or self.scope is not self._judged:
            self._await_more(data)
            return
        self._read = 0
        if not self._ended:  # empty lines are no sign of life
            self._quiet_since = quiet_since

    def eof_received(self) -> bool | None:  # type: ignore[override]  # uvicorn's always closes
        """Keep the connection open for the answers to whole requests.

        It is closed at once if a handler is waiting to learn of the disconnect.
        """
        cycle: RequestResponseCycle | None = self.cycle
        running = self.running
        if self._is_partly_read or self._is_over or cycle is None or cycle.response_complete:
            return None
        if running is not None and getattr(running, "listens", False):
            return None
        # RFC 9293, section 3.6: our half stays open. `nc` and some proxies close theirs early.
        self.is_half_closed = True
        self._presence.end(GRACE_S)
        cycle.keep_alive = False
        for waiting in (running, *(waiting for waiting, _ in self.pipeline)):
            if isinstance(waiting, FastRequestCycle):
                waiting.is_half_closed = True
        return True

    def on_headers_complete(self) -> None:
        """Check the head's size, target and Host."""
        self._problem = self._head_problem()
        if self._problem is not None:
            raise self._problem  # the parser stops, and has `send_400_response` called
        super().on_headers_complete()
        self._judged = self.scope
        self._awaits_body = True
        self.headers = _TRAILERS

    def on_message_complete(self) -> None:
        """Run a whole request."""
        self._awaits_body = False
        self._ended = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse an unreadable request, after the answers to those before it."""
        # Without a target there is no API to answer in whose shape.
        self._refuse(self._problem or (NotHttp() if self.url else None), msg)

    def shutdown(self) -> None:
        """Close the connection; a request still being sent gets `shutdown_s` seconds."""
        super().shutdown()
        if self._is_partly_read:
            self._is_last = True
            self._stop_timer()
            self._look_in(self._limits.shutdown_s)

    def end(self) -> None:
        """Close the connection once the caller has had time to read the answer."""
        is_whole = not self._is_partly_read and not self._is_over
        if is_whole or self._left < 0 or self.transport.is_closing():
            self.transport.close()
            return
        self._is_over = True
        self.flow.resume_reading()
        # RFC 9112, section 9.6: closing with unread bytes resets the connection, and the caller may
        # lose the answer. So the answer ends here, and more is read for a while.
        self.transport.write_eof()
        self._stop_timer()
        self._timer = self.loop.call_later(self._limits.discard_s, self.transport.close)

    def is_late(self, cycle: RequestResponseCycle) -> bool:
        """Return whether the body of this request arrived too slowly."""
        return self._late is cycle

    def _begin_without_the_rest(self) -> None:
        self._since = self.loop.time()
        self._body = 0
        app, self.app = self.app, cast("ASGI3Application", UnfinishedRequest(self))
        try:
            super()._begin_without_the_rest()
        finally:
            self.app = app
        self.cycle.transport = cast("Any", GentleTransport(self))
        self.cycle.on_response = self._on_slow_response

    def _on_slow_response(self) -> None:
        """Go on after an answer; if it was early, bound the bytes still to be sent."""
        if self._is_over and not self.pipeline:
            self.server_state.total_requests += 1
            return
        self.on_response_complete()
        if self._awaits_body and self.cycle.response_complete:
            self._since = self.loop.time()
            self._left = self._limits.discard
            self._look_in(self._limits.discard_s)

    @property
    def _awaits_head(self) -> bool:
        return not self._awaits_body and self.scope is not self._judged

    @property
    def _is_partly_read(self) -> bool:
        return self._awaits_body or self._awaits_head

    def _head_problem(self) -> Problem | None:
        # RFC 9112, section 3.2: HTTP/1.1 needs exactly one Host, and a valid one.
        names = [*map(_NAME, self.headers)]
        hosts = names.count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            return BadHost()
        if hosts and not _HOST.fullmatch(self.headers[names.index(b"host")][1]):
            return BadHost("syntax", "must be a host, with or without a port")
        if len(self.url) > self._limits.target:
            return TargetTooLong()
        # RFC 9112, section 6.1: a body in a coding that is not undone is not what was sent.
        if TRANSFER_ENCODING in names and is_coded_in_chunks(self.headers):
            return UnknownTransferCoding()
        # Reads that are small altogether hold no large head.
        if self._read <= self._limits.head and self._timed is not self.scope:
            return None
        size = len(self.url) + sum(len(n) + len(v) + _SEPARATORS for n, v in self.headers)
        return HeadTooLarge() if size > self._limits.head else None

    def _await_more(self, data: bytes) -> None:
        if data.startswith(_HELLO) and self._is_over:
            self._limits.log_tls()
        if self.transport.is_closing() or self._is_over:
            return
        if self._awaits_head:
            self._await_head()
        elif self.cycle.response_complete:
            self._discard(len(data))
        else:
            self._await_body(len(data))

    def _await_body(self, size: int) -> None:
        self._body += size
        if self._body > self._limits.body:
            self._refuse(TooLarge())
        else:
            self._look_in(self._limits.body_s)

    def _await_head(self) -> None:
        if self._ended:  # what came before it in this read is no part of it
            self._read = 0
        if self._timed is not self.scope:
            self._timed = self.scope
            self._since = self.loop.time()
            self._stop_timer()
        if len(self.url) > self._limits.target:
            self._refuse(TargetTooLong())
        elif self._read > self._limits.head:
            self._refuse(HeadTooLarge())
        else:
            self._look_in(self._limits.head_s)

    def _look_in(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Check whether the awaited head or body is overdue."""
        self._timer = None
        if not self._is_partly_read or self._is_over or self.transport.is_closing():
            return
        if self.flow.read_paused:  # by us: the caller can't help it
            self._since = self.loop.time()
        left = self._due() - self.loop.time()
        if left > 0:
            self._look_in(left)
        elif self._awaits_head:
            self._refuse(RequestTimeout())
        elif self.cycle.response_complete:
            self.transport.close()
        else:
            self._late = self.cycle
            self.cycle.keep_alive = False
            self.cycle.message_event.set()

    def _due(self) -> float:
        limits = self._limits
        if self._is_last:
            return 0.0
        if self._awaits_head:
            return self._since + limits.head_s
        if self.cycle.response_complete:
            return self._since + limits.discard_s
        return self._since + limits.body_s + self._body / limits.body_rate

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _discard(self, size: int) -> None:
        self._left -= size
        if self._left >= 0:
            return
        if self.cycle.response_complete:
            self.transport.close()
        else:  # the answer comes first, and closes
            self.flow.pause_reading()

    def _turn_away(self, over: int) -> None:
        self._limits.log_refusal()
        if over > self._limits.spare:
            self._left = -1
        self._refuse(Unavailable("Too many connections are open."))

    def _refuse(self, problem: Problem | None, message: str = "") -> None:
        """Answer with the problem, or with plain text like uvicorn, after all earlier answers."""
        broken = self._broken()
        before: RequestResponseCycle | None = self.cycle
        self._is_over, self._is_begun = True, False
        app = self.app if problem else cast("ASGI3Application", partial(_answer_in_text, message))
        self.scope = cast("Any", self._refused_scope(problem))
        self.cycle = cycle = FastRequestCycle(self, b"")
        cycle.keep_alive = False
        cycle.transport = cast("Any", GentleTransport(self))
        cycle.on_response = self._on_slow_response
        if broken is not None:
            broken.disconnected = True
            broken.message_event.set()
        if broken is not None and self.pipeline and self.pipeline[0][0] is broken:
            self.pipeline[0] = (cycle, app)
        elif broken is not None or before is None or before.response_complete:
            self._start_asgi_task(cycle, app)
        else:
            self.pipeline.appendleft((cycle, app))

    def _broken(self) -> RequestResponseCycle | None:
        """Return the request in progress if its own body can't be read, or None."""
        return self.cycle if self._awaits_body and not self._is_begun else None

    def _refused_scope(self, problem: Problem | None) -> Mapping[str, Any]:
        path = self.url.partition(b"?")[0]
        method = self.parser.get_method().decode("ascii") if path else ""
        return {
            "type": REFUSED,
            "problem": problem,
            "http_version": "1.1",
            "client": self.client,
            "method": method,
            "raw_path": path[:1_000],
            "query_string": b"",
            "headers": [],
        }


async def _answer_in_text(message: str, _scope: Any, _receive: Any, send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(message)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": message.encode("ascii")})
