"""The shape of event_store's errors."""

from __future__ import annotations

from http import HTTPStatus

from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import (
    Forbidden,
    Invalid,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Violation,
)

UNREADABLE = "P001"
"""The code of an invalid request as a whole; it is then the only error."""


def render(problem: Problem, codes: Codes) -> Answer:
    """Return the page's error for a problem, or the form of its API gateway for a refused key."""
    if isinstance(problem, Unauthenticated | Forbidden):
        return Answer({"message": "Forbidden"}, 403)
    if isinstance(problem, TooManyRequests):
        return Answer({"message": "Too Many Requests"}, 429)
    if isinstance(problem, Invalid):
        return _invalid(problem, codes)
    code = str(problem.status)
    message = codes[code].message if code in codes else HTTPStatus(problem.status).phrase
    return _error(problem.status, code, message, [])


def _invalid(problem: Invalid, codes: Codes) -> Answer:
    errors = [_parameter_error(violation, codes) for violation in problem.violations]
    return _error(400, errors[0]["code"], errors[0]["message"], errors)


def _parameter_error(violation: Violation, codes: Codes) -> dict[str, str]:
    code = violation.code or UNREADABLE
    name = violation.name or ("body" if violation.where == "body" else "*")
    return {"parameter": name, "code": code, "message": codes[code].message}


def _error(status: int, code: str, message: str, errors: list[dict[str, str]]) -> Answer:
    return Answer(
        {"statusCode": status, "code": code, "message": message, "errors": errors}, status
    )
