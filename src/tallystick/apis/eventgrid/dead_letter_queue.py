"""Dead letter queues: topics for the events that a target did not take."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.apis.eventgrid import publishing
from tallystick.apis.eventgrid.kafka_targets import KafkaTargets
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.targets import KIND, Target
from tallystick.apis.eventgrid.transforms import CLOUDEVENT
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import (
    AttemptOutcome,
    Delivery,
    DeliveryFailure,
    DeliveryState,
    Destination,
    EndpointResponse,
    Held,
    OutgoingRequest,
)
from tallystick.delivery.adapter import FailedAttempt
from tallystick.delivery.delivery import delivery_id
from tallystick.encryption import Undecryptable
from tallystick.events import Event
from tallystick.store import Entry

DEAD_LETTER = "deadletter"
"""The kind of deliveries to dead letter queues."""

REASON = "reason"
"""The header that says why the target did not get the event."""

QUEUE = "dead_letter_queue"


class DeadLetterAdapter:
    """Sends dead events to the queue of their target; see `DeliveryAdapter`."""

    def __init__(
        self, context: ServiceContext, subscriptions: EventgridSubscriptions, kafka: KafkaTargets
    ) -> None:
        self._context = context
        self._subscriptions = subscriptions
        self._kafka = kafka
        self._under_way: dict[str, Target] = {}
        """Delivery → its target, if that has a queue."""

    def note_attempt(self, delivery: Delivery, target: Target) -> None:
        """Remember the target of an attempt, until the attempt is over."""
        if target.get(QUEUE) is not None:
            self._under_way[delivery.id] = target

    def forget_attempt(self, delivery: Delivery) -> None:
        """Forget the target of an attempt that succeeded."""
        self._under_way.pop(delivery.id, None)

    def on_failure(self, failed: FailedAttempt) -> Sequence[Entry]:
        """Return the delivery to the queue, if the event is dead and its target has one."""
        delivery = failed.delivery
        target = self._under_way.pop(delivery.id, None)
        if target is None or failed.state is not DeliveryState.DEAD:
            return ()
        queue = target[QUEUE]
        # A delivery that is replayed may die again.
        destination = Destination(
            f"{delivery.target}-{delivery.attempts}",
            f"kafka:{queue['connection_id']}/{queue['topic']}",
            tenant=delivery.tenant.partition("/")[2],
        )
        return self._context.outbox.build_deliveries(failed.event, DEAD_LETTER, [destination])

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the event as it was published, with the reason in a header."""
        key = delivery.target.rpartition("-")[0]
        try:
            target = await self._context.database.read(
                lambda c: self._subscriptions.get_target(c, key)
            )
        except Undecryptable as error:  # a process with the key may deliver it
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None
        queue = target.get(QUEUE)
        if queue is None:
            raise Held("the target has no dead letter queue any more")
        dead = await self._context.outbox.get_delivery(delivery_id(event.id, KIND, key))
        reason = [(REASON, dead.detail)] if dead else []
        content = (CLOUDEVENT, publishing.to_cloudevent(event))
        return self._kafka.build_request(
            queue["connection_id"], queue["topic"], event, content, *reason
        )

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return no rows."""
        return ()
