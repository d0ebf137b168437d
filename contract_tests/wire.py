"""Raw bytes to a server and back, over one connection each time."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 20.0
_PORTION = 65_536


@dataclass(frozen=True, slots=True)
class WireReply:
    """A reply: its status, its headers in order, and its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header with this name in any letter case, if there is one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Unanswered(Exception):
    """The server closed the connection, or stayed silent, in place of an answer."""


class Silent(Unanswered):
    """The server kept the connection open and stayed silent."""


def address_of(base_url: str) -> tuple[str, int]:
    """Return the host and port of a base URL."""
    parts = urlsplit(base_url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def connect(base_url: str, patience_s: float = TIMEOUT_S) -> socket.socket:
    """Return a connection to the server, encrypted if the URL says so."""
    connection = socket.create_connection(address_of(base_url), patience_s)
    if urlsplit(base_url).scheme != "https":
        return connection
    context = ssl.create_default_context()
    return context.wrap_socket(connection, server_hostname=address_of(base_url)[0])


def exchange(
    base_url: str,
    pieces: Sequence[bytes],
    *,
    method: str = "GET",
    half_close: bool = False,
    pause_s: float = 0.0,
    patience_s: float = TIMEOUT_S,
) -> WireReply:
    """Send the pieces one after the other, and return one reply; raise `Unanswered` without one.

    A server may answer early: the unsent rest is then left out.
    """
    with connect(base_url, patience_s) as connection:
        try:
            for piece in pieces:
                _send(connection, piece)
                time.sleep(pause_s)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed from the other end
        return read_reply(connection, method)


def _send(connection: socket.socket, piece: bytes) -> None:
    """Send in portions until all is sent or an answer is there.

    A client that continues to send to a closed connection may lose the answer.
    """
    if isinstance(connection, ssl.SSLSocket):
        connection.sendall(piece)  # what can be read there need not be an answer
        return
    for start in range(0, len(piece), _PORTION):
        connection.sendall(piece[start : start + _PORTION])
        if len(piece) > _PORTION and select.select([connection], [], [], 0)[0]:
            return


def read_reply(connection: socket.socket, method: str) -> WireReply:
    """Return one reply to a request of that method; raise `Unanswered` without one."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        body = response.read()
    except TimeoutError as error:
        raise Silent(f"nothing was said for {connection.gettimeout():.0f} s") from error
    except (http.client.HTTPException, OSError) as error:
        raise Unanswered(repr(error)) from error
    finally:
        response.close()
    return WireReply(response.status, tuple(response.getheaders()), body)
