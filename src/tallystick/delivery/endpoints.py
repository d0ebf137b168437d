"""Keeps endpoints apart: how many requests each has under way, and which is left alone.

Lanes are kept apart likewise, by what fails before their requests can be sent.

Times are of the monotonic clock: a rest is of this process, and its length no matter of the hour.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.outcomes import LOCAL, tells_of_endpoint
from tallystick.delivery.shares import Lane

FAILURES = 5
"""So many failures after one another, and an endpoint is left alone for a while."""

FIRST_REST_MS = 5_000
LONGEST_REST_MS = 5 * 60_000
LONGEST_LOCAL_REST_MS = 60_000
"""The longest rest of an endpoint that this process can't send to for a reason of its own."""

Places: TypeAlias = defaultdict[str | Lane, int]
"""How many more requests an endpoint or lane may have."""


@dataclass(slots=True)
class _Endpoint:
    under_way: int = 0
    failures: int = 0
    rest_ms: int = 0
    """0: it is well, as far as this process knows."""
    closed_until: int = 0


class Endpoints:
    """What this process knows of each endpoint, or lane; one that is well and idle is forgotten."""

    def __init__(self, per_endpoint: int) -> None:
        """`per_endpoint`: requests that one endpoint may have under way."""
        self.per_endpoint = per_endpoint
        self._known: dict[str | Lane, _Endpoint] = {}

    def places(self, now_ms: int) -> Places:
        """Return how many more requests each endpoint may have: none, while it is left alone."""
        known = {name: self._free(endpoint, now_ms) for name, endpoint in self._known.items()}
        return defaultdict(lambda: self.per_endpoint, known)

    def begin_request(self, name: str | Lane) -> None:
        """A request goes there."""
        self._known.setdefault(name, _Endpoint()).under_way += 1

    def end_request(self, name: str | Lane, now_ms: int, outcome: AttemptOutcome | None) -> None:
        """Note how a request ended; None if that says nothing of the endpoint."""
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
        """Try every endpoint at once, whatever it did."""
        for endpoint in self._known.values():
            endpoint.closed_until = 0

    def _free(self, endpoint: _Endpoint, now_ms: int) -> int:
        if not endpoint.rest_ms:
            return self.per_endpoint - endpoint.under_way
        # Left alone; after that, one request tells whether it is up again.
        return 0 if now_ms < endpoint.closed_until or endpoint.under_way > 0 else 1


def _fail(endpoint: _Endpoint, now_ms: int) -> None:
    endpoint.failures += 1
    if endpoint.failures >= FAILURES:
        _rest(endpoint, now_ms, LONGEST_REST_MS)
    else:  # it was reached, so no reason of this process's own is left
        endpoint.rest_ms = endpoint.closed_until = 0


def _rest(endpoint: _Endpoint, now_ms: int, longest_ms: int) -> None:
    if now_ms >= endpoint.closed_until:
        endpoint.rest_ms = min(max(2 * endpoint.rest_ms, FIRST_REST_MS), longest_ms)
        endpoint.closed_until = now_ms + endpoint.rest_ms
