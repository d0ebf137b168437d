"""Where the answer to a creation says that the new thing is (`Location`, RFC 9110, 10.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from .wire import WireReply

_CREATED = 201


def is_elsewhere(reply: WireReply, item_id: Any) -> Iterator[str]:
    """Object to the address of what was made if it does not end with its id."""
    address = reply.header("Location")
    if reply.status != _CREATED or address is None:
        return
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    if unquote(last) != str(item_id):
        yield f"Location is {address}, which does not end with the id {item_id!r}"
