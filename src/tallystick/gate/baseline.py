"""Reads a baseline: known failures as patterns, each of which must still match a failure.

A line is the id of a check, as reports show it. ``*`` stands for any text, and the text after
``#`` is the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tallystick.contract.yaml_bounds import read_bounded_file
from tallystick.gate.configuration import BadConfiguration
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A pattern of known failures."""

    pattern: str
    reason: str
    place: ContractPlace

    def matches(self, result: CheckResult) -> bool:
        """Return whether the result failed and its id matches the pattern."""
        return result.outcome is Outcome.FAILED and matches_pattern(result.id, self.pattern)

    def is_about(self, api: str) -> bool:
        """Return whether the pattern can match a check of an API."""
        beginning, whole = self.pattern.partition("*")[0], f"{api} "
        return beginning.startswith(whole) or whole.startswith(beginning)


def matches_pattern(check_id: str, pattern: str) -> bool:
    """Return whether the whole id of a check matches a pattern, where ``*`` is any text."""
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), check_id, re.DOTALL) is not None


def read_baseline(file: Path) -> list[KnownFailure]:
    """Return the known failures in a file; raise `BadConfiguration` or `OSError`."""
    try:
        text = read_bounded_file(file).decode()
    except ValueError as error:
        raise BadConfiguration(f"{file}: {error}") from error
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        pattern, _, reason = line.partition(" #")
        if pattern.strip() and not pattern.startswith("#"):
            place = ContractPlace("baseline", str(file), number)
            found.append(KnownFailure(pattern.strip(), reason.strip(), place))
    return found


def apply(
    known: Iterable[KnownFailure], results: Iterable[CheckResult], *, is_whole: bool = True
) -> Iterator[CheckResult]:
    """Yield the results with known failures disabled; of a whole run, an error for unused patterns.

    A part of a run may lack the failures of a pattern. Runs of other APIs may share the file: their
    patterns are left alone.
    """
    idle = list(known)
    patterns = tuple(idle)
    judged: set[str] = set()
    for result in results:
        if result.outcome in (Outcome.PASSED, Outcome.FAILED):
            judged.add(result.api)
        matching = next((each for each in patterns if each.matches(result)), None)
        if matching is None:
            yield result
            continue
        idle = [each for each in idle if not each.matches(result)]
        reason = f"known failure, {matching.place}: {matching.reason}".rstrip(": ")
        yield replace(result, outcome=Outcome.DISABLED, reason=reason)
    if is_whole:
        yield from (_stale(each) for each in idle if any(map(each.is_about, judged)))


def _stale(known: KnownFailure) -> CheckResult:
    reason = "this pattern matches no failure: mend or remove it"
    return CheckResult(
        "baseline", "known", known.pattern, Outcome.ERROR, reason=reason, places=(known.place,)
    )
