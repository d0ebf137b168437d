"""Delivery: an outbox for events to other systems, and its attempts until they succeed or end."""

from tallystick.delivery.adapter import (
    DeliveryAdapter,
    DeliveryFailure,
    EndpointResponse,
    FailedAttempt,
    Held,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.delivery.addresses import SINK, Addresses, AddressRefused, endpoint_of
from tallystick.delivery.counts import DeliveryCounts
from tallystick.delivery.delivery import (
    ENDED,
    REPLAYABLE,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    Destination,
    delivery_id,
)
from tallystick.delivery.dispatcher import Dispatcher
from tallystick.delivery.outbox import Outbox, forget_target
from tallystick.delivery.selection import DeliverySelection
from tallystick.delivery.sender import Sender

__all__ = [
    "ENDED",
    "REPLAYABLE",
    "SINK",
    "AddressRefused",
    "Addresses",
    "Attempt",
    "AttemptOutcome",
    "Delivery",
    "DeliveryAdapter",
    "DeliveryCounts",
    "DeliveryFailure",
    "DeliverySelection",
    "DeliveryState",
    "Destination",
    "Dispatcher",
    "EndpointResponse",
    "FailedAttempt",
    "Held",
    "Outbox",
    "OutgoingRequest",
    "Sender",
    "Undeliverable",
    "delivery_id",
    "endpoint_of",
    "forget_target",
]
