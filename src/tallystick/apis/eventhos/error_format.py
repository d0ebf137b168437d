"""The shape of eventhos's errors: a code that begins with the three digits of the HTTP status."""

from __future__ import annotations

from http import HTTPStatus

from tallystick.contract import error_codes
from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes, ErrorCode
from tallystick.contract.exceptions import Invalid, Problem, Unauthenticated, Violation

BAD_REQUEST = "400000"
"""The code of a violation for which the page has none."""

BAD_TOKEN = "401202"


def render(problem: Problem, codes: Codes) -> Answer:
    """Return the page's code and message, or the HTTP status times 1000 as the code."""
    if isinstance(problem, Invalid):
        violation = problem.violations[0]
        return _answer(violation.code or BAD_REQUEST, codes, _reason(violation))
    return _answer(_code(problem), codes, str(problem))


def _code(problem: Problem) -> str:
    if isinstance(problem, Unauthenticated):
        return BAD_TOKEN
    return problem.code or f"{problem.status}000"


def _answer(code: str, codes: Codes, reason: str) -> Answer:
    status, message = codes.get(code) or _unlisted(code)
    number = int(error_codes.value(code))
    return Answer({"code": number, "message": message.replace("{reason}", reason)}, status)


def _unlisted(code: str) -> ErrorCode:
    status = HTTPStatus(int(code) // 1000)
    return ErrorCode(status, status.phrase)


def _reason(violation: Violation) -> str:
    name = ".".join(map(str, violation.path)) or violation.name or f"the {violation.where}"
    return f"{name} {violation.message}"
