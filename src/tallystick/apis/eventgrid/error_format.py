"""The shape of eventgrid's errors."""

from __future__ import annotations

from http import HTTPStatus

from tallystick.apis import request_id
from tallystick.contract.answer import Answer
from tallystick.contract.document import read_api
from tallystick.contract.error_codes import Codes, ErrorCode
from tallystick.contract.exceptions import Invalid, Problem, Violation

BAD_REQUEST = "EG.00014000"
"""Any violation that has no code of its own."""

NOT_FOUND = "EG.00014040"
MAX_DETAILS = 1024

_CODES = read_api("eventgrid").codes


def render(problem: Problem, codes: Codes) -> Answer:
    """Return code and text of the contract, with the fault of each field in the details."""
    code, details = _code(problem), str(problem)
    if isinstance(problem, Invalid):
        details = "; ".join(map(_detail, problem.violations))
    status, message = codes.get(code) or _unlisted(problem.status)
    body = {"error_code": code, "error_msg": message, "error_details": details[:MAX_DETAILS]}
    id_ = request_id.new_request_id()
    return Answer({**body, "request_id": id_}, status, {request_id.HEADER: id_})


def item_error(is_known: bool) -> dict[str, str | None]:
    """Return the error of one of several items of a call: nulls if the item is known."""
    code, message = (None, None) if is_known else (NOT_FOUND, _CODES[NOT_FOUND].message)
    return {"error_code": code, "error_msg": message}


def _code(problem: Problem) -> str:
    if isinstance(problem, Invalid):
        return problem.violations[0].code or BAD_REQUEST
    return problem.code or _of_status(problem.status)


def _of_status(status: int) -> str:
    """Return ``EG.00014040`` for 404, or ``EG.00015000`` for 500."""
    return f"EG.0001{status}0"


def _unlisted(status: int) -> ErrorCode:
    return ErrorCode(status, HTTPStatus(status).phrase)


def _detail(violation: Violation) -> str:
    name = ".".join(map(str, violation.path)) or violation.name or f"the {violation.where}"
    return f"{name} {violation.message}"
