"""A media type is matched by its name, and by the ranges that the contract declares."""

from __future__ import annotations

import pytest

from tallystick.contract.media_types import best_range, is_json, plain_type, type_parameters


def test_a_media_type_is_read_apart_from_its_parameters() -> None:
    assert plain_type("Text/Plain ; charset=UTF-8") == "text/plain"
    assert type_parameters('text/plain; Charset="UTF-8"; charset=b; q') == {
        "charset": "UTF-8",
        "q": "",
    }


@pytest.mark.parametrize("name", ["application/json", "application/merge-patch+json; a=b"])
def test_every_kind_of_json_is_json(name: str) -> None:
    assert is_json(name)
    assert not is_json(f"x{name.partition(';')[0]}x")


@pytest.mark.parametrize(
    ("media_type", "found"),
    [
        ("application/json", "application/json; version=2"),
        ("application/pdf", "application/*"),
        ("application/x+json", "application/*+json"),
        ("image/png", "*/*"),
    ],
)
def test_the_range_that_says_most_is_taken(media_type: str, found: str) -> None:
    ranges = ["*/*", "application/*", "application/*+json", "application/json; version=2"]
    assert best_range(ranges, media_type) == found
    assert best_range(["text/*"], media_type) is None
