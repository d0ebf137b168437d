"""A client that sends requests byte for byte, and records the answers for the coverage."""

from __future__ import annotations

import json
import re
import shlex
import time
from typing import Any
from urllib.parse import urlsplit

from .coverage import Coverage
from .vectors import VectorRequest
from .waits import Waits
from .wire import TIMEOUT_S, WireReply, address_of, exchange

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no line to paste has as it is: control characters, and bytes that are no UTF-8."""


class RecordingClient:
    """A client of one server."""

    def __init__(
        self,
        base_url: str,
        coverage: Coverage | None = None,
        patience_s: float = TIMEOUT_S,
        waits: Waits | None = None,
    ) -> None:
        self.base_url = base_url
        self.waits = waits or Waits()
        self._coverage = coverage
        self._patience_s = patience_s
        self.seconds: list[float] = []
        """The seconds that each answer took."""

    def send(self, request: VectorRequest) -> WireReply:
        """Return the reply to the request; raise `wire.Unanswered` without one."""
        reply = self._exchange(request)
        while self.waits.wait(reply.status, reply.header("Retry-After")):
            reply = self._exchange(request)
        if self._coverage:
            self._coverage.saw(request.method, request.target, reply.status, reply.body)
        return reply

    def get(self, target: str, **headers: str) -> WireReply:
        """Return the reply to a GET; underscores in the names of headers become hyphens."""
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return self.send(VectorRequest("GET", target, pairs))

    def post(self, target: str, value: Any, *headers: tuple[str, str]) -> WireReply:
        """Return the reply to a POST of a JSON value."""
        typed = ("Content-Type", "application/json")
        return self.send(
            VectorRequest("POST", target, (typed, *headers), json.dumps(value).encode())
        )

    def _exchange(self, request: VectorRequest) -> WireReply:
        began = time.monotonic()
        reply = exchange(
            self.base_url,
            [self._bytes(request)],
            method=request.method,
            patience_s=self._patience_s,
        )
        self.seconds.append(time.monotonic() - began)
        return reply

    def _bytes(self, request: VectorRequest) -> bytes:
        host, port = address_of(self.base_url)
        target = urlsplit(self.base_url).path + request.target
        lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host}:{port}"]
        lines += [f"{name}: {value}" for name, value in request.headers]
        if request.body is not None:
            lines.append(f"Content-Length: {len(request.body)}")
        lines += ["Connection: close", "", ""]
        return "\r\n".join(lines).encode("utf-8") + (request.body or b"")


def curl(base_url: str, request: VectorRequest) -> str:
    """Return a shell command that repeats the request."""
    parts = ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        parts += ["-H", f"{name}: {value}"]
    body = None if request.body is None else request.body.decode("utf-8", "surrogateescape")
    is_written = body is not None and _UNSEEN.search(body) is not None
    if body is not None:
        parts += ["--data-binary", "@-" if is_written else body]
    command = shlex.join([*parts, base_url + request.target])
    return f"{_printed(body)} | {command}" if body is not None and is_written else command


def _printed(body: str) -> str:
    """Return a command that prints a body with bytes that no line to paste can have."""
    text = body.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return shlex.join(["printf", "%b", _UNSEEN.sub(_octal, text)])


def _octal(match: re.Match[str]) -> str:
    return "".join(f"\\0{byte:03o}" for byte in match[0].encode("utf-8", "surrogateescape"))
