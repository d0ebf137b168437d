"""An error has the shape that the contract declares for it, with what is known filled in."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tallystick.apis.generic.error_format import ErrorFormat, fill_template
from tallystick.contract.answer import Answer
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.error_codes import ErrorCode
from tallystick.contract.exceptions import Failed, Invalid, NotFound, Problem, Violation

LONG = Violation("body", "name", "maxLength", "N001", "must have at most 3 characters", ("name",))
EMPTY = Violation("body", "city", "required", None, "is missing", ("address", "city"))
LONG_PATH = Violation("path", "thingId", "maxLength", None, "must have at most 3 characters")
QUERY = Violation("query", "limit", "type", None, "must be an integer")
HEADER = Violation("header", "X-Key", "required", None, "is missing")
SLASH = Violation("body", "a/b", "type", None, "must be a string", ("a/b", 0))
CODES = {
    "N001": ErrorCode(400, "The name is too long: {reason}."),
    "N404": ErrorCode(404, "It is not there: {reason}"),
    "N405": ErrorCode(404, "It was never there."),
    "N409": ErrorCode(409, "It is there."),
}


class Named(NamedTuple):
    id: str = "add"
    path: str = "/things"
    method: str = "POST"
    error_api: str = "crm"


def answer(
    problem: Problem, responses: dict[str, Any], more: dict[str, Any] | None = None
) -> Answer:
    content = {"paths": {"/things": {"post": {"operationId": "add", "responses": responses}}}}
    content |= more or {}
    declared = DeclaredResponses(content)
    return ErrorFormat(declared, declared.values, content).renderer(Named())(problem, CODES)


def json_of(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def members(**types: str) -> dict[str, Any]:
    properties = {name: {"type": type_} for name, type_ in types.items()}
    return {"type": "object", "required": list(properties), "properties": properties}


@pytest.mark.parametrize(
    ("declared", "status"),
    [(["404"], 404), (["400", "404"], 400), (["404", "422"], 422), (["4XX"], 400), (["200"], 400)],
)
def test_a_wrong_path_has_no_item_where_no_other_refusal_is_declared(
    declared: list[str], status: int
) -> None:
    found = answer(Invalid([LONG_PATH]), {each: {"description": "No."} for each in declared})
    assert (found.status, found.body["status"]) == (status, status)
    assert found.body["detail"] == "thingId must have at most 3 characters"


def test_what_else_is_wrong_is_told_beside_a_path() -> None:
    found = answer(Invalid([LONG_PATH, QUERY]), {"404": {"description": "No."}})
    assert found.status == 400


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            members(code="string", message="string", field="string"),
            {
                "code": "N001",
                "message": "The name is too long: name must have at most 3 characters.",
                "field": "name",
            },
        ),
        (members(code="integer", detail="string"), {"code": 400}),
        (members(error="string"), {"error": "The name is too long"}),
        (members(error="string", error_description="string"), {"error": "N001"}),
        (members(statusCode="integer", errorCode="string"), {"statusCode": 400}),
    ],
)
def test_members_are_filled_by_their_names(schema: Any, expected: dict[str, Any]) -> None:
    said = answer(Invalid([LONG]), {"400": json_of(schema)})
    assert said.status == 400
    for name, value in expected.items():
        found = said.body[name]
        assert found.startswith(value) if isinstance(value, str) else found == value


def test_a_list_of_errors_has_one_for_each_rule_that_was_broken() -> None:
    inner = members(path="string", message="string")
    schema = {"type": "object", "properties": {"errors": {"type": "array", "items": inner}}}
    said = answer(Invalid([LONG, EMPTY]), {"400": json_of(schema)})
    assert [each["path"] for each in said.body["errors"]] == ["name", "address.city"]
    assert said.body["errors"][1]["message"] == "address.city is missing"


@pytest.mark.parametrize(
    ("member", "violation", "steps"),
    [
        ("loc", EMPTY, ["body", "address", "city"]),
        (
            "loc",
            Violation("query", "limit", "type", None, "must be an integer"),
            ["query", "limit"],
        ),
        ("loc", Violation("body", "", "syntax", None, "is not JSON"), ["body"]),
        ("path", EMPTY, ["address", "city"]),
    ],
)
def test_a_place_may_be_a_list_of_steps(
    member: str, violation: Violation, steps: list[str]
) -> None:
    step = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    fault = {
        "type": "object",
        "required": [member, "msg"],
        "properties": {member: {"type": "array", "items": step}, "msg": {"type": "string"}},
    }
    whole = {"type": "object", "properties": {"detail": {"type": "array", "items": fault}}}
    [said] = answer(Invalid([violation]), {"422": json_of(whole)}).body["detail"]
    assert said[member] == steps


@pytest.mark.parametrize(
    ("source", "violation", "expected"),
    [
        (["pointer"], EMPTY, {"pointer": "/address/city"}),
        (["pointer", "parameter", "header"], EMPTY, {"pointer": "/address/city"}),
        (["pointer", "parameter", "header"], QUERY, {"parameter": "limit"}),
        (["pointer", "header"], HEADER, {"header": "X-Key"}),
        (["pointer"], QUERY, {"pointer": "limit"}),
        (["instancePath"], SLASH, {"instancePath": "/a~1b/0"}),
    ],
)
def test_a_pointer_is_one_into_the_body(
    source: list[str], violation: Violation, expected: dict[str, str]
) -> None:
    properties = {name: {"type": "string"} for name in source}
    inner = {
        "type": "object",
        "properties": {"source": {"type": "object", "properties": properties}},
    }
    schema = {"type": "object", "properties": {"errors": {"type": "array", "items": inner}}}
    [said] = answer(Invalid([violation]), {"400": json_of(schema)}).body["errors"]
    assert said["source"] == expected


def test_a_pointer_is_a_fragment_where_the_example_is_one() -> None:
    schema = members(pointer="string")
    said = answer(Invalid([EMPTY]), {"400": json_of(schema, example={"pointer": "#/age"})})
    assert said.body == {"pointer": "#/address/city"}


def test_where_a_contract_declares_just_422_a_bad_request_is_that() -> None:
    shape = members(detail="string", status="integer", code="string", title="string")
    said = answer(Invalid([EMPTY]), {"422": json_of(shape)})
    told = [said.body[name] for name in ("status", "code", "title")]
    assert (said.status, told) == (422, [422, "422", "Unprocessable Entity"])


@pytest.mark.parametrize("status", ["404", "4XX", "default"])
def test_a_status_is_found_by_itself_by_its_range_or_by_default(status: str) -> None:
    said = answer(NotFound(), {status: json_of(members(code="string", message="string"))})
    assert (said.status, said.body["code"]) == (404, "404")


def test_a_made_body_tells_nothing_that_is_unknown() -> None:
    schema = members(message="string")
    schema["properties"] |= {"index": {"type": "integer"}, "kind": {"enum": ["late", "lost"]}}
    schema["properties"]["code"] = {"type": "string"}
    said = answer(NotFound(), {"404": json_of(schema)})
    assert said.body == {"message": str(NotFound()), "code": "404"}
    schema["required"] += ["kind"]
    assert answer(NotFound(), {"404": json_of(schema)}).body["kind"] == "late"


def test_without_a_declared_shape_problem_details_answer() -> None:
    said = answer(Invalid([LONG]), {"200": json_of({})})
    assert said.headers["Content-Type"] == "application/problem+json"
    assert said.status == 400


def test_problem_details_tell_the_code_and_have_its_status() -> None:
    codes = {"N001": ErrorCode(499, "Too long: {reason}")}
    content = {"paths": {"/things": {"post": {"responses": {"499": {"description": ""}}}}}}
    declared = DeclaredResponses(content)
    render = ErrorFormat(declared, declared.values, content).renderer(Named())
    said = render(Invalid([LONG]), codes)
    told = {name: said.body[name] for name in ("status", "code", "title", "detail")}
    assert (said.status, told) == (
        499,
        {
            "status": 499,
            "code": "N001",
            "title": "Bad Request",
            "detail": "Too long: name must have at most 3 characters",
        },
    )


def test_an_internal_error_tells_nothing_of_its_cause() -> None:
    said = answer(Failed("secret"), {"default": json_of(members(message="string"))})
    assert said.status == 500
    assert "secret" not in str(said.body)


LOB = {
    "type": "object",
    "required": ["status_code", "code", "message"],
    "properties": {
        "status_code": {"type": "integer", "enum": [401, 404, 422]},
        "code": {"type": "string", "enum": ["invalid", "not_found", "bad_request", "teapot"]},
        "message": {"type": "string"},
    },
}
OTHERS = {"status_code": 404, "code": "teapot", "message": "a pot was not found"}


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (Invalid([EMPTY]), 422, "bad_request"),
        (NotFound(), 404, "not_found"),
        (Invalid([LONG]), 422, "teapot"),  # its own code is outside the enum
        (Failed("x"), 404, "teapot"),
    ],
)
def test_a_member_with_listed_values_has_the_one_of_the_status(
    problem: Problem, status: int, code: str
) -> None:
    schema = {"type": "object", "required": ["error"], "properties": {"error": LOB}}
    said = answer(problem, {"default": json_of(schema, example={"error": OTHERS})})
    error = said.body["error"]
    assert (error["status_code"], error["code"]) == (status, code)
    assert error["message"] != OTHERS["message"]


def test_a_body_that_can_not_be_filled_is_the_example() -> None:
    schema = {"type": "object", "properties": {"code": {"enum": ["E7"]}}, "required": ["code"]}
    said = answer(Invalid([LONG]), {"400": json_of(schema, example={"code": "E7"})})
    assert said.body == {"code": "E7"}


def test_a_contract_can_say_its_body_exactly() -> None:
    template = {"fault": {"n": "{code}", "http": "{status}", "all": ["{place}: {message}"]}}
    said = answer(
        Invalid([LONG, EMPTY]), {"400": json_of({"type": "object"})}, {"x-error-body": template}
    )
    assert said.body["fault"]["n"] == "N001"
    assert said.body["fault"]["http"] == 400
    assert said.body["fault"]["all"][1] == "address.city: address.city is missing"


def test_a_template_that_breaks_the_schema_of_the_answer_is_left_alone() -> None:
    template = {"code": "{status}", "message": "{message}"}
    responses = {"400": json_of(members(code="string", message="string"))}
    said = answer(Invalid([LONG]), responses, {"x-error-body": template})
    assert said.body["code"] == "N001"


def test_a_template_keeps_what_is_no_placeholder() -> None:
    facts = {"status": 400, "code": "A", "message": "m", "place": "p", "where": "body"}
    assert fill_template({"a": 1, "b": ["x", "y"], "c": "{other}"}, [facts]) == {
        "a": 1,
        "b": ["x", "y"],
        "c": "{other}",
    }


@pytest.mark.parametrize(
    ("key", "listed", "code"),
    [
        ("404", ["N404"], "N404"),
        ("4XX", ["N404"], "N404"),
        ("4XX", ["N409"], "404"),
        ("404", ["N404", "N405"], "404"),
        ("404", [], "404"),
    ],
)
def test_an_error_that_no_rule_causes_has_the_one_code_of_its_answer(
    key: str, listed: list[str], code: str
) -> None:
    response = json_of(members(code="string", message="string")) | {"x-codes": listed}
    said = answer(NotFound("It was deleted."), {key: response})

    assert (said.status, said.body["code"]) == (404, code)
    assert said.body["message"].endswith("It was deleted.")
