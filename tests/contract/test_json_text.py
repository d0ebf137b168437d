"""All that is JSON is taken, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contract.json_text import MAX_DEPTH, Unreadable, read_json, repeated_key

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_python_writes_as_json_is_read_back(value: Any) -> None:
    text = json.dumps(value)

    assert (
        read_json(text.encode()) == json.loads(text)
        or "e+" in text
        or any(len(digits) > 18 for digits in text.replace("-", " ").split())
    )


@pytest.mark.parametrize("text", [b"1" * 5000, b"-" + b"9" * 400, b"1e400", b"-1e400"])
def test_a_number_beyond_any_machine_is_still_a_number(text: bytes) -> None:
    assert isinstance(read_json(text), int | float)


def test_a_lone_surrogate_is_text() -> None:
    assert read_json(b'"\\ud800"') == "\ud800"


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b'{"a": -Infinity}'])
def test_what_is_no_number_in_json_is_refused(text: bytes) -> None:
    with pytest.raises(Unreadable, match="is no number") as refused:
        read_json(text)
    assert refused.value.keyword == "syntax"


def test_broken_utf8_is_named_with_its_place() -> None:
    with pytest.raises(Unreadable, match="not UTF-8 at byte 3") as refused:
        read_json(b'"a\xff"')
    assert refused.value.keyword == "charset"


def test_broken_json_is_named_with_its_place() -> None:
    with pytest.raises(Unreadable, match="expecting value at line 2, column 1"):
        read_json(b'{"a":\n}')
    with pytest.raises(Unreadable, match="invalid control character at line 1, column 3"):
        read_json(b'"a\nb"')


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_the_deepest_nesting_is_taken_and_one_level_more_is_refused(
    opening: bytes, closing: bytes
) -> None:
    read_json(opening * MAX_DEPTH + b"1" + closing * MAX_DEPTH)

    with pytest.raises(Unreadable, match="nested deeper") as refused:
        read_json(opening * (MAX_DEPTH + 1) + b"1" + closing * (MAX_DEPTH + 1))
    assert refused.value.keyword == "depth"


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert read_json(b"[" + b",".join([b"[]"] * 5000) + b"]") == [[]] * 5000


def test_brackets_in_a_string_are_not_deep() -> None:
    assert read_json(b'"' + b'[\\"' * 2000 + b'"') == '["' * 2000


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b'{"a": "1", "a": "2"}', "a"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "c"),
        (b'[{"a": 1, "a": 1}]', "a"),
        (b'{"a": "1", "b": "2"}', None),
        (b'{"a": "\\"", "b": 2}', None),
        (b'{"a": "1", "\\u0061": "2"}', "a"),
    ],
)
def test_a_repeated_key_is_found_wherever_it_is(text: bytes, key: str | None) -> None:
    assert repeated_key(text, read_json(text)) == key


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 1_001 + b'\\"' * 523_000,
        b"[" * 1_001 + b'"' * 1_000_000,
        b'["' * 500_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
    ],
    ids=["escaped quotes", "quotes", "open strings", "brackets", "objects"],
)
def test_a_deep_text_is_refused_by_one_scan(text: bytes) -> None:
    # A scan that looked for the end of each string anew would take hours here.
    with pytest.raises(Unreadable) as refused:
        read_json(text)
    assert refused.value.keyword in {"depth", "syntax"}


def test_brackets_within_strings_are_no_levels() -> None:
    assert read_json(b'["' + b"[" * 2_000 + b'\\"[[["]') == ["[" * 2_000 + '"[[[']


def test_many_arrays_side_by_side_are_not_deep() -> None:
    assert len(read_json(b"[" + b",".join([b"[{}]"] * 2_000) + b"]")) == 2_000


def test_a_byte_order_mark_is_named() -> None:
    with pytest.raises(Unreadable, match=r"it begins with a byte order mark$"):
        read_json(b'\xef\xbb\xbf{"a": 1}')
