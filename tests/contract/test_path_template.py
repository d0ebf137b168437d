"""A segment says a value for each of its templates."""

from __future__ import annotations

import pytest

from tallystick.contract.path_template import SegmentPattern, template_names


def test_templates_are_named_in_their_order() -> None:
    assert template_names("/a/{b}/{c}-{d}.json") == ["b", "c", "d"]
    assert template_names("/a") == []


@pytest.mark.parametrize(
    ("step", "segment", "values"),
    [
        ("{a}", b"x", [b"x"]),
        ("{a}", b"", None),
        ("a{b}a", b"a", None),
        ("a{b}a", b"aa", None),
        ("a{b}a", b"aba", [b"b"]),
        ("{a}..{b}", b"1...2", [b"1", b".2"]),
        ("{a}-{b}!", b"1-!", None),
    ],
)
def test_no_template_is_empty(step: str, segment: bytes, values: list[bytes] | None) -> None:
    assert SegmentPattern(step).read_values(segment) == values
