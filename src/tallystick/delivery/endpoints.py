"""A circuit breaker for each endpoint: its requests under way, and its rest after failures.

Lanes have one as well, for failures before a request is sent. Times are of the monotonic clock, as
the wall clock may be set back during a rest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.outcomes import LOCAL, tells_of_endpoint
from tallystick.delivery.shares import Lane

FAILURES = 5
"""The number of failures in a row after which an endpoint is left alone for a while."""

FIRST_REST_MS = 5_000
LONGEST_REST_MS = 5 * 60_000
LONGEST_LOCAL_REST_MS = 60_000
"""The longest rest, in ms, of an endpoint after local failures of this process."""

Places: TypeAlias = defaultdict[str | Lane, int]
"""The number of further requests that each endpoint or lane may have."""


@dataclass(slots=True)
class _Endpoint:
    under_way: int = 0
    failures: int = 0
    rest_ms: int = 0
    """The length in ms of the current rest; 0 if this process knows of no failure."""
    closed_until: int = 0


class Endpoints:
    """The circuit breakers of all endpoints, or lanes; idle and healthy ones are dropped."""

    def __init__(self, per_endpoint: int) -> None:
        """`per_endpoint` limits the concurrent requests to one endpoint."""
        self.per_endpoint = per_endpoint
        self._known: dict[str | Lane, _Endpoint] = {}

    def places(self, now_ms: int) -> Places:
        """Return how many further requests each endpoint may have: 0 during its rest."""
        known = {name: self._free(endpoint, now_ms) for name, endpoint in self._known.items()}
        return defaultdict(lambda: self.per_endpoint, known)

    def begin_request(self, name: str | Lane) -> None:
        """Count a request as under way."""
        self._known.setdefault(name, _Endpoint()).under_way += 1

    def end_request(self, name: str | Lane, now_ms: int, outcome: AttemptOutcome | None) -> None:
        """Record a request's outcome; None if it is independent of the endpoint."""
        endpoint = self._known[name]
        endpoint.under_way -= 1
        is_up = tells_of_endpoint(outcome) if outcome else None
        if is_up:
            endpoint.failures = endpoint.rest_ms = endpoint.closed_until = 0
        elif is_up is not None:
            _fail(endpoint, now_ms)
        elif outcome in LOCAL:
            _rest(endpoint, now_ms, LONGEST_LOCAL_REST_MS)
        if not (endpoint.under_way or endpoint.failures or endpoint.rest_ms):
            del self._known[name]

    def reset_failures(self) -> None:
        """End all rests, so that every endpoint is tried at once."""
        for endpoint in self._known.values():
            endpoint.closed_until = 0

    def _free(self, endpoint: _Endpoint, now_ms: int) -> int:
        if not endpoint.rest_ms:
            return self.per_endpoint - endpoint.under_way
        # 0 during the rest; then one request tests the endpoint.
        return 0 if now_ms < endpoint.closed_until or endpoint.under_way > 0 else 1


def _fail(endpoint: _Endpoint, now_ms: int) -> None:
    endpoint.failures += 1
    if endpoint.failures >= FAILURES:
        _rest(endpoint, now_ms, LONGEST_REST_MS)
    else:  # it was reached, so a rest for local failures is over
        endpoint.rest_ms = endpoint.closed_until = 0


def _rest(endpoint: _Endpoint, now_ms: int, longest_ms: int) -> None:
    if now_ms >= endpoint.closed_until:
        endpoint.rest_ms = min(max(2 * endpoint.rest_ms, FIRST_REST_MS), longest_ms)
        endpoint.closed_until = now_ms + endpoint.rest_ms
