"""A TLS connection around an HTTP one, with the same bounds."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from uvicorn.server import ServerState

from tallystick.connection_limits import ConnectionLimits
from tallystick.once_per_minute import OncePerMinute

READ = 65_536
"""Bytes decrypted in one call; a record of TLS has at most 16 KiB."""

IN_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\nContent-Length: 44\r\n\r\nThis port speaks TLS: call it by https://.\r\n"
)

_UNTRUSTED = "the caller does not trust this server's certificate"
_CAUSES = {
    "HTTP_REQUEST": "the caller speaks plain HTTP",
    "TLSV1_ALERT_UNKNOWN_CA": _UNTRUSTED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _UNTRUSTED,
    "SSLV3_ALERT_BAD_CERTIFICATE": _UNTRUSTED,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the caller gave no certificate",
    "CERTIFICATE_VERIFY_FAILED": "the caller's certificate is not by the CA that was asked for",
}

_log = logging.getLogger(__name__)
_said = OncePerMinute()


# asyncio's own has buffers of its own: the HTTP connection would learn late that nobody reads its
# answer, could not close only its half, and would not know of those who never end the handshake.
class TlsConnection(asyncio.Protocol):
    """A connection decrypting for an HTTP connection; the latter begins after the handshake.

    A handshake under way counts as a connection, and has `ConnectionLimits.handshake_s` seconds.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        make: Callable[..., asyncio.Protocol],
        limits: ConnectionLimits,
        server_state: ServerState,
        **given: Any,
    ) -> None:
        self._http = make(server_state=server_state, **given)
        self._limits = limits
        self._connections = cast("set[Any]", server_state.connections)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_open = False
        self._has_ended = False
        self._has_failed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the handshake, or end the connection if too many are open."""
        self._raw = cast("asyncio.Transport", transport)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.handshake_s, self._raw.abort)
        if len(self._connections) >= self._limits.connections + self._limits.spare:
            self._limits.log_refusal()
            self._raw.abort()
            return
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the handshake, or the HTTP connection."""
        self._timer.cancel()
        self._connections.discard(self)
        if self._is_open:
            self._http.connection_lost(exc)

    def shutdown(self) -> None:
        """End a handshake under way, as the server stops."""
        self._raw.abort()

    def data_received(self, data: bytes) -> None:
        """Go on with the handshake, or decrypt for the HTTP connection."""
        if self._has_failed:
            return
        self._incoming.write(data)
        try:
            if not self._is_open and not self._shake_hands():
                return
            self._pass_on()
        except ssl.SSLError as error:
            self._fail(error)

    def eof_received(self) -> bool | None:
        """Tell the HTTP connection of the end of the caller's data; it may still answer."""
        if self._has_ended or not self._is_open:
            return self._is_open and not self._raw.is_closing()
        self._has_ended = True
        return self._http.eof_received()

    def pause_writing(self) -> None:
        """Tell the HTTP connection to wait: the caller does not read its answer."""
        if self._is_open:
            self._http.pause_writing()

    def resume_writing(self) -> None:
        """Tell the HTTP connection to go on: the caller has read of its answer."""
        if self._is_open:
            self._http.resume_writing()

    def write(self, content: bytes) -> None:
        """Encrypt and send bytes of the HTTP connection."""
        if self._raw.is_closing():
            return
        if content:
            self._tls.write(content)
        self._flush()

    def end_writing(self) -> None:
        """Tell the caller of the end of the data."""
        with suppress(ssl.SSLError):  # it waits for the caller to say the same, which we don't
            self._tls.unwrap()
        self._flush()

    def _shake_hands(self) -> bool:
        """Return whether the handshake is complete; the HTTP connection has then begun."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._timer.cancel()
        self._connections.discard(self)
        self._is_open = True
        self._http.connection_made(TlsTransport(self, self._raw, self._tls))
        return True

    def _pass_on(self) -> None:
        """Pass on the whole content of one read of the connection, in one piece as without TLS."""
        pieces: list[bytes] = []
        ended = False
        try:
            while piece := self._tls.read(READ):
                pieces.append(piece)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            ended = True
        self._flush()
        if pieces:
            self._http.data_received(b"".join(pieces))
        if ended and not self.eof_received():
            self._raw.close()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._raw.is_closing():
            self._raw.write(self._outgoing.read())

    def _fail(self, error: ssl.SSLError) -> None:
        """Tell the caller by an alert, and the operator by a line a minute."""
        cause = _CAUSES.get(error.reason or "", (error.reason or "unknown").lower())
        if _said.is_due(cause):
            _log.warning("the TLS connection of a caller failed: %s", cause)
        if error.reason == "HTTP_REQUEST":
            self._raw.write(IN_PLAIN)
        self._flush()
        if self._is_open:
            self._raw.close()
            return
        # Closing with unread bytes resets the connection, and the caller may lose the alert.
        self._has_failed = True
        self._raw.write_eof()
        self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.discard_s, self._raw.abort)


class TlsTransport(asyncio.Transport):
    """The transport of an HTTP connection over TLS."""

    def __init__(
        self, connection: TlsConnection, raw: asyncio.Transport, tls: ssl.SSLObject
    ) -> None:
        super().__init__()
        self._connection = connection
        self._raw = raw
        self._tls = tls

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return an attribute of the connection; ``sslcontext`` marks it as one of TLS."""
        if name == "sslcontext":
            return self._tls.context
        return self._raw.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send bytes."""
        self._connection.write(bytes(data))

    def write_eof(self) -> None:
        """Send no more, and go on reading."""
        self._connection.end_writing()
        self._raw.write_eof()

    def can_write_eof(self) -> bool:
        """Return True: one half can be closed."""
        return True

    def close(self) -> None:
        """Close the connection when all is sent."""
        if not self._raw.is_closing():
            self._connection.end_writing()
            self._raw.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._raw.abort()

    def is_closing(self) -> bool:
        """Return whether the connection is closed, or about to be."""
        return self._raw.is_closing()

    def is_reading(self) -> bool:
        """Return whether more is read."""
        return self._raw.is_reading()

    def pause_reading(self) -> None:
        """Read no more for a while."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._raw.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Return the bytes still to be sent, as they are encrypted."""
        return self._raw.get_write_buffer_size()
