"""The paths of an item and its collection: ``/books/{id}`` and ``/books``."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator
from typing import NamedTuple

_ITEM = re.compile(
    r"(?P<stem>.*/[^/{}()]+)"
    r"(?:(?P<slash>/)\{(?P<id>[^/{}]+)\}(?P<ending>(?:\.\w+)?/?)"
    r"|\((?P<quote>'?)\{(?P<key>[^/{}]+)\}(?P=quote)\))"
)


class ItemPath(NamedTuple):
    """The way from a collection to its items."""

    collection: str
    """The path of the collection."""
    parameter: str
    """The name of the template with the id."""
    before: str = "/"
    """The sign before the id: in OData a bracket."""
    after: str = ""
    """All behind the id: a bracket, or the ending."""
    ending: str = ""
    """The end of both paths, such as ``.json`` or a slash."""

    @property
    def parent(self) -> ItemPath | None:
        """Return the path of the collection's owner, if it has one."""
        stem = self.collection.removesuffix(self.ending).rstrip("/")
        return read_item_path(stem.rpartition("/")[0] + self.ending)

    def item_at(self, collection: str, id_: str) -> str:
        """Return the path of an item of a collection."""
        if self.ending:
            collection = collection.removesuffix(self.ending)
        return f"{collection}{self.before}{id_}{self.after}"

    def collection_of(self, item: str) -> str:
        """Return the path of the collection of an item at a path."""
        return item.rpartition(self.before)[0] + self.ending

    def within(self, collection: str, id_: str) -> str:
        """Return the beginning of all paths of an item's own collections."""
        return f"{self.item_at(collection.rstrip('/'), id_).removesuffix(self.ending)}/"

    def spelled_as_in(self, paths: Container[str]) -> ItemPath:
        """Return the path with its collection as it stands among some: a slash may end it."""
        other = f"{self.collection}/"
        is_other = self.collection not in paths and other in paths
        return self._replace(collection=other) if is_other else self


def read_item_path(path: str) -> ItemPath | None:
    """Read a path with one template at its end; return None for any other."""
    found = _ITEM.fullmatch(path)
    if found is None:
        return None
    if found["slash"]:
        ending = found["ending"]
        return ItemPath(found["stem"] + ending, found["id"], after=ending, ending=ending)
    quote = found["quote"]
    return ItemPath(found["stem"], found["key"], f"({quote}", f"{quote})")


def item_paths(paths: Collection[str]) -> Iterator[tuple[str, ItemPath]]:
    """Yield the paths of items among some, each as it is written and as it is read."""
    for written in paths:
        path = read_item_path(written)
        if path is not None:
            yield written, path.spelled_as_in(paths)
