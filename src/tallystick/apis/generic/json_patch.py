"""JSON Patch (RFC 6902) on a resource."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from jsonpath import JSONPatch
from jsonpath.exceptions import JSONPatchError, JSONPointerError
from jsonpath.patch import OpCopy

from tallystick.apis.generic.resource_store import Item
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json

MAX_COPIED = 1024 * 1024
"""Bytes that the copies of one JSON Patch may have in all, as JSON."""


def apply_json_patch(old: Item, patch: Any) -> Item:
    """Return the item as a JSON Patch changes it; raise `Invalid` for one that does not fit."""
    changed: Any = deepcopy(dict(old))
    copied = 0
    try:
        # By default it reads a path as if it were written with escapes of Python.
        for operation in JSONPatch(patch, unicode_escape=False).ops:
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
