"""Errors of event_store are its page's."""

from __future__ import annotations

from tallystick.apis.event_store.error_format import render
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, Unauthenticated, Violation

CODES = read_api("event_store").codes


def test_a_caller_who_is_not_known_gets_the_answer_of_the_api_gateway() -> None:
    answer = render(Unauthenticated(), CODES)
    assert (answer.status, answer.body) == (403, {"message": "Forbidden"})


def test_the_first_of_all_errors_stands_at_the_top() -> None:
    found = [Violation("query", "cl", "required", "C000", ""), Violation("body", "", "x", None, "")]
    body = render(Invalid(found), CODES).body
    assert (body["statusCode"], body["code"]) == (400, "C000")
    assert [(e["parameter"], e["code"]) for e in body["errors"]] == [
        ("cl", "C000"),
        ("body", "P001"),
    ]
