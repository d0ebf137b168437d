"""A path that could take for ever is refused where it is written."""

from __future__ import annotations

import pytest

from tallystick.apis.json_path import BadPath, first, parse


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("$..*..*..zz", 5),
        ("$..a[?@..b]", 8),
        ("$[?search(@.a, '(a+)+$')]", 4),
        ("$[?match(@.a, 'a*')]", 4),
        ("$[?@.a =~ /a+/]", 8),
    ],
)
def test_a_path_that_could_take_for_ever_is_refused_with_its_column(path: str, column: int) -> None:
    with pytest.raises(BadPath) as refused:
        parse(path)
    assert refused.value.column == column


def test_what_only_looks_like_one_is_taken() -> None:
    assert first(parse("$['a..b..c']"), {"a..b..c": 1}) == 1
    assert first(parse("$..name"), {"a": {"name": 2}}) == 2
    assert first(parse("$.search"), {"search": 3}) == 3
