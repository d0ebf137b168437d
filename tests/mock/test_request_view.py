"""A request is read into parts that can be compared."""

from __future__ import annotations

import pytest

from parcels import call
from tallystick.mock.masking import Masking
from tallystick.mock.request_view import ABSENT, body_of, facts, headers_of
from tallystick.secret_names import MASK


def test_a_request_has_its_parts_by_name() -> None:
    said = facts(call(path="/parcels/7", query=b"a=1&b=%C3%A9&c=", headers=[(b"X-A", b"b")]))
    assert said.path == {"number": "7"}
    assert said.query == {"a": "1", "b": "\u00e9", "c": ""}
    assert said.header == {"x-a": "b"}
    assert (said.json, said.text) == ({"name": "a"}, "")


def test_of_several_values_of_one_name_the_first_counts() -> None:
    assert facts(call(query=b"a=1&a=2")).query == {"a": "1"}
    assert headers_of([(b"X-A", b"1"), (b"x-a", b"2")]) == {"x-a": "1"}


def test_a_request_of_no_operation_has_no_names_in_its_path() -> None:
    assert facts(call(path="/nowhere/7")).path == {}


@pytest.mark.parametrize(
    ("raw", "value", "text"),
    [
        (b"", ABSENT, ""),
        (b"null", None, ""),
        (b'{"a": [1]}', {"a": [1]}, ""),
        (b"{a", ABSENT, "{a"),
        (b"\xff", ABSENT, "\ufffd"),
    ],
)
def test_a_body_is_a_value_or_a_text(raw: bytes, value: object, text: str) -> None:
    assert body_of(raw) == (value, text)


def test_a_masked_request_has_no_credential_anywhere() -> None:
    masking = Masking([{"in": "header", "name": "X-Parcel-Key"}, {"in": "query", "name": "k"}])
    said = facts(
        call(
            b'{"name": "a", "password": "hidden"}',
            query=b"k=hidden&a=1",
            headers=[(b"x-parcel-key", b"hidden"), (b"x-a", b"b")],
        )
    )
    masked = said.masked(masking)
    assert "hidden" not in str(masked)
    assert masked.header == {"x-parcel-key": MASK, "x-a": "b"}
    assert masked.query == {"k": MASK, "a": "1"}
    assert masked.json == {"name": "a", "password": MASK}
    assert "hidden" not in facts(call(b"password=hidden&{")).masked(masking).text


def test_a_shortened_request_keeps_the_beginning_of_its_body_as_text() -> None:
    raw = b'{"name": "abcdef"}'
    short = facts(call(raw)).shortened(8, raw)
    assert (short.json, short.text) == (ABSENT, '{"name":')
    assert facts(call(b"no json")).shortened(2, b"no json").text == "no"
