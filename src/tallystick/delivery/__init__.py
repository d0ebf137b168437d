"""Delivery: what was accepted is sent on, whatever happens."""

from tallystick.delivery.addresses import SINK, Addresses, AddressRefused, endpoint_of
from tallystick.delivery.courier import (
    Courier,
    Failure,
    Held,
    Outgoing,
    Response,
    Undeliverable,
)
from tallystick.delivery.delivery import (
    ENDED,
    REPLAYABLE,
    Attempt,
    Delivery,
    Destination,
    Outcome,
    State,
    delivery_id,
)
from tallystick.delivery.dispatcher import Dispatcher
from tallystick.delivery.outbox import Outbox, Selection, forget_target
from tallystick.delivery.sender import Sender

__all__ = [
    "ENDED",
    "REPLAYABLE",
    "SINK",
    "AddressRefused",
    "Addresses",
    "Attempt",
    "Courier",
    "Delivery",
    "Destination",
    "Dispatcher",
    "Failure",
    "Held",
    "Outbox",
    "Outcome",
    "Outgoing",
    "Response",
    "Selection",
    "Sender",
    "State",
    "Undeliverable",
    "delivery_id",
    "endpoint_of",
    "forget_target",
]
