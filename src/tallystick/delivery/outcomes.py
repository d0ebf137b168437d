"""What an attempt's outcome means: for its delivery, for its endpoint, for its target."""

from __future__ import annotations

from tallystick.delivery.delivery import AttemptOutcome, DeliveryState
from tallystick.delivery.leases import EndpointHealth

PATIENCE_MS = 5 * 24 * 60 * 60 * 1000
"""After so long with nothing but failures a target is turned off."""

_STATUSES = {410: AttemptOutcome.GONE, 429: AttemptOutcome.THROTTLED}

FINAL = {
    AttemptOutcome.DELIVERED: DeliveryState.DONE,
    AttemptOutcome.GONE: DeliveryState.HELD,
    AttemptOutcome.HELD: DeliveryState.HELD,
    AttemptOutcome.UNDELIVERABLE: DeliveryState.DEAD,
}
"""Outcomes that end a delivery; after any other it is attempted again."""

LOCAL = frozenset({AttemptOutcome.FORBIDDEN, AttemptOutcome.LOCAL})
"""Outcomes that are this process's own: they use up no attempt of the schedule."""

_NOT_OF_THE_ENDPOINT = frozenset(
    {AttemptOutcome.UNDELIVERABLE, AttemptOutcome.HELD, AttemptOutcome.LOST} | LOCAL
)
_UP = frozenset(
    {
        AttemptOutcome.DELIVERED,
        AttemptOutcome.REDIRECTED,
        AttemptOutcome.REJECTED,
        AttemptOutcome.GONE,
    }
)


def outcome_of(status: int) -> AttemptOutcome:
    """The class of an HTTP status."""
    if 200 <= status < 300:
        return AttemptOutcome.DELIVERED
    if status in _STATUSES:
        return _STATUSES[status]
    if 300 <= status < 400:
        return AttemptOutcome.REDIRECTED
    return AttemptOutcome.REJECTED if 400 <= status < 500 else AttemptOutcome.SERVER_ERROR


def tells_of_endpoint(outcome: AttemptOutcome) -> bool | None:
    """Return whether the endpoint is up; None where the outcome says nothing of it."""
    return None if outcome in _NOT_OF_THE_ENDPOINT else outcome in _UP


def health_after(
    known: EndpointHealth | None, outcome: AttemptOutcome, now_ms: int
) -> EndpointHealth | None:
    """Return what is known of a target after one more attempt; None if it is well."""
    if outcome in _NOT_OF_THE_ENDPOINT or (known and known.off is not None):
        return known
    if outcome is AttemptOutcome.DELIVERED:
        return None
    since = known.failing_since if known and known.failing_since is not None else now_ms
    if outcome is AttemptOutcome.GONE:
        return EndpointHealth(since, now_ms, "it answered 410 Gone")
    if now_ms - since >= PATIENCE_MS:
        return EndpointHealth(since, now_ms, "failures alone for five days")
    return EndpointHealth(since, None, "")
