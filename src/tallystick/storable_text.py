"""Text that JSON can spell and UTF-8 or PostgreSQL can't hold: NUL and half surrogate pairs."""

from __future__ import annotations

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return true if JSON and every database can carry the text."""
    return UNSTORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return the text with ``?`` for half surrogate pairs and U+FFFD for NUL."""
    return replace_half_pairs(text).replace("\0", "\ufffd")


def replace_half_pairs(text: str) -> str:
    """Return the text with ``?`` for half surrogate pairs, which UTF-8 can't hold."""
    # Bytes of a header that are no UTF-8 arrive as such halves.
    return text if text.isascii() else text.encode(errors="replace").decode()
