"""uvicorn's connection, which also understands callers that would rather speak HTTP/2."""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_OFFER = re.compile(rb"\r\nupgrade(?=:[ \t]*h2c[ \t]*\r\n)", re.IGNORECASE)
_UNKNOWN = b"\r\nx-offer"
"""A header that nobody knows, as long as the one that it stands for."""


class Connection(HttpToolsProtocol):
    """Overlooks the offer to go on in HTTP/2, as RFC 9110, 7.8, allows.

    Java's HttpClient makes it with its first request, and the parser would take what follows the
    head for HTTP/2: the body would be lost.
    """

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if b"h2c" in data and not self._is_in_body():
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_UNKNOWN, head + end) + rest
        super().data_received(data)

    def _is_in_body(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request
        return cycle is not None and cycle.more_body
