"""The shape of charon's errors: `code`, `message`, and on a 422 the `violations`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes, unlisted
from tallystick.contract.exceptions import Forbidden, Invalid, Problem, Violation

BAD_KEY = "401"
"""Of a key that lacks the scope too: the page knows no other refusal of a key."""

_CODES = {"path": "404", "header": "400-header"}
"""The code of a value that has none of its own, by where it stands."""


def render(problem: Problem, codes: Codes) -> Answer:
    """The problem's status twice, and the contract's text for it."""
    if isinstance(problem, Invalid):
        return _invalid(problem.violations, codes)
    code = codes.get(_code(problem)) or unlisted(problem.status)
    return Answer({"code": code.status, "message": code.message}, code.status)


def _code(problem: Problem) -> str:
    return BAD_KEY if isinstance(problem, Forbidden) else problem.code or str(problem.status)


def _invalid(violations: Sequence[Violation], codes: Codes) -> Answer:
    """A bad id is not found, an unreadable body is a 400, and bad members are a 422."""
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
