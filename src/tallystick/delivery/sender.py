"""The sender of HTTP requests, within limits on address, time and size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from tallystick.delivery.adapter import RESPONSE_LIMIT, EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import SINK, Addresses, AddressRefused
from tallystick.delivery.local_failure import refusal
from tallystick.delivery.request_syntax import check_request

if TYPE_CHECKING:
    from tallystick.delivery.transport import GuardedTransport


class Sender:
    """A sender of requests to permitted addresses."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        """The rule for URLs, for saving and testing them too."""
        self._transport: GuardedTransport | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._transport:
            await self._transport.close()
            self._transport = None

    async def send_request(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]] | None = None
    ) -> EndpointResponse:
        """Return the response, whatever its status; raise `DeliveryFailure` if there is none.

        With `headers`, those are sent in place of the request's own, as for a signature.
        """
        sent = outgoing.headers if headers is None else headers
        if outgoing.transport:
            return await outgoing.transport.send_request(outgoing, sent)
        check_request(outgoing.method, sent)
        if outgoing.url == SINK:
            return _taken(outgoing, sent)
        try:
            self.addresses.check_url(outgoing.url)
        except AddressRefused as error:
            raise refusal(error) from None
        return await self._connected().send_request(outgoing, sent)

    def _connected(self) -> GuardedTransport:
        if self._transport is None:
            # Imported late: aiohttp is slow to load, and many processes send no request.
            from tallystick.delivery.transport import GuardedTransport

            self._transport = GuardedTransport(self.addresses)
        return self._transport


def _taken(outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]) -> EndpointResponse:
    received = {
        "method": outgoing.method,
        "headers": dict(headers),
        "body": outgoing.body.decode(errors="replace"),
    }
    body = orjson.dumps({"received": received})
    answered = [("Content-Type", "application/json")]
    return EndpointResponse(200, answered, body[:RESPONSE_LIMIT], len(body) > RESPONSE_LIMIT)
