"""Verifies that the program under test sent the expected requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tallystick.apis.gateway.exceptions import NotVerified
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.mock.clock import duration_ms
from tallystick.mock.journal import Journal, JournalEntry
from tallystick.mock.matching import Conditions
from tallystick.mock.response_chooser import ResponseChooser

NEAR = 3
"""The number of near misses in a failure."""


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
        """Return whether that many requests are as expected."""
        return self.least <= count and (self.most is None or count <= self.most)


class Verifier:
    """A verifier of the journal against an expectation."""

    def __init__(self, journal: Journal, answers: ResponseChooser) -> None:
        self._journal = journal
        self._answers = answers

    async def verify(self, expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return the expected requests, waiting for them; raise `NotVerified` or `Invalid`."""
        conditions = Conditions(expected.get("match", {}))
        wanted = _wanted(expected)
        operation = expected.get("operation")
        if operation is not None:
            self._answers.operation(operation)

        def found() -> list[JournalEntry]:
            candidates = (
                e for e in self._journal.list_newest() if operation in (None, e.operation)
            )
            return [e for e in candidates if conditions.hold(e.facts)]

        if "within" in expected:
            await self._wait(duration_ms(expected["within"]) / 1000, wanted, found)
        matching = found()
        if not wanted.has(len(matching)):
            raise self._failure(operation, conditions, wanted, matching)
        return {"found": len(matching), "requests": [entry.to_dict() for entry in matching]}

    async def _wait(
        self, seconds: float, wanted: VerifyRequest, found: Callable[[], list[JournalEntry]]
    ) -> None:
        # That none comes is only known at the end, that too many came at once.
        enough = wanted.least or (wanted.most or 0) + 1
        await self._journal.wait_for_entry(seconds, lambda: len(found()) >= enough)

    def _failure(
        self,
        operation: str | None,
        conditions: Conditions,
        wanted: VerifyRequest,
        matching: list[JournalEntry],
    ) -> NotVerified:
        what = f"{operation} that match" if operation else "requests that match"
        near = self._near(operation, conditions, matching)
        message = f"expected {wanted} {what}, found {len(matching)}"
        return NotVerified(
            message,
            {"found": len(matching), "expected": str(wanted), "nearMisses": near},
        )

    def _near(
        self, operation: str | None, conditions: Conditions, matching: list[JournalEntry]
    ) -> list[dict[str, Any]]:
        matched = {entry.number for entry in matching}
        misses = [
            (entry, _misses(entry, operation, conditions))
            for entry in self._journal.list_newest()
            if entry.number not in matched
        ]
        nearest = sorted(misses, key=lambda item: len(item[1]))[:NEAR]
        return [{"request": entry.to_dict(), "misses": found} for entry, found in nearest]


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
        least = 0 if most is not None else 1
    return VerifyRequest(least, most)


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
