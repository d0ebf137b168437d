"""A body is read within its limit, parsed once and judged once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tallystick.contract.body import ClientGone, Replay, RequestBody, read_body
from tallystick.contract.exceptions import Invalid, TooLarge
from tallystick.contract.schema import to_json_schema

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


def test_a_json_patch_is_a_list_also_where_it_is_declared_as_an_object() -> None:
    patch = "application/json-patch+json"
    headers = {b"content-type": patch.encode()}

    def patch_of(schema: Any) -> RequestBody:
        return RequestBody({"requestBody": {"content": {patch: {"schema": schema}}}}, {}, {})

    misdeclared = patch_of({"type": "object"})
    operations = b'[{"op": "remove", "path": "/a"}]'
    assert misdeclared.read_value(operations, headers) == json.loads(operations)
    assert keyword_of(misdeclared, b'{"a": 1}', headers) == "type"
    assert keyword_of(misdeclared, b'[{"op": "remove"}]', headers) == "required"
    assert keyword_of(patch_of({"type": "array", "maxItems": 0}), operations, headers) == "maxItems"


def test_a_lenient_operation_reads_any_media_type_as_json() -> None:
    body = body_of(**{"x-lenient-content-type": True})
    assert body.read_value(b'{"n": 1}', {b"content-type": b"text/plain"}) == {"n": 1}


def content(schema: dict[str, Any], *media_types: str, **more: Any) -> RequestBody:
    media = {media_type: {"schema": schema, **more} for media_type in media_types}
    return RequestBody({"requestBody": {"content": media}}, {}, {})


def typed(content_type: str) -> dict[bytes, bytes]:
    return {b"content-type": content_type.encode()}


COUNTED = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        ("application/merge-patch+json", "application/merge-patch+json"),
        ("application/vnd.a+json; version=2", "application/vnd.a+json; version=3"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/*", "application/json"),
        ("*/*", "application/x+json"),
    ],
)
def test_every_kind_of_json_is_parsed_and_judged(declared: str, sent: str) -> None:
    body = content(COUNTED, declared)
    assert body.read_value(b'{"n": 1}', typed(sent)) == {"n": 1}
    assert keyword_of(body, b'{"n": "x"}', typed(sent)) == "type"
    assert keyword_of(body, b"{", typed(sent)) == "syntax"


@pytest.mark.parametrize(
    ("sent", "raw", "value"),
    [
        ("text/plain", "é".encode(), "é"),
        ("text/plain; charset=ISO-8859-1", b"\xe9", "é"),
        ("text/csv", b"a,b", "a,b"),
    ],
)
def test_a_text_is_judged_as_a_text(sent: str, raw: bytes, value: str) -> None:
    body = content({"type": "string", "maxLength": 3}, "text/*")
    assert body.read_value(raw, typed(sent)) == value
    assert keyword_of(body, b"long", typed(sent)) == "maxLength"


def test_a_text_that_is_written_otherwise_than_it_says_is_refused() -> None:
    body = content({"type": "string"}, "text/plain", "application/x-www-form-urlencoded")
    assert keyword_of(body, b"\xff", typed("text/plain")) == "charset"
    assert keyword_of(body, b"a", typed("text/plain; charset=utf-16")) == "charset"
    form = "application/x-www-form-urlencoded; charset=latin1"
    assert keyword_of(body, b"a", typed(form)) == "charset"


@pytest.mark.parametrize("sent", ["application/xml", "text/xml", "image/svg+xml", "image/png"])
def test_bytes_and_xml_are_taken_as_they_are(sent: str) -> None:
    assert content(COUNTED, "*/*").read_value(b"<\xff", typed(sent)) == b"<\xff"


def test_a_body_that_says_no_media_type_is_bytes() -> None:
    assert content({}, "application/octet-stream").read_value(b"a", {}) == b"a"
    assert content(COUNTED, "application/json").read_value(b"", {}) is None
    assert keyword_of(content(COUNTED, "application/json"), b"{}", {}) == "mediaType"


def test_a_member_that_only_answers_have_need_not_be_sent() -> None:
    schema = {"required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}
    body = content(schema, "application/json")
    assert body.read_value(b"{}", HEADERS) == {}
    assert keyword_of(body, b'{"id": "x"}') == "type"


def test_a_form_is_judged_by_its_schema_with_its_files_as_texts() -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "format": "binary", "maxLength": 2}},
    }
    body = content(schema, "multipart/form-data", "application/x-www-form-urlencoded")
    form = typed("application/x-www-form-urlencoded")
    assert body.read_value(b"a=b", form) == {"a": "b"}
    assert keyword_of(body, b"b=c", form) == "required"
    assert keyword_of(body, b"a=1&a=2", form) == "duplicate"
    multipart = typed("multipart/form-data; boundary=X")
    head = b'--X\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n'
    value = body.read_value(head + b"\xff\xfe\r\n--X--\r\n", multipart)
    assert value["a"].content == b"\xff\xfe"
    assert keyword_of(body, head + b"\xff\xfe\xfd\r\n--X--\r\n", multipart) == "maxLength"
    assert keyword_of(body, b"--X\r\n", multipart) == "syntax"


def test_a_body_that_is_nested_deeply_is_judged_in_every_media_type() -> None:
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    form = b"a=" + deep.replace(b"+", b"%2B")
    body = content({}, "application/x+json", "application/x-www-form-urlencoded")
    assert body.read_value(deep, typed("application/x+json"))["a"]["a"]
    assert body.read_value(form, typed("application/x-www-form-urlencoded"))["a"]
    member = {"type": "object", "properties": {"a": {"type": "object"}}}
    body = content(member, "multipart/form-data", "application/x-www-form-urlencoded")
    assert body.read_value(form, typed("application/x-www-form-urlencoded"))["a"]["a"]
    parts = b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + deep + b"\r\n--X--\r\n"
    assert body.read_value(parts, typed("multipart/form-data; boundary=X"))["a"]["a"]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("raw", [b'{"n": 1}', b"n=1"])
def test_a_lenient_operation_that_takes_forms_reads_json_first(raw: bytes) -> None:
    media = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    declared = {"content": {"application/json": media, FORM: media}}
    body = RequestBody({"requestBody": declared, "x-lenient-content-type": True}, {}, {})
    assert body.read_value(raw, {b"content-type": FORM.encode()}) == {"n": 1}
    assert body.read_value(b'{"n": 1}', {}) == {"n": 1}


@pytest.mark.parametrize(("given", "read"), [(0, "a"), (1, "b"), ("b", "b")])
def test_a_number_is_read_as_the_value_at_its_place(given: object, read: str) -> None:
    word = {"type": "string", "enum": ["a", "b"], "x-reads-number": ["a", "b"]}
    schema = {"type": "object", "properties": {"w": to_json_schema(word)}}
    declared = {"content": {"application/json": {"schema": schema}}}
    body = RequestBody({"requestBody": declared}, {}, {})
    assert body.read_value(b'{"w": %s}' % json.dumps(given).encode(), HEADERS) == {"w": read}
    for other in (b"2", b"-1", b"true", b"0.0"):
        with pytest.raises(Invalid):
            body.read_value(b'{"w": %s}' % other, HEADERS)


def body_that_reads_texts() -> RequestBody:
    number = {"type": "integer", "format": "int32", "minimum": 0, "x-reads-text": True}
    members = {"n": number, "list": {"type": "array", "items": {"$ref": "#/components/schemas/N"}}}
    schema = {"type": "object", "properties": {**members, "text": {"type": "string"}}}
    declared = {"content": {"application/json": {"schema": schema}}}
    return RequestBody({"requestBody": declared}, {"N": to_json_schema(number)}, {})


def test_digits_in_a_text_are_read_where_the_contract_says_so() -> None:
    raw = b'{"n": "30", "list": ["1", 2], "text": "5", "other": "6"}'
    read = body_that_reads_texts().read_value(raw, HEADERS)
    assert read == {"n": 30, "list": [1, 2], "text": "5", "other": "6"}


@pytest.mark.parametrize("value", [b'"x"', b'"1.5"', b'"-1"', b'"9999999999"', b"true", b'""'])
def test_a_text_that_is_no_integer_of_the_contract_is_refused(value: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        body_that_reads_texts().read_value(b'{"n": %s}' % value, HEADERS)
    assert [violation.path for violation in caught.value.violations] == [("n",)]
