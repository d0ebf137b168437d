"""Patches change an item as their RFCs say."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.changes import apply_patch, merge
from tallystick.contract.schema_shape import SchemaShape

NULLABLE = SchemaShape({"properties": {"city": {"type": "string", "nullable": True}}}, {})


@pytest.mark.parametrize(
    ("old", "patch", "expected"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_its_rfc_shows(old: Any, patch: Any, expected: Any) -> None:
    assert merge(old, patch) == expected


def test_a_null_is_kept_where_the_contract_allows_it() -> None:
    assert apply_patch({"city": "Oslo"}, {"city": None}, NULLABLE) == {"city": None}


def test_a_list_is_a_json_patch() -> None:
    patch = [{"op": "add", "path": "/b", "value": 2}]
    assert apply_patch({"a": 1}, patch, NULLABLE) == {"a": 1, "b": 2}
