"""Bounds on a response: how much of it is parsed, and how many may come for one request."""

from __future__ import annotations

from typing import Any

from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from tallystick.delivery.adapter import RESPONSE_LIMIT

RESPONSES = 16
"""Responses for one request: interim ones such as ``100 Continue``, and the final one."""

PARSED_LIMIT = 256 * 1024
"""Bytes that are parsed for one request: heads, chunk sizes, trailers and body."""

PIECE = 4 * 1024
"""Bytes that are parsed between two checks of the bounds."""


class BoundedResponseHandler(ResponseHandler):
    """An aiohttp response handler; it closes a connection if responses exceed the bounds.

    aiohttp parses each read of up to 256 KB as a whole, and keeps every response in it. Ten
    endpoints with endless ``100 Continue`` blocked the event loop for 12 s and took 1.4 GB.
    """

    _parsed = 0
    _responses = 0
    _body: StreamReader | None = None

    def set_response_params(self, **given: Any) -> None:
        """Expect the response to another request."""
        self._parsed = self._responses = 0
        self._body = None
        super().set_response_params(**given)

    def data_received(self, data: bytes) -> None:
        """Parse the received bytes piece by piece, as far as they are needed."""
        if not data:  # aiohttp continues with its buffer
            super().data_received(data)
        for start in range(0, len(data), PIECE):
            if not self._is_enough():
                self._parse(data[start : start + PIECE])

    def _parse(self, piece: bytes) -> None:
        self._parsed += len(piece)
        if self._parsed > PARSED_LIMIT:
            self._end("its answer has too many bytes")
        else:
            super().data_received(piece)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Keep a response for the request waiting for it."""
        self._responses += 1
        self._body = data[1]
        if self._responses == RESPONSES:
            self._end("it sent more responses than requests")
        elif self._responses < RESPONSES:
            super().feed_data(data, size)

    def _is_enough(self) -> bool:
        """Return whether the rest can be ignored, as the reader closes a long response."""
        is_body_cut = self._body is not None and self._body.total_bytes > RESPONSE_LIMIT
        return is_body_cut or self._responses >= RESPONSES or self._parsed > PARSED_LIMIT

    def _end(self, reason: str) -> None:
        if self.transport is not None:
            self.transport.close()
        self.set_exception(HttpProcessingError(message=reason))
