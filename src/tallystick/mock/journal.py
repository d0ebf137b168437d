"""Every request that came, what was wrong with it, and what was answered."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tallystick.contract.exceptions import Invalid, NotFound, Problem, Violation
from tallystick.contract.json_text import write_json
from tallystick.events.cloudevents import rfc3339
from tallystick.mock.request_view import ABSENT, RequestView

MAX_ENTRIES = 1_000
MAX_BYTES = 16 * 1024 * 1024
"""Of bodies and headers, as they were sent."""

MAX_BODY = 65_536
"""Bytes of one body; of a longer one the beginning is kept, as text."""

HEARTBEAT_S = 15.0


Violations = Sequence[Mapping[str, str]]
"""``MockViolation`` of the contract."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was sent back."""

    status: int
    headers: dict[str, str]
    json: Any
    text: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request, without its credentials."""

    number: int
    time: int
    ms: float
    method: str
    target: str
    """Path and query, as they were sent."""
    api: str | None
    operation: str | None
    facts: RequestView
    violations: Violations
    rule: str | None
    """The id of the rule that was followed."""
    preferred: str | None
    """What the caller preferred, and got."""
    fault: str | None
    given: GivenAnswer | None
    """None if nothing was sent back."""
    size: int

    def to_dict(self) -> dict[str, Any]:
        """As the control API shows it: a ``MockRequest`` of the contract."""
        return {
            "id": str(self.number),
            "time": rfc3339(self.time),
            "ms": self.ms,
            "api": self.api,
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "path": self.facts.path,
            "query": self.facts.query,
            "headers": self.facts.header,
            **_body(self.facts.json, self.facts.text),
            "violations": list(self.violations),
            "rule": self.rule,
            "preferred": self.preferred,
            "fault": self.fault,
            "answer": _answer(self.given),
        }


def _answer(given: GivenAnswer | None) -> dict[str, Any] | None:
    if given is None:
        return None
    shown = {"status": given.status, "headers": given.headers}
    return {**shown, **_body(given.json, given.text)}


def _body(value: Any, text: str) -> dict[str, Any]:
    if value is not ABSENT:
        return {"body": value}
    return {"text": text} if text else {}


def violation(where: str, name: str, message: str, code: str | None = None) -> Mapping[str, str]:
    """A violation in the shape of the journal."""
    told = {"where": where, "name": name, "message": message}
    return {**told, "code": code} if code else told


def listed(violations: Iterable[Violation]) -> Violations:
    """What is wrong, in words."""
    return [
        violation(v.where, ".".join(map(str, v.path)) or v.name, v.message, v.code)
        for v in violations
    ]


def violations_of(problem: Problem | None) -> Violations:
    """Why a request was refused, in words."""
    if isinstance(problem, Invalid):
        return listed(problem.violations)
    return [] if problem is None else [violation("request", "", str(problem))]


class Journal:
    """The last requests, numbered as they were answered; older ones are forgotten."""

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque()
        self._size = 0
        self._count = 0
        self._clearings = 0
        self._changed = asyncio.Condition()
        self._is_closed = False

    async def add_entry(self, make: Callable[[int], JournalEntry]) -> None:
        """Keep a request, made with its number, and tell those who wait."""
        self._count += 1
        entry = make(self._count)
        self._entries.append(entry)
        self._size += entry.size
        while len(self._entries) > MAX_ENTRIES or self._size > MAX_BYTES:
            self._size -= self._entries.popleft().size
        await self._tell()

    async def close(self) -> None:
        """End every stream."""
        self._is_closed = True
        await self._tell()

    async def clear_entries(self) -> None:
        """Forget all requests, and count anew."""
        self._entries.clear()
        self._size = self._count = 0
        self._clearings += 1
        await self._tell()

    def get_entry(self, id_: str) -> JournalEntry:
        """One request; raises `NotFound`."""
        for entry in self._entries:
            if str(entry.number) == id_:
                return entry
        raise NotFound("No kept request has this id.")

    def list_newest(self) -> Iterator[JournalEntry]:
        """All that are kept, the last one first."""
        return reversed(self._entries)

    async def wait_for_entry(self, seconds: float, until: Callable[[], bool]) -> None:
        """Return as soon as that is so, at the latest after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self._is_closed or until())

    async def stream_entries(self, after: int | None, count: int | None) -> AsyncIterator[bytes]:
        """Server-sent events: each request after that one, or from now on, as it is answered.

        It ends after so many, or when the service does.
        """
        seen, sent, clearings = self._count if after is None else after, 0, self._clearings
        yield b": requests\n\n"
        while not self._is_closed and sent != count:
            if clearings != self._clearings:
                seen, clearings = 0, self._clearings
                yield b"event: clear\ndata: {}\n\n"
            for entry in [entry for entry in self._entries if entry.number > seen]:
                if sent != count:
                    yield _event(entry)
                    seen, sent = entry.number, sent + 1
            if sent != count and not await self._news(seen, clearings):
                yield b": alive\n\n"

    async def _news(self, seen: int, clearings: int) -> bool:
        """Wait for something to tell; False if there was nothing for a while."""

        def is_news() -> bool:
            return self._count > seen or clearings != self._clearings

        await self.wait_for_entry(HEARTBEAT_S, is_news)
        return is_news()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _event(entry: JournalEntry) -> bytes:
    return b"id: %d\nevent: request\ndata: %s\n\n" % (entry.number, write_json(entry.to_dict()))
