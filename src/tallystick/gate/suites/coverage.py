"""Reports the declared answers seen in a run."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract_tests import contract
from tallystick.contract_tests.coverage import Coverage
from tallystick.gate.outcome import CheckResult, CoverageCell, Outcome
from tallystick.gate.suites.result import NOT_PROVOKED
from tallystick.gate.target_server import TargetServer, places

_OUTSIDE = (405, 414, 417, 431, 501, 505)
"""Statuses of the HTTP server itself, for requests outside every operation."""


def judge_coverage(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield a result for each declared answer, and a failure for each undeclared one."""
    seen = set(target.coverage.seen)
    for operation in contract.operations():
        if operation.api == api:
            for answer in sorted(operation.declared):
                yield _covered(operation, answer, answer in seen)
    ids = {operation.id: operation for operation in contract.operations() if operation.api == api}
    for answer in target.coverage.undeclared():
        # A contract of yours need not declare what your server's HTTP stack refuses by itself.
        by_stack = bool(target.configuration.contracts) and 400 <= answer.status < 500
        if answer.operation in ids and _is_inside(answer) and not by_stack:
            yield _undeclared(ids[answer.operation], answer)


def list_cells(coverage: Coverage, api: str) -> Iterator[CoverageCell]:
    """Yield each declared answer of an API with its count, then the undeclared ones."""
    for operation in contract.operations():
        if operation.api == api:
            label = f"{operation.method} {operation.path}"
            for answer in sorted(operation.declared):
                yield CoverageCell(label, answer.status, answer.code, coverage.seen.get(answer, 0))
            for answer, count in sorted(coverage.seen.items()):
                undeclared = answer not in operation.declared and _is_inside(answer)
                if answer.operation == operation.id and undeclared:
                    yield CoverageCell(label, answer.status, "", count, declared=False)


def _is_inside(answer: contract.DeclaredAnswer) -> bool:
    """Return whether the contract should declare an answer's status."""
    return not answer.code and answer.status not in _OUTSIDE


def _covered(
    operation: contract.DeclaredOperation, answer: contract.DeclaredAnswer, seen: bool
) -> CheckResult:
    name = f"{operation.method} {operation.path} {answer.status} {answer.code}".rstrip()
    outcome = Outcome.PASSED if seen else Outcome.SKIPPED
    declared = tuple(
        places(
            operation.api, operation.method, operation.path, answer.status, _as_body(answer.code)
        )
    )
    label = f"{operation.method} {operation.path}"
    reason = "" if seen else _unseen(answer.status)
    return CheckResult(
        operation.api, "coverage", name, outcome, label, cases=0, reason=reason, places=declared
    )


def _undeclared(
    operation: contract.DeclaredOperation, answer: contract.DeclaredAnswer
) -> CheckResult:
    label = f"{operation.method} {operation.path}"
    where = tuple(places(operation.api, operation.method, operation.path, None, ""))
    said = f"the operation answered {answer.status}, which the contract does not declare"
    name = f"{label} {answer.status} is not declared"
    return CheckResult(
        operation.api, "coverage", name, Outcome.FAILED, label,
        cases=0, objections=(said,), asked=_declared(operation), places=where,
    )  # fmt: skip


def _declared(operation: contract.DeclaredOperation) -> str:
    return "one of " + ", ".join(operation.statuses)


def _unseen(status: int) -> str:
    return NOT_PROVOKED if status >= 500 or status == 429 else "the run did not get this answer"


def _as_body(code: str) -> str:
    return f'"code": "{code}"' if code else ""
