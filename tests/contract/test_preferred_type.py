"""A caller's Accept chooses among media types."""

from __future__ import annotations

import pytest

from tallystick.contract.media_types import preferred_type

TYPES = ("application/json", "text/csv", "text/plain;charset=utf-8")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/*", "text/csv"),
        ("text/plain", "text/plain;charset=utf-8"),
        ("text/csv;q=0.5, */*;q=0.1", "text/csv"),
        ("text/csv;q=0, text/*", "text/plain;charset=utf-8"),
        ("application/json, text/plain, */*", "application/json"),
        ("image/png", None),
        (",;q=x,", None),
    ],
)
def test_the_first_of_the_types_that_a_caller_likes_best_is_chosen(
    accept: str, chosen: str | None
) -> None:
    assert preferred_type(TYPES, accept) == chosen
