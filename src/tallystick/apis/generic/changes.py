"""Changes of a resource: a merge patch, a JSON patch, and the rules that the result must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from jsonpath import JSONPatch
from jsonpath.exceptions import JSONPatchError, JSONPointerError
from jsonpath.patch import OpCopy

from tallystick.apis.generic.resource_store import Item
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json
from tallystick.contract.schema_shape import SchemaShape

MAX_COPIED = 1024 * 1024
"""Bytes that the copies of one JSON Patch may have in all, as JSON."""


def apply_patch(old: Item, patch: Any, shape: SchemaShape) -> Item:
    """Return the item as a patch changes it; raise `Invalid` for a patch that does not fit.

    A list is a JSON Patch (RFC 6902), an object a merge patch (RFC 7396). A null removes a member,
    unless the contract allows the member to be null.
    """
    if isinstance(patch, Sequence) and not isinstance(patch, str | bytes):
        return _json_patched(old, patch)
    if not isinstance(patch, Mapping):
        return old
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


def _json_patched(old: Item, patch: Any) -> Item:
    changed: Any = deepcopy(dict(old))
    copied = 0
    try:
        for operation in JSONPatch(patch).ops:
            if isinstance(operation, OpCopy):
                # Each copy may double the item.
                copied += len(write_json(operation.source.resolve(changed)))
                _refuse_copies(copied)
            changed = operation.apply(changed)
    except (JSONPatchError, JSONPointerError, KeyError, TypeError) as error:
        raise _invalid(str(error) or "fails its test") from None
    if not isinstance(changed, Mapping):
        raise _invalid("leaves no object")
    return changed


def _refuse_copies(size: int) -> None:
    if size > MAX_COPIED:
        raise _invalid(f"copies more than {MAX_COPIED} bytes")


def _invalid(message: str) -> Invalid:
    return Invalid([Violation("body", "", "patch", None, message)])
