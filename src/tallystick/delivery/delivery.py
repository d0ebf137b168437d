"""One event on its way to one endpoint."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tallystick.delivery.shares import Lane


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """An earlier group of the same event goes first."""
    PENDING = "pending"
    """Attempted when it is due."""
    LEASED = "leased"
    """A worker attempts it now."""
    DONE = "done"
    """The endpoint took it."""
    DEAD = "dead"
    """It failed for good."""
    HELD = "held"
    """Its endpoint is turned off or missing."""
    CANCELLED = "cancelled"
    """Somebody aborted it."""


ENDED = frozenset(
    {DeliveryState.DONE, DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.CANCELLED}
)
"""Nothing more happens of itself."""

REPLAYABLE = ENDED | {DeliveryState.PENDING}
"""Each can be delivered again; what is pending, before its time."""


class AttemptOutcome(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    REDIRECTED = "redirected"
    """3xx: a redirection is not followed."""
    REJECTED = "rejected"
    """Any other 4xx."""
    GONE = "gone"
    """410: the endpoint wants nothing more, and is turned off."""
    THROTTLED = "throttled"
    """429."""
    SERVER_ERROR = "server_error"
    """5xx."""
    TIMEOUT = "timeout"
    DNS_ERROR = "dns_error"
    TLS_ERROR = "tls_error"
    UNREACHABLE = "unreachable"
    """No connection was made."""
    BROKEN = "broken"
    """The connection was reset, or what came over it was no HTTP."""
    FORBIDDEN = "forbidden"
    """The address is one that this process may not send to, as its settings are."""
    LOCAL = "local"
    """This process could not try: it lacks files, memory, a name server or the like."""
    UNDELIVERABLE = "undeliverable"
    """No request could be made of the event."""
    HELD = "held"
    LOST = "lost"
    """The worker ended, or was too late to say what happened."""


class Destination(NamedTuple):
    """Where a kind of delivery sends an event."""

    target: str
    """The id of the subscription or contract: letters, digits and ``-``."""
    endpoint: str
    """What is isolated from the others: scheme, host and port; see `endpoint_of`."""
    position: int = 0
    """Its group: one starts when all of the one before have ended."""
    tenant: str = ""
    """Who has it delivered, such as a project; without one it is the target itself."""


class Delivery(NamedTuple):
    """One row of the table; its fields are the columns, in their order."""

    id: str
    event_id: str
    kind: str
    target: str
    endpoint: str
    position: int
    followed: int
    state: str
    attempts: int
    tries: int
    retried: int
    due: int
    owner: str
    until: int
    detail: str
    tenant: str
    """Its kind and who has it delivered."""

    @property
    def lane(self) -> Lane:
        """Return what it waits in for its turn."""
        return Lane(self.tenant, self.endpoint)

    @property
    def run(self) -> str:
        """What the ids of all deliveries of this event and kind begin with."""
        return run_of(self.event_id, self.kind)

    def without_try(self) -> Delivery:
        """Return the delivery with its last attempt not counted in the schedule."""
        return self._replace(tries=self.tries - 1)


class Attempt(NamedTuple):
    """One HTTP try; its fields are the columns of the table, in their order."""

    delivery_id: str
    number: int
    started: int
    ended: int
    outcome: str
    status: int | None
    record: str
    """JSON: ``request``, ``response`` and ``error``, each if there was one; secrets are masked."""


def run_of(event_id: str, kind: str) -> str:
    """What the ids of all deliveries of that event and kind begin with."""
    return f"{event_id}_{kind}_"


def delivery_id(event_id: str, kind: str, target: str) -> str:
    """The id of the delivery of an event to a target, the same over all attempts."""
    return f"{event_id}_{kind}_{target}"
