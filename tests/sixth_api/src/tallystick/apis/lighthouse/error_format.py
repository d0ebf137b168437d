"""The shape of lighthouse's errors."""

from __future__ import annotations

from http import HTTPStatus

from tallystick.contract.answer import Answer
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import Invalid, Problem


def render(problem: Problem, _: Codes) -> Answer:
    """Return one sentence that says why."""
    if isinstance(problem, Invalid):
        first = problem.violations[0]
        return Answer({"error": f"{first.name or 'the body'} {first.message}"}, problem.status)
    return Answer({"error": HTTPStatus(problem.status).phrase}, problem.status)
