"""A list is filtered, put in order and cut into pages."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventgrid.listing import to_page

ITEMS: list[dict[str, Any]] = [
    {"id": "1", "name": "rabbit", "kind": "A"},
    {"id": "3", "name": "rocket", "kind": "A"},
    {"id": "2", "name": "rocket", "kind": "B"},
]


def page(**given: Any) -> dict[str, Any]:
    usual = {"equal": {}, "containing": {}, "sort": "name:ASC", "offset": 0, "limit": 9}
    return to_page(ITEMS, **{**usual, **given})


def ids(**given: Any) -> list[str]:
    return [item["id"] for item in page(**given)["items"]]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["1", "3", "2"]),
        ({"sort": "name:DESC"}, ["2", "3", "1"]),
        ({"equal": {"kind": "A"}}, ["1", "3"]),
        ({"equal": {"kind": None}}, ["1", "3", "2"]),
        ({"containing": {"name": "ck"}}, ["3", "2"]),
        ({"equal": {"kind": "A"}, "containing": {"name": "ck"}}, ["3"]),
        ({"equal": {"name": "rock"}}, []),
    ],
)
def test_a_list_has_what_matches_in_order(given: dict[str, Any], found: list[str]) -> None:
    assert ids(**given) == found


def test_a_page_tells_how_many_there_are_in_all() -> None:
    shown = page(offset=1, limit=1)
    assert (shown["total"], shown["size"], shown["items"][0]["id"]) == (3, 1, "3")
    assert page(offset=9) == {"total": 3, "size": 0, "items": []}
