"""Compresses what readers get, and tells when they have it already (RFC 9110, 8.4 and 13.1)."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, Scope, Send
from tallystick.contract.entity_tags import is_known

SMALL = 1024
"""Answers of fewer bytes go out as they are."""

_INLINE = 16 * 1024
"""Larger answers, in bytes, would hold up others, so a thread compresses them."""

_LEVEL = 6
_HTTP_OK = 200
_TEXTS = (b"text/", b"application/json", b"application/yaml", b"application/problem+json")
_LENGTHS = frozenset({b"content-length", b"content-type"})


class CompressedAnswers:
    """An ASGI application that compresses another's answers to GET.

    A text of 1 KiB or more gets an ``ETag``, goes out by gzip to whoever takes it, and is a 304 to
    a reader who has it. Streams and answers with an encoding of their own stay as they are.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Answer one request."""
        # A plain function: the other methods pay for no coroutine of this class.
        if scope.get("method") != "GET" or "headers" not in scope:
            return self._app(scope, receive, send)
        return self._app(scope, receive, _AnswerSender(scope, send))


class _AnswerSender:
    """An ASGI ``send`` that holds the start of an answer until its body is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Any = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start" and _is_text(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            await self._send(message)
            return
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or message.get("more_body"):
            await self._send(start)
        elif len(body) >= SMALL:
            found = await _packed(body, self._scope)
            start = {**start, "status": found.status, "headers": _headers(start, found)}
            message = {**message, "body": found.body}
            await self._send(start)
        else:
            await self._send(start)
        await self._send(message)


class _Packed(NamedTuple):
    status: int
    body: bytes
    etag: bytes
    is_gzip: bool


def _is_text(start: Any) -> bool:
    if start["status"] != _HTTP_OK:
        return False
    headers = dict(start.get("headers", ()))
    kind = headers.get(b"content-type", b"")
    return kind.startswith(_TEXTS) and not headers.keys() & {b"content-encoding", b"etag"}


async def _packed(body: bytes, scope: Scope) -> _Packed:
    headers = dict(scope["headers"])
    takes_gzip = accepts_gzip(headers.get(b"accept-encoding", b""))
    known = headers.get(b"if-none-match", b"")
    if len(body) <= _INLINE:
        return _pack(body, known, takes_gzip)
    return await asyncio.to_thread(_pack, body, known, takes_gzip)


def _pack(body: bytes, known: bytes, takes_gzip: bool) -> _Packed:
    # It is weak: the same answer has other bytes in another encoding.
    etag = b'W/"%s"' % sha256(body).hexdigest()[:32].encode()
    if is_known(known, etag):
        return _Packed(304, b"", etag, False)
    packed = gzip.compress(body, _LEVEL, mtime=0) if takes_gzip else body
    return _Packed(_HTTP_OK, packed, etag, takes_gzip)


def _headers(start: Any, found: _Packed) -> list[tuple[bytes, bytes]]:
    kept = [header for header in start["headers"] if header[0] not in _LENGTHS]
    added = [(b"etag", found.etag), (b"vary", b"Accept-Encoding")]
    if found.status == _HTTP_OK:
        added.append((b"content-length", b"%d" % len(found.body)))
        added += [header for header in start["headers"] if header[0] == b"content-type"]
    if found.is_gzip:
        added.append((b"content-encoding", b"gzip"))
    return kept + added


# Clients send the same few values.
@lru_cache(maxsize=100)
def accepts_gzip(value: bytes) -> bool:
    """Return whether an ``Accept-Encoding`` takes gzip; `q=0` refuses it."""
    weights: dict[bytes, bytes] = {}
    for choice in value.lower().split(b","):
        name, _, parameters = choice.partition(b";")
        weights[name.strip()] = parameters.partition(b"q=")[2].strip() or b"1"
    weight = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", b"0")))
    return weight.strip(b"0.") != b""
