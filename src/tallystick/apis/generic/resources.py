"""Which operations of a contract work on resources: read from its paths, steered by x-resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tallystick.apis.generic.paths import step_text
from tallystick.contract.document import Document
from tallystick.contract.schema_shape import SchemaShape

Node = Mapping[str, Any]

_ITEM = re.compile(r"(?P<collection>.*/[^/{}]+)/\{(?P<parameter>[^/{}]+)\}")
_EXTENSION = "x-resource"

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


_ITEM_VERBS = {
    "get": ResourceVerb.READ,
    "put": ResourceVerb.REPLACE,
    "patch": ResourceVerb.UPDATE,
    "delete": ResourceVerb.DELETE,
}
_COLLECTION_VERBS = {"get": ResourceVerb.LIST, "post": ResourceVerb.CREATE}


@dataclass(frozen=True, slots=True)
class ResourceType:
    """The resources at one collection path of a contract."""

    collection: str
    """The path of the collection, with templates."""
    parameter: str
    """The path parameter that holds an item's id."""
    id_member: str | None
    """The member of an item that holds its id; None where it has none."""
    item_schema: Node
    """What an item looks like when it is read."""
    parent: str | None
    """The collection path of the resources that the collection belongs to, if they are known."""

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


def is_id(text: str) -> bool:
    """Return whether a text can be an id: it is short, and each of its characters is visible."""
    return 0 < len(text) <= MAX_ID and text.isprintable()


def find_resources(document: Document) -> dict[str, ResourceOperation]:
    """Return the operations that work on resources, by operationId.

    A path that ends with one template, and the path before it, are an item and its collection,
    if the contract can make such items.
    """
    found = {}
    for item_path, item in _item_paths(document):
        collection_path = item_path.rpartition("/")[0]
        verbs = dict(_verbs(document, collection_path, item_path))
        if _can_be_made(verbs):
            kind = _resource_type(document, collection_path, item_path, item)
            verbs.update(_verbs_by_body(document, kind))
            for operation_id, verb in verbs.items():
                found[operation_id] = ResourceOperation(verb, kind)
    return found


def _item_paths(document: Document) -> Iterator[tuple[str, Node]]:
    for path, item in document.content["paths"].items():
        if _ITEM.fullmatch(path):
            yield path, item


def _verbs(
    document: Document, collection_path: str, item_path: str
) -> Iterator[tuple[str, ResourceVerb]]:
    paths = document.content["paths"]
    for path, verbs in ((collection_path, _COLLECTION_VERBS), (item_path, _ITEM_VERBS)):
        for method, verb in verbs.items():
            operation = paths.get(path, {}).get(method)
            if operation is not None and operation.get(_EXTENSION) is not False:
                yield operation["operationId"], verb


def _verbs_by_body(document: Document, kind: ResourceType) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield the operations at the collection's path that name their item in the body."""
    item = document.content["paths"].get(kind.collection, {})
    for method in ("put", "patch"):
        operation = item.get(method)
        if operation is None or operation.get(_EXTENSION) is False:
            continue
        if any(_sends_id(schema, kind, document) for schema in _request_schemas(operation)):
            yield operation["operationId"], _ITEM_VERBS[method]


def _sends_id(schema: Node, kind: ResourceType, document: Document) -> bool:
    shape = SchemaShape(schema, document.content)
    if kind.id_member is None or kind.id_member not in shape.properties:
        return False
    return not shape.member(kind.id_member).keywords.get("readOnly")


def _can_be_made(verbs: Mapping[str, ResourceVerb]) -> bool:
    """Whether items can be made, and be looked at or changed then."""
    making = {ResourceVerb.CREATE, ResourceVerb.REPLACE}
    return bool(making & set(verbs.values())) and len(verbs) > 1


def _resource_type(
    document: Document, collection_path: str, item_path: str, item: Node
) -> ResourceType:
    steering = _steering(item)
    matched = _ITEM.fullmatch(item_path)
    assert matched
    parameter = matched["parameter"]
    schema = _item_schema(document, collection_path, item)
    shape = SchemaShape(schema, document.content)
    parent = collection_path.rpartition("/")[0]
    return ResourceType(
        collection_path,
        parameter,
        steering.get("id") or id_member(parameter, shape),
        schema,
        parent.rpartition("/")[0] if _ITEM.fullmatch(parent) else None,
    )


def _steering(item: Node) -> Node:
    """What the contract says itself of its resource: ``x-resource: {id: number}``."""
    for operation in item.values():
        if isinstance(operation, Mapping) and isinstance(operation.get(_EXTENSION), Mapping):
            steering: Node = operation[_EXTENSION]
            return steering
    return {}


def _item_schema(document: Document, collection_path: str, item: Node) -> Node:
    """The schema of an item as it is answered, without what wraps it; else as it is sent."""
    collection = document.content["paths"].get(collection_path, {})
    answering = [item.get("get"), collection.get("post"), item.get("put"), item.get("patch")]
    for operation in filter(None, answering):
        for schema in _success_schemas(operation):
            return schema
    for operation in filter(None, (collection.get("post"), item.get("put"))):
        for schema in _request_schemas(operation):
            return schema
    return {}


def _request_schemas(operation: Node) -> Iterator[Node]:
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield media.get("schema", {})


def _success_schemas(operation: Node) -> Iterator[Node]:
    for status, response in operation["responses"].items():
        if str(status).startswith("2") or status == "default":
            for media_type, media in response.get("content", {}).items():
                if "json" in media_type and media.get("schema"):
                    yield media["schema"]


def id_member(parameter: str, shape: SchemaShape) -> str | None:
    """Return the member that a path parameter names: ``customerId`` may be ``id``."""
    names = {_plain(name): name for name in _known_members(shape)}
    plain = _plain(parameter)
    for candidate in (plain, "id", *_endings(plain), "uuid", "key", "slug", "name"):
        if candidate in names:
            return names[candidate]
    return None


def _known_members(shape: SchemaShape) -> list[str]:
    """The members of an item; of a wrapped one those of what is wrapped."""
    if len(shape.properties) == 1:
        [name] = shape.properties
        if shape.member(name).type == "object":
            return list(shape.member(name).properties)
    return list(shape.properties)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _endings(plain: str) -> Iterator[str]:
    for ending in ("id", "uuid", "key", "slug", "name", "code", "number"):
        if plain.endswith(ending):
            yield ending


def _fill(template: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{([^{}]+)\}", lambda found: step_text(values.get(found[1])), template)
