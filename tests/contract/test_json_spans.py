"""The parts of a JSON text, as they are written."""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruction_count import InstructionCount
from tallystick.contract import json_spans
from tallystick.contract.json_text import allow_depth

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
LAYOUT = st.sampled_from([(None, (",", ":")), (2, (" ,", " : ")), ("\t", ("\r\n,", ":\n"))])


@given(st.dictionaries(st.text(), JSON), LAYOUT, st.booleans())
def test_each_member_of_an_object_is_found(
    value: dict[str, Any], layout: tuple[Any, Any], is_ascii: bool
) -> None:
    text = json.dumps(value, indent=layout[0], separators=layout[1], ensure_ascii=is_ascii)
    found = json_spans.members(text.encode("utf-8", "surrogatepass"))
    assert {name: json.loads(part) for name, part in found.items()} == value


@given(st.lists(JSON), LAYOUT)
def test_each_element_of_an_array_is_found(value: list[Any], layout: tuple[Any, Any]) -> None:
    text = json.dumps(value, indent=layout[0], separators=layout[1])
    assert [json.loads(part) for part in json_spans.elements(text.encode())] == value


@pytest.mark.parametrize(
    "part",
    [
        b"1.50",
        b"-0",
        b"1e400",
        b"9" * 5_000,
        rb'"\\"',
        rb'"\"}]"',
        rb'"\ud800"',
        b'{ "a" : 1 , "a":2 }',
        b"[ [ ], { } ]",
        rb'{"]}": "[{\"", "x": ["}"]}',
        b"null",
    ],
)
def test_a_part_is_exactly_what_was_written(part: bytes) -> None:
    text = b' {\n"data" :\t' + part + b' , "id":"1"} '
    assert json_spans.members(text) == {"data": part, "id": b'"1"'}
    assert list(json_spans.elements(b" [ " + part + b" ,1\n] ")) == [part, b"1"]


def test_of_a_name_given_twice_the_last_counts_as_it_does_when_read() -> None:
    text = rb'{"data":1,"d\u0061ta":2}'
    assert json_spans.members(text) == {"data": b"2"}
    assert json.loads(text) == {"data": 2}


def test_a_large_part_takes_no_more_steps_of_python_than_a_small_one() -> None:
    def steps(part: bytes) -> int:
        count = InstructionCount()
        gc.disable()  # Hypothesis listens to it
        with count.taken():
            json_spans.members(b'{"data":' + part + b',"id":1}')
        gc.enable()
        return count.instructions

    assert steps(b"[" + b"[]," * 10_000 + b"[]]") == steps(b"[[]]")


def test_the_parts_of_a_deep_text_are_found() -> None:
    deep = b"[" * 999 + b"]" * 999
    before = sys.getrecursionlimit()
    allow_depth()
    try:
        assert json_spans.members(b'{"data":' + deep + b',"id":1}') == {"data": deep, "id": b"1"}
    finally:
        sys.setrecursionlimit(before)
