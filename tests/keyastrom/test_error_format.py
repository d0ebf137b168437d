from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.keyastrom.error_format import render
from tallystick.contract import exceptions as p
from tallystick.contract.answer import Answer
from tallystick.contract.document import read_documents
from tallystick.contract.exceptions import Problem, Violation

CODES = next(document.codes for document in read_documents() if document.api == "keyastrom")


def rendered(problem: Problem) -> Answer:
    return render(problem, CODES)


def constraint_violations(*violations: Violation) -> list[dict[str, Any]]:
    answer = rendered(p.Invalid(violations))
    assert answer.status == 400
    assert answer.body["error"]["message"] == "Constraints violated."
    found = answer.body["error"]["constraintViolations"]
    assert isinstance(found, list)
    return found


class Odd(p.Refused):
    """This can't be."""


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (p.Unauthenticated(missing=True), 401, "Missing authorization parameter."),
        (p.Unauthenticated(), 401, "Token authentication failed"),
        (
            p.Forbidden(scopes=["events.ingest"]),
            403,
            "Token is missing required scope. Use one of: events.ingest (Ingest events)",
        ),
        (p.NotFound(), 404, "Not Found"),
        (p.MethodNotAllowed(), 405, "Method Not Allowed"),
        (p.TooLarge(), 413, "Content Too Large"),
        (p.TooManyRequests(limit=1, reset=0, retry_after=1), 429, "Too Many Requests"),
        (p.Failed("the secret cause"), 500, "Internal Server Error"),
        (Problem("the secret cause"), 500, "Internal Server Error"),
        (p.Unavailable(), 503, "Service Unavailable"),
    ],
)
def test_every_problem_comes_in_the_envelope(problem: Problem, code: int, message: str) -> None:
    answer = rendered(problem)
    assert answer.body == {"error": {"code": code, "message": message}}
    assert answer.status == code


def test_a_refusal_that_nobody_foresaw_is_a_400_that_says_why() -> None:
    answer = rendered(Odd())
    assert answer.status == 400
    assert answer.body["error"]["constraintViolations"] == [
        {
            "path": "",
            "message": "This can't be.",
            "parameterLocation": "PAYLOAD_BODY",
            "location": None,
        }
    ]


@pytest.mark.parametrize(
    ("where", "location"),
    [("header", "HEADER"), ("path", "PATH"), ("query", "QUERY"), ("body", "PAYLOAD_BODY")],
)
def test_a_violation_says_where_the_value_was(where: str, location: str) -> None:
    violation = Violation(where, "title", "maxLength", None, "too long", ("title",))
    assert constraint_violations(violation) == [
        {"path": "title", "message": "too long", "parameterLocation": location, "location": None}
    ]


def test_a_violation_names_the_way_to_the_value() -> None:
    violation = Violation("body", "properties", "type", None, "no", ("properties", "job.number"))
    [found] = constraint_violations(violation)
    assert found["path"] == "properties.job.number"


def test_a_missing_member_must_not_be_null() -> None:
    [found] = constraint_violations(
        Violation("body", "title", "required", None, "is missing", ("title",))
    )
    assert (found["path"], found["message"]) == ("title", "must not be null")


def test_a_body_that_can_t_be_read_is_one_violation() -> None:
    [found] = constraint_violations(Violation("body", "", "syntax", None, "is not JSON"))
    assert (found["path"], found["message"]) == ("", "is not JSON")


def test_half_a_surrogate_pair_does_not_break_the_answer() -> None:
    violation = Violation("body", "properties", "type", None, "no", ("properties", "\ud800"))
    [found] = constraint_violations(violation)
    assert found["path"] == "properties.\\ud800"


def test_a_limit_is_told_in_the_vendor_s_headers() -> None:
    answer = rendered(p.TooManyRequests(limit=50, reset=1_764_064_800.5, retry_after=7))
    assert answer.headers == {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1764064800500000",
    }
