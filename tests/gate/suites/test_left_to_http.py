"""What HTTP servers and frameworks do, each in its own way, is no failure of an API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from tallystick.contract_tests.left_to_http import (
    COOKIES,
    HTTP_HEADERS,
    is_left_to_http,
    leave_out_http_headers,
)

ACCEPTED = AcceptedNegativeData(
    operation="GET /x", message="accepted", status_code=200, expected_statuses=["400"]
)
ERROR = ServerError(operation="POST /x", status_code=501)


def is_left_out(
    failure: Failure,
    status: int,
    url: str = "x",
    method: str = "GET",
    headers: dict[str, str] | None = None,
) -> bool:
    request = SimpleNamespace(url=url, method=method, headers=headers or {})
    response = SimpleNamespace(status_code=status, request=request)
    return is_left_to_http(failure, response)  # type: ignore[arg-type]  # as much as is read


@pytest.mark.parametrize("text", ["", "a=", "a=EUR; b=1", "a=b=c", "a=%2C"])
def test_what_is_a_cookie_is_judged(text: str) -> None:
    assert COOKIES.fullmatch(text)


@pytest.mark.parametrize("text", ["a=null,null; b=1", "b=1; a=x y", 'a="x"', "a=\\"])
def test_what_is_no_cookie_may_be_left_out_by_a_server(text: str) -> None:
    assert not COOKIES.fullmatch(text)


@pytest.mark.parametrize(
    ("size", "status", "is_refused"),
    [
        (9_000, 414, True),
        (4_100, 414, True),
        (4_100, 400, True),
        (9_000, 200, False),
        (3_900, 414, False),
        (3_900, 400, False),
    ],
)
def test_a_target_that_some_servers_do_not_read_may_be_refused(
    size: int, status: int, is_refused: bool
) -> None:
    assert is_left_out(ACCEPTED, status, url="x" * size) is is_refused


@pytest.mark.parametrize(
    ("size", "status", "is_refused"), [(8_200, 431, True), (8_200, 200, False), (900, 431, False)]
)
def test_a_header_that_some_servers_do_not_read_may_be_refused(
    size: int, status: int, is_refused: bool
) -> None:
    assert is_left_out(ACCEPTED, status, headers={"X": "x" * size}) is is_refused


@pytest.mark.parametrize(
    ("method", "status", "is_refused"),
    [("QUERY", 501, True), ("POST", 501, False), ("QUERY", 500, False)],
)
def test_a_method_that_a_server_does_not_know_may_be_a_501(
    method: str, status: int, is_refused: bool
) -> None:
    assert is_left_out(ERROR, status, method=method) is is_refused


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_a_header_that_http_gives_a_meaning_is_sent_only_where_it_is_declared(
    mode: GenerationMode,
) -> None:
    named = {name: {"type": "string", "minLength": 3} for name in ("If-Match", "Shop")}
    parameters = [
        {"name": name, "in": "header", "required": True, "schema": schema}
        for name, schema in named.items()
    ]
    operation = {"parameters": parameters, "responses": {"200": {"description": "Done."}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/x": {"get": operation}},
    }
    schema = schemathesis.openapi.from_dict(document)

    @schema.hook
    def map_headers(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        headers: dict[str, Any] | None,
    ) -> dict[str, Any]:
        return {**(headers or {}), "Content-Length": "nonsense", "shop-note": "kept"}

    leave_out_http_headers(schema)
    seen: set[str] = set()

    @given(schema["/x"]["GET"].as_strategy(generation_mode=mode))
    @settings(max_examples=20, database=None, suppress_health_check=[*HealthCheck])
    def draw(case: schemathesis.Case[Any]) -> None:
        seen.update(name.lower() for name in case.headers or {})

    draw()
    assert "shop-note" in seen
    assert seen & HTTP_HEADERS <= {"if-match"}
    assert mode is GenerationMode.NEGATIVE or "if-match" in seen
