"""A successful answer is a resource, an example or a made value, as its contract declares it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.contract.declared_responses import DeclaredResponses

COUNT = {"type": "object", "required": ["count"], "properties": {"count": {"type": "integer"}}}


class Named(NamedTuple):
    id: str = "get"
    path: str = "/things"
    method: str = "GET"
    error_api: str = "crm"


def answers(responses: dict[str, Any], method: str = "get") -> DeclaredAnswers:
    content = {"paths": {"/things": {method: {"operationId": "get", "responses": responses}}}}
    declared = DeclaredResponses(content)
    return DeclaredAnswers(declared, declared.values, content, {})


def response(schema: Any = COUNT, **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def test_an_example_that_keeps_the_schema_is_taken_before_others() -> None:
    examples = {"old": {"value": {"count": "many"}}, "new": {"value": {"count": 7}}}
    assert answers({"200": response(examples=examples)}).made(Named()).body == {"count": 7}


def test_where_no_example_keeps_the_schema_a_value_is_made() -> None:
    made = answers({"200": response(example={"count": "many"})}).made(Named())
    assert isinstance(made.body["count"], int)


def test_where_no_value_can_keep_the_schema_the_example_is_taken() -> None:
    impossible = {"type": "integer", "minimum": 5, "maximum": 3}
    assert answers({"200": response(impossible, example=9)}).made(Named()).body == 9


@pytest.mark.parametrize(
    ("responses", "status"),
    [
        ({"404": {}, "204": {}, "200": {}}, 204),
        ({"2XX": response()}, 200),
        ({"default": response()}, 200),
        ({"302": {}}, 302),
        ({}, 204),
    ],
)
def test_the_first_success_is_answered_or_what_there_is(responses: Any, status: int) -> None:
    assert answers(responses).made(Named()).status == status


def test_a_made_list_has_no_next_page() -> None:
    text = {"type": "string"}
    schema = {
        "type": "object",
        "required": ["things", "has_more", "nextToken"],
        "properties": {
            "things": {"type": "array", "items": {"type": "object", "properties": {"next": text}}},
            "has_more": {"type": "boolean"},
            "nextToken": text,
            "next": {"type": ["string", "null"]},
            "response_metadata": {"type": "object", "properties": {"next_cursor": text}},
        },
    }
    body = answers({"200": response(schema)}).made(Named()).body
    [thing] = body.pop("things")
    assert isinstance(thing["next"], str)
    assert body == {"has_more": False, "nextToken": "", "next": None, "response_metadata": {}}


def test_a_made_answer_of_a_deletion_says_that_it_is_done() -> None:
    flag = {"type": "object", "properties": {"deleted": {"type": "boolean"}}}
    said = answers({"200": response(flag)}, "delete")
    for seed in "abcdef":
        assert said.made(Named(method="DELETE"), seed).body == {"deleted": True}


def test_a_text_is_sent_as_it_is() -> None:
    made = answers({"200": {"content": {"text/csv": {"example": "a;b"}}}}).made(Named())
    assert (made.body, made.headers["Content-Type"]) == (b"a;b", "text/csv")


def test_a_created_resource_has_the_status_and_the_location_that_are_declared() -> None:
    created = {**response(), "headers": {"location": {"schema": {"type": "string"}}}}
    made = answers({"200": response(), "201": created})
    said = made.with_item(Named(), {"count": 1}, 201, "/things/1")
    assert (said.status, said.headers["location"], said.body) == (201, "/things/1", {"count": 1})
    assert made.with_item(Named(), {"count": 1}).status == 200
