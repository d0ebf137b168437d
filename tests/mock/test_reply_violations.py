"""What an answer breaks of the contract that declares it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.operations import ContractOperation
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.mock.reply_violations import reply_violations
from tallystick.mock.upstream import UpstreamReply

NUMBER = {"schema": {"type": "integer"}}


def violations(
    responses: dict[str, Any], status: int, media_type: str, body: bytes, method: str = "GET"
) -> list[str]:
    content = {"paths": {"/a": {method.lower(): {"responses": responses}}}}
    operation = ContractOperation("a", "/a", method, "own", None)
    reply = UpstreamReply(status, [(b"Content-Type", media_type.encode())], body)
    return [each["name"] for each in reply_violations(DeclaredResponses(content), operation, reply)]


def declaring(media_type: str) -> dict[str, Any]:
    return {"200": {"description": "", "content": {media_type: NUMBER}}}


@pytest.mark.parametrize("declared", ["application/json", "application/*", "*/*"])
def test_a_declared_range_of_media_types_takes_each_of_them(declared: str) -> None:
    assert violations(declaring(declared), 200, "application/json; charset=utf-8", b"1") == []
    assert violations(declaring(declared), 200, "application/json", b'"text"') == ["body"]


def test_another_media_type_breaks_the_contract() -> None:
    assert violations(declaring("application/json"), 200, "text/html", b"1") == ["Content-Type"]


def test_an_undeclared_status_breaks_the_contract() -> None:
    assert violations(declaring("application/json"), 404, "application/json", b"1") == ["status"]


def test_an_operation_without_declared_answers_may_give_any() -> None:
    assert violations({}, 404, "text/html", b"no") == []


def test_an_error_without_a_declared_body_may_tell_of_its_problem() -> None:
    declared = {"200": {"description": ""}, "404": {"description": ""}}
    assert violations(declared, 404, "application/problem+json", b"{}") == []
    assert violations(declared, 404, "application/json", b"{}") == ["body"]
    assert violations(declared, 200, "application/problem+json", b"{}") == ["body"]


def test_a_head_is_answered_without_the_declared_body() -> None:
    assert violations(declaring("application/json"), 200, "application/json", b"", "HEAD") == []


def test_an_answer_that_http_gives_no_body_keeps_a_contract_that_declares_one() -> None:
    declared = {"204": {"description": "", "content": {"application/json": NUMBER}}}
    assert violations(declared, 204, "", b"") == []


def test_all_lines_of_a_repeated_header_are_judged() -> None:
    numbers = {"schema": {"type": "array", "items": {"type": "integer"}}}
    responses = {"200": {"description": "", "headers": {"X-A": numbers}}}
    content = {"paths": {"/a": {"get": {"responses": responses}}}}
    operation = ContractOperation("a", "/a", "GET", "own", None)
    reply = UpstreamReply(200, [(b"X-A", b"one"), (b"x-a", b"2")], b"")
    [found] = reply_violations(DeclaredResponses(content), operation, reply)
    assert found["name"] == "X-A"
