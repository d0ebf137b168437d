from __future__ import annotations

import pytest

from tallystick.apis.gateway.error_format import render
from tallystick.contract.exceptions import (
    Failed,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Violation,
)

PROBLEMS = [
    Invalid([Violation("query", "limit", "maximum", None, "must be at most 1000")]),
    Refused("No."),
    Unauthenticated(missing=True),
    Forbidden(),
    NotFound(),
    MethodNotAllowed(),
    TooLarge(),
    TooManyRequests(limit=1, reset=0.0, retry_after=1),
    Failed(),
    Problem("the password is swordfish"),
    Unavailable(),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: type(p).__name__)
def test_every_problem_is_told_in_one_shape(problem: Problem) -> None:
    answer = render(problem, {})

    assert answer.status == problem.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == "about:blank"
    assert answer.body["status"] == problem.status
    assert answer.body["title"]
    assert answer.body["detail"]


def test_an_internal_error_tells_nothing_of_its_cause() -> None:
    assert "swordfish" not in str(render(Problem("the password is swordfish"), {}).body)


def test_every_violation_is_listed() -> None:
    problem = Invalid(
        [
            Violation("query", "limit", "maximum", None, "must be at most 1000"),
            Violation("query", "from", "pattern", None, "must be a time"),
        ]
    )

    assert render(problem, {}).body["violations"] == [
        {"where": "query", "name": "limit", "message": "must be at most 1000"},
        {"where": "query", "name": "from", "message": "must be a time"},
    ]
