"""Changes of a resource: by a merge patch, or by a JSON Patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.generic.operation_list import apply_operations, find_operations
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.schema_shape import SchemaShape


def apply_patch(old: Item, patch: Any, shape: SchemaShape) -> Item:
    """Return the item as a patch changes it; raise `Invalid` for a patch that does not fit.

    A list is a JSON Patch (RFC 6902), an object with operations one of SCIM, any other a merge
    patch (RFC 7396). A null removes a member, unless the contract allows the member to be null.
    """
    if isinstance(patch, Sequence) and not isinstance(patch, str | bytes):
        # Few calls need it, and its library takes a twentieth of a start.
        from tallystick.apis.generic.json_patch import apply_json_patch

        return apply_json_patch(old, patch)
    if not isinstance(patch, Mapping):
        return old
    operations = find_operations(patch, shape)
    if operations is not None:
        return apply_operations(old, operations, shape)
    nulls = {n: None for n, v in patch.items() if v is None and shape.member(n).is_nullable}
    merged: Item = {**merge(old, patch), **nulls}
    return merged


def merge(old: Any, patch: Any) -> Any:
    """Return a value changed by a merge patch."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(old) if isinstance(old, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged
