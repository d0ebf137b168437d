"""The interface of delivery to a tracer of attempts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tallystick.delivery.delivery import AttemptOutcome, Delivery
from tallystick.events import Event


class AttemptTracer(Protocol):
    """Traces attempts, as parts of the trace that brought their event."""

    def trace_attempt(
        self, delivery: Delivery, event: Event | None
    ) -> AbstractContextManager[Callable[[AttemptOutcome], None]]:
        """Trace an attempt during the block, which calls the yielded function with its outcome."""
        ...

    def add_header(self, headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Return an attempt's headers with its `traceparent`, which replaces an earlier one."""
        ...
