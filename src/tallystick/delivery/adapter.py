"""The port through which each API says what to send, and learns what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tallystick.delivery.delivery import AttemptOutcome, Delivery
from tallystick.events import Event
from tallystick.store import Entry

RESPONSE_LIMIT = 20 * 1024
"""Bytes of a response that are read, and of a compressed one that are unpacked."""


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """One HTTP request to make."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    signing_secrets: Sequence[str] = ()
    """Each signs the request as Standard Webhooks has it; none, and it is not signed."""
    masked: Sequence[str] = ()
    """Texts that must not be seen in the log of attempts, wherever they stand."""


class EndpointResponse(NamedTuple):
    """What an endpoint answered."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    """Decompressed, and at most `RESPONSE_LIMIT` bytes."""
    truncated: bool = False


class DeliveryFailure(Exception):
    """No response came; the attempt is repeated when the schedule says so."""

    def __init__(self, outcome: AttemptOutcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class Undeliverable(Exception):
    """No request can be made of this event, now or later: the delivery is dead."""


class Held(Exception):
    """There is nowhere to send it at the moment: the delivery is held until it is replayed."""


class DeliveryAdapter(Protocol):
    """Knows one kind of delivery; a service registers it with `Outbox.register`."""

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """What to send; raises `Undeliverable`, `Held` or `DeliveryFailure`."""
        ...

    def on_response(
        self, delivery: Delivery, event: Event, response: EndpointResponse
    ) -> Sequence[Entry]:
        """What to store in the transaction that marks the delivery done; often nothing.

        An event that follows from the response is stored by `EventLog.build_rows`.
        """
        ...
