"""Paths of resources as they are kept and told: percent-encoded, so that any value fits in one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_OF_PATHS = "/:@!$&'()*+,;=~"

# Most need no encoding, and each call of Python's own takes long to find that out.
_is_plain_step = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
_is_plain_path = re.compile(r"[A-Za-z0-9_.~/-]*").fullmatch


def step_text(value: Any) -> str:
    """Return a value as one step of a path: without a slash, a NUL or half a surrogate pair."""
    text = str(value)
    return text if _is_plain_step(text) else quote(text, safe="", errors="surrogatepass")


def path_text(path: str) -> str:
    """Return a decoded path as a header and an event can hold it."""
    return path if _is_plain_path(path) else quote(path, safe=_OF_PATHS, errors="surrogatepass")
