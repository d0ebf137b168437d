"""Counts of this process's attempts by outcome, and of what ended badly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tallystick.delivery.delivery import AttemptOutcome, Delivery, DeliveryState
from tallystick.metric_family import MetricFamily


class AttemptCounts:
    """Counters of attempts, and of leases that ended without an outcome."""

    def __init__(self) -> None:
        self._attempts: Counter[tuple[str, ...]] = Counter()
        self.leases_lost = 0
        """Leases taken over from workers that ended, or were too late to renew them."""
        self.dead = 0
        """Deliveries that this process gave up for good."""

    def add(self, delivery: Delivery, outcome: AttemptOutcome) -> None:
        """Count one attempt."""
        # Endpoints are chosen by callers; their schemes are a few.
        endpoint_class = delivery.endpoint.partition(":")[0]
        self._attempts[delivery.kind, endpoint_class, outcome.value] += 1

    def add_ends(self, states: Iterable[DeliveryState]) -> None:
        """Count the dead ones of deliveries after an attempt."""
        self.dead += sum(state is DeliveryState.DEAD for state in states)

    def families(self) -> list[MetricFamily]:
        """Return what was counted so far."""
        return [
            MetricFamily(
                "counter",
                "tallystick_attempts_total",
                "Attempts of deliveries by kind, class of endpoint (its scheme) and outcome.",
                ("kind", "endpoint_class", "outcome"),
                dict(self._attempts),
            ),
            MetricFamily(
                "counter",
                "tallystick_leases_lost_total",
                "Leases of deliveries that this process took over as no outcome was stored.",
                (),
                {(): self.leases_lost},
            ),
            MetricFamily(
                "counter",
                "tallystick_deliveries_dead_total",
                "Deliveries that this process gave up for good.",
                (),
                {(): self.dead},
            ),
        ]
