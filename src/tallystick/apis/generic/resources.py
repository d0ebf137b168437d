"""Which operations of a contract work on resources: read from its paths, steered by x-resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any

from tallystick.apis.generic.declared_members import declared_members
from tallystick.apis.generic.item_id import find_id, has_id_at, may_send_id
from tallystick.apis.generic.item_path import ItemPath, read_item_path
from tallystick.apis.generic.item_place import (
    SENT_WHOLE,
    ItemClues,
    Place,
    SentPlace,
    clues_of,
    find_item,
    find_sent,
    has_id,
    id_names,
    sent_members,
    shape_at,
)
from tallystick.apis.generic.list_filters import NO_WORDS, ListWords
from tallystick.apis.generic.list_query import counts_from_one, counts_from_zero
from tallystick.apis.generic.listing import find_array
from tallystick.apis.generic.paths import step_text
from tallystick.contract.declared_examples import declared_examples
from tallystick.contract.document import Document
from tallystick.contract.media_types import find_json
from tallystick.contract.page_names import named_parts, plain_name
from tallystick.contract.path_template import template_names
from tallystick.contract.schema_shape import SchemaShape

Node = Mapping[str, Any]

_EXTENSION = "x-resource"

_ALL = ("all", "any")
"""Words of a parameter that wants every item, as ``state=all`` does."""

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


_ITEM_VERBS = {
    "get": ResourceVerb.READ,
    "put": ResourceVerb.REPLACE,
    "patch": ResourceVerb.UPDATE,
    "delete": ResourceVerb.DELETE,
}
_ACTING = ("post", "put", "patch", "delete")
_COLLECTION_VERBS = {"get": ResourceVerb.LIST, "post": ResourceVerb.CREATE}


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
    id_name: str = ""
    """The query parameter with the id of a new item; empty without one."""

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


def is_id(text: str) -> bool:
    """Return whether a text can be an id: it is short, and each of its characters is visible."""
    return 0 < len(text) <= MAX_ID and text.isprintable()


def find_resources(document: Document) -> dict[str, ResourceOperation]:
    """Return the operations that work on resources, by operationId.

    A path that ends with one template, and the path before it, are an item and its collection,
    if the contract can make such items.
    """
    found = {}
    for item_path, path in _item_paths(document):
        item, collection_path = document.content["paths"][item_path], path.collection
        verbs = dict(_verbs(document, collection_path, item_path))
        if _can_be_made(verbs):
            kind, shown = _resource_type(document, path, item_path, item)
            sent = _sent_places(document, collection_path, item, kind, shown)
            kind = replace(
                kind,
                sent=_sent_members(document, collection_path, item, sent),
                id_name=_id_name(document, kind),
            )
            verbs.update(_verbs_by_body(document, kind, sent))
            verbs.update(_change_by_post(document, kind, item, sent))
            verbs.update(_actions(document, kind, item_path))
            for operation_id, verb in verbs.items():
                place = sent.get(operation_id, SENT_WHOLE)
                found[operation_id] = ResourceOperation(verb, kind, place)
    return found


def _item_paths(document: Document) -> Iterator[tuple[str, ItemPath]]:
    """Yield the paths of items, each as it is written and as it is read."""
    for written in document.content["paths"]:
        path = read_item_path(written)
        if path is not None:
            yield written, path


def _verbs(
    document: Document, collection_path: str, item_path: str
) -> Iterator[tuple[str, ResourceVerb]]:
    paths = document.content["paths"]
    for path, verbs in ((collection_path, _COLLECTION_VERBS), (item_path, _ITEM_VERBS)):
        for method, verb in verbs.items():
            operation = paths.get(path, {}).get(method)
            if operation is not None and operation.get(_EXTENSION) is not False:
                yield operation["operationId"], verb


def _sent_places(
    document: Document, collection_path: str, item: Node, kind: ResourceType, shown: Place
) -> dict[str, SentPlace]:
    """Return where the operations of a collection and its items have the item in their requests."""
    of_item = SchemaShape(kind.item_schema, document.content)
    by_post = [item["post"]] if "post" in item else []
    return {
        operation["operationId"]: find_sent(shape, of_item, kind.ids, shown)
        for operation in (*_changing(document, collection_path, item), *by_post)
        for shape in _sent_shapes(document, operation)
    }


def _sent_members(
    document: Document, collection_path: str, item: Node, sent: Mapping[str, SentPlace]
) -> frozenset[str]:
    """Return the members of an item in the requests with the item as it is."""
    found: set[str] = set()
    for operation in _changing(document, collection_path, item):
        spot = sent.get(operation["operationId"], SENT_WHOLE)
        for schema in _request_schemas(operation) if not spot.into else ():
            found |= declared_members(schema, spot.place, document.content).names
    return frozenset(found)


def _changing(document: Document, collection_path: str, item: Node) -> Iterator[Node]:
    """Yield the operations of a collection and its items that have an item in their request."""
    collection = document.content["paths"].get(collection_path, {})
    for each, methods in ((collection, ("post", "put", "patch")), (item, ("put", "patch"))):
        yield from (each[method] for method in methods if method in each)


def _verbs_by_body(
    document: Document, kind: ResourceType, sent: Mapping[str, SentPlace]
) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield the operations at the collection's path that name their item in the body."""
    item = document.content["paths"].get(kind.collection, {})
    for method in ("put", "patch"):
        operation = item.get(method)
        if operation is None or operation.get(_EXTENSION) is False:
            continue
        for shape in _sent_shapes(document, operation):
            place = sent[operation["operationId"]].place
            if may_send_id(shape_at(shape, place), kind.id_place):
                yield operation["operationId"], _ITEM_VERBS[method]


def _change_by_post(
    document: Document, kind: ResourceType, item: Node, sent: Mapping[str, SentPlace]
) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield the POST at an item's path that takes members of the item and answers with it."""
    operation = item.get("post")
    if operation is None or "patch" in item or operation.get(_EXTENSION) is False:
        return
    of_item = SchemaShape(kind.item_schema, document.content)
    spot = sent.get(operation["operationId"], SENT_WHOLE)
    taken = (shape_at(each, spot.place) for each in _sent_shapes(document, operation))
    clues = clues_of(of_item, kind.ids)
    answers = (SchemaShape(each, document.content) for each in _success_schemas(operation))
    shown = (shape_at(each, find_item(each, clues)) for each in answers)
    is_spelled_otherwise = bool(spot.names)
    shares_names = any(of_item.properties.keys() & each.properties.keys() for each in taken)
    takes = is_spelled_otherwise or shares_names
    if takes and any(has_id_at(each, kind.id_place) for each in shown):
        yield operation["operationId"], ResourceVerb.UPDATE


def _actions(
    document: Document, kind: ResourceType, item_path: str
) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield each change right below an item that answers with it, and makes no other one."""
    own = SchemaShape(kind.item_schema, document.content)
    clues = clues_of(own, kind.ids)
    collections = {path.collection for _, path in _item_paths(document)}
    below = re.compile(rf"{re.escape(item_path.removesuffix(kind.path.ending))}[/:][^/{{}}]+")

    def has_item(schema: Node) -> bool:
        shape = SchemaShape(schema, document.content)
        return _is_kin(own, shape_at(shape, find_item(shape, clues)))

    for path, item in document.content["paths"].items():
        if not below.fullmatch(path) or path in collections:
            continue
        for operation in (item[method] for method in _ACTING if method in item):
            makes = "201" in operation["responses"]
            makes = makes or any(map(has_item, _request_schemas(operation)))
            is_left_out = makes or operation.get(_EXTENSION) is False
            if not is_left_out and any(map(has_item, _success_schemas(operation))):
                yield operation["operationId"], ResourceVerb.ACT


def _is_kin(one: SchemaShape, other: SchemaShape) -> bool:
    """Return whether one of two named schemas is the other, or made of it."""
    pairs = (one, other), (other, one)
    return any(set(a.references[:1]).intersection(b.references) for a, b in pairs)


def _id_name(document: Document, kind: ResourceType) -> str:
    """Return the query parameter of a collection's POST that is called like an item's id."""
    operation = document.content["paths"].get(kind.collection, {}).get("post", {})
    plain = plain_name(kind.parameter)
    for parameter in map(document.resolve, operation.get("parameters", ())):
        is_id = plain_name(parameter["name"]) in (plain, f"{plain}id")
        if parameter["in"] == "query" and is_id and kind.id_place:
            return str(parameter["name"])
    return ""


def _can_be_made(verbs: Mapping[str, ResourceVerb]) -> bool:
    """Whether items can be made, and be looked at or changed then."""
    making = {ResourceVerb.CREATE, ResourceVerb.REPLACE}
    return bool(making & set(verbs.values())) and len(verbs) > 1


def _resource_type(
    document: Document, path: ItemPath, item_path: str, item: Node
) -> tuple[ResourceType, Place]:
    """Return the type of the items at a path, and where answers have the item."""
    steering = _steering(item)
    collection_path, parameter = path.collection, path.parameter
    ids = id_names(parameter) | {plain_name(steering.get("id", parameter))}
    whole = _item_body(document, collection_path, item)
    clues = _clues(document, collection_path, item, ids)
    shown = find_item(SchemaShape(whole, document.content), clues)
    schema = whole
    for name in shown:
        schema = SchemaShape(schema, document.content).properties[name]
    kind = ResourceType(
        path,
        collection_path,
        parameter,
        _id_place(steering, item_path, parameter, SchemaShape(schema, document.content)),
        schema,
        path.parent.collection if path.parent else None,
        ids,
        _list_words(document, collection_path),
    )
    return kind, shown


def _id_place(steering: Node, path: str, parameter: str, item: SchemaShape) -> Place:
    """Return the place of an item's id, by the contract's own word or by its schema."""
    if "id" not in steering:
        return find_id(parameter, template_names(path), item)
    name: str = steering["id"]
    return (name,) if name in item.properties else tuple(name.split("."))


def _clues(document: Document, collection_path: str, item: Node, ids: frozenset[str]) -> ItemClues:
    """Return how an item is known: by what is sent of it, and by the schema of a list's items."""
    operations = _changing(document, collection_path, item)
    sent = (shape for each in operations for shape in _sent_shapes(document, each))
    members = frozenset(each for shape in sent for each in sent_members(shape))
    clues = ItemClues(members, ids=ids)
    listing = document.content["paths"].get(collection_path, {}).get("get", {"responses": {}})
    for schema in _success_schemas(listing):
        listed = find_array(SchemaShape(schema, document.content), clues)
        items = listed.items if listed else None
        if items and has_id(items, ids):
            return clues._replace(references=frozenset(items.references))
    return clues


def _list_words(document: Document, collection_path: str) -> ListWords:
    """Return what values of a list's parameters mean."""
    defaults, alls, examples = {}, set(), set()
    first_page, first_offset = 1, 0
    listing = document.content["paths"].get(collection_path, {}).get("get", {})
    parameters = map(document.resolve, listing.get("parameters", ()))
    parts = (named_parts(each, document.content) for each in parameters)
    for parameter in chain.from_iterable(parts):
        shape = SchemaShape(parameter.get("schema", {}), document.content)
        if parameter["in"] == "query" and "default" in shape.keywords:
            defaults[parameter["name"]] = shape.keywords["default"]
        if counts_from_zero(parameter["name"], shape.keywords):
            first_page = 0
        if counts_from_one(parameter["name"], shape.keywords):
            first_offset = 1
        words = shape.keywords.get("enum", ())
        alls |= {(parameter["name"], word) for word in _ALL if word in words}
        shown = declared_examples(parameter, shape.keywords)
        examples |= {(parameter["name"], str(each)) for each in shown}
    return ListWords(defaults, frozenset(alls), first_page, first_offset, frozenset(examples))


def _steering(item: Node) -> Node:
    """What the contract says itself of its resource: ``x-resource: {id: number}``."""
    for operation in item.values():
        if isinstance(operation, Mapping) and isinstance(operation.get(_EXTENSION), Mapping):
            steering: Node = operation[_EXTENSION]
            return steering
    return {}


def _item_body(document: Document, collection_path: str, item: Node) -> Node:
    """The schema of the answer that shows an item; else that of the request that sends it."""
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


def _sent_shapes(document: Document, operation: Node) -> Iterator[SchemaShape]:
    """Yield the shape of what an operation takes in the first of its media types."""
    for schema in _request_schemas(operation):
        yield SchemaShape(schema, document.content)
        return


def _success_schemas(operation: Node) -> Iterator[Node]:
    for status, response in operation["responses"].items():
        if str(status).startswith("2") or status == "default":
            content = response.get("content", {})
            schema = content.get(find_json(content) or "", {}).get("schema")
            if schema:
                yield schema


def _fill(template: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{([^{}]+)\}", lambda found: step_text(values.get(found[1])), template)
