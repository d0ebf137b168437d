"""What one ASGI call was sent back, put together from its messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AsgiReply:
    """Gathers the messages of one response: pass it as `send`."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[bytes, bytes] = {}
        self.body = b""

    async def __call__(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.headers = {**self.headers, **dict(message.get("headers", ()))}
        self.body += message.get("body", b"")
