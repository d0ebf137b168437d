"""SMTP connections with bounds on the server's replies, which `smtplib` reads without an end."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from time import monotonic
from typing import Any

TOTAL_S = 60.0
"""The longest life in seconds of a connection."""

LEAVE_S = 1.0
"""The longest wait in seconds for the server's leave."""

SOCKET_S = 15.0
"""The longest wait in seconds for a connection and for each part of a reply."""

REPLIES_LIMIT = 256 * 1024
"""The limit in bytes of all replies on a connection."""

_PART = 4_096


class Replies:
    """The lines that a mail server sends, up to a time and `REPLIES_LIMIT`."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        """`until` is a time of the monotonic clock."""
        self._connection = connection
        self._until = until
        self._left = REPLIES_LIMIT
        self._read = b""

    def readline(self, limit: int) -> bytes:
        """Return the next line, `limit` bytes of a longer one, or less at the end."""
        while b"\n" not in self._read and len(self._read) < limit:
            part = self._receive()
            if not part:
                break
            self._read += part
        end = self._read.find(b"\n") + 1 or len(self._read)
        line, self._read = self._read[: min(end, limit)], self._read[min(end, limit) :]
        return line

    def close(self) -> None:
        """Do nothing: the connection is closed by its owner."""

    def _receive(self) -> bytes:
        left_s = self._until - monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        if self._left <= 0:
            raise OSError(f"its replies have more than {REPLIES_LIMIT} bytes")
        self._connection.settimeout(min(left_s, SOCKET_S))
        part = self._connection.recv(_PART)
        self._left -= len(part)
        return part


class BoundedSmtp(smtplib.SMTP):
    """A connection to a mail server that ends after `TOTAL_S`, and with too long replies."""

    def __init__(self, host: str, port: int, **given: Any) -> None:
        """Connect; the arguments are those of `smtplib`."""
        self._until = monotonic() + TOTAL_S
        super().__init__(host, port, timeout=SOCKET_S, **given)

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the text of the next reply."""
        if self.file is None and self.sock is not None:
            self.file = Replies(self.sock, self._until)
        return super().getreply()

    def leave(self) -> None:
        """Take leave and close, whatever the server answers: it has the mail, or refused it."""
        self._until, self.file = monotonic() + LEAVE_S, None
        with suppress(smtplib.SMTPException, OSError):
            self.quit()
        self.close()


class BoundedSmtpSsl(BoundedSmtp, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""
