"""An endpoint for eventgrid's deliveries."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Hook:
    """An HTTP server on a thread that keeps what it receives, as (Content-Type, body)."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[str, str]] = []
        self.status = 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hook.received.append((self.headers["Content-Type"], body))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook?token=hush-hush"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
