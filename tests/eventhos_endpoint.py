"""A real endpoint for eventhos's actions."""

from __future__ import annotations

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Call(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Print nothing about a caller that was killed."""


class Endpoint:
    """An endpoint that records calls; `answers` by path, 200 and an empty body by default."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.is_answering = Event()
        """Calls are recorded, but unanswered until it is set."""
        self.is_answering.set()
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.redirects: dict[str, str] = {}
        """The places to which 307 sends, by path."""
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def of(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.partition("?")[0] == path]

    def stop(self) -> None:
        self.is_answering.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(endpoint) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.calls.append(Call(self.command, self.path, headers, body))
                endpoint.is_answering.wait()
                path = self.path.partition("?")[0]
                status, answer = endpoint.answers.get(path, (200, b""))
                self.send_response(307 if path in endpoint.redirects else status)
                if path in endpoint.redirects:
                    self.send_header("Location", endpoint.redirects[path])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        for method in ("GET", "POST", "PUT"):
            setattr(Handler, f"do_{method}", Handler.handle_any)
        return Handler


def grant(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "securityType": "oauth2_client",
        "securityUrl": f"{endpoint.url}/token",
        "clientId": "us",
        "clientSecret": "hush-hush",
        "headers": [
            {"key": "X-Token", "value": "${.oauthResponse.body.access_token}"},
            {"key": "Authorization", "value": "Bearer ${.oauthResponse.body.access_token}"},
        ],
    }
