"""Fuzzes an API by Schemathesis and sums up the findings by operation and check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tallystick.contract_tests import contract, fuzz
from tallystick.gate.configuration import Budget
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.target_server import TargetServer, places


def judge_fuzzing(server: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield Schemathesis' findings at an API, and each operation left out with its reason."""
    configuration = server.configuration
    examples = Budget(configuration.budget).examples(api)
    run = fuzz.FuzzRun(examples, configuration.seed, configuration.safe, foreign=True)
    left_out = fuzz.left_out(api, server.server, run)
    for operation, reason in left_out.items():
        outcome = Outcome.DISABLED if configuration.safe else Outcome.SKIPPED
        yield CheckResult(api, "fuzz", operation, outcome, operation, cases=0, reason=reason)
    if len(left_out) == sum(operation.api == api for operation in contract.operations()):
        return
    found = Fuzzed(api)
    try:
        for each in fuzz.judgements(api, server.server, server.coverage, run):
            found.add(each.operation, each.check, each.cases, each.finding)
    except fuzz.BrokenRun as error:
        yield CheckResult(
            api, "fuzz", "run Schemathesis", Outcome.ERROR, cases=0, reason=str(error)
        )
    yield from found.judged()


@dataclass(slots=True)
class Fuzzed:
    """Findings so far, by operation and check."""

    api: str
    results: dict[tuple[str, str, str], CheckResult] = field(default_factory=dict)

    def add(
        self, operation: str, check: str, cases: int, finding: fuzz.Finding | None = None
    ) -> None:
        """Add the finding of one check; None counts as passed."""
        title = finding.title if finding else ""
        key = (operation, check, title)
        found = self.results.get(key)
        if found is None:
            found = self.results[key] = self._result(operation, check, finding)
        self.results[key] = replace(found, cases=found.cases + cases)

    def judged(self) -> Iterator[CheckResult]:
        """Yield a result for each passed check of an operation and for each kind of failure."""
        failed = {key[:2] for key in self.results if key[2]}
        for key, result in self.results.items():
            if key[2] or key[:2] not in failed:
                yield result

    def _result(self, operation: str, check: str, finding: fuzz.Finding | None) -> CheckResult:
        method, _, path = operation.partition(" ")
        passed = CheckResult(
            self.api,
            "fuzz",
            f"{operation} {check}",
            Outcome.PASSED,
            operation=operation,
            cases=0,
            places=tuple(places(self.api, method, path, None, "")),
        )
        if finding is None:
            return passed
        return replace(
            passed,
            name=f"{passed.name}, {finding.title}",
            outcome=Outcome.FAILED,
            objections=(f"{finding.title}\n{finding.message}".strip(),),
            sent=finding.curl,
            came=finding.came,
        )
