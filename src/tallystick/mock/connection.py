"""uvicorn's connection, which the faults get hold of."""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tallystick.mock.faults import EXTENSION


class Connection(HttpToolsProtocol):
    """Puts itself into every request's scope."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {EXTENSION: self.transport}
