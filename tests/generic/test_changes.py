"""Patches change an item as their RFCs say."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.changes import apply_patch, merge
from tallystick.contract.exceptions import Invalid
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


def test_a_json_patch_is_done_in_order_and_leaves_the_old_item_alone() -> None:
    old = {"a": 1}
    patch = [{"op": "add", "path": "/b", "value": 2}, {"op": "remove", "path": "/a"}]
    assert apply_patch(old, patch, NULLABLE) == {"b": 2}
    assert old == {"a": 1}


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "fly"}],
        [{"op": "remove", "path": "/none"}],
        [{"op": "test", "path": "/a", "value": 2}],
        [7],
        [{"op": "replace", "path": "", "value": 7}],
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(patch: Any) -> None:
    with pytest.raises(Invalid):
        apply_patch({"a": 1}, patch, NULLABLE)


def test_a_json_patch_whose_copies_would_grow_without_end_is_refused() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(60)]
    with pytest.raises(Invalid, match="copies more than"):
        apply_patch({"a": 1}, doubling, NULLABLE)
    copied = apply_patch({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}], NULLABLE)
    assert copied == {"a": 1, "b": 1}
