"""An HTTP protocol with access to its connection, for faults."""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tallystick.mock.faults import EXTENSION


def breakable(protocol: type[HttpToolsProtocol]) -> type[HttpToolsProtocol]:
    """Return a subclass of the protocol that adds its transport to every request's scope."""

    class BreakableProtocol(protocol):  # type: ignore[misc, valid-type]  # made for either one
        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast("dict[str, Any]", self.scope)["extensions"] = {EXTENSION: self.transport}

    return BreakableProtocol
