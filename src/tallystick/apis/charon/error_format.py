"""The shape of charon's errors: `code`, `message`, and on a 422 the `violations`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes, unlisted
from tallystick.contract.exceptions import Forbidden, Invalid, Problem, Violation

BAD_KEY = "401"
"""The code for a lacking scope too, as charon's page has one refusal for all keys."""

_CODES = {"path": "404", "header": "400-header"}
"""The code of a violation without one of its own, by the place of the value."""


def render(problem: Problem, codes: Codes) -> Answer:
    """Return the answer to a problem: its status and the contract's message."""
    if isinstance(problem, Invalid):
        return _invalid(problem.violations, codes)
    code = codes.get(_code(problem)) or unlisted(problem.status)
    return Answer({"code": code.status, "message": code.message}, code.status)


def _code(problem: Problem) -> str:
    return BAD_KEY if isinstance(problem, Forbidden) else problem.code or str(problem.status)


def _invalid(violations: Sequence[Violation], codes: Codes) -> Answer:
    """Return 404 for an invalid id, 400 for an unreadable body, and 422 for invalid members."""
    first = violations[0]
    code = codes[first.code or _CODES.get(first.where, "400")]
    if code.status != 422:
        return Answer({"code": code.status, "message": code.message}, code.status)
    body: dict[str, Any] = {"code": 422, "message": codes["422"].message}
    body["violations"] = [_violation(violation, codes) for violation in violations]
    return Answer(body, 422)


def _violation(violation: Violation, codes: Codes) -> dict[str, str]:
    message = codes[violation.code or "422"].message
    return {"propertyPath": violation.name, "message": message}
