"""The resources of a contract, and what an operation does with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tallystick.apis.generic.item_path import ItemPath
from tallystick.apis.generic.item_place import SENT_WHOLE, Place, SentPlace
from tallystick.apis.generic.list_filters import NO_WORDS, ListWords
from tallystick.apis.generic.paths import step_text
from tallystick.storable_text import is_whole

Node = Mapping[str, Any]

EXTENSION = "x-resource"
"""The member of an operation by which a contract steers its resources."""

MAX_ID = 255
"""Characters of an id."""


class ResourceVerb(StrEnum):
    """What an operation does with a resource or with its collection."""

    LIST = "list"
    CREATE = "create"
    READ = "read"
    REPLACE = "replace"
    UPDATE = "update"
    DELETE = "delete"
    ACT = "act"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """The resources at one collection path of a contract."""

    path: ItemPath
    """The way from the collection to its items, with templates."""
    collection: str
    """The path of the collection."""
    parameter: str
    """The path parameter that holds an item's id."""
    id_place: Place
    """The place of an item's id in it, mostly one member; WHOLE for an item without any."""
    item_schema: Node
    """What an item looks like when it is read, without what wraps it."""
    parent: str | None
    """The collection path of the resources that the collection belongs to, if they are known."""
    ids: frozenset[str] = frozenset()
    """What the id of an item may be called, without signs and case."""
    list_words: ListWords = NO_WORDS
    sent: frozenset[str] = frozenset()
    """The members of an item in its requests."""
    path_schema: Node = field(default_factory=dict)
    """What the template in an item's path takes."""
    made_with: frozenset[str] = frozenset()
    """The members of a new item in the POST, free to write there."""
    id_name: str = ""
    """The query parameter with the id of a new item; empty without one."""
    addresses: tuple[Place, ...] = ()
    """The places of its own address, as the server tells it."""

    def collection_path(self, path_values: Mapping[str, Any]) -> str:
        """Return the path of one collection: templates replaced by their values."""
        if "{" not in self.collection:
            return self.collection
        return _fill(self.collection, path_values)


@dataclass(frozen=True, slots=True)
class ResourceOperation:
    """What one operation does, and with which resources."""

    verb: ResourceVerb
    type: ResourceType
    sent: SentPlace = SENT_WHOLE
    """Where its request has the item."""
    list_words: ListWords = NO_WORDS
    """What values of its parameters mean, if it lists."""


def is_id(text: str) -> bool:
    """Return whether a text can be an id: it is short, and a path can have all of it."""
    return 0 < len(text) <= MAX_ID and is_whole(text)


def is_left_alone(operation: Node) -> bool:
    """Return whether the contract says that an operation is of no resource."""
    return operation.get(EXTENSION) is False


def _fill(template: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{([^{}]+)\}", lambda found: step_text(values.get(found[1])), template)
