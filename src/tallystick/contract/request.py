"""The request as handlers can ask for it, beside their arguments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Request(NamedTuple):
    """A request as it was received."""

    method: str
    path: str
    query: bytes
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> str | None:
        """Return the first header with this lower-case name, or None."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None
