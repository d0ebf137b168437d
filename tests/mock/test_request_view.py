"""A request is read into parts that can be compared."""

from __future__ import annotations

import gzip

import pytest

from parcels import call
from tallystick.mock.masking import Masking
from tallystick.mock.request_view import ABSENT, body_of, facts, headers_of, shown
from tallystick.secret_names import MASK


def test_a_request_has_its_parts_by_name() -> None:
    said = facts(call(path="/parcels/7", query=b"a=1&b=%C3%A9&c=", headers=[(b"X-A", b"b")]))
    assert said.path == {"number": "7"}
    assert said.query == {"a": ["1"], "b": ["\u00e9"], "c": [""]}
    assert said.header == {"x-a": ["b"]}
    assert (said.json, said.text) == ({"name": "a"}, "")


def test_all_values_of_one_name_are_kept_in_their_order() -> None:
    assert facts(call(query=b"a=1&a=2")).query == {"a": ["1", "2"]}
    assert headers_of([(b"X-A", b"1"), (b"x-a", b"2")]) == {"x-a": ["1", "2"]}
    assert shown({"a": ["1"], "b": ["1", "2"]}) == {"a": "1", "b": ["1", "2"]}


def test_a_form_has_its_fields_by_name() -> None:
    plain = [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")]
    assert facts(call(b"a=1&b=%C3%A9&a=2", headers=plain)).form == {
        "a": ["1", "2"],
        "b": ["\u00e9"],
    }
    parts = [(b"content-type", b"multipart/form-data; boundary=x")]
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="b.txt"\r\n\r\n2\r\n--x--\r\n'
    )
    assert facts(call(body, headers=parts)).form == {"a": ["1"], "f": ["b.txt"]}
    assert facts(call(b"--y", headers=parts)).form == {}
    assert facts(call(b"a&" * 500_000, headers=plain)).form == {}


def test_an_encoded_body_is_decoded() -> None:
    said = facts(call(gzip.compress(b'{"name": "a"}'), headers=[(b"content-encoding", b"gzip")]))
    assert (said.json, said.is_whole, said.unjudged) == ({"name": "a"}, True, ())


def test_a_body_that_can_not_be_decoded_is_not_whole() -> None:
    said = facts(call(b"\xff", headers=[(b"content-encoding", b"compress")]))
    assert (said.json, said.text, said.is_whole) == (ABSENT, "", False)
    assert said.unjudged == ("request body can't be decoded from compress",)


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
    assert masked.header == {"x-parcel-key": [MASK], "x-a": ["b"]}
    assert masked.query == {"k": [MASK], "a": ["1"]}
    assert masked.json == {"name": "a", "password": MASK}
    assert "hidden" not in facts(call(b"password=hidden&{")).masked(masking).text
    form = [(b"content-type", b"application/x-www-form-urlencoded")]
    assert "hidden" not in str(facts(call(b"password=hidden", headers=form)).masked(masking))


def test_a_shortened_request_keeps_the_beginning_of_its_body_as_text() -> None:
    raw = b'{"name": "abcdef"}'
    short = facts(call(raw)).shortened(8)
    assert (short.json, short.text) == (ABSENT, '{"name":')
    assert facts(call(b"no json")).shortened(2).text == "no"
