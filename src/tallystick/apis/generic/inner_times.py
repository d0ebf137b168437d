"""Times that a server adds to an object of the caller's, such as ``attributes.createdAt``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.item_id import id_at
from tallystick.apis.generic.item_place import Place
from tallystick.apis.generic.resource_store import Item


class InnerTime(NamedTuple):
    """A member with a time, within an object that callers send."""

    place: Place
    is_own: bool
    """The contract lets callers read it alone."""
    is_changed: bool
    """It has the time of the last change."""
    write: Callable[[int], Any]

    def added(self, item: Item, old: Item | None, now_ms: int) -> Item:
        """Return an item as it was sent, with the time; a replacement keeps that of creation."""
        holder = item.get(self.place[0])
        if not isinstance(holder, Mapping) or (self.place[1] in holder and not self.is_own):
            return item
        kept = None if old is None or self.is_changed else id_at(old, self.place)
        return self._placed(item, self.write(now_ms) if kept is None else kept)

    def changed(self, item: Item, old: Item, now_ms: int) -> Item:
        """Return a patched item with the old time, or with that of its change."""
        before = id_at(old, self.place)
        if not isinstance(item.get(self.place[0]), Mapping):
            return item
        if self.is_changed and (self.is_own or id_at(item, self.place) == before):
            return self._placed(item, self.write(now_ms))
        return self._placed(item, before) if self.is_own and before is not None else item

    def _placed(self, item: Item, value: Any) -> Item:
        name, inner = self.place
        return {**item, name: {**item[name], inner: value}}
