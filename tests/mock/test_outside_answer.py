"""Answers from outside the contract are sent as they are given."""

from __future__ import annotations

import pytest

from tallystick.contract.answer import Answer
from tallystick.mock.outside_answer import TEXT, encode_answer, outside_answer


@pytest.mark.parametrize(
    ("headers", "body", "sent", "media_type"),
    [
        ({}, "<html>", b"<html>", TEXT),
        ({"content-type": "text/html"}, "<html>", b"<html>", "text/html"),
        ({}, {"a": 1}, b'{"a":1}', "application/json"),
        ({}, None, b"", TEXT),
        ({}, "\ud800", b"?", TEXT),
    ],
)
def test_a_text_is_sent_as_it_is_and_another_value_as_json(
    headers: dict[str, str], body: object, sent: bytes, media_type: str
) -> None:
    raw, lines = encode_answer(outside_answer(502, headers, body))
    assert raw == sent
    assert [value for name, value in lines if name == b"content-type"] == [media_type.encode()]


def test_a_header_with_several_values_has_several_lines() -> None:
    answer = outside_answer(200, {"Set-Cookie": ["a=1", "b=2"], "X-A": "c"}, "")
    _, lines = encode_answer(answer)
    assert [value for name, value in lines if name == b"set-cookie"] == [b"a=1", b"b=2"]
    assert (b"x-a", b"c") in lines


def test_an_answer_without_such_a_header_is_encoded_as_always() -> None:
    assert encode_answer(Answer({"a": 1}, 201))[0] == b'{"a":1}'
