"""Errors of charon have the status twice, and on a 422 the violations."""

from __future__ import annotations

from tallystick.apis.charon.error_format import render
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Forbidden, Invalid, NotFound, Violation

CODES = read_api("charon").codes


def test_a_status_stands_in_the_body_too() -> None:
    answer = render(NotFound(), CODES)
    assert answer.status == 404
    assert answer.body == {"code": 404, "message": CODES["404"].message}


def test_a_bad_id_is_not_found_and_an_unreadable_body_is_a_400() -> None:
    assert render(Invalid([Violation("path", "id", "type", None, "")]), CODES).status == 404
    assert render(Invalid([Violation("body", "", "syntax", None, "")]), CODES).status == 400


def test_bad_members_are_listed() -> None:
    found = [Violation("body", name, "type", "422", "") for name in ("success", "message")]
    answer = render(Invalid(found), CODES)
    assert answer.status == 422
    paths = [violation["propertyPath"] for violation in answer.body["violations"]]
    assert paths == ["success", "message"]


def test_a_key_that_lacks_a_scope_is_refused_as_a_bad_one() -> None:
    answer = render(Forbidden(scopes=["executions:write"]), CODES)
    assert answer.status == 401
    assert answer.body == {"code": 401, "message": CODES["401"].message}
