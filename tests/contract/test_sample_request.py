"""A sample request is valid, and says what the contract asks for in its own way."""

from __future__ import annotations

from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequest, SampleRequests


def sample(operation: dict[str, Any], components: Any = None, **known: Any) -> SampleRequest:
    content = {
        "openapi": "3.0.3",
        "components": components or {},
        "paths": {"/pets/{id}": {"post": {"operationId": "a", **operation}}},
    }
    return SampleRequests(Document("own", b"", content, True)).make_request("a", known)


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def test_a_known_value_stands_in_the_path() -> None:
    assert sample({"parameters": [ID]}, id="a/b").path == "/pets/a%2Fb"


def test_an_example_that_keeps_the_schema_is_sent_and_another_is_not() -> None:
    number = {"name": "n", "in": "query", "schema": {"type": "integer", "enum": [7]}}
    assert sample({"parameters": [ID, {**number, "example": "x"}]}).query == "n=7"
    examples = {"one": {"value": "x"}, "two": {"value": 7}}
    assert sample({"parameters": [ID, {**number, "examples": examples}]}).query == "n=7"


def test_a_parameter_in_json_is_sent_as_json_also_if_it_is_a_text() -> None:
    content = {"application/json": {"schema": {"type": "string", "enum": ["é"]}}}
    parameter = {"name": "f", "in": "query", "required": True, "content": content}
    assert sample({"parameters": [ID, parameter]}).query == "f=%22%C3%A9%22"


def test_each_credential_of_the_first_requirement_is_sent() -> None:
    schemes = {
        "b": {"type": "http", "scheme": "basic"},
        "q": {"type": "apiKey", "in": "query", "name": "k"},
        "c": {"type": "apiKey", "in": "cookie", "name": "s"},
        "h": {"type": "apiKey", "in": "header", "name": "X-K"},
    }
    operation = {"parameters": [ID], "security": [{}, {name: [] for name in schemes}]}
    request = sample(operation, {"securitySchemes": schemes})
    assert request.query == "k=sample"
    assert request.headers == {
        "Authorization": "Basic c2FtcGxlOnNhbXBsZQ==",
        "X-K": "sample",
        "Cookie": "s=sample",
    }


def test_json_is_sent_where_the_contract_takes_several_media_types() -> None:
    content = {"text/plain": {}, "application/json": {"example": {"a": 1}}}
    request = sample({"parameters": [ID], "requestBody": {"content": content}})
    assert (request.headers["Content-Type"], request.body) == ("application/json", b'{"a":1}')


def test_a_known_value_that_the_path_does_not_take_gives_way_to_a_valid_one() -> None:
    number = {**ID, "schema": {"type": "integer", "enum": [7]}}
    assert sample({"parameters": [number]}, id="text").path == "/pets/7"


def test_an_optional_parameter_that_no_valid_value_can_be_written_of_is_left_out() -> None:
    nested = {"type": "array", "items": {"type": "object", "required": ["a"]}}
    impossible = {"type": "string", "enum": ["a"], "not": {"const": "a"}}
    parameters = [{"name": "q", "in": "query", "schema": each} for each in (nested, impossible)]
    assert [sample({"parameters": [ID, each]}).query for each in parameters] == ["", ""]


def test_a_cursor_is_left_out_unless_it_is_required_or_a_time() -> None:
    text: dict[str, Any] = {"in": "query", "schema": {"type": "string"}, "example": "x"}
    time = {"type": "string", "format": "date", "enum": ["2026-11-27"]}
    asked = [ID, {**text, "name": "cursor"}, {**text, "name": "marker", "required": True}]
    asked += [{"in": "query", "name": "after", "schema": time}]
    assert sample({"parameters": asked}).query == "marker=x&after=2026-11-27"


def test_a_cursor_in_an_object_is_left_out_unless_it_is_required() -> None:
    page = {"type": "object", "properties": {"cursor": {"type": "string"}, "size": {"enum": [2]}}}
    asked = {"name": "page", "in": "query", "style": "deepObject"}
    for required, query in ([], "page%5Bsize%5D=2"), (["cursor"], "page%5Bcursor%5D=x"):
        example = {"cursor": "x", **({} if required else {"size": 2})}
        schema = {**page, "required": required}
        parameters = [ID, {**asked, "schema": schema, "example": example}]
        assert sample({"parameters": parameters}).query == query


def test_the_values_of_a_call_are_those_that_it_requires() -> None:
    optional = {"name": "n", "in": "query", "schema": {"type": "string"}, "example": "x"}
    body = {"content": {"application/json": {"schema": {}, "example": {"a": 1}}}}
    operation = {"operationId": "a", "parameters": [{**ID, "example": "7"}, optional]}
    requests = SampleRequests(Document("own", b"", {"openapi": "3.0.3", "paths": {}}, True))

    assert requests.make_values({**operation, "requestBody": body}) == ({"id": "7"}, {"a": 1})
    assert requests.make_values(operation).body is None
    csv = {"content": {"text/csv": {"schema": {"type": "string"}}}}
    assert requests.make_values({**operation, "requestBody": csv}).body is None
