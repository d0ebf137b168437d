"""Verifies that the program under test sent the expected requests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from heapq import nsmallest
from typing import Any, NamedTuple

from tallystick.apis.gateway.exceptions import NotVerified
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.mock.clock import duration_ms
from tallystick.mock.journal import Journal, JournalEntry
from tallystick.mock.matching import Conditions, Verdict
from tallystick.mock.response_chooser import ResponseChooser
from tallystick.mock.rules import Rules

NEAR = 3
"""The number of near misses in a failure."""

SHOWN = 1_000
"""The most requests in an answer."""


class VerifyRequest(NamedTuple):
    """The least and the most requests expected."""

    least: int
    most: int | None

    def __str__(self) -> str:
        if self.least == self.most:
            return f"exactly {self.least}"
        above = "" if self.most is None else f", at most {self.most}"
        return f"at least {self.least}{above}"

    def has(self, count: int) -> bool:
        """Return whether this count of requests is as expected."""
        return self.least <= count and (self.most is None or count <= self.most)


class Verifier:
    """A verifier of the journal against an expectation."""

    def __init__(self, journal: Journal, answers: ResponseChooser, rules: Rules) -> None:
        self._journal = journal
        self._answers = answers
        self._rules = rules

    async def verify(self, expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return the expected requests, waiting for them; raise `NotVerified` or `Invalid`."""
        conditions = Conditions(expected.get("match", {}))
        wanted = _wanted(expected)
        operation = expected.get("operation")
        if operation is not None:
            self._answers.operation(operation)

        tally = _Tally(self._journal, operation, conditions)
        if "within" in expected:
            await self._wait(duration_ms(expected["within"]) / 1000, wanted, tally)
        await tally.update()
        if not (wanted.has(tally.found) and wanted.has(tally.found + tally.unjudged)):
            raise await self._failure(operation, conditions, wanted, tally)
        if expected.get("strict"):
            await self._refuse_leftovers(wanted, tally)
        entries = [self._journal.get_entry(str(number)) for number in reversed(tally.latest)]
        return {"found": tally.found, "requests": [entry.to_dict() for entry in entries]}

    async def _wait(self, seconds: float, wanted: VerifyRequest, tally: _Tally) -> None:
        # That none comes is only known at the end, that too many came at once.
        enough = wanted.least or (wanted.most or 0) + 1

        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    changes = self._journal.changes
                    await tally.update()
                    if tally.found >= enough:
                        return
                    if not await self._journal.wait_for_change(changes, seconds):
                        return

    async def _failure(
        self,
        operation: str | None,
        conditions: Conditions,
        wanted: VerifyRequest,
        tally: _Tally,
    ) -> NotVerified:
        what = f"{operation} that match" if operation else "requests that match"
        unsure = f" and {tally.unjudged} whose body can't be judged" if tally.unjudged else ""
        return NotVerified(
            f"expected {wanted} {what}, found {tally.found}{unsure}",
            {
                "found": tally.found,
                "unjudged": tally.unjudged,
                "expected": str(wanted),
                "nearMisses": await self._near(operation, conditions),
            },
        )

    async def _refuse_leftovers(self, wanted: VerifyRequest, tally: _Tally) -> None:
        """Raise `NotVerified` for rules never used, and for requests outside the contracts."""
        unused = [rule.to_dict() for rule in self._rules.list_rules if not rule.used]
        undeclared = [e async for e in self._journal.list_oldest(0) if e.operation is None]
        said = [
            *_listed([f"rule {rule['id']}" for rule in unused], "never used"),
            *_listed([f"{e.method} {e.target}" for e in undeclared], "outside the contracts"),
        ]
        if said:
            misses = ["is outside the contracts"]
            near = [{"request": e.to_dict(), "misses": misses} for e in undeclared[:NEAR]]
            more = {"found": tally.found, "unjudged": tally.unjudged, "expected": str(wanted)}
            raise NotVerified("; ".join(said), {**more, "nearMisses": near, "unusedRules": unused})

    async def _near(self, operation: str | None, conditions: Conditions) -> list[dict[str, Any]]:
        nearest: list[tuple[JournalEntry, list[str]]] = []
        async for entry in self._journal.list_newest():
            if found := _misses(entry, operation, conditions):
                known = [*nearest, (entry, found)]
                nearest = nsmallest(NEAR, known, key=lambda item: len(item[1]))
        return [{"request": entry.to_dict(), "misses": found} for entry, found in nearest]


class _Tally:
    """A count of the matching requests, each judged once however long the wait for it."""

    def __init__(self, journal: Journal, operation: str | None, conditions: Conditions) -> None:
        self._journal = journal
        self._operation = operation
        self._conditions = conditions
        self._begin()

    def _begin(self) -> None:
        self.clearings = self._journal.clearings
        self.seen = self.found = self.unjudged = 0
        self.latest: deque[int] = deque(maxlen=SHOWN)
        """The numbers of the last requests that match."""

    async def update(self) -> None:
        """Judge the requests since the last update, or since a reset."""
        await self._judge_entries()
        while self.clearings != self._journal.clearings:
            self._begin()
            await self._judge_entries()

    async def _judge_entries(self) -> None:
        async for entry in self._journal.list_oldest(self.seen):
            self.seen = entry.number
            if self._operation in (None, entry.operation):
                self._add(entry)

    def _add(self, entry: JournalEntry) -> None:
        verdict = self._conditions.judge(entry.facts)
        self.unjudged += verdict is Verdict.UNJUDGED
        if verdict is Verdict.HIT:
            self.found += 1
            self.latest.append(entry.number)


def _listed(names: Sequence[str], fault: str) -> Iterator[str]:
    """Yield the first names with their fault, and how many more have it."""
    yield from (f"{name} is {fault}" for name in names[:NEAR])
    if len(names) > NEAR:
        yield f"{len(names) - NEAR} more are {fault}"


def _misses(entry: JournalEntry, operation: str | None, conditions: Conditions) -> list[str]:
    other = [] if operation in (None, entry.operation) else [_other(entry, operation)]
    return other + conditions.misses(entry.facts)


def _other(entry: JournalEntry, operation: str | None) -> str:
    return f"operation is {entry.operation or 'outside the contract'}, wanted {operation}"


def _wanted(expected: Mapping[str, Any]) -> VerifyRequest:
    if "times" in expected:
        if expected.keys() & {"atLeast", "atMost"}:
            raise _invalid("times", "goes with neither atLeast nor atMost")
        return VerifyRequest(expected["times"], expected["times"])
    least, most = expected.get("atLeast"), expected.get("atMost")
    if least is not None and most is not None and least > most:
        raise _invalid("atLeast", "is more than atMost")
    if least is None:
        is_any = most is not None or expected.keys() == {"strict"}
        least = 0 if is_any else 1
    return VerifyRequest(least, most)


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
