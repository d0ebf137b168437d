"""The example of one error is made that of another, and is otherwise as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.error_codes import ErrorCode
from tallystick.mock.error_bodies import REASON, names, says, text, with_code

CODES = {
    "A1": ErrorCode(400, "The weight is wrong: {reason}."),
    "A2": ErrorCode(400, "The name is missing."),
    "401": ErrorCode(401, "Who are you?"),
    "401-missing": ErrorCode(401, "Say who you are."),
    "A9": ErrorCode(409, "It is there."),
}


def test_the_codes_of_a_body_are_found_at_any_depth() -> None:
    body = {"errors": [{"errorCode": "A1"}, {"code": "A2", "name": "A9"}], "code": "B7"}
    assert names(body, CODES) == {"A1", "A2"}
    assert names({"code": 401}, CODES) == {"401"}
    assert names("A1", CODES) == set()


def test_a_body_says_what_one_of_its_members_is() -> None:
    assert says({"error": [{"text": "Who are you?"}]}, "Who are you?")
    assert not says({"error": "Who are you? "}, "Who are you?")


def test_a_text_has_a_reason_in_the_room_for_it() -> None:
    assert text(CODES["A1"]) == f"The weight is wrong: {REASON}."
    assert text(CODES["A2"]) == "The name is missing."


@pytest.mark.parametrize(
    ("body", "code", "made"),
    [
        (
            {"code": "A1", "message": "The weight is wrong: 31 kg.", "id": "A1"},
            "A2",
            {"code": "A2", "message": "The name is missing.", "id": "A1"},
        ),
        (
            {"errors": [{"errorCode": "A2", "text": "The name is missing."}]},
            "A1",
            {"errors": [{"errorCode": "A1", "text": f"The weight is wrong: {REASON}."}]},
        ),
        ({"code": 401, "text": "Who are you?"}, "A9", {"code": 409, "text": "It is there."}),
        ({"code": "401"}, "401-missing", {"code": "401"}),
        ({"code": 401}, "401-missing", {"code": 401}),
        (
            {"code": "A1", "text": "Something else."},
            "A2",
            {"code": "A2", "text": "Something else."},
        ),
        ({"text": "It has no code."}, "A2", {"text": "It has no code."}),
    ],
)
def test_code_and_text_alone_are_replaced(body: Any, code: str, made: Any) -> None:
    assert with_code(body, CODES, code) == made
