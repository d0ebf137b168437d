"""A server that hands requests on to another one, and keeps both sides of each exchange."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import requests

_TIMEOUT_S = 60
_OF_THE_CONNECTION = {"connection", "content-length", "content-encoding", "transfer-encoding"}


class Exchange(NamedTuple):
    """A request as it arrived, and its answer."""

    target: str
    """Path and query."""
    body: bytes
    answer: bytes


class Recorder(ThreadingHTTPServer):
    """A server between the clients and the real one."""

    daemon_threads = True

    def __init__(self, server: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.server = server
        self.exchanges: list[Exchange] = []

    @classmethod
    @contextmanager
    def running(cls, server: str) -> Iterator[Recorder]:
        """Run a recorder in the block."""
        recorder = cls(server)
        thread = threading.Thread(target=recorder.serve_forever)
        thread.start()
        try:
            yield recorder
        finally:
            recorder.shutdown()
            recorder.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = requests.request(
            self.command,
            f"{self.server.server}{self.path}",
            data=body,
            headers=_own(self.headers),
            allow_redirects=False,
            timeout=_TIMEOUT_S,
        )
        self.server.exchanges.append(Exchange(self.path, body, answer.content))
        self.send_response(answer.status_code)
        for name, value in _own(answer.headers).items():
            self.send_header(name, value)
        if answer.status_code != requests.codes.no_content:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _hand_on  # noqa: N815  # http.server's names

    def log_message(self, format: str, *_: object) -> None:  # its name
        pass


def _own(headers: Any) -> dict[str, str]:
    """Return the headers that are not of the connection."""
    return {name: text for name, text in headers.items() if name.lower() not in _OF_THE_CONNECTION}
