"""Operations right below an item or its collection: actions on it, and searches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tallystick.apis.generic.filter_expression import EXPRESSIONS
from tallystick.apis.generic.free_text import SEARCHES
from tallystick.apis.generic.item_path import item_paths
from tallystick.apis.generic.item_place import clues_of, find_item, shape_at
from tallystick.apis.generic.list_filters import find_member
from tallystick.apis.generic.listing import find_array
from tallystick.apis.generic.operation_schemas import request_schemas, success_schemas
from tallystick.apis.generic.resource_type import ResourceType, ResourceVerb, is_left_alone
from tallystick.contract.document import Document
from tallystick.contract.page_names import named_parts, plain_name
from tallystick.contract.schema_shape import SchemaShape

Node = Mapping[str, Any]
_ACTING = ("post", "put", "patch", "delete")


def find_actions(
    document: Document, kind: ResourceType, item_path: str
) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield each change right below an item that answers with it, and makes no other one."""
    own = SchemaShape(kind.item_schema, document.content)
    clues = clues_of(own, kind.ids)
    collections = {path.collection for _, path in item_paths(document.content["paths"])}
    below = re.compile(rf"{re.escape(item_path.removesuffix(kind.path.ending))}[/:][^/{{}}]+/?")

    def has_item(schema: Node) -> bool:
        shape = SchemaShape(schema, document.content)
        return _is_kin(own, shape_at(shape, find_item(shape, clues)))

    for path, item in document.content["paths"].items():
        if not below.fullmatch(path) or path in collections:
            continue
        for operation in (item[method] for method in _ACTING if method in item):
            makes = "201" in operation["responses"]
            makes = makes or any(map(has_item, request_schemas(operation)))
            is_left_out = makes or is_left_alone(operation)
            if not is_left_out and any(map(has_item, success_schemas(operation))):
                yield operation["operationId"], ResourceVerb.ACT


def find_searches(document: Document, kind: ResourceType) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield each GET right below a collection that lists items by what its query wants of them."""
    own = SchemaShape(kind.item_schema, document.content)
    clues = clues_of(own, kind.ids)
    stem = kind.collection.removesuffix(kind.path.ending).rstrip("/")
    below = re.compile(rf"{re.escape(stem)}[/:][^/{{}}]+/?")
    others = {path.collection for _, path in item_paths(document.content["paths"])}

    def lists(schema: Node) -> bool:
        found = find_array(SchemaShape(schema, document.content), clues)
        return found is not None and _is_kin(own, shape_at(found.items, found.item))

    def searches(parameter: Node) -> bool:
        name = parameter["name"]
        is_known = find_member(name, own) is not None or plain_name(name) in EXPRESSIONS | SEARCHES
        return parameter["in"] == "query" and is_known

    for path, item in document.content["paths"].items():
        operation = item.get("get")
        if operation is None or not below.fullmatch(path) or path in others:
            continue
        given = map(document.resolve, operation.get("parameters", ()))
        parts = chain.from_iterable(named_parts(each, document.content) for each in given)
        is_list = any(map(lists, success_schemas(operation))) and any(map(searches, parts))
        if is_list and not is_left_alone(operation):
            yield operation["operationId"], ResourceVerb.LIST


def _is_kin(one: SchemaShape, other: SchemaShape) -> bool:
    """Return whether one of two named schemas is the other, or made of it."""
    pairs = (one, other), (other, one)
    return any(set(a.references[:1]).intersection(b.references) for a, b in pairs)
