from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tallystick.contract.answer import Answer

Json = Mapping[str, Any]


class MockControlsPort(Protocol):
    """What the control API asks of a mock."""

    def list_rules(self) -> Json:
        """All rules."""
        ...

    def add_rule(self, given: Json) -> Json:
        """Make a rule; raises `Invalid`."""
        ...

    def clear_rules(self) -> None:
        """Remove all rules."""

    def remove_rule(self, id_: str) -> None:
        """Remove one; raises `NotFound`."""

    def list_requests(
        self, operation: str | None, path: str | None, text: str | None, limit: int
    ) -> Answer:
        """Requests that match all that is given, the last one first; raises `Invalid`."""
        ...

    def get_request(self, id_: str) -> Answer:
        """One request; raises `NotFound`."""
        ...

    async def clear_requests(self) -> None:
        """Forget all requests."""

    def stream_requests(self, after: int | None, count: int | None) -> Answer:
        """Each request as it is answered."""
        ...

    async def verify_requests(self, expected: Json) -> Answer:
        """The requests that were expected; raises `NotVerified`."""
        ...

    async def reset(self) -> None:
        """Be as at the start."""

    def list_snapshots(self) -> Json:
        """The names of all snapshots."""
        ...

    async def take_snapshot(self, name: str) -> None:
        """Keep the state of now."""

    async def restore_snapshot(self, name: str) -> None:
        """Be as when it was taken; raises `NotFound`."""

    def remove_snapshot(self, name: str) -> None:
        """Forget one; raises `NotFound`."""

    def get_clock(self) -> Json:
        """The time, and whether it stands still."""
        ...

    def set_clock(self, wanted: Json) -> Json:
        """Set, put forward, stop or start the clock; raises `Invalid`."""
        ...


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What only the server has: the contracts as texts, its metrics, its pages."""

    documents: Mapping[str, bytes]
    """File name, such as ``event_store.yaml``, → the document as it was written."""
    joined: Callable[[], bytes]
    """All documents as one, in YAML."""
    metrics: Callable[[], bytes]
    """The metrics of now, in Prometheus' text format."""
    pages: Mapping[str, Callable[[], tuple[bytes, str]]]
    """``docs``, ``landing``, ``mock`` → HTML and its Content-Security-Policy, made when asked."""
    controls: MockControlsPort | None = None
    """The mock's; None where there is none."""
