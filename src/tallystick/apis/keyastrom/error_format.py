"""Every problem in the envelope of this API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.apis.keyastrom.credentials import describe_scope
from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes, unlisted
from tallystick.contract.exceptions import (
    Forbidden,
    Invalid,
    OutOfBounds,
    Problem,
    Refused,
    TooManyRequests,
    Unauthenticated,
    Violation,
)

_LOCATIONS = {"header": "HEADER", "path": "PATH", "query": "QUERY", "body": "PAYLOAD_BODY"}
_MICROSECONDS = 1_000_000


def render(problem: Problem, codes: Codes) -> Answer:
    """Return the problem's status, and an envelope with each value at fault."""
    code = codes.get(_code(problem)) or unlisted(problem.status)
    error: dict[str, Any] = {"code": code.status, "message": _message(problem, code.message)}
    if code.status == 400:
        error["constraintViolations"] = list(_constraint_violations(problem))
    return Answer({"error": error}, code.status, _headers(problem))


def _code(problem: Problem) -> str:
    if isinstance(problem, Unauthenticated) and problem.missing:
        return "401-missing"
    if isinstance(problem, OutOfBounds):
        return "403-bound"
    return str(problem.status)


def _message(problem: Problem, message: str) -> str:
    if isinstance(problem, Forbidden):
        return message.format(scopes=", ".join(map(describe_scope, problem.scopes)))
    return message


def _constraint_violations(problem: Problem) -> Iterator[dict[str, str | None]]:
    if isinstance(problem, Refused):
        yield _constraint_violation("", str(problem), "PAYLOAD_BODY")
    for violation in problem.violations if isinstance(problem, Invalid) else ():
        yield _of(violation)


def _of(violation: Violation) -> dict[str, str | None]:
    path = ".".join(map(str, violation.path)) or violation.name
    message = "must not be null" if violation.keyword == "required" else violation.message
    return _constraint_violation(path, message, _LOCATIONS[violation.where])


def _constraint_violation(path: str, message: str, location: str) -> dict[str, str | None]:
    return {
        "path": _printable(path),
        "message": _printable(message),
        "parameterLocation": location,
        "location": None,
    }


def _printable(text: str) -> str:
    # Not `replace_half_pairs`: a path must still tell which key is meant.
    return text.encode("utf-8", "backslashreplace").decode()


def _headers(problem: Problem) -> dict[str, str]:
    if not isinstance(problem, TooManyRequests):
        return {}
    return {
        "X-RateLimit-Limit": str(problem.limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(problem.reset * _MICROSECONDS)),
    }
