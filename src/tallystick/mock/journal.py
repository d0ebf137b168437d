"""The journal: all requests since the reset, with their violations and answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tallystick.contract.exceptions import Invalid, NotFound, Problem, Violation
from tallystick.contract.json_text import write_json
from tallystick.mock.request_view import ABSENT, RequestView, Values, shown
from tallystick.mock.spilled_list import SpilledList
from tallystick.times import format_ms

MAX_ENTRIES = 1_000
"""The most requests in memory."""

MAX_BYTES = 16 * 1024 * 1024
"""The most bytes of bodies and headers in memory, as they were sent."""

MAX_SPILLED = 1024 * 1024 * 1024
"""The most bytes of requests on the disk with their bodies; later ones go there without."""

MAX_BODY = 65_536
"""Bytes of one body; a longer one is cut and kept as text."""

READ_AT_ONCE = 100
"""Requests that are read before other calls have their turn."""

HEARTBEAT_S = 15.0

Violations = Sequence[Mapping[str, str]]
"""A list of ``MockViolation`` of the contract."""


@dataclass(frozen=True)  # pickled by the journal, which takes half as long again with slots
class GivenAnswer:
    """An answer as the journal keeps it."""

    status: int
    headers: Values
    json: Any
    text: str


class CallState(StrEnum):
    """The end of a call, or the word for one still to come."""

    WAITING = "waiting"
    """It is in progress."""
    ANSWERED = "answered"
    """The answer is sent."""
    BROKEN = "broken"
    """A fault broke the connection."""
    LEFT = "left"
    """The caller left before the answer."""
    ENDED = "ended"
    """The mock ended it, for a snapshot or its own end."""


@dataclass(slots=True)
class JournalEntry:
    """A request and its answer, with credentials masked."""

    number: int
    time: int
    method: str
    target: str
    """Path and query, as they were sent."""
    api: str | None
    operation: str | None
    facts: RequestView
    rule: str | None
    """The id of the rule followed."""
    preferred: str | None
    """The preferences of the caller, as they were met."""
    fault: str | None
    outside: bool
    """Whether the answer or the fault is from outside the contract."""
    is_held: bool
    """Whether a delay or a fault holds it up."""
    size: int
    """Its approximate size in bytes."""
    violations: Violations = ()
    unjudged: Sequence[str] = ()
    """The parts that could not be judged, each with its reason."""
    state: CallState = CallState.WAITING
    ms: float | None = None
    """The call's duration in milliseconds; None while it waits."""
    given: GivenAnswer | None = None
    """The answer sent; None without one."""

    def without_bodies(self) -> JournalEntry:
        """Return a copy without the bodies of request and answer."""
        given = self.given and replace(self.given, json=ABSENT, text="")
        return replace(self, facts=self.facts.without_body(), given=given)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as a ``MockRequest`` of the contract."""
        return {
            "id": str(self.number),
            "time": format_ms(self.time),
            "state": self.state.value,
            "ms": self.ms,
            "api": self.api,
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "path": self.facts.path,
            "query": shown(self.facts.query),
            "headers": shown(self.facts.header),
            "form": shown(self.facts.form),
            **_body(self.facts.json, self.facts.text),
            "violations": list(self.violations),
            "unjudged": list(self.unjudged),
            "rule": self.rule,
            "preferred": self.preferred,
            "fault": self.fault,
            "outside": self.outside,
            "answer": _answer(self.given),
        }


def _answer(given: GivenAnswer | None) -> dict[str, Any] | None:
    if given is None:
        return None
    head = {"status": given.status, "headers": shown(given.headers)}
    return {**head, **_body(given.json, given.text)}


def _body(value: Any, text: str) -> dict[str, Any]:
    if value is not ABSENT:
        return {"body": value}
    return {"text": text} if text else {}


def violation(where: str, name: str, message: str, code: str | None = None) -> Mapping[str, str]:
    """Return a ``MockViolation`` of the contract."""
    told = {"where": where, "name": name, "message": message}
    return {**told, "code": code} if code else told


def listed(violations: Iterable[Violation]) -> Violations:
    """Return violations in the journal's form."""
    return [
        violation(v.where, ".".join(map(str, v.path)) or v.name, v.message, v.code)
        for v in violations
    ]


def violations_of(problem: Problem | None) -> Violations:
    """Return the violations behind a refusal; empty without one."""
    if isinstance(problem, Invalid):
        return listed(problem.violations)
    return [] if problem is None else [violation("request", "", str(problem))]


class Journal:
    """All requests since the reset, numbered in the order of arrival.

    The latest are in memory, older ones in a temporary file.
    """

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque()
        self._older: SpilledList[JournalEntry] = SpilledList()
        self._size = 0
        self._count = 0
        self._clearings = 0
        self._changes = 0
        self._changed = asyncio.Event()
        self._is_closed = False

    def add_entry(self, make: Callable[[int], JournalEntry]) -> JournalEntry:
        """Add and return the entry made by ``make(number)``."""
        self._count += 1
        entry = make(self._count)
        self._entries.append(entry)
        self._size += entry.size
        self._spill_entries()
        return entry

    def keep_end(self, entry: JournalEntry, clearings: int, size: int) -> None:
        """Keep the end of an entry's call, of so many bytes, and wake all waiting readers.

        An entry deleted since `clearings` stays deleted.
        """
        if clearings != self._clearings or self._is_closed:
            return
        entry.size += size
        index = entry.number - 1 - len(self._older)
        if index < 0:
            self._older.replace(entry.number - 1, *self._spilled(entry))
        else:
            self._size += size
            self._spill_entries()
        self.wake_readers()

    def _spill_entries(self) -> None:
        while len(self._entries) > MAX_ENTRIES or self._size > MAX_BYTES:
            entry = self._entries.popleft()
            self._size -= entry.size
            self._older.append(*self._spilled(entry))

    def _spilled(self, entry: JournalEntry) -> tuple[JournalEntry, Callable[[], JournalEntry]]:
        """Return the entry to write, and a function for the one to keep if the disk is full."""
        has_place = self._older.size < MAX_SPILLED
        return (entry if has_place else entry.without_bodies()), entry.without_bodies

    def close(self) -> None:
        """End every stream, and remove the temporary file."""
        self._is_closed = True
        self._older.clear()
        self.wake_readers()

    def clear_entries(self) -> None:
        """Delete all entries and restart the numbers at 1."""
        self._entries.clear()
        self._older.clear()
        self._size = self._count = 0
        self._clearings += 1
        self.wake_readers()

    def get_entry(self, id_: str) -> JournalEntry:
        """Return an entry; raise `NotFound`."""
        number = int(id_)
        if not 0 < number <= self._count:
            raise NotFound("No request has this id.")
        return self._entry(number)

    def list_newest(self, before: int | None = None) -> AsyncIterator[JournalEntry]:
        """Yield all entries, newest first, or those before the one with the number `before`.

        A reset ends it.
        """
        newest = self._count if before is None else min(self._count, before - 1)
        return self._read_entries(range(newest, 0, -1))

    def list_oldest(self, after: int) -> AsyncIterator[JournalEntry]:
        """Yield the entries after the one with the number `after`, oldest first, until a reset."""
        return self._read_entries(range(after + 1, self._count + 1))

    async def _read_entries(self, numbers: Sequence[int]) -> AsyncIterator[JournalEntry]:
        clearings = self._clearings
        for index, number in enumerate(numbers, 1):
            if index % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            if self._is_closed or clearings != self._clearings:
                return
            yield self._entry(number)

    def _entry(self, number: int) -> JournalEntry:
        older = len(self._older)
        return self._older[number - 1] if number <= older else self._entries[number - 1 - older]

    @property
    def clearings(self) -> int:
        """Return how often all entries were deleted."""
        return self._clearings

    @property
    def changes(self) -> int:
        """Return how often readers were woken."""
        return self._changes

    async def stream_entries(
        self, after: int | None, count: int | None
    ) -> AsyncGenerator[bytes, None]:
        """Yield a server-sent event for each request, when it is answered.

        A request held up has one more when it comes. The stream begins after the request
        with the number `after`, or with the next one. It ends after `count` events, or with the
        service.
        """
        seen, sent, clearings = self._count if after is None else after, 0, self._clearings
        unanswered: dict[int, bool] = {}
        yield b": requests\n\n"
        while not self._is_closed and sent != count:
            changes = self._changes
            if clearings != self._clearings:
                seen, clearings = 0, self._clearings
                unanswered.clear()
                yield b"event: clear\ndata: {}\n\n"
            unanswered |= dict.fromkeys(range(seen + 1, self._count + 1), False)
            seen = max(seen, self._count)
            for entry in self._news(unanswered, clearings):
                yield _event(entry)
                sent += 1
                if sent == count:
                    return
            if not await self.wait_for_change(changes):
                yield b": alive\n\n"

    def _news(self, unanswered: dict[int, bool], clearings: int) -> Iterator[JournalEntry]:
        """Yield the requests to tell of, and drop the answered ones.

        `unanswered` has their numbers, each with whether it was told already.
        """
        for number, is_told in [*unanswered.items()]:
            if self._is_closed or clearings != self._clearings:
                return
            entry = self._entry(number)
            if entry.state is not CallState.WAITING:
                del unanswered[number]
                yield entry
            elif entry.is_held and not is_told:
                unanswered[number] = True
                yield entry

    async def wait_for_change(self, changes: int, seconds: float = HEARTBEAT_S) -> bool:
        """Return whether readers are woken after the number `changes`, within the seconds."""
        if changes == self._changes and not self._is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
        return changes != self._changes

    def wake_readers(self) -> None:
        """Let readers look for new entries and answers."""
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()


def _event(entry: JournalEntry) -> bytes:
    return b"id: %d\nevent: request\ndata: %s\n\n" % (entry.number, write_json(entry.to_dict()))
