"""What a handler may ask of the request beside its arguments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Request(NamedTuple):
    """The request as it was received."""

    method: str
    path: str
    query: bytes
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> str | None:
        """The first header of that lower-case name, or None."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None
