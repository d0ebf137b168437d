"""What HTTP, its servers and frameworks decide, and an API's document does not."""

from __future__ import annotations

import re
from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import AllowHeaderMismatch
from schemathesis.schemas import BaseSchema

COOKIES = re.compile(r"([^=;]*=[!#-+\--:<-\[\]-~]*(; |$))*")
"""Cookies whose values have the letters of RFC 6265, 4.1.1, alone."""

KNOWN_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
"""The methods of RFC 9110 and 5789."""

LONGEST_TARGET = 4_000
"""The bytes of a target that each server reads: gunicorn reads 4,094 of a line by default.

RFC 9110, 4.1, recommends 8,000, and demands none.
"""
LONGEST_HEADER = 8_000
"""The bytes of a header that each server reads: Tomcat reads 8,192 of all by default."""

_TOO_LONG = (400, 414, 431)

HTTP_HEADERS = frozenset(
    "accept accept-charset accept-encoding accept-language connection content-encoding"
    " content-length content-type expect host if-match if-modified-since if-none-match if-range"
    " if-unmodified-since keep-alive max-forwards proxy-connection range te trailer"
    " transfer-encoding upgrade x-http-method-override".split()
)
"""The headers that servers and frameworks act on, whatever a document says."""


def leave_out_http_headers(schema: BaseSchema) -> None:
    """Send no made-up header that HTTP gives a meaning, unless the operation declares it."""

    @schema.hook
    def map_headers(
        context: schemathesis.HookContext, headers: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        assert context.operation is not None, "headers are made for an operation"
        declared = {each.name.lower() for each in context.operation.headers}
        left_out = HTTP_HEADERS - declared
        return headers and {k: v for k, v in headers.items() if k.lower() not in left_out}


def is_left_to_http(failure: Failure, response: schemathesis.Response) -> bool:
    """Return whether a failure is about what servers do with HTTP, each in its own way."""
    request = response.request
    if response.status_code in _TOO_LONG and _is_long(request.url or "", request.headers):
        return True
    if response.status_code == 501 and request.method not in KNOWN_METHODS:
        return True  # RFC 9110, 15.6.2: the answer to a method that the server does not know
    if isinstance(failure, AcceptedNegativeData):
        # What is no cookie may be left out, and so be missed by no one.
        return not COOKIES.fullmatch(text_of(request.headers.get("Cookie", "")))
    return isinstance(failure, AllowHeaderMismatch)  # Starlette names those of one route alone


def _is_long(target: str, headers: Any) -> bool:
    size = sum(len(name) + len(value) for name, value in headers.items())
    return len(target) > LONGEST_TARGET or size > LONGEST_HEADER


def text_of(value: str | bytes) -> str:
    """Return the text of a header or a URL, which may be bytes before they are sent."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
