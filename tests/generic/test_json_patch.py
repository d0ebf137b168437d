"""A JSON Patch changes an item as RFC 6902 says, or is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.json_patch import apply_json_patch
from tallystick.contract.exceptions import Invalid


def test_a_json_patch_is_done_in_order_and_leaves_the_old_item_alone() -> None:
    old = {"a": 1}
    patch = [{"op": "add", "path": "/b", "value": 2}, {"op": "remove", "path": "/a"}]
    assert apply_json_patch(old, patch) == {"b": 2}
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
        apply_json_patch({"a": 1}, patch)


@pytest.mark.parametrize("name", ["größe", "名", "a\\n", "a\\u0041", "a\\", 'a"', " a"])
def test_a_member_of_any_name_can_be_changed(name: str) -> None:
    changed = apply_json_patch({name: 1}, [{"op": "replace", "path": f"/{name}", "value": 2}])
    assert changed == {name: 2}


def test_a_json_patch_whose_copies_would_grow_without_end_is_refused() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(60)]
    with pytest.raises(Invalid, match="copies more than"):
        apply_json_patch({"a": 1}, doubling)
    copied = apply_json_patch({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}])
    assert copied == {"a": 1, "b": 1}
