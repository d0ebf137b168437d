"""Fuzzes an API by Schemathesis and sums up the findings by operation and check."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tallystick.contract_tests import contract, fuzz
from tallystick.gate.configuration import Budget, Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import NO_ANSWER, is_chosen
from tallystick.gate.target_server import TargetServer, is_down, places

NO_REFUSAL = (
    "The contract declares no answer to a refused request here:"
    " declare the one of your server, such as 400 or 4XX."
)


def list_fuzzed(configuration: Configuration, api: str) -> list[str]:
    """Return the operations, as method and path, with any chosen check."""
    labels = [f"{each.method} {each.path}" for each in contract.operations() if each.api == api]
    return [label for label in labels if _is_chosen(configuration, api, label)]


def _is_chosen(configuration: Configuration, api: str, label: str) -> bool:
    start = f"{api} fuzz: {label}"
    by_start = any(start in pattern for pattern in configuration.checks)
    return by_start or is_chosen(configuration, f"{start} a check")


def judge_fuzzing(server: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield Schemathesis' findings at the operations you chose, and each one left out and why."""
    configuration = server.configuration
    examples = Budget(configuration.budget).examples(api)
    only = frozenset(list_fuzzed(configuration, api))
    run = fuzz.FuzzRun(examples, configuration.seed, configuration.safe, foreign=True, only=only)
    left_out = fuzz.left_out(api, server.server, run)
    for operation in only & set(left_out):
        reason = left_out[operation]
        outcome = Outcome.DISABLED if configuration.safe else Outcome.SKIPPED
        yield CheckResult(api, "fuzz", operation, outcome, operation, cases=0, reason=reason)
    if len(left_out) == sum(operation.api == api for operation in contract.operations()):
        return
    found = Fuzzed(api)
    try:
        for each in fuzz.judgements(api, server.server, server.coverage, run):
            found.add(each.operation, each.check, each.cases, each.finding)
            if each.check == fuzz.UNANSWERED and is_down(server):
                break
    except fuzz.BrokenRun as error:
        yield CheckResult(
            api, "fuzz", "run Schemathesis", Outcome.ERROR, cases=0, reason=str(error)
        )
    yield from (each for each in found.judged() if is_chosen(configuration, each.id))


@dataclass(slots=True)
class Fuzzed:
    """Findings so far, by operation and check."""

    api: str
    results: dict[tuple[str, str, str], CheckResult] = field(default_factory=dict)
    last: float = field(default_factory=time.monotonic)
    """The time of the last finding, in seconds of the monotonic clock."""

    def add(
        self, operation: str, check: str, cases: int, finding: fuzz.Finding | None = None
    ) -> None:
        """Add the finding of one check; None counts as passed."""
        title = finding.title if finding else ""
        key = (operation, check, title)
        found = self.results.get(key)
        if found is None or (finding and len(finding.curl) < len(found.sent)):
            # Of all requests that fail alike, the shortest shows best what is wrong.
            new = self._result(operation, check, finding)
            found = replace(new, cases=found.cases, seconds=found.seconds) if found else new
        now = time.monotonic()
        seconds = found.seconds + now - self.last
        self.results[key] = replace(found, cases=found.cases + cases, seconds=seconds)
        self.last = now

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
        status = int(finding.came[:3]) if finding.came[:3].isdigit() else None
        declared = _find_operation(operation, self.api)
        return replace(
            passed,
            asked=_asked(check, declared),
            places=tuple(places(self.api, method, path, status, "")),
            name=f"{passed.name}, {finding.title}",
            outcome=Outcome.FAILED,
            objections=(
                f"{finding.title}\n{finding.message}".strip(),
                *_advice(check, declared, status),
            ),
            sent=finding.curl,
            came=finding.came or NO_ANSWER,
        )


_ASKED = {
    "not_a_server_error": "a status below 500",
    "status_code_conformance": "one of the declared statuses {statuses}",
    "content_type_conformance": "the content type that the contract declares for this status",
    "response_headers_conformance": "the headers that the contract declares for this status",
    "response_schema_conformance": "a body that the contract's schema for this status allows",
    "negative_data_rejection": "a status of 400 to 499, as the contract does not allow the request",
    "positive_data_acceptance": "no refusal, as the contract allows the request",
    "missing_required_header": "a refusal, as the contract requires the header",
    "unsupported_method": "405, as the contract does not have the method",
    "ignored_auth": "401 or 403, as the contract asks for a credential",
    "use_after_free": "404 for a resource that was deleted",
    "ensure_resource_availability": "the resource that an answer before said was made",
    "declared_error": "an error code that the contract declares for this status",
    "allowed_methods": "an Allow with methods that the contract has at this path, and takes",
    fuzz.UNANSWERED: "an answer",
}
"""The contract's demand behind a check, in words."""


def _find_operation(label: str, api: str) -> contract.DeclaredOperation | None:
    for operation in contract.operations():
        if operation.api == api and f"{operation.method} {operation.path}" == label:
            return operation
    return None


def _asked(check: str, operation: contract.DeclaredOperation | None) -> str:
    """Return the contract's demand behind a check of an operation, in words."""
    statuses = ", ".join(operation.statuses) if operation else ""
    return _ASKED.get(check, "").format(statuses=statuses)


def _advice(
    check: str, operation: contract.DeclaredOperation | None, status: int | None
) -> tuple[str, ...]:
    """Return what to do where a contract lacks any answer to a refused request."""
    is_refusal = status is not None and 400 <= status < 500
    if check != "status_code_conformance" or operation is None or not is_refusal:
        return ()
    is_told = any(each[0] == "4" or each == "default" for each in operation.statuses)
    return () if is_told else (NO_REFUSAL,)
