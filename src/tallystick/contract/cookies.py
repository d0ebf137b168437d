"""The cookies of a request."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import cookie_parser


def read_cookies(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return the cookies by name, read as browsers write them."""
    return cookie_parser(headers.get(b"cookie", b"").decode("latin-1"))
