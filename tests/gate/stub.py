"""A foreign server: it answers all requests alike and records them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    key: str
    body: bytes


class Stub(ThreadingHTTPServer):
    """A server that answers every request with the same text.

    It refuses the first ones at each path by a 429, if told so, and answers while `may_answer`
    is set.
    """

    daemon_threads = True

    def __init__(self, text: bytes = b"{}", status: int = 200, refused: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = text
        self.status = status
        self.refused = refused
        self.asked: list[Asked] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def running(self) -> Iterator[Stub]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Stub

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if length.isdecimal() and int(length) < 65_537 else b""
        key = self.headers.get("x-api-key", "")
        self.server.asked.append(Asked(self.command, self.path, key, body))
        self.server.may_answer.wait()
        if sum(each.path == self.path for each in self.server.asked) <= self.server.refused:
            self.send_response(429)
            self.send_header("Retry-After", "1")
        else:
            self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.server.text)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""
