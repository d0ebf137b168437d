"""The cursor of a list's next page: a text that is taken for no id, and for no other list's."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

_is_whole = re.compile(r"(?:[A-Za-z0-9_-]{4}){8,2000}").fullmatch
_UUID_BYTES = 16
_LIMIT_BYTES = 2
_CHECK_BYTES = 6


class PageCursor(NamedTuple):
    """Where a page begins."""

    after: str
    """The position of the item before it."""
    limit: int
    """The most items on it: some APIs want a cursor to stand alone."""
    place: bytes = b""
    """The list's order, and the place of that item in it; empty for the order of making."""


def write_cursor(collection: str, cursor: PageCursor) -> str:
    """Return a cursor of a collection's list as a text."""
    content = UUID(cursor.after).bytes + cursor.limit.to_bytes(_LIMIT_BYTES)
    content += cursor.place + b" " * (-len(cursor.place) % 3)  # so that base64 needs no padding
    return urlsafe_b64encode(content + _check(collection, content)).decode()


def read_cursor(collection: str, text: str) -> PageCursor | None:
    """Return the cursor that `write_cursor` made for the collection; None for another text."""
    if not _is_whole(text):
        return None
    raw = urlsafe_b64decode(text)
    content, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if check != _check(collection, content):
        return None
    after, rest = content[:_UUID_BYTES], content[_UUID_BYTES:]
    limit, place = rest[:_LIMIT_BYTES], rest[_LIMIT_BYTES:]
    return PageCursor(str(UUID(bytes=after)), int.from_bytes(limit), place.rstrip())


def _check(collection: str, content: bytes) -> bytes:
    return sha256(collection.encode("utf-8", "surrogatepass") + content).digest()[:_CHECK_BYTES]
