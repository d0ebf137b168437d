"""A patch that lists operations in an object, as SCIM's does (RFC 7644, section 3.5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Sized
from typing import Any

from tallystick.apis.generic.filter_expression import MAX_STEPS, read_expression
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

_LISTS = frozenset({"operations", "ops"})
_PATH = re.compile(r"(?P<name>[^\[\]]+?)(?:\[(?P<filter>[^\[\]]*)\](?:\.(?P<inner>[^\[\]]+))?)?")
MAX_LOOKED_AT = 200_000
"""Members and items that the operations of one patch look at."""

_REMOVE, _ADD = "remove", "add"


def find_operations(patch: Mapping[str, Any], shape: SchemaShape) -> Sequence[Any] | None:
    """Return the operations in a patch; None for a patch of an item's own members."""
    for name, value in patch.items():
        is_list = plain_name(name) in _LISTS and name not in shape.properties
        if is_list and isinstance(value, Sequence) and all(map(_is_operation, value)):
            return value
    return None


def _is_operation(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("op"), str)


def apply_operations(old: Item, operations: Sequence[Any], shape: SchemaShape) -> Item:
    """Return the item as the operations change it, one after the other.

    One with a path to nothing that an item can have changes nothing. Raise `Invalid` for too many.
    """
    item, changes = {**old}, _Changes(shape)
    for operation in operations:
        kind, path, value = operation["op"].lower(), operation.get("path"), operation.get("value")
        if isinstance(path, str) and path:
            item = changes.at_path(item, kind, path, value)
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                item = changes.at_path(item, kind, name, inner)
    return item


class _Changes:
    """The changes of one item, within a bound."""

    def __init__(self, shape: SchemaShape) -> None:
        self._shape = shape
        self._left = MAX_LOOKED_AT

    def _look_at(self, parts: Sized) -> None:
        self._left -= 1 + len(parts)
        if self._left < 0:
            message = f"looks at more than {MAX_LOOKED_AT:,} members and items"
            raise Invalid([Violation("body", "", "patch", None, message)])

    def at_path(self, item: dict[str, Any], kind: str, path: str, value: Any) -> dict[str, Any]:
        """Return the item with one operation done."""
        found = _PATH.fullmatch(path)
        if found is None:
            return item
        steps = _steps(found["name"], self._shape)
        if len(steps) > MAX_STEPS:
            return item
        if found["filter"] is None:
            return self._changed(item, steps, lambda old: _replaced(kind, old, value))
        listed = self._shape
        for step in steps:
            listed = listed.member(step)
        chosen = read_expression("filter", found["filter"], listed.items())
        if chosen is None:
            return item
        inner = [found["inner"]] if found["inner"] else []

        def change(old: Any) -> Any:
            if not isinstance(old, list):
                return old
            parts = (self._part(e, inner, kind, value) if chosen.takes(e) else e for e in old)
            return [each for each in parts if each is not None]

        return self._changed(item, steps, change)

    def _part(self, part: Any, inner: Sequence[str], kind: str, value: Any) -> Any:
        """Return a chosen item of a list after a change; None for a removed one."""
        if inner:
            members = part if isinstance(part, dict) else {}
            return self._changed(members, inner, lambda old: _replaced(kind, old, value))
        if kind == _REMOVE:
            return None
        both = isinstance(part, Mapping) and isinstance(value, Mapping)
        return {**part, **value} if both else value

    def _changed(
        self, item: dict[str, Any], steps: Sequence[str], change: Callable[[Any], Any]
    ) -> dict[str, Any]:
        """Return the item with the member at the end of some steps changed; None removes it."""
        self._look_at(item)
        name, *inner = steps
        old = item.get(name)
        if isinstance(old, list):
            self._look_at(old)
        if inner:
            new: Any = self._changed(old if isinstance(old, dict) else {}, inner, change)
        else:
            new = change(old)
        left = {each: value for each, value in item.items() if each != name}
        return left if new is None else {**item, name: new}


def _steps(name: str, shape: SchemaShape) -> list[str]:
    """Return the members on the way, as an item spells them: ``name.familyName``."""
    if name in shape.properties:
        return [name]
    # Before a member its schema may be named: `urn:…:User:userName`.
    steps = re.split(r"[./]", name.strip("/").rpartition(":")[2], maxsplit=MAX_STEPS)
    found = []
    for step in steps:
        plain = plain_name(step)
        own = (each for each in shape.properties if plain_name(each) == plain)
        found.append(next(own, step))
        shape = shape.member(found[-1])
    return found


def _replaced(kind: str, old: Any, value: Any) -> Any:
    """Return a member after an operation."""
    if kind == _REMOVE:
        return None
    if kind == _ADD and isinstance(old, list):
        return [*old, *(value if isinstance(value, list) else [value])]
    if isinstance(old, dict) and isinstance(value, Mapping):
        return {**old, **value}
    return value
