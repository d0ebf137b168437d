"""A server that refuses every request for the moment, and counts them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LATE = "/api/late/can-start"
"""The path whose answer comes after the client's timeout."""

MOVED = "/api/moved/"
"""Below this path the server redirects to another host, which is itself by another name."""

LATE_S = 10.0


class Away(ThreadingHTTPServer):
    """A server that answers 503 with `Retry-After: 0`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked = Counter[str]()
        """The number of requests by method and path."""
        self.user_agents: set[str] = set()
        self.closing = threading.Event()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Away]:
        """Run a server in the block."""
        server = cls()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Away

    def _refuse(self) -> None:
        if self.path == LATE:
            self.server.closing.wait(LATE_S)
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked[f"{self.command} {self.path}"] += 1
        self.server.user_agents.add(self.headers["User-Agent"])
        if self.path.startswith(MOVED):
            self._redirect()
            return
        body = b'{"code": 503, "message": "Service indisponible."}'
        self.send_response(503)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self) -> None:
        self.send_response(307)
        self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_DELETE = _refuse  # noqa: N815  # http.server's names

    def log_message(self, format: str, *_: object) -> None:  # its name
        pass
