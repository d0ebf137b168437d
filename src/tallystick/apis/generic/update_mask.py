"""The mask of a change: its members, as in Google's APIs (AIP-134)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tallystick.contract.page_names import plain_name

MASKS = frozenset({"fieldmask", "updatemask"})
"""Names of parameters with the mask of a change, without signs and case."""

Mask = Sequence[str]
"""The paths of members, each with dots between its steps; without any it masks nothing."""

_ALL = "*"


def find_mask(query: Mapping[str, Any]) -> Mask:
    """Return the mask in the values of a query: a text with commas, or a list of texts."""
    for name, value in query.items():
        paths = value.split(",") if isinstance(value, str) else value
        is_mask = isinstance(paths, list) and all(isinstance(each, str) for each in paths)
        if is_mask and plain_name(name) in MASKS:
            return [path for each in paths if (path := each.strip())]
    return ()


def masked(patch: Any, old: Mapping[str, Any], mask: Mask) -> Any:
    """Return a merge patch of the masked members alone; one without a value is removed.

    A star stands for all members of the item.
    """
    if not isinstance(patch, Mapping) or not mask:
        return patch
    if _ALL in mask:
        return {**dict.fromkeys(old), **patch}
    return _picked([path.split(".") for path in mask], patch, old)


def _picked(paths: Iterable[Sequence[str]], patch: Any, old: Any) -> dict[str, Any]:
    """Return the members of a patch at the end of paths, with null for those without a value."""
    new, kept = _members(patch), _members(old)
    known = {**new, **kept}
    alike = {plain: name for name in reversed(known) if (plain := plain_name(name))}
    wanted: dict[str, list[Sequence[str]]] = {}
    for step, *rest in paths:
        name = step if step in known else alike.get(plain_name(step))
        if name is not None:
            wanted.setdefault(name, []).append(rest)
    picked = {}
    for name, rests in wanted.items():
        if not all(rests):
            picked[name] = new.get(name)
        elif inner := _picked(rests, new.get(name), kept.get(name)):
            picked[name] = inner
    return picked


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
