"""A server that refuses every request for the moment, and counts them."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LATE = "/api/late/can-start"
"""The path whose answer comes after the client's timeout."""

MOVED = "/api/moved/"
"""Below this path the server redirects to another host, which is itself by another name."""

BROKEN = "/gateway/v1/crons/broken"
"""The path of a success that is no JSON."""

DATED = "/gateway/v1/crons/dated"
"""The path whose `Retry-After` is a date two hours away."""

OLD_DATES = {
    "/gateway/v1/crons/dated-by-c": "%a %b %e %H:%M:%S %Y",
    "/gateway/v1/crons/dated-by-850": "%A, %d-%b-%y %H:%M:%S GMT",
}
"""The paths with the same date in the older forms, of C's asctime without a zone and RFC 850."""

NOTHING = "/gateway/v1/crons/nothing"
"""The path of a success that is null."""

EMPTY = "/gateway/v1/crons/empty"
"""The path of a success without the content that the contract says."""

NEVER = "/gateway/v1/crons/never"
"""The path of a long page that is no UTF-8; its `Retry-After` is beyond what many numbers hold."""

STALLED = "/gateway/v1/crons/stalled"
"""The path of a success whose body comes after the client's timeout, unlike its headers."""

CIRCLE = "/gateway/v1/crons/circle/executions"
"""The path of a list whose pages, of one execution each, all name the same next one."""

SLOW = "/gateway/v1/crons/slow"
"""The path of a refusal that comes after a while."""

SLOW_S = 3.6

_EXECUTION: dict[str, object] = {
    **{"id": 345, "state": "succeeded", "started": "2026-01-31T03:30:00.210Z", "ended": None},
    **{"durationMs": None, "success": True, "exitCode": 0, "messages": [], "messageCount": 0},
}
_PAGE = json.dumps({"executions": [_EXECUTION], "next": "7"}).encode()

_ROUNDS = 9
"""How often its second page is answered: whoever goes round without an end is refused."""

_PROXY_PAGE = b"x" * 300 + b"\xe9"

_REFUSAL = b'{"code": 503, "message": "Service indisponible."}'

LATE_S = 10.0


class Away(ThreadingHTTPServer):
    """A server that answers 503 with `Retry-After: 0`."""

    daemon_threads = True
    request_queue_size = 128

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
        asked = f"{self.command} {self.path}"
        self.server.asked[asked] += 1
        self.server.user_agents.add(self.headers["User-Agent"])
        if self.path.startswith(MOVED):
            port = self.server.server_address[1]
            self._answer(307, b"<a>Moved</a>", Location=f"http://localhost:{port}/elsewhere")
        elif self.path == BROKEN:
            self._answer(200, b"{")
        elif self.path == NOTHING:
            self._answer(200, b"null")
        elif self.path == SLOW:
            self.server.closing.wait(SLOW_S)
            self._answer(404, b"")
        elif self.path == EMPTY:
            self._answer(200, b"")
        elif self.path == NEVER:
            self._answer(503, _PROXY_PAGE, **{"Retry-After": "99999999999999999999"})
        elif self.path == STALLED:
            self._answer(200, b"", **{"Content-Length": "9"})
            self.server.closing.wait(LATE_S)
        elif self.path.partition("?")[0] == CIRCLE and self.server.asked[asked] < _ROUNDS:
            self._answer(200, _PAGE)
        elif self.path == DATED:
            self._answer(
                503, _REFUSAL, **{"Retry-After": formatdate(time.time() + 7200, usegmt=True)}
            )
        elif form := OLD_DATES.get(self.path):
            date = time.strftime(form, time.gmtime(time.time() + 7200))
            self._answer(503, _REFUSAL, **{"Retry-After": date})
        else:
            self._answer(503, _REFUSAL, **{"Retry-After": "0"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in (usual | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _refuse  # noqa: N815  # http.server's names

    def log_message(self, format: str, *_: object) -> None:  # its name
        pass
