"""Carries events to the targets of subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from tallystick.apis.eventgrid import publishing, transforms
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.json_path import LookupFailed
from tallystick.delivery import (
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    EndpointResponse,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.encryption import Undecryptable
from tallystick.events import Event
from tallystick.store import Database, Entry

_SHORTEST = 8
"""Characters of a value that may be a token; shorter ones, such as `true`, are all over a text."""


class TargetDeliveryAdapter:
    """Says what a target is sent; see `tallystick.delivery.DeliveryAdapter`."""

    def __init__(self, database: Database, subscriptions: EventgridSubscriptions) -> None:
        self._database = database
        self._subscriptions = subscriptions

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """The event as the target's transform makes it."""
        # Read each time: what is held by a state of before would not resume with the new one.
        try:
            target = await self._database.read(
                lambda c: self._subscriptions.get_target(c, delivery.target)
            )
            content = transforms.transform(target["transform"], publishing.to_cloudevent(event))
        except Undecryptable as error:  # a process with the key may deliver it
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None
        except (LookupFailed, RecursionError) as error:
            raise Undeliverable(f"it can't be transformed: {error}") from None
        url = target["detail"]["url"]
        headers = [("Content-Type", content.type)]
        return OutgoingRequest("POST", url, headers, content.body, masked=_secrets(url))

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Nothing follows from an answer."""
        return ()


def _secrets(url: str) -> Sequence[str]:
    """What of an address may be a token, and must not be kept in clear: also where it is echoed."""
    query = urlsplit(url).query
    values = [value for _, value in parse_qsl(query) if len(value) >= _SHORTEST]
    return [query, *values] if query else []
