"""The interface for each API to build its requests and handle the responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from tallystick.delivery.delivery import AttemptOutcome, Delivery, DeliveryState
from tallystick.events import Event
from tallystick.store import Entry

RESPONSE_LIMIT = 20 * 1024
"""The limit in bytes of a response's body, after decompression too."""


class OutgoingRequest(NamedTuple):
    """A request to send: by HTTP, or by a transport of its own."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    signing_secrets: Sequence[str] = ()
    """The secrets that sign it by Standard Webhooks; without them it is unsigned."""
    masked: Sequence[str] = ()
    """Texts to mask wherever they occur in the record of attempts."""
    retries: int | None = None
    """The most attempts after the first; None for as many as the schedule has."""
    timeout_s: int | None = None
    """The seconds for the whole exchange; None for those of the transport."""
    redirects: int = 0
    """The most redirects that are followed; each address is checked as the first one."""
    transport: Transport | None = None
    """Sends it in place of HTTP."""
    endpoint: str = ""
    """The name by which it is isolated; by default the origin of its URL."""


class EndpointResponse(NamedTuple):
    """An endpoint's response to a request."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    """The decompressed body, cut at `RESPONSE_LIMIT` bytes."""
    truncated: bool = False


class DeliveryFailure(Exception):
    """An attempt failed without a response; the delivery is retried on schedule."""

    def __init__(self, outcome: AttemptOutcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class Undeliverable(Exception):
    """The event can never be turned into a request: the delivery is dead."""


class Held(Exception):
    """There is no destination at the moment: the delivery is held until a replay."""


class Transport(Protocol):
    """A way to send requests other than HTTP."""

    async def send_request(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return the response, with a status like HTTP's; raise `DeliveryFailure` without one."""
        ...


class FailedAttempt(NamedTuple):
    """A failed attempt, and the state of its delivery after it."""

    delivery: Delivery
    event: Event
    outcome: AttemptOutcome
    state: DeliveryState
    detail: str
    """The reason in words, with masked secrets."""
    now_ms: int


FailureListener: TypeAlias = Callable[[FailedAttempt], Sequence[Entry]]
"""Returns rows to store in the transaction that records the attempt, such as a mail about it."""


class DeliveryAdapter(Protocol):
    """The adapter of one kind of delivery; a service registers it in the outbox."""

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        """Return the request to send; raise `Undeliverable`, `Held` or `DeliveryFailure`."""
        ...

    def on_response(
        self, delivery: Delivery, event: Event, response: EndpointResponse
    ) -> Sequence[Entry]:
        """Return rows to store in the transaction marking the delivery done; usually empty.

        Use `EventLog.build_rows` for an event caused by the response.
        """
        ...
