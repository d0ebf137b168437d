"""The mock's connection, which the faults get hold of."""

from __future__ import annotations

from typing import Any, cast

from tallystick.mock.faults import EXTENSION
from tallystick.uvicorn_protocol import FastHttpProtocol


class BreakableProtocol(FastHttpProtocol):
    """Puts itself into every request's scope."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {EXTENSION: self.transport}
