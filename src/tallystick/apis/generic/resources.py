"""Which operations of a contract work on resources: read from its paths, steered by x-resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tallystick.apis.generic.address_places import address_places
from tallystick.apis.generic.declared_members import declared_members
from tallystick.apis.generic.item_id import find_id, has_id_at, may_send_id
from tallystick.apis.generic.item_path import ItemPath, item_paths
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
from tallystick.apis.generic.list_filters import NO_WORDS
from tallystick.apis.generic.list_words import read_words
from tallystick.apis.generic.listing import find_array
from tallystick.apis.generic.nearby_operations import find_actions, find_searches
from tallystick.apis.generic.operation_schemas import (
    request_schemas,
    sent_shapes,
    success_schemas,
)
from tallystick.apis.generic.resource_type import (
    EXTENSION,
    ResourceOperation,
    ResourceType,
    ResourceVerb,
    is_left_alone,
)
from tallystick.contract.document import Document
from tallystick.contract.page_names import plain_name
from tallystick.contract.path_template import template_names
from tallystick.contract.schema_shape import SchemaShape

Node = Mapping[str, Any]

_ITEM_VERBS = {
    "get": ResourceVerb.READ,
    "put": ResourceVerb.REPLACE,
    "patch": ResourceVerb.UPDATE,
    "delete": ResourceVerb.DELETE,
}
_COLLECTION_VERBS = {"get": ResourceVerb.LIST, "post": ResourceVerb.CREATE}


def find_resources(document: Document) -> dict[str, ResourceOperation]:
    """Return the operations that work on resources, by operationId.

    A path that ends with one template, and the path before it, are an item and its collection,
    if the contract can make such items.
    """
    found = {}
    operations = {each["operationId"]: each for _, _, each in document.operations()}
    for item_path, path in item_paths(document.content["paths"]):
        item, collection_path = document.content["paths"][item_path], path.collection
        verbs = dict(_verbs(document, collection_path, item_path))
        if _can_be_made(verbs):
            kind, shown = _resource_type(document, path, item_path, item)
            sent = _sent_places(document, collection_path, item, kind, shown)
            members = _sent_members(document, collection_path, item, sent)
            of_item = SchemaShape(kind.item_schema, document.content)
            kind = replace(
                kind,
                sent=members,
                path_schema=_path_schema(document, item, kind.parameter),
                made_with=_made_with(document, collection_path, sent),
                id_name=_id_name(document, kind),
                addresses=tuple(address_places(of_item, members)),
            )
            verbs.update(_verbs_by_body(document, kind, sent))
            verbs.update(_change_by_post(document, kind, item, sent))
            verbs.update(find_actions(document, kind, item_path))
            verbs.update(find_searches(document, kind))
            verbs.update(_clearing(document, kind))
            for operation_id, verb in verbs.items():
                place = sent.get(operation_id, SENT_WHOLE)
                selects = verb in (ResourceVerb.LIST, ResourceVerb.CLEAR)
                words = read_words(document, operations[operation_id]) if selects else NO_WORDS
                found[operation_id] = ResourceOperation(verb, kind, place, words)
    return found


def _verbs(
    document: Document, collection_path: str, item_path: str
) -> Iterator[tuple[str, ResourceVerb]]:
    paths = document.content["paths"]
    for path, verbs in ((collection_path, _COLLECTION_VERBS), (item_path, _ITEM_VERBS)):
        for method, verb in verbs.items():
            operation = paths.get(path, {}).get(method)
            if operation is not None and not is_left_alone(operation):
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
        for shape in sent_shapes(document, operation)
    }


def _sent_members(
    document: Document, collection_path: str, item: Node, sent: Mapping[str, SentPlace]
) -> frozenset[str]:
    """Return the members of an item in the requests with the item as it is."""
    found: set[str] = set()
    for operation in _changing(document, collection_path, item):
        spot = sent.get(operation["operationId"], SENT_WHOLE)
        for schema in request_schemas(operation) if not spot.into else ():
            found |= declared_members(schema, spot.place, document.content).names
    return frozenset(found)


def _made_with(
    document: Document, collection_path: str, sent: Mapping[str, SentPlace]
) -> frozenset[str]:
    """Return the members of an item that the POST of its collection lets a caller write."""
    operation = document.content["paths"].get(collection_path, {}).get("post")
    found: set[str] = set()
    for shape in sent_shapes(document, operation) if operation else ():
        spot = sent[operation["operationId"]]
        part = shape_at(shape, spot.place)
        written = (n for n in part.properties if not part.member(n).keywords.get("readOnly"))
        found |= {spot.names.get(name, name) for name in written if not spot.into}
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
        if operation is None or is_left_alone(operation):
            continue
        for shape in sent_shapes(document, operation):
            place = sent[operation["operationId"]].place
            if may_send_id(shape_at(shape, place), kind.id_place):
                yield operation["operationId"], _ITEM_VERBS[method]


def _change_by_post(
    document: Document, kind: ResourceType, item: Node, sent: Mapping[str, SentPlace]
) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield the POST at an item's path that takes members of the item and answers with it."""
    operation = item.get("post")
    if operation is None or "patch" in item or is_left_alone(operation):
        return
    of_item = SchemaShape(kind.item_schema, document.content)
    spot = sent.get(operation["operationId"], SENT_WHOLE)
    taken = (shape_at(each, spot.place) for each in sent_shapes(document, operation))
    clues = clues_of(of_item, kind.ids)
    answers = (SchemaShape(each, document.content) for each in success_schemas(operation))
    shown = (shape_at(each, find_item(each, clues)) for each in answers)
    is_spelled_otherwise = bool(spot.names)
    shares_names = any(of_item.properties.keys() & each.properties.keys() for each in taken)
    takes = is_spelled_otherwise or shares_names
    if takes and any(has_id_at(each, kind.id_place) for each in shown):
        yield operation["operationId"], ResourceVerb.UPDATE


def _clearing(document: Document, kind: ResourceType) -> Iterator[tuple[str, ResourceVerb]]:
    """Yield the DELETE of a collection's path."""
    operation = document.content["paths"].get(kind.collection, {}).get("delete")
    if operation is not None and not is_left_alone(operation):
        yield operation["operationId"], ResourceVerb.CLEAR


def _path_schema(document: Document, item: Node, name: str) -> Node:
    """Return the schema of an item's path parameter, by the first operation at the path."""
    operations = (each for each in item.values() if isinstance(each, Mapping))
    for operation in operations:
        for parameter in map(document.resolve, operation.get("parameters", ())):
            if (parameter["in"], parameter["name"]) == ("path", name):
                schema: Node = parameter.get("schema", {})
                return schema
    return {}


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
        path.parent.spelled_as_in(document.content["paths"]).collection if path.parent else None,
        ids,
        read_words(document, _listing(document, collection_path)),
    )
    return kind, shown


def _listing(document: Document, collection_path: str) -> Node:
    """Return the operation that lists a collection; one without answers, if there is none."""
    listing: Node = document.content["paths"].get(collection_path, {}).get("get", {"responses": {}})
    return listing


def _id_place(steering: Node, path: str, parameter: str, item: SchemaShape) -> Place:
    """Return the place of an item's id, by the contract's own word or by its schema."""
    if "id" not in steering:
        return find_id(parameter, template_names(path), item)
    name: str = steering["id"]
    return (name,) if name in item.properties else tuple(name.split("."))


def _clues(document: Document, collection_path: str, item: Node, ids: frozenset[str]) -> ItemClues:
    """Return how an item is known: by what is sent of it, and by the schema of a list's items."""
    operations = _changing(document, collection_path, item)
    sent = (shape for each in operations for shape in sent_shapes(document, each))
    members = frozenset(each for shape in sent for each in sent_members(shape))
    clues = ItemClues(members, ids=ids)
    for schema in success_schemas(_listing(document, collection_path)):
        listed = find_array(SchemaShape(schema, document.content), clues)
        items = listed.items if listed else None
        if items and has_id(items, ids):
            return clues._replace(references=frozenset(items.references))
    return clues


def _steering(item: Node) -> Node:
    """What the contract says itself of its resource: ``x-resource: {id: number}``."""
    for operation in item.values():
        if isinstance(operation, Mapping) and isinstance(operation.get(EXTENSION), Mapping):
            steering: Node = operation[EXTENSION]
            return steering
    return {}


def _item_body(document: Document, collection_path: str, item: Node) -> Node:
    """The schema of the answer that shows an item; else that of the request that sends it."""
    collection = document.content["paths"].get(collection_path, {})
    answering = [item.get("get"), collection.get("post"), item.get("put"), item.get("patch")]
    for operation in filter(None, answering):
        for schema in success_schemas(operation):
            return schema
    for operation in filter(None, (collection.get("post"), item.get("put"))):
        for schema in request_schemas(operation):
            return schema
    return {}
