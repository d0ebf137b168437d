"""Text that JSON can spell but a store can't hold: with NUL or lone surrogates."""

from __future__ import annotations

import re

_HALF_PAIRS = re.compile("[\ud800-\udfff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return whether JSON and every database can hold the text."""
    return UNSTORABLE.search(text) is None


def is_whole(text: str) -> bool:
    """Return whether a text has whole characters alone, so that UTF-8 can encode it."""
    return text.isascii() or _HALF_PAIRS.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return the text with ``?`` for lone surrogates and U+FFFD for NUL."""
    return replace_half_pairs(text).replace("\0", "\ufffd")


def replace_half_pairs(text: str) -> str:
    """Return the text with ``?`` for lone surrogates, which UTF-8 can't encode."""
    # Bytes of a header that are no UTF-8 arrive as such halves.
    return text if text.isascii() else text.encode(errors="replace").decode()
