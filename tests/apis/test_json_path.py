"""A path that could take for ever is refused where it is written, or given up on the way."""

from __future__ import annotations

import pytest

from tallystick.apis.json_path import BadPath, OutOfSteps, budget, find_all, find_first, parse_path


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
        parse_path(path)
    assert refused.value.column == column


def test_what_only_looks_like_one_is_taken() -> None:
    assert find_first(parse_path("$['a..b..c']"), {"a..b..c": 1}) == 1
    assert find_first(parse_path("$..name"), {"a": {"name": 2}}) == 2
    assert find_first(parse_path("$.search"), {"search": 3}) == 3


def test_look_ups_of_one_budget_share_its_steps() -> None:
    path, value = parse_path("$.a[*].z"), {"a": [0] * 5_000}
    assert find_all(path, value) == []
    with budget():
        assert find_all(path, value) == []
        with pytest.raises(OutOfSteps):
            find_all(path, value)


def test_look_ups_of_one_budget_find_four_million_characters_at_most() -> None:
    path, value = parse_path("$.a"), {"a": "x" * 1_000_000}
    with budget():
        assert [find_first(path, value) for _ in range(4)] == [value["a"]] * 4
        with pytest.raises(OutOfSteps, match="4,000,000 characters"):
            find_first(path, value)


@pytest.mark.parametrize(
    "text", ["$[1e1]", "$[1E400:]", "$[?@.a == 1e400]", f"$[?@.a == {'9' * 500}]"]
)
def test_a_number_that_is_no_integer_of_python_s_is_refused(text: str) -> None:
    with pytest.raises(BadPath, match="a number that can't be read"):
        parse_path(text)


@pytest.mark.parametrize("text", ["$['" + "\\'" * 400, "$[" + "'" * 900, "$" + ".a" * 600])
def test_a_path_that_is_too_long_or_has_an_open_string_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        parse_path(text)
