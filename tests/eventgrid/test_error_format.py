"""Errors of eventgrid have a code, a text, details and the id of the request."""

from __future__ import annotations

from tallystick.apis.eventgrid.error_format import MAX_DETAILS, render
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, NotFound, Violation

CODES = read_api("eventgrid").codes


def test_the_id_of_a_request_is_in_the_body_and_in_the_header() -> None:
    answer = render(NotFound(), CODES)
    assert (answer.status, answer.body["error_code"]) == (404, "EG.00014040")
    assert answer.headers["X-Request-Id"] == answer.body["request_id"]


def test_every_violation_is_told_by_the_way_to_its_value() -> None:
    found = [
        Violation("body", "events", "required", None, "is missing", ("events", 0, "id")),
        Violation("body", "", "type", None, "is no object"),
    ]
    body = render(Invalid(found), CODES).body
    assert body["error_code"] == "EG.00014000"
    assert body["error_details"] == "events.0.id is missing; the body is no object"


def test_details_are_cut_where_they_are_too_long() -> None:
    long = Violation("query", "name", "pattern", None, "x" * 2 * MAX_DETAILS)
    assert len(render(Invalid([long]), CODES).body["error_details"]) == MAX_DETAILS
