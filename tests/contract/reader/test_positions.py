"""Texts become values by JSON's types, and places become lines."""

from __future__ import annotations

import pytest

from tallystick.contract.reader.positions import Unparsable, find_lines, parse_text


def test_dates_country_codes_and_times_stay_text() -> None:
    read = parse_text(
        b"{a: NO, b: 2026-01-31, c: 1:30, d: yes, e: 007, f: '1', g: !!str 1}"
    ).content

    assert read == {
        "a": "NO",
        "b": "2026-01-31",
        "c": "1:30",
        "d": "yes",
        "e": "007",
        "f": "1",
        "g": "1",
    }


def test_json_s_own_values_are_read_as_such() -> None:
    assert parse_text(b"{a: true, b: 12, c: -1.5e3, d: null, e: ~, f: }").content == {
        "a": True,
        "b": 12,
        "c": -1500.0,
        "d": None,
        "e": None,
        "f": None,
    }


def test_integers_that_json_writers_refuse_become_floats() -> None:
    assert parse_text(b"[9223372036854775807, 9223372036854775808, 1e999]").content == [
        2**63 - 1,
        2.0**63,
        "1e999",
    ]


def test_keys_are_text() -> None:
    assert parse_text(b"200: {true: a}\n").content == {"200": {"true": "a"}}


def test_anchors_and_merges_are_followed() -> None:
    read = parse_text(b"one: &one {a: 1, b: 1}\ntwo: {<<: *one, b: 2}\nthree: [*one]").content

    assert read["two"] == {"a": 1, "b": 2}
    assert read["three"][0] is read["one"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"a:\n  b: 1\n  b: 2\n", ("a", "b")),
        (b'[{"a": 1},\n {"b": {"c": 1, "c": 2}}]', (1, "b", "c")),
    ],
    ids=["yaml", "json"],
)
def test_a_key_given_twice_is_told_with_its_place(text: bytes, place: tuple[str]) -> None:
    assert parse_text(text).repeated == (place,)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"a:\n  b: [\n", 3, "is not YAML: "),
        (b"a: 1\n? [b]\n: c", 2, "a key must be text"),
        (b"---\na: 1\n---\nb: 1", 3, "is a second document in one file"),
        (b"a: 1\nb: &b [*b]", 2, "its aliases make over 1,000,000 values"),
        (b"a: 1\nb: " + b"[" * 200, 2, "is nested deeper than 100 levels"),
        (b"[" * 200 + b"]" * 200, 1, "is nested deeper than 100 levels"),
        (b"a: 1\nb: {<<: c}", 2, "<< must name mappings"),
        (b"a: \x00", 1, "is not YAML: "),
    ],
)
def test_a_text_that_is_no_yaml_is_refused_with_its_line(
    text: bytes, line: int, message: str
) -> None:
    with pytest.raises(Unparsable, match=message) as refused:
        parse_text(text)

    assert refused.value.line == line


def test_places_have_the_line_of_their_key_or_of_what_is_around_them() -> None:
    text = b"a: 1\nb:\n  - x\n  - y:\n      z: 1\nc: {d: 1}\n"

    assert find_lines(text, [("b", 1, "y", "z"), ("b", 0), ("c", "d"), ("b", 7), ()]) == {
        ("b", 1, "y", "z"): 5,
        ("b", 0): 3,
        ("c", "d"): 6,
        ("b", 7): 2,
        (): 1,
    }


def test_json_has_lines_too() -> None:
    assert find_lines(b'{\n\t"a": {\n\t\t"b": [1,\n\t\t2]}}', [("a", "b", 1)]) == {("a", "b", 1): 4}
