"""The comparison of an answer with the one that a vector expects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from .credentials import ServerCredentials
from .json_text import loads
from .matching import differences
from .vectors import Expected, Vector, VectorRequest
from .wire import WireReply

NEW = b"@NEW@"
"""A new id in a vector's body, unknown to every server."""
_CHARSET = re.compile(r"charset=\"?([^\s;\"]+)", re.IGNORECASE)
_SECRET = re.compile(r"@credential:(\w+)@")
"""A credential's secret in a vector's target or header."""


def authorized(vector: Vector, world: ServerCredentials) -> VectorRequest:
    """Return the vector's request with its credential."""
    request = _with_secrets(vector, world)
    if request.body and NEW in request.body:
        request = replace(request, body=request.body.replace(NEW, uuid4().hex.encode()))
    if vector.credential is None:
        return request
    return world.credential(vector.api, vector.credential).applied(request)


def _with_secrets(vector: Vector, world: ServerCredentials) -> VectorRequest:
    def secret(named: re.Match[str]) -> str:
        return world.credential(vector.api, named[1]).secret

    request = vector.request
    target = _SECRET.sub(lambda named: quote(secret(named), safe=""), request.target)
    headers = tuple((name, _SECRET.sub(secret, value)) for name, value in request.headers)
    return replace(request, target=target, headers=headers)


def objections(expected: Expected, reply: WireReply) -> list[str]:
    """Return one sentence for each difference between the reply and the expected one."""
    return [
        *differences(expected.status, reply.status, True, "status"),
        *_of_charset(reply),
        *_of_headers(expected, reply),
        *_of_body(expected, reply),
    ]


def _of_charset(reply: WireReply) -> Iterator[str]:
    """Yield an objection to JSON in another encoding than UTF-8 (RFC 8259, 8.1)."""
    media_type = reply.header("Content-Type") or ""
    charset = _CHARSET.search(media_type)
    if "json" in media_type and charset and charset[1].lower() not in ("utf-8", "utf8"):
        yield f"the JSON's charset is {charset[1]}, not UTF-8"


def _of_headers(expected: Expected, reply: WireReply) -> Iterator[str]:
    for name, value in dict(expected.headers).items():
        actual = reply.header(name)
        if value is None and actual is not None:
            yield f"header {name} is {actual!r} and should not be there"
        elif value is not None and actual is None:
            yield f"header {name} is missing"
        elif value is not None:
            yield from differences(value, actual, True, f"header {name}")


def _of_body(expected: Expected, reply: WireReply) -> Iterator[str]:
    if expected.empty and reply.body:
        yield f"the body is not empty: {reply.body[:200]!r}"
    if expected.text is not None:
        yield from differences(expected.text, reply.body.decode("utf-8", "replace"), True)
    if expected.has_body:
        try:
            actual: Any = loads(reply.body)
        except ValueError:
            yield f"the body is not JSON: {reply.body[:200]!r}"
        else:
            yield from differences(expected.body, actual, expected.exact)
