"""The mask of a change: its members, as in Google's APIs (AIP-134)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.generic.item_place import wrap
from tallystick.contract.page_names import plain_name

_ALL = "*"
_STEPS = 20
"""The most steps to follow of a path."""


def masked(patch: Any, old: Mapping[str, Any], mask: str | Sequence[str]) -> Any:
    """Return a merge patch of the masked members alone; one without a value is removed.

    A star stands for all members of the item.
    """
    paths = mask.split(",") if isinstance(mask, str) else mask
    if not isinstance(patch, Mapping) or not any(paths):
        return patch
    if _ALL in paths:
        return {**dict.fromkeys(old), **patch}
    found: dict[str, Any] = {}
    for path in paths:
        steps, value = _follow(path.strip().split(".")[:_STEPS], patch, old)
        found = _joined(found, wrap(value, steps))
    return found


def _follow(steps: Sequence[str], patch: Any, old: Any) -> tuple[tuple[str, ...], Any]:
    """Return the own spelling of the steps of a path, and the value of a patch there."""
    names: list[str] = []
    for step in steps:
        known = [*_members(patch), *_members(old)]
        name = next((each for each in known if plain_name(each) == plain_name(step)), step)
        names.append(name)
        patch, old = _members(patch).get(name), _members(old).get(name)
    return tuple(names), patch


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two patches as one; a null stays, as it removes a member."""
    joined = dict(one)
    for name, value in other.items():
        inner = joined.get(name)
        is_both = isinstance(inner, dict) and isinstance(value, Mapping)
        joined[name] = _joined(_members(inner), value) if is_both else value
    return joined
