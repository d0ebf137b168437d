"""The interface of a broker that events are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tallystick.ingest.received_message import ReceivedMessage

BATCH = 2_000
"""The number of messages that one transaction stores."""

WAIT_S = 0.5
"""The time in seconds to wait for messages, after which a batch is empty."""


class OriginFailed(Exception):
    """The broker can't be read; the message says why, without secrets."""


class Origin(Protocol):
    """A topic or a queue; one caller reads it."""

    async def open(self) -> None:
        """Connect; raise `OriginFailed`."""

    async def close(self) -> None:
        """Disconnect; what was not settled comes again."""

    async def read_batch(self) -> Sequence[ReceivedMessage]:
        """Return up to `BATCH` messages, none after `WAIT_S`; raise `OriginFailed`."""
        ...

    async def settle_batch(self) -> None:
        """Acknowledge the last batch, as it is on disk; raise `OriginFailed`."""

    def lag(self) -> Mapping[str, int]:
        """Return how many messages wait to be read, by partition or queue."""
        ...
