"""The mock's controls behind the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tallystick.contract.answer import Answer
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json
from tallystick.mock.clock import MockClock, duration_ms
from tallystick.mock.journal import Journal, JournalEntry
from tallystick.mock.response_chooser import ResponseChooser
from tallystick.mock.rules import Rules
from tallystick.mock.snapshots import Snapshots
from tallystick.mock.verifier import Verifier
from tallystick.times import format_ms, parse_time

JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


class MockControls:
    """Rules, requests, clock and state of a mock, for the gateway's handlers."""

    def __init__(
        self,
        rules: Rules,
        journal: Journal,
        answers: ResponseChooser,
        snapshots: Snapshots,
        clock: MockClock,
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        """Hold the parts of a mock; `catch_up` lets everything due by the clock happen."""
        self._rules = rules
        self._journal = journal
        self._answers = answers
        self._verifier = Verifier(journal, answers, rules)
        self._snapshots = snapshots
        self._clock = clock
        self._catch_up = catch_up

    def list_rules(self) -> Mapping[str, Any]:
        """Return all rules, and the states of their scenarios."""
        rules = {"rules": [rule.to_dict() for rule in self._rules.list_rules]}
        scenarios = self._rules.scenarios
        return {**rules, "scenarios": scenarios} if scenarios else rules

    def add_rule(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add a rule and return it; raise `Invalid`."""
        return self._rules.add_rule(given).to_dict()

    def replace_rules(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put rules in the place of all, and return them; raise `Invalid`."""
        self._rules.replace_rules(given["rules"], given.get("scenarios", {}))
        return self.list_rules()

    def clear_rules(self) -> None:
        """Remove all rules."""
        self._rules.clear_rules()

    def remove_rule(self, id_: str) -> None:
        """Remove a rule; raise `NotFound`."""
        self._rules.remove_rule(id_)

    async def list_requests(
        self,
        operation: str | None,
        path: str | None,
        text: str | None,
        before: int | None,
        limit: int,
    ) -> Answer:
        """Return up to `limit` requests matching all filters, newest first; raise `Invalid`.

        Each of them came before the one with the number `before`.
        """
        if operation is not None:
            self._answers.operation(operation, "query")
        found: list[Mapping[str, Any]] = []
        async for entry in self._journal.list_newest(before):
            if _is_meant(entry, operation, path, text):
                found.append(entry.to_dict())
            if len(found) == limit:
                break
        return Answer(write_json({"requests": found}), 200, JSON)

    def get_request(self, id_: str) -> Answer:
        """Return one request; raise `NotFound`."""
        return Answer(write_json(self._journal.get_entry(id_).to_dict()), 200, JSON)

    def clear_requests(self) -> None:
        """Delete all requests."""
        self._journal.clear_entries()

    def stream_requests(self, after: int | None, count: int | None) -> Answer:
        """Return a stream of server-sent events, one for each request when it is answered.

        A request held up has one more when it comes. The stream begins after the request
        with the number `after` and ends after `count` of them.
        """
        return Answer(self._journal.stream_entries(after, count), 200, EVENTS)

    async def verify_requests(self, expected: Mapping[str, Any]) -> Answer:
        """Return the expected requests; raise `NotVerified` or `Invalid`."""
        return Answer(write_json(await self._verifier.verify(expected)), 200, JSON)

    async def reset(self) -> None:
        """Restore store, rules and clock as they were at the start, and delete all requests."""
        await self._snapshots.restore_start()
        self._journal.clear_entries()

    def list_snapshots(self) -> Mapping[str, Any]:
        """Return the names of all snapshots."""
        return {"snapshots": [{"name": name} for name in self._snapshots.list_names]}

    async def take_snapshot(self, name: str) -> None:
        """Keep the present state under a name; raise `TooManySnapshots`."""
        await self._snapshots.take_snapshot(name)

    async def restore_snapshot(self, name: str) -> None:
        """Go back to a snapshot; raise `NotFound`."""
        await self._snapshots.restore_snapshot(name)

    def remove_snapshot(self, name: str) -> None:
        """Delete a snapshot; raise `NotFound`."""
        self._snapshots.remove_snapshot(name)

    def get_clock(self) -> Mapping[str, Any]:
        """Return the time, and whether the clock stands still."""
        return {"now": format_ms(self._clock.now_ms()), "frozen": self._clock.is_frozen}

    async def set_clock(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set, advance, stop or start the clock, and return its time; raise `Invalid`.

        Everything due has happened by then.
        """
        if "set" in wanted and "advance" in wanted:
            raise _invalid("advance", "does not go with set")
        if "frozen" in wanted and wanted["frozen"] is not self._clock.is_frozen:
            (self._clock.freeze if wanted["frozen"] else self._clock.go)()
        if "set" in wanted:
            self._clock.set(parse_time(wanted["set"]))
        if "advance" in wanted:
            self._clock.advance(duration_ms(wanted["advance"]))
        await self._catch_up()
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
