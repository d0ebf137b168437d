"""Text that JSON can spell but a store can't hold: with NUL or lone surrogates."""

from __future__ import annotations

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return whether JSON and every database can hold the text."""
    return UNSTORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return the text with ``?`` for lone surrogates and U+FFFD for NUL."""
    return replace_half_pairs(text).replace("\0", "\ufffd")


def replace_half_pairs(text: str) -> str:
    """Return the text with ``?`` for lone surrogates, which UTF-8 can't encode."""
    # Bytes of a header that are no UTF-8 arrive as such halves.
    return text if text.isascii() else text.encode(errors="replace").decode()
