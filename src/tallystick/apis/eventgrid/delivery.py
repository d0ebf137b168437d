"""Carries events to the targets of subscriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection

from tallystick.apis.eventgrid import attributes, channels, publishing, transforms
from tallystick.apis.eventgrid.arrivals import add_arrival
from tallystick.apis.eventgrid.dead_letter_queue import DeadLetterAdapter
from tallystick.apis.eventgrid.kafka_targets import KAFKA, KafkaTargets, connection_of
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.targets import (
    CUSTOM,
    DETAIL,
    EG_DETAIL,
    EVENTGRID,
    KAFKA_DETAIL,
    Target,
)
from tallystick.apis.json_path import LookupFailed
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import (
    SINK,
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    EndpointResponse,
    Held,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.encryption import Undecryptable
from tallystick.events import Event
from tallystick.store import Entry

MAX_HOPS = 5
"""Channels that may hand an event on, one to the other: a ring of them ends there."""

_SHORTEST = 8
"""Characters of a value that may be a token; shorter ones, such as `true`, are all over a text."""


class TargetDeliveryAdapter:
    """Makes the requests to targets; see `tallystick.delivery.DeliveryAdapter`."""

    def __init__(
        self,
        context: ServiceContext,
        subscriptions: EventgridSubscriptions,
        kafka: KafkaTargets,
        dead_letters: DeadLetterAdapter,
    ) -> None:
        self._context = context
        self._subscriptions = subscriptions
        self._kafka = kafka
        self._dead_letters = dead_letters
        self._forwarded: dict[str, Sequence[Entry]] = {}
        """Delivery → what to store when another channel has taken its event."""

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the event as the target's transform makes it."""
        # Read each time: what is held by a state of before would not resume with the new one.
        try:
            target = await self._context.database.read(
                lambda c: self._subscriptions.get_target(c, delivery.target)
            )
            self._dead_letters.note_attempt(delivery, target)
            if target["provider_type"] == CUSTOM:
                return _request(target, event)
            if _is_topic(target):
                return self._kafka_request(target, event)
        except Undecryptable as error:  # a process with the key may deliver it
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None
        except (LookupFailed, RecursionError) as error:
            raise Undeliverable(f"it can't be transformed: {error}") from None
        if target["name"] != EVENTGRID:
            raise Held(f"{target['name']} is a cloud service, which can't be called from here")
        self._forwarded[delivery.id] = await self._forward_event(
            delivery.id, target[EG_DETAIL], event
        )
        return OutgoingRequest("POST", SINK, body=publishing.to_cloudevent(event))

    def on_response(
        self, delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return the rows of the event in another channel, if a channel is the target."""
        self._dead_letters.forget_attempt(delivery)
        return self._forwarded.pop(delivery.id, ())

    def _kafka_request(self, target: Target, event: Event) -> OutgoingRequest:
        content = transforms.transform(target["transform"], publishing.to_cloudevent(event))
        topic, connection_id = target[KAFKA_DETAIL]["topic"], connection_of(target)
        request = self._kafka.build_request(connection_id, topic, event, content)
        return request._replace(retries=target.get("retry_times"))

    async def _forward_event(
        self, delivery_id: str, detail: Mapping[str, str], event: Event
    ) -> Sequence[Entry]:
        if json.loads(event.attributes).get(attributes.HOPS, 0) >= MAX_HOPS:
            raise Undeliverable(f"it has passed through {MAX_HOPS} channels already")
        project, id_ = detail["target_project_id"], detail["target_channel_id"]

        def load(connection: Connection) -> publishing.Channel:
            channels.get_channel(connection, project, id_)
            return publishing.load_channel(connection, project, id_, self._subscriptions)

        try:
            channel = await self._context.database.read(load)
        except NotFound:
            raise Held("the target's channel is deleted") from None
        context = self._context
        if not await context.database.write(lambda c: add_arrival(c, event, id_, delivery_id)):
            return ()  # it is there, or another delivery brings it
        forwarded = publishing.forward_event(channel, event, context.outbox, context.clock.now_ms())
        return context.log.build_rows(forwarded[0], *forwarded[1])


def _is_topic(target: Target) -> bool:
    return target["name"] == KAFKA and target.get(KAFKA_DETAIL) is not None


def _request(target: Target, event: Event) -> OutgoingRequest:
    content = transforms.transform(target["transform"], publishing.to_cloudevent(event))
    url = target[DETAIL]["url"]
    headers = [("Content-Type", content.type)]
    retries = target.get("retry_times")
    return OutgoingRequest(
        "POST", url, headers, content.body, masked=_secrets(url), retries=retries
    )


def _secrets(url: str) -> Sequence[str]:
    """Return the parts of an address to mask, as they may be tokens, also where they are echoed."""
    query = urlsplit(url).query
    values = [value for _, value in parse_qsl(query) if len(value) >= _SHORTEST]
    return [query, *values] if query else []
