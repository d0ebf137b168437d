"""What became of each check of a run, and of the run as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

CONFORMS, DOES_NOT_CONFORM, COULD_NOT_RUN = range(3)


class Outcome(StrEnum):
    """The five ways in which a check ends."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """The check itself could not run, which says nothing of the server."""
    SKIPPED = "skipped"
    """It can't be run against this server; the reason says why."""
    DISABLED = "disabled"
    """The person who ran it did not want it, or knows that it fails."""


@dataclass(frozen=True, slots=True)
class ContractPlace:
    """A line where a rule stands."""

    says: str
    """What stands there, as ``contract`` or ``vector``."""
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and its outcome, with all that its owner needs to act on it."""

    api: str
    suite: str
    name: str
    outcome: Outcome
    operation: str = ""
    """Method and path, where it is one operation's."""
    cases: int = 1
    reason: str = ""
    """Why it was skipped or disabled, or could not run."""
    objections: tuple[str, ...] = ()
    sent: str = ""
    """A command that sends it again."""
    came: str = ""
    asked: str = ""
    """What the contract says should have come."""
    places: tuple[ContractPlace, ...] = ()

    @property
    def id(self) -> str:
        """The check's name among all, as a baseline's patterns match it."""
        return f"{self.api} {self.suite}: {self.name}"


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One answer that the contract declares, and how often it came."""

    operation: str
    status: int
    code: str
    count: int
    declared: bool = True


@dataclass(frozen=True, slots=True)
class VerifyRun:
    """Everything that one run found."""

    url: str
    apis: tuple[str, ...]
    budget: str
    seed: int
    started: str
    """In ISO 8601."""
    seconds: float
    answers: int
    """How many answers of the server were judged."""
    results: Sequence[CheckResult]
    coverage: Sequence[CoverageCell] = field(default_factory=tuple)

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many checks ended in each way."""
        found = Counter(result.outcome for result in self.results)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """0 it conforms, 1 it does not, 2 that can't be said."""
        counts = self.counts
        if counts[Outcome.FAILED]:
            return DOES_NOT_CONFORM
        # A run that judged nothing is no proof of anything.
        if counts[Outcome.ERROR] or not counts[Outcome.PASSED]:
            return COULD_NOT_RUN
        return CONFORMS

    def list_results(self, *outcomes: Outcome) -> list[CheckResult]:
        """The results with one of these outcomes."""
        return [result for result in self.results if result.outcome in outcomes]


def details(result: CheckResult) -> str:
    """Return all that is known of one result, in lines."""
    lines = [result.reason] if result.reason else []
    lines += result.objections
    if result.asked:
        lines.append(f"expected: {result.asked}")
    if result.came:
        lines += ["received:", *(f"  {line}" for line in result.came.splitlines())]
    if result.sent:
        lines += ["sent:", f"  {result.sent}"]
    lines += [f"{place.says}: {place}" for place in result.places]
    return "\n".join(lines)
