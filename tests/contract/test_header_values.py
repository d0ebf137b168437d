"""An answer has the headers that its contract requires, by their examples or made values."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.header_values import header_example, header_value, is_servers_own
from tallystick.contract.schema_values import SchemaValues

MAKER = SchemaValues({}, {})


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"example": 7}, "7"),
        ({"example": True}, "true"),
        ({"examples": {"one": {"value": "a"}, "two": {"value": "b"}}}, "a"),
        ({"schema": {"example": "a"}}, "a"),
        ({"example": ["a", "b"]}, "a,b"),
        ({"example": {"a": 1, "b": 2}}, "a,1,b,2"),
        ({"example": {"a": 1, "b": 2}, "explode": True}, "a=1,b=2"),
        ({"examples": {"one": {"value": "a\nb"}, "two": {"value": "b"}}}, "b"),
    ],
)
def test_a_header_is_its_first_example_that_can_be_sent(header: Any, text: str) -> None:
    assert header_example(header) == header_value("X", header, MAKER) == text


@pytest.mark.parametrize("example", ["a\r\nSet-Cookie: b", "a – b"])
def test_an_example_that_no_header_can_have_gives_way_to_a_made_value(example: str) -> None:
    header = {"example": example, "schema": {"type": "integer", "minimum": 5}}
    assert header_example(header) is None
    assert int(header_value("X", header, MAKER)) >= 5


def test_what_no_header_can_have_at_all_is_left_empty() -> None:
    assert header_value("X", {"schema": {"enum": ["–"]}}, MAKER) == ""


def test_headers_of_the_way_an_answer_is_sent_are_the_servers() -> None:
    required = {"required": True, "schema": {"type": "integer"}, "example": 3}
    names = ("Content-Length", "transfer-encoding", "X-Left")
    responses = {"200": {"headers": dict.fromkeys(names, required)}}
    declared = DeclaredResponses({"paths": {"/a": {"get": {"responses": responses}}}})
    assert declared.responses(Named())[200].headers == {"X-Left": "3"}
    assert is_servers_own("Content-Encoding")


class Named:
    id, path, method, error_api = "a", "/a", "GET", "crm"
