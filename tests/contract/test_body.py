"""A body is read within its limit, parsed once and judged once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tallystick.contract.body import ClientGone, Replay, RequestBody, read_body
from tallystick.contract.exceptions import Invalid, TooLarge

HEADERS = {b"content-type": b"application/json"}


def receiving(*messages: Mapping[str, Any]) -> Any:
    left = list(messages)

    async def receive() -> Any:
        return left.pop(0)

    return receive


def chunk(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def body_of(**more: Any) -> RequestBody:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    declared = {"required": True, "content": {"application/json": {"schema": schema}}}
    return RequestBody({"requestBody": declared, **more}, {}, {})


def keyword_of(body: RequestBody, raw: bytes, headers: Mapping[bytes, bytes] = HEADERS) -> str:
    with pytest.raises(Invalid) as caught:
        body.read_value(raw, headers)
    return caught.value.violations[0].keyword


def test_a_body_in_pieces_is_read_as_one() -> None:
    receive = receiving(chunk(b"ab", more=True), chunk(b"cd"))
    assert asyncio.run(read_body(receive, {}, 4)) == b"abcd"


@pytest.mark.parametrize("messages", [[chunk(b"abcd")], [chunk(b"ab", more=True), chunk(b"cd")]])
def test_one_byte_over_the_limit_is_too_large(messages: list[Any]) -> None:
    with pytest.raises(TooLarge):
        asyncio.run(read_body(receiving(*messages), {}, 3))


def test_a_body_over_the_limit_is_refused_before_its_rest_is_read() -> None:
    receive = receiving(chunk(b"ab", more=True), chunk(b"cd", more=True))
    with pytest.raises(TooLarge):
        asyncio.run(read_body(receive, {}, 3))


def test_a_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(TooLarge):
        asyncio.run(read_body(receiving(), {b"content-length": b"4"}, 3))


def test_a_client_that_leaves_is_no_request() -> None:
    receive = receiving(chunk(b"ab", more=True), {"type": "http.disconnect"})
    with pytest.raises(ClientGone):
        asyncio.run(read_body(receive, {}, 9))


def test_a_body_that_was_read_is_received_again_once() -> None:
    replay = Replay(b"abc")
    assert asyncio.run(read_body(replay, {}, 9)) == b"abc"
    assert asyncio.run(read_body(replay, {}, 9)) == b""


def test_each_fault_of_a_body_has_its_keyword() -> None:
    body = body_of(**{"x-unique-keys": True})
    assert keyword_of(body, b"") == "required"
    assert keyword_of(body, b"{", HEADERS) == "syntax"
    assert keyword_of(body, b'{"n": "1"}') == "type"
    assert keyword_of(body, b'{"n": 1, "n": 1}') == "duplicate"
    assert keyword_of(body, b"{}", {b"content-type": b"text/plain"}) == "mediaType"
    latin = {b"content-type": b"application/json; charset=latin-1"}
    assert keyword_of(body, b"{}", latin) == "charset"


def test_a_lenient_operation_reads_any_media_type_as_json() -> None:
    body = body_of(**{"x-lenient-content-type": True})
    assert body.read_value(b'{"n": 1}', {b"content-type": b"text/plain"}) == {"n": 1}
