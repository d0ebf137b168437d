"""Tells of deliveries that failed for good."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import quote

import orjson

from tallystick.apis.gateway import to_event
from tallystick.apis.gateway.alarms import DELIVERY_DEAD
from tallystick.delivery import DeliveryState, FailedAttempt
from tallystick.events import EventLog, EventSelection
from tallystick.store import Entry

SILENCE_MS = 60 * 60 * 1000
"""The time in ms for which a process tells of no further dead delivery to the same target."""

MOST_TOLD = 1_000
"""A start reads so many of the newest alarms."""


class DeadDeliveries:
    """A listener that makes an event of the first dead delivery to a target in an hour.

    Deliveries of the service's own events make none: it would be delivered, and fail, as they do.
    """

    def __init__(self, log: EventLog, console_url: str) -> None:
        self._log = log
        self._console_url = console_url
        self._told: dict[tuple[str, str], int] = {}

    async def open(self, now_ms: int) -> None:
        """Remember what was told in the last hour, before a restart or by another process."""
        type_ = f"{to_event.API}.{DELIVERY_DEAD}"
        told = EventSelection(
            api=to_event.API,
            type=type_,
            source=to_event.SOURCE,
            from_ms=now_ms - SILENCE_MS,
        )
        page = await self._log.list_events(told, limit=MOST_TOLD)
        for event in reversed(page.events):
            # Others may send or import an event of these names, with any data.
            with suppress(ValueError, LookupError, TypeError):
                data = orjson.loads(event.data)
                self._told[str(data["api"]), str(data["target"])] = event.time

    def build_alarm(self, failed: FailedAttempt) -> Sequence[Entry]:
        """Return the rows of the event, or none."""
        if failed.state is not DeliveryState.DEAD or failed.event.api == to_event.API:
            return ()
        delivery = failed.delivery
        if not self._is_due((delivery.kind, delivery.target), failed.now_ms):
            return ()
        data = {
            "message": f"A delivery to {delivery.endpoint} failed for good: {failed.detail}. "
            "Further ones to this target are not told for an hour.",
            "delivery": delivery.id,
            "event": failed.event.id,
            "type": failed.event.type,
            "api": delivery.kind,
            "target": delivery.target,
            "endpoint": delivery.endpoint,
            "attempts": delivery.attempts,
            "reason": failed.detail,
            "link": f"{self._console_url}/deliveries?id={quote(delivery.id)}",
        }
        alarm = to_event.own_event(DELIVERY_DEAD, delivery.target, data, failed.now_ms)
        return self._log.build_rows(alarm)

    def _is_due(self, target: tuple[str, str], now_ms: int) -> bool:
        self._told = {t: told for t, told in self._told.items() if now_ms - told < SILENCE_MS}
        is_due = target not in self._told
        self._told.setdefault(target, now_ms)
        return is_due
