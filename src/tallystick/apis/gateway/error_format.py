"""Problem details (RFC 9457) for the gateway's errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from tallystick.apis.gateway.exceptions import NotVerified
from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import Failed, Invalid, Problem, Violation

_HEADERS = {"Content-Type": "application/problem+json"}


def render(problem: Problem, codes: Codes) -> Answer:  # noqa: ARG001  # no codes but HTTP's own
    """Return the answer to a problem; the details of an internal error are left out."""
    status = problem.status
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(problem) if status != Failed.status else str(Failed()),
    }
    if isinstance(problem, Invalid):
        violations = [_violation(v) for v in problem.violations]
        content["detail"] = "; ".join(f"{v['name']} {v['message']}".strip() for v in violations)
        content["violations"] = violations
    if isinstance(problem, NotVerified):
        content |= problem.more
    return Answer(content, status, _HEADERS)


def _violation(violation: Violation) -> dict[str, str]:
    name = ".".join(map(str, violation.path)) or violation.name
    return {"where": violation.where, "name": name, "message": violation.message}
