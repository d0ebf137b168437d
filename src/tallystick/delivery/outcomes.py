"""The consequences of an attempt's outcome for its delivery, endpoint and target."""

from __future__ import annotations

from tallystick.delivery.delivery import AttemptOutcome, DeliveryState
from tallystick.delivery.leases import EndpointHealth

PATIENCE_MS = 5 * 24 * 60 * 60 * 1000
"""The time without a success after which a target is disabled, in ms (five days)."""

# Statuses as the Standard Webhooks specification advises, "Delivery success and failure".
_STATUSES = {410: AttemptOutcome.GONE, 429: AttemptOutcome.THROTTLED}

FINAL = {
    AttemptOutcome.DELIVERED: DeliveryState.DONE,
    AttemptOutcome.GONE: DeliveryState.HELD,
    AttemptOutcome.HELD: DeliveryState.HELD,
    AttemptOutcome.UNDELIVERABLE: DeliveryState.DEAD,
}
"""The outcomes that end a delivery, with its state; after others it is attempted again."""

LOCAL = frozenset({AttemptOutcome.FORBIDDEN, AttemptOutcome.LOCAL})
"""Outcomes caused by this process itself, which don't count in the retry schedule."""

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
    """Return the outcome of an attempt with this HTTP status."""
    if 200 <= status < 300:
        return AttemptOutcome.DELIVERED
    if status in _STATUSES:
        return _STATUSES[status]
    if 300 <= status < 400:
        return AttemptOutcome.REDIRECTED
    return AttemptOutcome.REJECTED if 400 <= status < 500 else AttemptOutcome.SERVER_ERROR


def tells_of_endpoint(outcome: AttemptOutcome) -> bool | None:
    """Return whether the endpoint is up, or None if the outcome is independent of it."""
    return None if outcome in _NOT_OF_THE_ENDPOINT else outcome in _UP


def health_after(
    known: EndpointHealth | None, outcome: AttemptOutcome, now_ms: int
) -> EndpointHealth | None:
    """Return a target's state after one more attempt; None if it is healthy."""
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
