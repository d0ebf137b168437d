"""Formats of text known to OpenAPI but not to JSON Schema."""

from __future__ import annotations

import re

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_base64(text: str) -> bool:
    """Return whether the text is base64 with its padding, on one line."""
    return _BASE64.fullmatch(text) is not None


FORMATS = {"byte": is_base64}
"""Format → what judges a text by it."""
