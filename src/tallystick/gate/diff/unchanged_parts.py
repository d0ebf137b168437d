"""Finds the parts alike in two documents, with the targets of all their references.

Of a large document most is as it was: to compare it by its rules costs three times as much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.told_apart import ToldApart, read_member, reference_to
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument


class UnchangedParts:
    """Knows the targets of references within two documents, and whether they changed."""

    def __init__(self, old: OpenApiDocument, new: OpenApiDocument) -> None:
        self._old, self._new = old, new
        self._told_apart = ToldApart(old), ToldApart(new)
        # Other versions, and schemas with addresses of their own, read the same text otherwise.
        versions = (each.root.value["openapi"] for each in (old, new))
        self._is_usable = len({*versions}) == 1 and b"$id" not in old.root.file.text
        self._changed = self._list_changed() if self._is_usable else frozenset()

    def has(self, old: Node, new: Node) -> bool:
        """Return whether a part is the same in both documents."""
        if not self._is_usable or old.file is not self._old.root.file:
            return False
        return (
            old.value == new.value
            and self._told_apart[0].reference(old) not in self._changed
            and self._changed.isdisjoint(_list_references(old.value))
        )

    def _list_changed(self) -> frozenset[str]:
        """Return the references now leading to something else, at any distance."""
        users: dict[str, list[str]] = {}
        changed: deque[str] = deque()
        heirs, new_heirs = (each.heirs for each in self._told_apart)
        inherited = (heir for own in heirs.values() for heir in own)
        waiting = dict.fromkeys((*_list_references(self._old.root.value), *inherited))
        for reference in waiting:
            target = self._read_same(reference)
            own = heirs.get(reference, [])
            if target is None or own != new_heirs.get(reference, []):
                changed.append(reference)
                continue
            for inner in (*_list_references(target.value), *own):
                users.setdefault(inner, []).append(reference)
        found = set(changed)
        while changed:
            for user in users.get(changed.popleft(), ()):
                if user not in found:
                    found.add(user)
                    changed.append(user)
        return frozenset(found)

    def _read_same(self, reference: str) -> Node | None:
        """Return the target of a reference, if it is written alike in both documents."""
        if not reference.startswith("#"):
            return None
        try:
            old = self._old.find(self._old.root, reference)
            new = self._new.find(self._new.root, reference)
        except NotUnderstood:
            return None
        return old if old.value == new.value else None


def _list_references(value: Any) -> Iterator[str]:
    """Yield each reference in a value, and those meant by mappings of its discriminators."""
    open_ = [value]
    while open_:
        here = open_.pop()
        if isinstance(here, dict):
            if isinstance(here.get("$ref"), str):
                yield here["$ref"]
            mapping = read_member(here.get("discriminator"), "mapping")
            if isinstance(mapping, dict):
                yield from map(reference_to, mapping.values())
            open_ += here.values()
        elif isinstance(here, list):
            open_ += here
