"""Lists: one page of a project's resources, filtered and in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]


def to_page(
    items: Iterable[Item],
    *,
    equal: Mapping[str, str | None],
    containing: Mapping[str, str | None],
    sort: str,
    offset: int,
    limit: int,
) -> dict[str, Any]:
    """Return ``{total, size, items}`` of the items with all the values given.

    Items come oldest first, and so go those of one second, as times are shown. A project has a
    hundred resources of a kind at most, so all of them are read first.
    """
    found = [item for item in items if _is(item, equal) and _has(item, containing)]
    name, _, direction = sort.partition(":")
    found.sort(key=lambda item: item[name])
    if direction.upper() == "DESC":
        found.reverse()
    shown: Sequence[Item] = found[offset : offset + limit]
    return {"total": len(found), "size": len(shown), "items": shown}


def _is(item: Item, wanted: Mapping[str, str | None]) -> bool:
    return all(item[name] == value for name, value in wanted.items() if value is not None)


def _has(item: Item, wanted: Mapping[str, str | None]) -> bool:
    return all(value in item[name] for name, value in wanted.items() if value is not None)
