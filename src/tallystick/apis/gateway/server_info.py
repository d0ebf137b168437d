from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

from tallystick.apis.gateway.change_feed import ReadMarker
from tallystick.contract.answer import Answer
from tallystick.contract.document import Document

Json = Mapping[str, Any]
ConsoleAsset = tuple[str, bytes]
"""Content type and body."""


class MockControlsPort(Protocol):
    """The controls of a mock, as the control API calls them."""

    def list_rules(self) -> Json:
        """Return all rules."""
        ...

    def add_rule(self, given: Json) -> Json:
        """Add a rule and return it; raise `Invalid`."""
        ...

    def replace_rules(self, given: Json) -> Json:
        """Put rules in the place of all, and return them; raise `Invalid`."""
        ...

    def clear_rules(self) -> None:
        """Remove all rules."""

    def remove_rule(self, id_: str) -> None:
        """Remove a rule; raise `NotFound`."""

    async def list_requests(
        self,
        operation: str | None,
        path: str | None,
        text: str | None,
        before: int | None,
        limit: int,
    ) -> Answer:
        """Return the requests that match all given values, newest first; raise `Invalid`."""
        ...

    def get_request(self, id_: str) -> Answer:
        """Return a request; raise `NotFound`."""
        ...

    def clear_requests(self) -> None:
        """Remove all recorded requests."""

    def stream_requests(self, after: int | None, count: int | None) -> Answer:
        """Stream each request as it is answered."""
        ...

    async def verify_requests(self, expected: Json) -> Answer:
        """Return the expected requests; raise `NotVerified`."""
        ...

    async def reset(self) -> None:
        """Restore the state of the start."""

    def list_snapshots(self) -> Json:
        """Return the names of all snapshots."""
        ...

    async def take_snapshot(self, name: str) -> None:
        """Save the current state as a snapshot."""

    async def restore_snapshot(self, name: str) -> None:
        """Restore the state of a snapshot; raise `NotFound`."""

    def remove_snapshot(self, name: str) -> None:
        """Remove a snapshot; raise `NotFound`."""

    def get_clock(self) -> Json:
        """Return the clock's time, and whether it is stopped."""
        ...

    async def set_clock(self, wanted: Json) -> Json:
        """Set, advance, stop or start the clock, and let happen what is due; raise `Invalid`."""
        ...


class ServerInfo(NamedTuple):
    """The parts of a server for its own API: contracts, metrics and pages."""

    documents: Mapping[str, bytes]
    """File name, such as ``event_store.yaml`` → the document as it was written."""
    joined: Callable[[], bytes]
    """Returns all documents joined into one, in YAML."""
    metrics: Callable[[], Awaitable[bytes]]
    """Returns the current metrics in Prometheus' text format."""
    pages: Mapping[str, Callable[[], tuple[bytes, str]]]
    """``docs``, ``docs/charon``, ``landing`` … → a function for HTML and security policy."""
    asset: Callable[[str, str], ConsoleAsset | None]
    """Returns the console's file of a folder and a name."""
    served: Mapping[str, Document]
    """API → its contract."""
    controls: MockControlsPort | None = None
    """The mock's controls; None on other servers."""
    cron_marker: ReadMarker | None = None
    """Reads a text that is another one after a change of a cron; None without crons."""
