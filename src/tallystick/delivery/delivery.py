"""Deliveries: one event to one target, with its attempts."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tallystick.delivery.shares import Lane


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    """An earlier group of the same event has yet to end."""
    PENDING = "pending"
    """It will be attempted when it is due."""
    LEASED = "leased"
    """A worker is attempting it."""
    DONE = "done"
    """The endpoint accepted it."""
    DEAD = "dead"
    """It failed for good."""
    HELD = "held"
    """Its target is disabled or missing; it waits for a replay."""
    CANCELLED = "cancelled"
    """A person aborted it."""


ENDED = frozenset(
    {DeliveryState.DONE, DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.CANCELLED}
)
"""States without further attempts, until a replay."""

REPLAYABLE = ENDED | {DeliveryState.PENDING}
"""States that allow a replay; a pending delivery is then attempted at once."""


class AttemptOutcome(StrEnum):
    """The outcome of one attempt."""

    DELIVERED = "delivered"
    REDIRECTED = "redirected"
    """3xx: redirects are not followed."""
    REJECTED = "rejected"
    """Any other 4xx."""
    GONE = "gone"
    """410: the target is disabled."""
    THROTTLED = "throttled"
    """429."""
    SERVER_ERROR = "server_error"
    """5xx."""
    TIMEOUT = "timeout"
    DNS_ERROR = "dns_error"
    TLS_ERROR = "tls_error"
    UNREACHABLE = "unreachable"
    """The connection failed."""
    BROKEN = "broken"
    """The connection was reset, or its response was invalid HTTP."""
    FORBIDDEN = "forbidden"
    """This process's settings forbid the address."""
    LOCAL = "local"
    """This process lacks a resource, such as files, memory or a name server."""
    UNDELIVERABLE = "undeliverable"
    """The event can't be turned into a request."""
    HELD = "held"
    LOST = "lost"
    """The worker ended, or lost its lease, before it stored an outcome."""


class Destination(NamedTuple):
    """A target of an event, with the endpoint and the order of its delivery."""

    target: str
    """The id of the subscription or contract: letters, digits and ``-``."""
    endpoint: str
    """Scheme, host and port, by which deliveries are isolated; see `endpoint_of`."""
    position: int = 0
    """Its group; a group starts when the one before has ended."""
    tenant: str = ""
    """The owner, such as a project, for fair shares; the target itself by default."""


class Delivery(NamedTuple):
    """A row of the table; its fields are the columns, in their order."""

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
    """The kind and the owner, as in ``kind/owner``."""

    @property
    def lane(self) -> Lane:
        """Return the lane in which it takes its turn."""
        return Lane(self.tenant, self.endpoint)

    @property
    def run(self) -> str:
        """Return the prefix of its run: the ids of this event's deliveries of this kind."""
        return run_of(self.event_id, self.kind)

    def without_try(self) -> Delivery:
        """Return the delivery with its last attempt left out of the retry schedule."""
        return self._replace(tries=self.tries - 1)


class Attempt(NamedTuple):
    """One HTTP request for a delivery; its fields are the table's columns, in their order."""

    delivery_id: str
    number: int
    started: int
    ended: int
    outcome: str
    status: int | None
    record: str
    """JSON text: ``request``, and ``response`` or ``error``, with masked secrets."""


def run_of(event_id: str, kind: str) -> str:
    """Return the prefix of a run: the ids of an event's deliveries of one kind."""
    return f"{event_id}_{kind}_"


def delivery_id(event_id: str, kind: str, target: str) -> str:
    """Return the id of a delivery, which is the same for all its attempts."""
    return f"{event_id}_{kind}_{target}"
