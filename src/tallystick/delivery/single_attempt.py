"""One attempt that is sent now and not stored, as a test of a destination."""

from __future__ import annotations

from tallystick import randomness
from tallystick.clock import Clock
from tallystick.delivery.attempt_runner import AttemptRunner
from tallystick.delivery.delivery import Attempt, Delivery, Destination
from tallystick.delivery.leases import Claim
from tallystick.delivery.outbox import Outbox
from tallystick.events import Event


async def attempt_once(
    outbox: Outbox, clock: Clock, event: Event, kind: str, destination: Destination
) -> Attempt:
    """Send an event to a destination; return the attempt, whatever its outcome."""
    [(_, row)] = outbox.build_deliveries(event, kind, [destination])
    delivery = Delivery._make(row)
    started = clock.now_ms()
    runner = AttemptRunner(outbox, randomness.random_fraction)
    result = await runner.run(Claim(delivery, event), started)
    status = result.response.status if result.response else None
    outcome = result.outcome.value
    return Attempt(delivery.id, 1, started, clock.now_ms(), outcome, status, result.record)
