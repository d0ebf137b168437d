"""An operation checks a request in its order, and hands it to its handler."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from parcels import operation, send_parcel
from tallystick.contract.answer import Answer, as_answer
from tallystick.contract.body import Replay
from tallystick.contract.exceptions import Invalid
from tallystick.contract.operation import plain_headers
from tallystick.contract.request import Request

JSON = (b"content-type", b"application/json")


def arguments(handler: Callable[..., Any], body: bytes, *headers: tuple[bytes, bytes]) -> Any:
    scope = {"path": "/parcels/7", "query_string": b"", "headers": [JSON, *headers]}
    found = operation(handler=handler)
    return asyncio.run(found.arguments(scope, Replay(body), ("7",)))


def answer(handler: Callable[..., Any], segment: str = "7", body: bytes = b'{"name": "a"}') -> Any:
    scope = {"path": f"/parcels/{segment}", "query_string": b"", "headers": [JSON]}
    return asyncio.run(operation(handler=handler).answer(scope, Replay(body), (segment,)))


def violations(segment: str, body: bytes, headers: Mapping[bytes, bytes]) -> list[tuple[str, str]]:
    request = Request("POST", f"/parcels/{segment}", b"", tuple(headers.items()), body)
    return [(v.where, v.keyword) for v in operation().violations(request, (segment,))]


def test_a_handler_gets_the_parameters_and_what_else_it_names() -> None:
    def handler(number: int, body: Any, request: Request) -> None:
        raise NotImplementedError

    found = arguments(handler, b'{"name": "a"}')
    assert found.keys() == {"number", "body", "request"}
    assert (found["number"], found["body"]) == (7, {"name": "a"})
    assert found["request"].body == b'{"name": "a"}'


def test_a_handler_that_names_no_request_gets_none() -> None:
    assert arguments(send_parcel, b'{"name": "a"}').keys() == {"number", "body"}


def test_a_body_that_came_packed_reaches_its_handler_unpacked() -> None:
    def handler(number: int, body: Any, request: Request) -> None:
        raise NotImplementedError

    packed = gzip.compress(b'{"name": "a"}')
    found = arguments(handler, packed, (b"content-encoding", b"gzip"))
    assert found["body"] == {"name": "a"}
    assert found["request"].body == b'{"name": "a"}'
    assert found["request"].header(b"content-encoding") is None


def test_a_handler_may_be_a_coroutine() -> None:
    async def handler(number: int, body: Any) -> dict[str, Any]:
        return {"sent": number, "as": body["name"]}

    assert answer(handler).body == {"sent": 7, "as": "a"}
    assert answer(send_parcel) == Answer({"number": 7, "name": "a"}, 201)


def test_parameters_are_judged_before_the_body() -> None:
    with pytest.raises(Invalid) as caught:
        answer(send_parcel, segment="x", body=b"{")
    assert [violation.where for violation in caught.value.violations] == ["path"]


def test_everything_that_is_wrong_is_listed_when_it_is_asked_for() -> None:
    json = {b"content-type": b"application/json"}
    assert violations("x", b"{}", json) == [("path", "type"), ("body", "required")]
    assert violations("7", b'{"name": "a"}', json) == []
    packed = {**json, b"content-encoding": b"zstd"}
    assert violations("7", b"{}", packed) == [("body", "mediaType")]


def test_what_changes_something_has_an_effect() -> None:
    assert operation("sendParcel").has_effect
    assert not operation("listParcels").has_effect


@pytest.mark.parametrize(
    ("returned", "answered"),
    [
        (None, Answer(None, 200, {})),
        (({"a": 1}, 201), Answer({"a": 1}, 201, {})),
        ((b"x", 202, {"X-A": "b"}), Answer(b"x", 202, {"X-A": "b"})),
        (Answer("x", 404), Answer("x", 404, {})),
    ],
)
def test_a_handler_returns_a_body_or_with_it_a_status_and_headers(
    returned: Any, answered: Answer
) -> None:
    assert as_answer(returned) == answered


def test_the_headers_of_an_unpacked_body_name_no_encoding() -> None:
    assert plain_headers([JSON, (b"content-encoding", b"gzip")]) == [JSON]


def test_a_handler_that_names_values_gets_all_by_place_and_name() -> None:
    def handler(values: Mapping[str, Any], service: Any) -> None:
        raise NotImplementedError

    found = arguments(handler, b'{"name": "a"}')
    assert found.keys() == {"values", "service"}
    assert found["values"] == {
        "path": {"number": 7},
        "query": {},
        "header": {},
        "cookie": {},
        "body": {"name": "a"},
    }


def test_an_array_s_header_may_come_on_several_lines() -> None:
    def handler(values: Mapping[str, Any]) -> None:
        raise NotImplementedError

    lines = [(b"x-stops", b"1, 2"), (b"x-other", b"a"), (b"x-stops", b"3")]
    found = arguments(handler, b'{"name": "a"}', *lines)
    assert found["values"]["header"] == {"X-Stops": [1, 2, 3]}
    with pytest.raises(Invalid):
        arguments(handler, b'{"name": "a"}', (b"x-stops", b"b"), (b"x-stops", b"3"))
    sent = (JSON, (b"x-stops", b"b"), (b"x-stops", b"3"))
    request = Request("POST", "/parcels/7", b"", sent, b'{"name": "a"}')
    [violation] = operation().violations(request, ("7",))
    assert violation.path == ("X-Stops", 0)
