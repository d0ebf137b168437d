"""Targets and dead letter queues that are topics of a Kafka."""

from __future__ import annotations

import re

from tallystick.apis.eventgrid import connections
from tallystick.apis.eventgrid.targets import Target
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import (
    AttemptOutcome,
    DeliveryFailure,
    Held,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.delivery.destinations.destination_kind import Options
from tallystick.delivery.destinations.kafka.message import CONTENT_TYPE, KafkaMessage
from tallystick.delivery.destinations.kafka.producers import KafkaProducers
from tallystick.delivery.destinations.kafka.transport import message_request
from tallystick.events import Event

KAFKA = "HC.Kafka"
"""The target that is a topic."""

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


class KafkaTargets:
    """Makes the messages to the Kafkas of the settings, which tenants name by a connection."""

    def __init__(self, context: ServiceContext) -> None:
        self._known = context.settings.eventgrid_kafka
        self._producers = KafkaProducers(context.outbox.sender.addresses)

    def build_request(
        self,
        connection_id: str,
        topic: str,
        event: Event,
        content: tuple[str, bytes],
        *headers: tuple[str, str],
    ) -> OutgoingRequest:
        """Return the message with a media type and a body; its key is the event's subject or id.

        Raise `Held` if there is no Kafka at all, and `DeliveryFailure` if there is another one.
        """
        options = {**self._options(connection_id), "topic": topic}
        if not _TOPIC.fullmatch(topic):
            raise Undeliverable("topic must have letters, digits, '.', '_' and '-' alone")
        type_, body = content
        message = KafkaMessage(event.subject or event.id, [(CONTENT_TYPE, type_), *headers], body)
        return message_request(self._producers, options, message)

    def _options(self, connection_id: str) -> Options:
        if not self._known:
            raise Held(f"{KAFKA} is a cloud service, which can't be called from here")
        if connection_id not in self._known:
            reason = f"the connection {connection_id} is missing in TALLYSTICK_EVENTGRID_KAFKA"
            raise DeliveryFailure(AttemptOutcome.LOCAL, reason)
        return self._known[connection_id]


def connection_of(target: Target) -> str:
    """Return the connection of a target, by default the vendor's own."""
    return target.get("connection_id") or connections.DEFAULT
