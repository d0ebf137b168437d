"""Paths of resources as they are kept and told: percent-encoded, so that any value fits in one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

_OF_PATHS = "/:@!$&'()*+,;=~"


def step_text(value: Any) -> str:
    """Return a value as one step of a path: without a slash, a NUL or half a surrogate pair."""
    return quote(str(value), safe="", errors="surrogatepass")


def path_text(path: str) -> str:
    """Return a decoded path as a header and an event can hold it."""
    return quote(path, safe=_OF_PATHS, errors="surrogatepass")
