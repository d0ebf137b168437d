"""What the control API asks of the mock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.times import parse_time
from tallystick.contract.answer import Answer
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json
from tallystick.events.cloudevents import rfc3339
from tallystick.mock.clock import MockClock, duration_ms
from tallystick.mock.journal import Journal, JournalEntry
from tallystick.mock.response_chooser import ResponseChooser
from tallystick.mock.rules import Rules
from tallystick.mock.snapshots import Snapshots
from tallystick.mock.verifier import Verifier

JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


class MockControls:
    """Rules, requests, clock and state, as the handlers of the gateway have them."""

    def __init__(
        self,
        rules: Rules,
        journal: Journal,
        answers: ResponseChooser,
        snapshots: Snapshots,
        clock: MockClock,
    ) -> None:
        self._rules = rules
        self._journal = journal
        self._answers = answers
        self._verifier = Verifier(journal, answers)
        self._snapshots = snapshots
        self._clock = clock

    def list_rules(self) -> Mapping[str, Any]:
        """All rules."""
        return {"rules": [rule.to_dict() for rule in self._rules.list_rules]}

    def add_rule(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a rule; raises `Invalid`."""
        return self._rules.add_rule(given).to_dict()

    def clear_rules(self) -> None:
        """Remove all rules."""
        self._rules.clear_rules()

    def remove_rule(self, id_: str) -> None:
        """Remove one; raises `NotFound`."""
        self._rules.remove_rule(id_)

    def list_requests(
        self, operation: str | None, path: str | None, text: str | None, limit: int
    ) -> Answer:
        """Requests that match all that is given, the last one first; raises `Invalid`."""
        if operation is not None:
            self._answers.operation(operation, "query")
        found: list[Mapping[str, Any]] = []
        for entry in self._journal.list_newest():
            if len(found) < limit and _is_meant(entry, operation, path, text):
                found.append(entry.to_dict())
        return Answer(write_json({"requests": found}), 200, JSON)

    def get_request(self, id_: str) -> Answer:
        """One request; raises `NotFound`."""
        return Answer(write_json(self._journal.get_entry(id_).to_dict()), 200, JSON)

    async def clear_requests(self) -> None:
        """Forget all requests."""
        await self._journal.clear_entries()

    def stream_requests(self, after: int | None, count: int | None) -> Answer:
        """Each request as it is answered, as server-sent events."""
        return Answer(self._journal.stream_entries(after, count), 200, EVENTS)

    async def verify_requests(self, expected: Mapping[str, Any]) -> Answer:
        """The requests that were expected; raises `NotVerified`."""
        return Answer(write_json(await self._verifier.verify(expected)), 200, JSON)

    async def reset(self) -> None:
        """Be as at the start: what is stored, rules, clock; and no request came."""
        await self._snapshots.restore_start()
        await self._journal.clear_entries()

    def list_snapshots(self) -> Mapping[str, Any]:
        """The names of all snapshots."""
        return {"snapshots": [{"name": name} for name in self._snapshots.list_names]}

    async def take_snapshot(self, name: str) -> None:
        """Keep the state of now; raises `TooManySnapshots`."""
        await self._snapshots.take_snapshot(name)

    async def restore_snapshot(self, name: str) -> None:
        """Be as when it was taken; raises `NotFound`."""
        await self._snapshots.restore_snapshot(name)

    def remove_snapshot(self, name: str) -> None:
        """Forget one; raises `NotFound`."""
        self._snapshots.remove_snapshot(name)

    def get_clock(self) -> Mapping[str, Any]:
        """The time, and whether it stands still."""
        return {"now": rfc3339(self._clock.now_ms()), "frozen": self._clock.is_frozen}

    def set_clock(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set, put forward, stop or start the clock; raises `Invalid`."""
        if "set" in wanted and "advance" in wanted:
            raise _invalid("advance", "does not go with set")
        if "frozen" in wanted and wanted["frozen"] is not self._clock.is_frozen:
            (self._clock.freeze if wanted["frozen"] else self._clock.go)()
        if "set" in wanted:
            self._clock.set(parse_time(wanted["set"]))
        if "advance" in wanted:
            self._clock.advance(duration_ms(wanted["advance"]))
        return self.get_clock()


def _is_meant(
    entry: JournalEntry, operation: str | None, path: str | None, text: str | None
) -> bool:
    return (
        operation in (None, entry.operation)
        and (path is None or entry.target.partition("?")[0] == path)
        and (text is None or text.lower() in write_json(entry.to_dict()).decode().lower())
    )


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
