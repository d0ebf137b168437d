"""Keeps endpoints apart: how many requests each has under way, and which is left alone."""

from __future__ import annotations

from dataclasses import dataclass

FAILURES = 5
"""So many failures after one another, and an endpoint is left alone for a while."""

FIRST_REST_MS = 5_000
LONGEST_REST_MS = 5 * 60_000


@dataclass(slots=True)
class _Endpoint:
    under_way: int = 0
    failures: int = 0
    rest_ms: int = 0
    closed_until: int = 0


class Endpoints:
    """What this process knows of each endpoint; one that is well and idle is forgotten."""

    def __init__(self, per_endpoint: int) -> None:
        """`per_endpoint`: requests that one endpoint may have under way."""
        self.per_endpoint = per_endpoint
        self.under_way = 0
        """Requests under way, to all endpoints."""
        self._known: dict[str, _Endpoint] = {}

    def busy(self, now_ms: int) -> list[tuple[str, int]]:
        """How many of an endpoint's places are taken: all, while it is left alone."""
        return [(name, self._taken(endpoint, now_ms)) for name, endpoint in self._known.items()]

    def begin_request(self, name: str) -> None:
        """A request goes there."""
        self._known.setdefault(name, _Endpoint()).under_way += 1
        self.under_way += 1

    def end_request(self, name: str, now_ms: int, *, is_up: bool | None) -> None:
        """A request has ended; None if that says nothing of the endpoint."""
        endpoint = self._known[name]
        endpoint.under_way -= 1
        self.under_way -= 1
        if is_up:
            endpoint.failures = endpoint.rest_ms = endpoint.closed_until = 0
        elif is_up is not None:
            _fail(endpoint, now_ms)
        if not (endpoint.under_way or endpoint.failures):
            del self._known[name]

    def reset_failures(self) -> None:
        """Try every endpoint at once, whatever it did."""
        for endpoint in self._known.values():
            endpoint.closed_until = 0

    def _taken(self, endpoint: _Endpoint, now_ms: int) -> int:
        if endpoint.failures < FAILURES:
            return endpoint.under_way
        # Left alone; after that, one request tells whether it is up again.
        is_closed = now_ms < endpoint.closed_until or endpoint.under_way > 0
        return self.per_endpoint if is_closed else self.per_endpoint - 1


def _fail(endpoint: _Endpoint, now_ms: int) -> None:
    endpoint.failures += 1
    if endpoint.failures >= FAILURES and now_ms >= endpoint.closed_until:
        endpoint.rest_ms = min(max(2 * endpoint.rest_ms, FIRST_REST_MS), LONGEST_REST_MS)
        endpoint.closed_until = now_ms + endpoint.rest_ms
