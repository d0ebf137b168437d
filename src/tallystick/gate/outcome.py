"""The outcome of each check, and of a run as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

CONFORMS, DOES_NOT_CONFORM, COULD_NOT_RUN = range(3)


class Outcome(StrEnum):
    """An outcome of a check."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """The check itself could not run; the server's conformance stays open."""
    SKIPPED = "skipped"
    """The check can't be run against this server; the reason says why."""
    DISABLED = "disabled"
    """You excluded the check, or listed its failure in the baseline."""


@dataclass(frozen=True, slots=True)
class ContractPlace:
    """A line of a file with the rule behind a check."""

    says: str
    """The kind of the place, such as ``contract`` or ``vector``."""
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check and its outcome, with everything you need to act on it."""

    api: str
    suite: str
    name: str
    outcome: Outcome
    operation: str = ""
    """Method and path, if the check is about one operation."""
    cases: int = 1
    seconds: float = 0.0
    reason: str = ""
    """The reason it was skipped or disabled, or could not run."""
    objections: tuple[str, ...] = ()
    sent: str = ""
    """A command to send the request again."""
    came: str = ""
    asked: str = ""
    """The answer demanded by the contract."""
    places: tuple[ContractPlace, ...] = ()
    ruling: bool = False
    """True for a rule of this project's own, where the vendor's page leaves a question open."""
    rule: str = ""
    """The rule of `tallystick diff` that a change falls under."""

    @property
    def id(self) -> str:
        """Return the check's unique name, for a baseline's patterns."""
        return f"{self.api} {self.suite}: {self.name}"


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """A declared answer, and the number of times it was seen."""

    operation: str
    status: int
    code: str
    count: int
    declared: bool = True


@dataclass(frozen=True, slots=True)
class VerifyRun:
    """The results of one run."""

    url: str
    apis: tuple[str, ...]
    budget: str
    seed: int
    started: str
    """The start, in ISO 8601."""
    seconds: float
    answers: int
    """The number of checked answers."""
    results: Sequence[CheckResult]
    coverage: Sequence[CoverageCell] = field(default_factory=tuple)
    options: str = ""
    """The options that limited the run, as you gave them."""

    waited_s: int = 0
    """The seconds of waiting, as the server asked by Retry-After."""

    @property
    def duration(self) -> str:
        """Return in words how long it took."""
        waited = f", {self.waited_s} s of it waiting as Retry-After asks" if self.waited_s else ""
        return f"{self.seconds:.0f} s{waited}"

    @property
    def seen(self) -> str:
        """Return in words the number of declared answers seen, and the limits of the run."""
        declared = [cell for cell in self.coverage if cell.declared]
        count = sum(bool(cell.count) for cell in declared)
        limits = f", {self.options}" if self.options else ""
        return f"{count} of {len(declared)} declared answers were seen{limits}"

    @property
    def counts(self) -> dict[Outcome, int]:
        """Return the number of checks by outcome."""
        found = Counter(result.outcome for result in self.results)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """Return 0 if the server conforms, 1 if it does not, 2 if the run could not tell."""
        counts = self.counts
        if counts[Outcome.FAILED]:
            return DOES_NOT_CONFORM
        # A run that judged nothing is no proof of anything.
        if counts[Outcome.ERROR] or not counts[Outcome.PASSED]:
            return COULD_NOT_RUN
        return CONFORMS

    @property
    def failed_rulings(self) -> int:
        """Return the number of failures against rulings of ours, and no page."""
        return sum(result.ruling for result in self.list_results(Outcome.FAILED))

    def list_results(self, *outcomes: Outcome) -> list[CheckResult]:
        """Return the results with one of these outcomes."""
        return [result for result in self.results if result.outcome in outcomes]


def details(result: CheckResult) -> str:
    """Return everything known about a result, in lines of text."""
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
